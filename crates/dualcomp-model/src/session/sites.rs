//! Places of neighbours for the operators that keep vectors and states.

use dualcomp_entropy::predictor::Site;

use crate::error::ModelError;
use crate::trunk::shift::{Place, RING};

/// Finds places and checks that a session has the slots it names, each once.
#[derive(Debug)]
pub(crate) struct Sites {
    /// The last batch that each slot was part of.
    last: Vec<u64>,
    batch: u64,
    slots: usize,
}

impl Sites {
    pub(crate) fn new(slots: usize) -> Self {
        Self { last: vec![], batch: 0, slots }
    }

    pub(crate) fn begin(&mut self) {
        self.batch += 1;
    }

    fn claim(&mut self, slot: u32) -> Result<(), ModelError> {
        let at = self.check(slot)?;
        if self.last.len() <= at {
            self.last.resize(at + 1, 0);
        }
        if std::mem::replace(&mut self.last[at], self.batch) == self.batch {
            return Err(ModelError::SlotTwice { slot });
        }
        Ok(())
    }

    fn check(&self, slot: u32) -> Result<usize, ModelError> {
        let at = slot as usize;
        // Places are i32 in the graph.
        if at >= self.slots || slot >= i32::MAX as u32 / RING {
            return Err(ModelError::Slot { slot, slots: self.slots });
        }
        Ok(at)
    }

    /// The places of a pixel: left is the column before, far the column after in the row above.
    pub(crate) fn pixel(&mut self, site: Site) -> Result<Place, ModelError> {
        self.claim(site.slot)?;
        let left = site.column.checked_sub(1).map_or(-1, |column| place(site.slot, column));
        let far = match site.above {
            Some(above) => {
                self.check(above)?;
                place(above, site.column.wrapping_add(1))
            }
            None => -1,
        };
        Ok([place(site.slot, site.column), left, far])
    }

    /// The places of token `count` of a lane: left is the token before, far the one before that.
    pub(crate) fn token(&mut self, lane: u32, count: u64) -> Result<Place, ModelError> {
        self.claim(lane)?;
        let back = |n: u64| count.checked_sub(n).map_or(-1, |at| place(lane, (at % u64::from(RING)) as u32));
        Ok([back(0), back(1), back(2)])
    }
}

fn place(slot: u32, column: u32) -> i32 {
    (slot * RING + column % RING) as i32
}
