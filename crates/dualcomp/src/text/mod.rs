//! Coding of the blocks of a bytes stream (docs/coding.md, section 3).
//!
//! A block is cut in lanes of equal length, and each lane in tokens. The lanes take turns, one token each, so
//! that a network sees several tokens at once; contexts and matches are common to all.

mod groups;
mod history;
mod lane;
mod mixing;
pub(crate) mod primed;
mod token;
#[cfg(feature = "learn")]
pub(crate) mod walk;

use std::sync::Arc;

#[cfg(feature = "learn")]
use dualcomp_entropy::Prior;
use dualcomp_entropy::predictor::Predictor;
use dualcomp_entropy::{BitCoder, RangeDecoder, RangeEncoder};
use dualcomp_tokens::Vocabulary;
use fearless_simd::{Level, Simd, dispatch};

use crate::Error;
use crate::options::thread_count;
use crate::prior::Use;
use groups::{GROUPS, Groups, with_worker};
use history::History;
use lane::Lane;
use mixing::Mixing;

/// Lanes of a block at most.
pub(crate) const MAX_LANES: u8 = 64;
/// Bytes that matches are looked for in.
const WINDOW: usize = 8 << 20;
/// Lanes for which a second thread pays.
const SHARED_LANES: u8 = 2;

/// What a bytes stream has learned: lives from block to block.
pub(crate) struct TextCoder {
    predictor: Option<Arc<dyn Predictor>>,
    /// The network's states; gone after an error.
    groups: Option<Groups>,
    bytes: Vocabulary,
    learned: Learned,
    /// Whether a block was coded, and so a prior taken over.
    begun: bool,
    threads: usize,
}

/// What all lanes share, and the lanes.
struct Learned {
    lanes: Vec<Lane>,
    history: History,
    mixing: Mixing,
}

/// A block that is being coded.
#[derive(Clone, Copy)]
struct Block<'a> {
    /// Where it stands in the history.
    base: usize,
    lanes: u8,
    /// The tokens that it is cut into.
    vocabulary: &'a Vocabulary,
    /// The bytes to encode.
    raw: Option<&'a [u8]>,
}

impl TextCoder {
    /// A coder that has seen nothing. Takes four bytes times 2^`table_log2`, and up to 16 MiB of history. May
    /// use up to `threads` threads for a block, all there are if 0.
    pub(crate) fn new(table_log2: u8, predictor: Option<Arc<dyn Predictor>>, threads: usize) -> Self {
        let log2 = u32::from(table_log2);
        Self {
            predictor,
            groups: Some(Groups::default()),
            bytes: Vocabulary::bytes_only(),
            learned: Learned {
                lanes: vec![Lane::default(); usize::from(MAX_LANES)],
                history: History::new((log2 - 2).min(20)),
                mixing: Mixing::new(log2),
            },
            begun: false,
            threads: thread_count(threads, GROUPS),
        }
    }

    /// A coder that starts with this prior.
    #[cfg(feature = "learn")]
    pub(crate) fn with_prior(table_log2: u8, predictor: Option<Arc<dyn Predictor>>, prior: &mut Prior<'_>) -> Self {
        let mut coder = Self::new(table_log2, predictor, 1);
        coder.learned.mixing.load(prior);
        coder.begun = true;
        coder
    }

    /// What this coder has learned, as a prior.
    #[cfg(feature = "learn")]
    pub(crate) fn save(&self, out: &mut Vec<u16>) {
        self.learned.mixing.save(out);
    }

    /// The payload of a block. `network` needs a predictor.
    pub(crate) fn encode(&mut self, raw: &[u8], lanes: u8, network: bool) -> Result<Vec<u8>, Error> {
        let mut coder = RangeEncoder::new();
        self.code(Level::new(), raw.len(), lanes, network, &mut coder, Some(raw))?;
        Ok(coder.finish())
    }

    /// The bytes of a block. Any payload gives some bytes or an error.
    pub(crate) fn decode(
        &mut self,
        payload: &[u8],
        raw_len: usize,
        lanes: u8,
        network: bool,
    ) -> Result<Vec<u8>, Error> {
        let base = self.code(Level::new(), raw_len, lanes, network, &mut RangeDecoder::new(payload), None)?;
        // Every lane has run to its end.
        Ok((base..base + raw_len).map(|at| self.learned.history.byte(at).unwrap_or_default()).collect())
    }

