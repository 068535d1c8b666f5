//! Coding of the blocks of a bytes stream (docs/spec/bytes.md, section 2).
//!
//! A block is one strand or two halves, which know nothing of each other and so are coded by a thread each; a strand is
//! cut in tokens. After a block each strand remembers the bytes of the other one, to find matches there.

#[cfg(feature = "learn")]
pub(crate) mod coder_logits;
#[cfg(feature = "learn")]
pub(crate) mod context_list;
mod contexts;
mod history;
mod mixer_set;
mod mixing;
pub(crate) mod pretrained;
mod structure;
mod substream;
mod token;
mod token_match;

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;
#[cfg(feature = "learn")]
use dualcomp_entropy::{Number, Prior};

pub(crate) use crate::format::bytes_params::TableSize;
use crate::format::{put_number, take_number};
use crate::options::thread_count;
use crate::runtime::join::both;
use crate::{Error, Result};
#[cfg(feature = "learn")]
pub(crate) use mixing::BY_BYTE_NUMBERS;
use substream::{Head, Strand, strand};

/// Strands of a block at most.
const STRANDS: usize = 2;
/// Bytes that matches are looked for in, for each strand.
const WINDOW: usize = 4 << 20;

/// All bytes of a strand are coded with the network.
pub(crate) const ALL: usize = usize::MAX;

/// What a bytes stream has learned: lives from block to block.
pub(crate) struct TextCoder {
    predictor: Option<Arc<dyn Predictor>>,
    /// One, and another once it is needed; none after an error.
    strands: Vec<Box<dyn Strand>>,
    table: TableSize,
    threads: usize,
}

impl TextCoder {
    /// A coder that has seen nothing. Takes four bytes for each counter of `table`, and up to 9 MiB of history, for each
    /// strand. May use up to `threads` threads for a block, all there are if 0.
    pub(crate) fn new(table: TableSize, predictor: Option<Arc<dyn Predictor>>, threads: usize) -> Self {
        Self { predictor, strands: vec![strand(table)], table, threads: thread_count(threads, STRANDS) }
    }

    /// The size of its tables.
    pub(crate) fn table(&self) -> TableSize {
        self.table
    }

    /// A coder that starts with this prior.
    #[cfg(feature = "learn")]
    pub(crate) fn with_prior(table: TableSize, predictor: Option<Arc<dyn Predictor>>, prior: &mut Prior<'_>) -> Self {
        let network = predictor.is_some();
        let mut coder = Self::new(table, predictor, 1);
        coder.strands.iter_mut().for_each(|strand| strand.load(prior, network));
        coder
    }

    /// What this coder has learned, as a prior.
    #[cfg(feature = "learn")]
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        self.strands.iter().for_each(|strand| strand.save(out));
    }

    /// The payload of a block, in two strands if it is `twofold`, `network` bytes of each coded with the network, which
    /// needs a predictor.
    pub(crate) fn encode(&mut self, raw: &[u8], twofold: bool, network: usize) -> Result<Vec<u8>> {
        let (first, second) = raw.split_at(first_of(raw.len(), twofold));
        let [first, second] =
            self.each(twofold, network, [first, second], |strand, head, raw| strand.encode(head, raw))?;
        self.share(raw, twofold);
        if !twofold {
            return Ok(first);
        }
        let mut payload = Vec::with_capacity(first.len() + second.len() + 4);
        put_number(&mut payload, first.len() as u64);
        payload.extend_from_slice(&first);
        payload.extend_from_slice(&second);
        Ok(payload)
    }

    /// The bytes of a block. Any payload gives some bytes or an error.
    pub(crate) fn decode(&mut self, payload: &[u8], raw_len: usize, twofold: bool, network: usize) -> Result<Vec<u8>> {
        let mut parts = (payload, &[][..]);
        if twofold {
            let mut rest = payload;
            let len = take_number(&mut rest)?;
            parts = usize::try_from(len)
                .ok()
                .and_then(|len| rest.split_at_checked(len))
                .ok_or(Error::corrupt("the first strand is longer than its block"))?;
        }
        let first = first_of(raw_len, twofold);
        let work = [(parts.0, first), (parts.1, raw_len - first)];
        let [mut bytes, second] =
            self.each(twofold, network, work, |strand, head, (payload, len)| strand.decode(head, payload, len))?;
        bytes.extend_from_slice(&second);
        self.share(&bytes, twofold);
        Ok(bytes)
    }

    /// Shows each strand that there is what it did not code of the last block.
    fn share(&mut self, raw: &[u8], twofold: bool) {
        if let [one, two] = self.strands.as_mut_slice() {
            let (first, second) = raw.split_at(first_of(raw.len(), twofold));
            let starts = [one.starts(first.len()), two.starts(second.len())];
            both(self.threads, || one.take_over(second, &starts[1]), || two.take_over(first, &starts[0]));
        }
    }

    /// Does the work of each strand, side by side if there are two and threads for them. Without a second strand its
    /// result is empty.
    fn each<W: Send>(
        &mut self,
        twofold: bool,
        network: usize,
        [first, second]: [W; STRANDS],
        work: impl Fn(&mut dyn Strand, Option<Head<'_>>, W) -> Result<Vec<u8>> + Sync,
    ) -> Result<[Vec<u8>; STRANDS]> {
        let predictor = self.predictor.as_deref().filter(|_| network > 0);
        if network > 0 && predictor.is_none() {
            return Err(Error::parameter("a network block without a model"));
        }
        let head = predictor.map(|predictor| Head { predictor, len: network });
        // They are put back when all went well.
        let mut strands = std::mem::take(&mut self.strands);
        let [one, rest @ ..] = strands.as_mut_slice() else { return Err(Error::parameter("a coder that has failed")) };
        if !twofold {
            let made = work(&mut **one, head, first)?;
            self.strands = strands;
            return Ok([made, Vec::new()]);
        }
        let mut fresh = None;
        let two = match rest {
            [two, ..] => two,
            [] => fresh.insert(strand(self.table)),
        };
        let (first, second) = both(self.threads, || work(&mut **one, head, first), || work(&mut **two, head, second));
        let made = [first?, second?];
        strands.extend(fresh);
        self.strands = strands;
        Ok(made)
    }
}

