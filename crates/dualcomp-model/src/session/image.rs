//! The session that predicts the pixels of a tile.

use std::sync::Arc;

use dualcomp_entropy::predictor::{COMPONENTS, ImageSession, Mixture, PredictorError, Site};
use dualcomp_tokens::FEATURES;
use tract_core::internal::*;

use super::graph::Plan;
use super::run::Run;
use super::sites::Sites;
use crate::error::ModelError;
use crate::lanes::LANES;
use crate::operator::values;
use crate::weights::EARLIER;

/// The network on the pixels of one tile.
pub(crate) struct Image {
    trunk: Run,
    heads: [Run; 3],
    sites: Sites,
    /// Hidden vectors of the pixel heads at the last sites, if there are any.
    hidden: Option<Arc<Tensor>>,
}

impl Image {
    pub(crate) fn new(trunk: &Plan, heads: &[Plan; 3], slots: usize) -> TractResult<Self> {
        let heads = [Run::new(&heads[0])?, Run::new(&heads[1])?, Run::new(&heads[2])?];
        Ok(Self { trunk: Run::new(trunk)?, heads, sites: Sites::new(slots), hidden: None })
    }
}

impl ImageSession for Image {
    fn advance(&mut self, sites: &[Site], features: &[i8]) -> Result<(), PredictorError> {
        self.hidden = None;
        if features.len() != sites.len() * FEATURES {
            return Err(ModelError::Shape.into());
        }
        if sites.is_empty() {
            return Ok(());
        }
        self.sites.begin();
        self.trunk.input(0, [sites.len(), FEATURES], |input| {
            input.copy_from_slice(features);
            Ok(())
        })?;
        self.trunk.places(sites.len(), |places| {
            for (place, &site) in places.iter_mut().zip(sites) {
                *place = self.sites.pixel(site)?;
            }
            Ok(())
        })?;
        self.hidden = Some(self.trunk.run(None)?);
        Ok(())
    }

    fn mixtures(
        &mut self,
        channel: usize,
        residuals: &[[i16; EARLIER]],
        out: &mut Vec<Mixture>,
    ) -> Result<(), PredictorError> {
        out.clear();
        let Some(hidden) = &self.hidden else {
            return if residuals.is_empty() { Ok(()) } else { Err(ModelError::Shape.into()) };
        };
        let Some(head) = self.heads.get_mut(channel) else {
            return Err(ModelError::Shape.into());
        };
        if residuals.len() != hidden.shape()[0] {
            return Err(ModelError::Shape.into());
        }
        head.input(1, [residuals.len(), EARLIER], |input| {
            input.copy_from_slice(residuals.as_flattened());
            Ok(())
        })?;
        let mixtures = head.run(Some(hidden))?;
        out.extend(values::<i16>(&mixtures).map_err(ModelError::graph)?.as_chunks().0.iter().map(mixture));
        Ok(())
    }
}

/// One row of the output of a head.
fn mixture(row: &[i16; LANES]) -> Mixture {
    let ([weights, means, scales, ..], _) = row.as_chunks::<COMPONENTS>() else {
        unreachable!("three parts of five in sixteen")
    };
    Mixture { weights: *weights, means: *means, scales: *scales }
}
