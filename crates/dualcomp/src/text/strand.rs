//! One strand of the blocks of a stream: a coder of its own.

use std::sync::LazyLock;

#[cfg(feature = "learn")]
use dualcomp_entropy::Prior;
use dualcomp_entropy::predictor::{Predictor, TextSession};
use dualcomp_entropy::{BitCoder, RangeDecoder};
use dualcomp_tokens::Vocabulary;
use fearless_simd::{Level, Simd, dispatch};

use super::history::History;
use super::lane::Lane;
use super::mixing::Mixing;
use super::{MAX_LANES, TableSize, WINDOW};
use crate::prior::Use;
use crate::{Error, Result};

/// The tokens of mixed blocks.
static BYTES: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::bytes_only);

/// What a strand has learned, and the network's states of its lanes.
pub(super) struct Strand {
    session: Option<Box<dyn TextSession + Send>>,
    learned: Learned,
    /// Whether a block was coded, and so a prior taken over.
    begun: bool,
}

/// What all lanes share, and the lanes.
pub(super) struct Learned {
    pub(super) lanes: Vec<Lane>,
    pub(super) history: History,
    pub(super) mixing: Mixing,
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

impl Strand {
    pub(super) fn new(table: TableSize) -> Self {
        Self {
            session: None,
            learned: Learned {
                lanes: vec![Lane::default(); usize::from(MAX_LANES)],
                history: History::new(table.places_log2()),
                mixing: Mixing::new(table),
            },
            begun: false,
        }
    }

    /// Begins with a prior.
    #[cfg(feature = "learn")]
    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        self.learned.mixing.load(prior);
        self.begun = true;
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "learn")]
    pub(super) fn save(&self, out: &mut Vec<u16>) {
        self.learned.mixing.save(out);
    }

    /// The bytes of its part of a block. Any payload gives some bytes or an error.
    pub(super) fn decode(
        &mut self,
        predictor: Option<&dyn Predictor>,
        payload: &[u8],
        len: usize,
        lanes: u8,
    ) -> Result<Vec<u8>> {
        let base = self.code(Level::new(), predictor, len, lanes, &mut RangeDecoder::new(payload), None)?;
        Ok(self.bytes(base, len))
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
            learned.mixing.load(&mut if predictor.is_some() { Use::NetworkBytes } else { Use::MixedBytes }.prior());
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

impl Learned {
    /// Codes the tokens of all lanes. The network sees all lanes at once; then they take turns, one line of decisions
    /// each, until each has its token, so that what one needs next is fetched while the others are coded.
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
