//! Turns of a substream: each ends where the next one needs memory that it has asked for, so that two substreams that take
//! turns on one thread need not wait (experiments/0071, 0081).

use dualcomp_entropy::predictor::TextSession;
use fearless_simd::{Level, Simd};

use crate::Result;
use crate::codec::v1::bytes::substream::learned::{Block, Learned};
use crate::codec::v1::bytes::token::Spelling;
use crate::codec::v1::direction::Direction;
use crate::runtime::at_level::at_level;

/// A substream and its part of a block, or a piece of that.
pub(super) struct Lane<'a, 'b, const GROUPS: usize> {
    learned: &'a mut Learned<GROUPS>,
    block: Block<'a>,
    network: Option<&'a mut (dyn TextSession + Send)>,
    coder: &'a mut Direction<'b>,
    spelling: Option<Spelling<'a>>,
}

impl<'a, 'b, const GROUPS: usize> Lane<'a, 'b, GROUPS> {
    pub(super) fn new(
        learned: &'a mut Learned<GROUPS>,
        block: Block<'a>,
        network: Option<&'a mut (dyn TextSession + Send)>,
        coder: &'a mut Direction<'b>,
    ) -> Self {
        Self { learned, block, network, coder, spelling: None }
    }

    /// All bytes may be there before the decision that ends the last token.
    fn is_complete(&self) -> bool {
        self.spelling.is_none() && self.learned.history.len() == self.block.end
    }

    /// One turn: whole tokens, or the decisions of a node group.
    #[inline(always)]
    fn turn<S: Simd>(&mut self, simd: S) -> Result<()> {
        if self.spelling.is_none() {
            let fetched = self.learned.fetched;
            self.spelling = self.learned.begin(self.block, &mut self.network, self.coder)?;
            if !fetched {
                return Ok(());
            }
        }
        if let Some(spelling) = &mut self.spelling
            && self.learned.spell(simd, self.block, self.network.as_deref(), spelling, self.coder)?
        {
            self.spelling = None;
        }
        Ok(())
    }
}

/// Codes the parts of all lanes, which take turns.
pub(super) fn run<const GROUPS: usize>(level: Level, lanes: &mut [Lane<'_, '_, GROUPS>]) -> Result<()> {
    at_level!(level, simd => {
        while !lanes.iter().all(Lane::is_complete) {
            for lane in &mut *lanes {
                if !lane.is_complete() {
                    lane.turn(simd)?;
                }
            }
        }
        Ok(())
    })
}
