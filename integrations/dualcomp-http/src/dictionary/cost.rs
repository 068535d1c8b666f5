//! What a dictionary takes.

use dualcomp::{Dictionary, Limits};

/// What preparing a dictionary for the streams of one form takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Units at most, those of the most expensive form.
    work: u64,
    /// Bytes.
    memory: u64,
}

impl Cost {
    pub(super) fn of(dictionary: &Dictionary) -> Self {
        Self { work: dictionary.preparation_work(), memory: dictionary.preparation_memory() }
    }

    /// What a file of this length costs at least, whatever is in it. At most half of it says how long the samples are.
    pub(super) fn at_least(file_len: usize) -> Self {
        const FRAME: u64 = 16;
        let len = (file_len as u64).saturating_sub(FRAME);
        Self { work: len, memory: 9 * len }
    }

    /// Whether a decoder may prepare it and has enough left for a body.
    pub(super) fn is_within(self, limits: &Limits) -> bool {
        self.work <= limits.max_work / 2 && self.memory <= limits.max_memory_bytes / 4 * 3
    }

    /// Bytes of memory in use once it is prepared for two forms, which is what streams of [`dualcomp::Level::Default`]
    /// need.
    pub(super) fn kept(self) -> u64 {
        2 * self.memory
    }
}

#[cfg(test)]
mod tests {
    use dualcomp::{DecoderOptions, EncoderOptions, Error, Level, LimitKind};

    use super::*;
    use crate::dictionary::fields::USE_AS_DICTIONARY;
    use crate::dictionary::store::DictionaryStore;

    #[test]
    fn it_is_what_the_codec_counts() {
        let samples: Vec<String> =
            (0..400).map(|id| format!("{{\"id\": {id}, \"state\": \"open\"}}\n").repeat(9)).collect();
        let made = Dictionary::from_samples(&samples).unwrap();
        let body = samples[7].as_bytes();
        let cost = Cost::of(&made);
        for level in [Level::Fast, Level::Default, Level::Max] {
            let options = EncoderOptions::default().with_level(level).with_dictionary(made.clone());
            let stream = dualcomp::compress(body, &options).unwrap();
            let decode = |work, memory| {
                // Not the one that is prepared already.
                let dictionary = Dictionary::from_bytes(&made.to_bytes()).unwrap();
                let limits = Limits::default().with_max_work(work, 0).with_max_memory_bytes(memory);
                dualcomp::decompress(
                    &stream,
                    &DecoderOptions::default().with_limits(limits).with_dictionary(dictionary),
                )
            };
            assert_eq!(decode(cost.work + (64 << 10), cost.memory + (32 << 20)).unwrap(), body);
            let Err(Error::LimitsExceeded(error)) = decode(u64::MAX, cost.memory) else { panic!("{level:?}") };
            assert_eq!(error.kind(), LimitKind::MemoryBytes);
            let Err(Error::LimitsExceeded(error)) = decode(cost.work / 8, u64::MAX) else { panic!("{level:?}") };
            assert_eq!(error.kind(), LimitKind::Work);
        }
    }

    #[test]
    fn long_files_are_refused_unread() {
        for samples in [vec![vec![b'x'; 1]; 60_000], vec![vec![b'x'; 128]; 9000], vec![vec![b'x'; 8 << 20]]] {
            let dictionary = Dictionary::from_samples(&samples).unwrap();
            let (least, cost) = (Cost::at_least(dictionary.to_bytes().len()), Cost::of(&dictionary));
            assert!(least.work <= cost.work && least.memory <= cost.memory, "{least:?} {cost:?}");
        }
        let fields = http::HeaderMap::from_iter([(USE_AS_DICTIONARY, "match=\"/*\"".parse().unwrap())]);
        let insert = |max_bytes, len, limits: &Limits| {
            let store = DictionaryStore::with_max_bytes(max_bytes);
            store.insert_within(&"https://a.example/d".parse().unwrap(), &fields, &vec![0; len], limits)
        };
        let limits = &crate::DecompressionOptions::new().engine().limits.clone();
        assert!(!insert(u64::MAX, 8 << 20, limits).unwrap());
        assert!(!insert(1 << 20, 100 << 10, &Limits::default()).unwrap());
        // That it is none is found out of what may be kept.
        assert!(insert(1 << 20, 1 << 10, limits).is_err());
    }

    #[test]
    fn defaults_take_a_mebibyte() {
        let limits = crate::DecompressionOptions::new().engine().limits.clone();
        for (len, within) in [(1 << 20, true), (2 << 20, false)] {
            let dictionary = Dictionary::from_raw(&vec![b'x'; len]).unwrap();
            assert_eq!(Cost::of(&dictionary).is_within(&limits), within, "{len}");
        }
    }
}