    /// Codes a block in either direction and returns where it stands in the history.
    fn code<C: BitCoder + Send>(
        &mut self,
        level: Level,
        length: usize,
        lanes: u8,
        network: bool,
        coder: &mut C,
        raw: Option<&[u8]>,
    ) -> Result<usize, Error> {
        let predictor = self.predictor.clone().filter(|_| network);
        if network && predictor.is_none() {
            return Err(Error::parameter("a network block without a model"));
        }
        let learned = &mut self.learned;
        if !self.begun {
            learned.mixing.load(&mut if network { Use::NetworkBytes } else { Use::MixedBytes }.prior());
            self.begun = true;
        }
        let base = learned.history.open(length, WINDOW);
        let share = length.div_ceil(usize::from(lanes));
        for (i, lane) in learned.lanes[..usize::from(lanes)].iter_mut().enumerate() {
            lane.open(base + (i * share).min(length), base + ((i + 1) * share).min(length));
        }
        let Some(predictor) = predictor else {
            let block = Block { base, lanes, vocabulary: &self.bytes, raw };
            dispatch!(level, simd => learned.rounds(simd, block, None, coder))?;
            return Ok(base);
        };
        let mut groups = self.groups.take().ok_or(Error::parameter("a coder that has failed"))?;
        groups.prepare(&*predictor, lanes)?;
        let block = Block { base, lanes, vocabulary: predictor.vocabulary(), raw };
        let shared = self.threads > 1 && lanes >= SHARED_LANES;
        self.groups = Some(with_worker(
            groups,
            shared,
            |groups| dispatch!(level, simd => learned.rounds(simd, block, Some(groups), coder)),
        )?);
        Ok(base)
    }
}

impl Learned {
    /// Codes the tokens of all lanes: first one of each lane with an even number, then one of each other, so that the
    /// network can work on one group while the other is coded. The lanes of a group take turns, one line of decisions
    /// each, so that what one needs next is fetched while the others are coded.
    #[inline(always)]
    fn rounds<S: Simd>(
        &mut self,
        simd: S,
        block: Block<'_>,
        mut groups: Option<&mut Groups>,
        coder: &mut impl BitCoder,
    ) -> Result<(), Error> {
        let mut active: [Vec<u32>; GROUPS] =
            std::array::from_fn(|group| (group as u32..block.lanes.into()).step_by(GROUPS).collect());
        let start = block.vocabulary.start();
        let mut turns = Vec::new();
        for (group, active) in active.iter_mut().enumerate() {
            active.retain(|&lane| !self.lanes[lane as usize].is_done());
            for &lane in active.iter() {
                self.begin(lane, block);
            }
            if let Some(groups) = &mut groups {
                groups.feed(group, active.iter().map(|&i| (i, self.lanes[i as usize].token.unwrap_or(start))));
            }
        }
        while active.iter().any(|lanes| !lanes.is_empty()) {
            for (group, active) in active.iter_mut().enumerate() {
                if active.is_empty() {
                    continue;
                }
                let session = groups.as_mut().map(|groups| groups.answer(group)).transpose()?;
                turns.clone_from(active);
                while !turns.is_empty() {
                    let mut left = 0;
                    for i in 0..turns.len() {
                        let lane = turns[i];
                        if !self.turn(simd, lane, session, block, coder)? {
                            turns[left] = lane;
                            left += 1;
                        } else if !self.lanes[lane as usize].is_done() {
                            self.begin(lane, block);
                        }
                    }
                    turns.truncate(left);
                }
                active.retain(|&lane| !self.lanes[lane as usize].is_done());
                if let Some(groups) = &mut groups {
                    groups.feed(group, active.iter().map(|&i| (i, self.lanes[i as usize].token.unwrap_or(start))));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_levels_of_a_processor_do_the_same() {
        let raw: Vec<u8> = (0..9000u32)
            .flat_map(|i| format!("{} of {:x}\n", i % 77, i.wrapping_mul(2_654_435_761) >> (i % 31)).into_bytes())
            .chain(0..=255)
            .collect();
        let encode = |level| {
            let mut coder = RangeEncoder::new();
            TextCoder::new(18, None, 1).code(level, raw.len(), 3, false, &mut coder, Some(&raw)).unwrap();
            coder.finish()
        };
        let payload = encode(Level::new());
        assert!(payload == encode(Level::baseline()));
        for level in [Level::new(), Level::baseline()] {
            let mut coder = TextCoder::new(18, None, 1);
            let base = coder.code(level, raw.len(), 3, false, &mut RangeDecoder::new(&payload), None).unwrap();
            let bytes: Vec<_> = (base..base + raw.len()).map(|at| coder.learned.history.byte(at).unwrap()).collect();
            assert!(bytes == raw);
        }
    }
}
