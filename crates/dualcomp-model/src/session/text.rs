//! The session that predicts the tokens of lanes.

use std::sync::Arc;

use dualcomp_entropy::predictor::{PredictorError, TextSession};
use tract_core::internal::*;

use super::graph::Plan;
use super::run::Run;
use super::sites::Sites;
use crate::error::ModelError;
use crate::heads::token::TokenHead;
use crate::operator::values;

/// The network on lanes of tokens.
pub(crate) struct Text {
    trunk: Run,
    head: Arc<TokenHead>,
    sites: Sites,
    /// Tokens that each lane has seen.
    counts: Vec<u64>,
    /// What the token head is applied to, for each lane.
    hidden: Vec<i16>,
}

impl Text {
    pub(crate) fn new(trunk: &Plan, head: &Arc<TokenHead>, lanes: usize) -> TractResult<Self> {
        let (trunk, head) = (Run::new(trunk)?, head.clone());
        Ok(Self { trunk, head, sites: Sites::new(lanes), counts: vec![], hidden: vec![] })
    }
}

impl TextSession for Text {
    fn advance(&mut self, lanes: &[u32], tokens: &[u32]) -> Result<(), PredictorError> {
        if lanes.len() != tokens.len() {
            return Err(ModelError::Shape.into());
        }
        if lanes.is_empty() {
            return Ok(());
        }
        self.sites.begin();
        self.trunk.input(0, [tokens.len(), 1], |input| {
            for (input, &token) in input.iter_mut().zip(tokens) {
                *input = self.head.token(token).ok_or(ModelError::Token { token })?;
            }
            Ok(())
        })?;
        self.trunk.places(lanes.len(), |places| {
            for (place, &lane) in places.iter_mut().zip(lanes) {
                let count = self.counts.get(lane as usize).copied().unwrap_or(0);
                *place = self.sites.token(lane, count)?;
            }
            Ok(())
        })?;
        let hidden = self.trunk.run(None)?;
        let width = hidden.shape()[1];
        let rows = values::<i8>(&hidden).map_err(ModelError::graph)?.chunks_exact(width);
        for (&lane, row) in lanes.iter().zip(rows) {
            let lane = lane as usize;
            if self.counts.len() <= lane {
                self.counts.resize(lane + 1, 0);
                self.hidden.resize((lane + 1) * width, 0);
            }
            self.counts[lane] += 1;
            for (kept, &h) in self.hidden[lane * width..][..width].iter_mut().zip(row) {
                *kept = h.into();
            }
        }
        Ok(())
    }

    fn logit(&self, lane: u32, node: u32) -> i32 {
        let width = self.head.width();
        self.head.logit(&self.hidden[lane as usize * width..][..width], node as usize)
    }
}