/// Bytes of the first strand, of so many.
pub(crate) fn first_of(len: usize, twofold: bool) -> usize {
    if twofold { len.div_ceil(STRANDS) } else { len }
}

#[cfg(test)]
mod tests {
    use dualcomp_entropy::predictor::{Depth, ImageSession, PredictorError, TextSession};
    use dualcomp_entropy::{RangeDecoder, RangeEncoder};
    use dualcomp_tokens::Vocabulary;
    use fearless_simd::Level;

    use super::*;
    use crate::codec::v1::bytes::substream::StrandCoder;

    fn all_levels_do_the_same<const GROUPS: usize>() {
        let raw: Vec<u8> = (0..9000u32)
            .flat_map(|i| format!("{} of {:x}\n", i % 77, i.wrapping_mul(2_654_435_761) >> (i % 31)).into_bytes())
            .chain(0..=255)
            .collect();
        let coder = || StrandCoder::<GROUPS>::new(TableSize::new(18));
        let encode = |level| {
            let mut range = RangeEncoder::new();
            coder().code(level, None, raw.len(), &mut range, Some(&raw)).unwrap();
            range.finish()
        };
        let payload = encode(Level::new());
        assert!(payload == encode(Level::baseline()));
        for level in [Level::new(), Level::baseline()] {
            let mut strand = coder();
            strand.code(level, None, raw.len(), &mut RangeDecoder::new(&payload), None).unwrap();
            assert!(strand.last(raw.len()) == raw);
        }
    }

    #[test]
    fn all_levels_of_a_processor_do_the_same() {
        all_levels_do_the_same::<1>();
        all_levels_do_the_same::<2>();
    }

    #[test]
    fn strands_find_what_the_other_one_coded() {
        let mut state = 1u32;
        let raw: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + (state >> 27) as u8 % 26
        })
        .take(8000)
        .collect();
        let (first, second) = raw.split_at(raw.len() / 2);
        let mut coder = TextCoder::new(TableSize::new(18), None, 1);
        let lengths =
            [raw.clone(), [second, first].concat(), raw.clone()].map(|raw| coder.encode(&raw, true, 0).unwrap().len());
        assert!(lengths[0] > 4000 && lengths[1] < 400 && lengths[2] < 200, "{lengths:?}");
    }

    /// Knows nothing of text.
    struct Ignorant(Vocabulary);

    impl Predictor for Ignorant {
        fn id(&self) -> [u8; 4] {
            [1; 4]
        }

        fn vocabulary(&self) -> &Vocabulary {
            &self.0
        }

        fn text(&self, _: usize) -> std::result::Result<Box<dyn TextSession + Send>, PredictorError> {
            Ok(Box::new(Ignorant(Vocabulary::bytes_only())))
        }

        fn image(&self, _: Depth, _: usize) -> std::result::Result<Box<dyn ImageSession + Send>, PredictorError> {
            Err("no image".into())
        }
    }

    impl TextSession for Ignorant {
        fn advance(&mut self, _: &[u32], _: &[u32]) -> std::result::Result<(), PredictorError> {
            Ok(())
        }

        fn logit(&self, _: u32, _: u32) -> i32 {
            0
        }
    }

    #[test]
    fn a_block_as_long_as_the_window_is_kept_until_its_end() {
        let coder = || TextCoder::new(TableSize::new(18), Some(Arc::new(Ignorant(Vocabulary::bytes_only()))), 2);
        let (mut encoder, mut decoder) = (coder(), coder());
        let raw = b"what is repeated ".repeat(WINDOW / 17 + 1);
        for (len, network) in [(1000, ALL), (WINDOW, 1), (WINDOW, WINDOW / 2), (77, 0), (WINDOW, WINDOW - 1)] {
            for twofold in [false, true] {
                let payload = encoder.encode(&raw[..len], twofold, network).unwrap();
                assert!(decoder.decode(&payload, len, twofold, network).unwrap() == raw[..len], "{len}, {network}");
            }
        }
    }

    #[test]
    fn two_strands_with_and_without_threads() {
        let raw: Vec<u8> = (0..2000u32).flat_map(|i| format!("line {i} of {}\n", i % 7).into_bytes()).collect();
        for len in [0, 1, 2, 3, 1000, raw.len()] {
            let mut encoders = [1, 2].map(|threads| TextCoder::new(TableSize::new(18), None, threads));
            // The second block finds the strands as the first one left them.
            for _ in 0..2 {
                let [one, two] = encoders.each_mut().map(|coder| coder.encode(&raw[..len], true, 0).unwrap());
                assert!(one == two);
            }
            let mut decoder = TextCoder::new(TableSize::new(18), None, 2);
            let mut encoder = TextCoder::new(TableSize::new(18), None, 1);
            for twofold in [true, false, true] {
                let payload = encoder.encode(&raw[..len], twofold, 0).unwrap();
                assert!(decoder.decode(&payload, len, twofold, 0).unwrap() == raw[..len], "{len}");
            }
        }
    }
}
