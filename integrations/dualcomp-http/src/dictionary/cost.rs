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
    fn defaults_take_a_mebibyte() {
        let limits = crate::DecompressionOptions::new().engine().limits.clone();
        for (len, within) in [(1 << 20, true), (2 << 20, false)] {
            let dictionary = Dictionary::from_raw(&vec![b'x'; len]).unwrap();
            assert_eq!(Cost::of(&dictionary).is_within(&limits), within, "{len}");
        }
    }
}
