//! One strand of the blocks of a stream: a coder of its own.

use std::sync::LazyLock;

#[cfg(feature = "learn")]
use dualcomp_entropy::Number;
use dualcomp_entropy::predictor::{Predictor, TextSession};
use dualcomp_entropy::{BitCoder, Prior, RangeDecoder, RangeEncoder};
use dualcomp_tokens::Vocabulary;
use fearless_simd::{Level, Simd, dispatch};

use super::history::History;
use super::lane::Lane;
use super::mixing::Mixing;
use super::repeats::Repeats;
use super::{MAX_LANES, TableSize, WINDOW};
use crate::prior::Use;
use crate::{Error, Result};

/// The tokens of mixed blocks.
static BYTES: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::bytes_only);

/// A strand that codes one part of each block after the other.
pub(super) trait Strand: Send {
    /// The payload of its part of a block, coded with the network if there is a predictor.
    fn encode(&mut self, predictor: Option<&dyn Predictor>, raw: &[u8], lanes: u8) -> Result<Vec<u8>>;

    /// The bytes of its part of a block. Any payload gives some bytes or an error.
    fn decode(&mut self, predictor: Option<&dyn Predictor>, payload: &[u8], len: usize, lanes: u8) -> Result<Vec<u8>>;

    /// Begins with a prior.
    #[cfg(feature = "learn")]
    fn load(&mut self, prior: &mut Prior<'_>);

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "learn")]
    fn save(&self, out: &mut Vec<Number>);
}

/// A strand that has coded nothing, with a table of this size and the contexts that it says.
pub(super) fn strand(table: TableSize) -> Box<dyn Strand> {
    if table.is_wide() { Box::new(StrandCoder::<2>::new(table)) } else { Box::new(StrandCoder::<1>::new(table)) }
}

/// What a strand has learned with so many groups of contexts, and the network's states of its lanes.
pub(super) struct StrandCoder<const GROUPS: usize> {
    session: Option<Box<dyn TextSession + Send>>,
    learned: Learned<GROUPS>,
    /// Whether a block was coded, and so a prior taken over.
    begun: bool,
}

/// What all lanes share, and the lanes.
pub(super) struct Learned<const GROUPS: usize> {
    pub(super) lanes: Vec<Lane<GROUPS>>,
    pub(super) history: History,
    pub(super) mixing: Mixing<GROUPS>,
    pub(super) repeats: Repeats,
}

/// A block that is being coded.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    /// Where it stands in the history.
    pub(super) base: usize,
    lanes: u8,
    /// The tokens that it is cut into.
    pub(super) vocabulary: &'a Vocabulary,
    /// The bytes to encode.
    pub(super) raw: Option<&'a [u8]>,
}

impl<const GROUPS: usize> StrandCoder<GROUPS> {
    pub(super) fn new(table: TableSize) -> Self {
        Self {
            session: None,
            learned: Learned {
                lanes: vec![Lane::new(); usize::from(MAX_LANES)],
                history: History::new(table.places_log2(), GROUPS),
                mixing: Mixing::new(table),
                repeats: Repeats::new(),
            },
            begun: false,
        }
    }

    /// Bytes at places of the history, which all lanes have passed.
    pub(super) fn bytes(&self, base: usize, len: usize) -> Vec<u8> {
        self.learned.history.bytes(base, len).to_vec()
    }

    /// Codes its part of a block in either direction, with the network if there is a predictor, and returns where it
    /// stands in the history.
    pub(super) fn code<C: BitCoder>(
        &mut self,
        level: Level,
        predictor: Option<&dyn Predictor>,
        len: usize,
        lanes: u8,
        coder: &mut C,
        raw: Option<&[u8]>,
    ) -> Result<usize> {
        let learned = &mut self.learned;
        if !self.begun {
            let prior = match (GROUPS, predictor) {
                (1, Some(_)) => Use::NetworkBytes,
                (1, None) => Use::MixedBytes,
                _ => Use::WideBytes,
            };
            learned.load(&mut prior.prior());
            learned.mixing.begin_by_byte();
            self.begun = true;
        }
        let base = learned.history.open(len, WINDOW);
        let share = len.div_ceil(usize::from(lanes));
        for (i, lane) in learned.lanes[..usize::from(lanes)].iter_mut().enumerate() {
            lane.open(base + (i * share).min(len), base + ((i + 1) * share).min(len));
        }
        let Some(predictor) = predictor else {
            let block = Block { base, lanes, vocabulary: &BYTES, raw };
            dispatch!(level, simd => learned.rounds(simd, block, None, coder))?;
            return Ok(base);
        };
        let session = match &mut self.session {
            Some(session) => session,
            none => none.insert(predictor.text(MAX_LANES.into()).map_err(Error::Model)?),
        };
        let block = Block { base, lanes, vocabulary: predictor.vocabulary(), raw };
        dispatch!(level, simd => learned.rounds(simd, block, Some(&mut **session), coder))?;
        Ok(base)
    }
}

