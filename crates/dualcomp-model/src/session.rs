//! Sessions: the states of a graph, and the integers that leave it.

use std::sync::Arc;

use dualcomp_entropy::predictor::{COMPONENTS, ImageSession, Mixture, PredictorError, Site, TextSession};
use dualcomp_tokens::FEATURES;
use tract_core::internal::*;

use crate::ModelError;
use crate::graph::Plan;
use crate::logits::TokenHead;
use crate::mixtures::EARLIER;
use crate::numerics::LANES;
use crate::ops::{exclusive, values};
use crate::sites::Sites;
use crate::trunk::shift::{PLACE, Place};

/// A graph of one operator with its state, and its inputs, which are written over from run to run.
struct Run {
    state: TypedSimpleState,
    operator: usize,
    inputs: [Arc<Tensor>; 2],
}

impl Run {
    fn new(plan: &Plan) -> TractResult<Self> {
        let mut state = plan.spawn()?;
        let operator = plan.model().output_outlets()?[0].node;
        state.turn_state.values.resize(plan.model().nodes().len(), None);
        Ok(Self { state, operator, inputs: Default::default() })
    }

    /// Input `i` with this shape, to be filled.
    fn input<T: Datum>(
        &mut self,
        i: usize,
        shape: [usize; 2],
        fill: impl FnOnce(&mut [T]) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let tensor = exclusive::<T>(&mut self.inputs[i], shape).map_err(ModelError::graph)?;
        let mut view = tensor.try_as_plain_ram_mut().map_err(ModelError::graph)?;
        fill(view.as_slice_mut().map_err(ModelError::graph)?)
    }

    fn places(
        &mut self,
        rows: usize,
        fill: impl FnOnce(&mut [Place]) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        self.input::<i32>(1, [rows, PLACE], |places| fill(places.as_chunks_mut().0))
    }

    /// Runs the operator on the inputs; `first` stands for the first one if there is one. It checks them itself: to
    /// match their shapes with the symbols of the graph first, as a run of the whole does, takes as long as a row.
    fn run(&mut self, first: Option<&Arc<Tensor>>) -> Result<Arc<Tensor>, ModelError> {
        let first = first.unwrap_or(&self.inputs[0]).clone();
        let inputs = tvec![first.into_tvalue(), self.inputs[1].clone().into_tvalue()];
        self.state.compute_one_with_inputs(self.operator, inputs).map_err(ModelError::graph)?;
        let outputs = self.state.turn_state.values[self.operator].take();
        Ok(outputs.and_then(|mut outputs| outputs.pop()).ok_or(ModelError::Shape)?.into_arc_tensor())
    }
}

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