impl<const GROUPS: usize> Strand for StrandCoder<GROUPS> {
    fn encode(&mut self, predictor: Option<&dyn Predictor>, raw: &[u8], lanes: u8) -> Result<Vec<u8>> {
        let mut coder = RangeEncoder::new();
        self.code(Level::new(), predictor, raw.len(), lanes, &mut coder, Some(raw))?;
        Ok(coder.finish())
    }

    fn decode(&mut self, predictor: Option<&dyn Predictor>, payload: &[u8], len: usize, lanes: u8) -> Result<Vec<u8>> {
        let base = self.code(Level::new(), predictor, len, lanes, &mut RangeDecoder::new(payload), None)?;
        Ok(self.bytes(base, len))
    }

    #[cfg(feature = "learn")]
    fn load(&mut self, prior: &mut Prior<'_>) {
        self.learned.load(prior);
        self.learned.mixing.load_by_byte(prior);
        self.begun = true;
    }

    #[cfg(feature = "learn")]
    fn save(&self, out: &mut Vec<Number>) {
        self.learned.mixing.save(out);
        self.learned.repeats.save(out);
        self.learned.mixing.save_by_byte(out);
    }
}

impl<const GROUPS: usize> Learned<GROUPS> {
    fn load(&mut self, prior: &mut Prior<'_>) {
        self.mixing.load(prior);
        self.repeats.load(prior);
    }

    /// Codes the tokens of all lanes. The network sees all lanes at once; then they take turns, one line of decisions
    /// each, until each has its token, so that what one needs next is fetched while the others are coded. Where there
    /// are several lanes, the network does not see tokens that were asked for and came, but for the last one.
    #[inline(always)]
    fn rounds<S: Simd>(
        &mut self,
        simd: S,
        block: Block<'_>,
        mut network: Option<&mut (dyn TextSession + Send)>,
        coder: &mut impl BitCoder,
    ) -> Result<()> {
        let start = block.vocabulary.start();
        let mut active: Vec<u32> = (0..block.lanes.into()).collect();
        active.retain(|&lane| !self.lanes[lane as usize].is_done());
        for &lane in &active {
            self.begin(lane, block);
        }
        let (mut tokens, mut turns) = (Vec::new(), Vec::new());
        while !active.is_empty() {
            if block.lanes > 1 {
                for &lane in &active {
                    self.repeat(lane, network.is_some(), block, coder)?;
                }
                active.retain(|&lane| !self.lanes[lane as usize].is_done());
            }
            if let Some(session) = &mut network {
                tokens.clear();
                tokens.extend(active.iter().map(|&lane| self.lanes[lane as usize].token.unwrap_or(start)));
                session.advance(&active, &tokens).map_err(Error::Model)?;
            }
            turns.clone_from(&active);
            while !turns.is_empty() {
                let mut left = 0;
                for i in 0..turns.len() {
                    let lane = turns[i];
                    if !self.turn(simd, lane, network.as_deref(), block, coder)? {
                        turns[left] = lane;
                        left += 1;
                    } else if !self.lanes[lane as usize].is_done() {
                        self.begin(lane, block);
                    }
                }
                turns.truncate(left);
            }
            active.retain(|&lane| !self.lanes[lane as usize].is_done());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes_all<const GROUPS: usize>(of: Use) {
        let mut prior = of.prior();
        StrandCoder::<GROUPS>::new(TableSize::new(14)).learned.load(&mut prior);
        assert!(prior.is_empty(), "{of:?} has numbers that nothing reads");
    }

    #[test]
    fn priors_have_the_size_of_what_they_are_for() {
        takes_all::<1>(Use::NetworkBytes);
        takes_all::<1>(Use::MixedBytes);
        takes_all::<2>(Use::WideBytes);
        let mut prior = Use::AllBytes.prior();
        let points = (0..).map_while(|_| prior.probability()).count();
        assert_eq!(points, super::super::mixing::BY_BYTE_NUMBERS);
    }
}
