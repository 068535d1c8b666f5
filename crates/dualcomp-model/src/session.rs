//! Sessions: the states of a graph, and the integers that leave it.

use std::sync::Arc;

use dualcomp_entropy::predictor::{COMPONENTS, ImageSession, Mixture, PredictorError, Site, TextSession};
use dualcomp_tokens::FEATURES;
use tract_core::internal::*;

use crate::ModelError;
use crate::graph::Plan;
use crate::numerics::{dot, fixed};
use crate::ops::values;
use crate::sites::Sites;
use crate::weights::Weights;

/// Largest logit, in 1/256 nat: the coder's tables end at 11 nats.
const MAX_LOGIT: f32 = 2815.0;
/// Largest distance of a mean, in 1/16 level.
const MAX_MEAN: f32 = 8192.0;

fn run(state: &mut TypedSimpleState, inputs: TVec<TValue>) -> Result<TValue, ModelError> {
    let mut outputs = state.run(inputs).map_err(ModelError::graph)?;
    outputs.pop().ok_or(ModelError::Shape)
}

fn tensor<T: Datum + Copy>(shape: [usize; 2], values: &[T]) -> Result<TValue, ModelError> {
    Ok(Tensor::from_shape(&shape, values).map_err(ModelError::graph)?.into_tvalue())
}

/// The mixture that the products of one pixel stand for (docs/numerics.md section 14).
fn mixture(products: &[i32], scale: &[f32], bias: &[f32]) -> Mixture {
    let part = |part: usize, low: f32, high: f32, unit: f32| -> [i16; COMPONENTS] {
        let mut out = [0; COMPONENTS];
        for i in 0..COMPONENTS {
            let at = part * COMPONENTS + i;
            out[i] = fixed((products[at] as f32 * scale[at] + bias[at]) * unit, low, high);
        }
        out
    };
    Mixture {
        weights: part(0, -MAX_LOGIT, MAX_LOGIT, 256.0),
        means: part(1, -MAX_MEAN, MAX_MEAN, 256.0),
        scales: part(2, -96.0, 160.0, 32.0),
    }
}

/// The network on the pixels of one tile.
pub(crate) struct Image {
    weights: Arc<Weights>,
    trunk: TypedSimpleState,
    heads: [TypedSimpleState; 3],
    sites: Sites,
    /// Products of the pixel head at the last sites, [B, 3H], if there are any.
    hidden: Option<TValue>,
}

impl Image {
    pub(crate) fn new(weights: Arc<Weights>, trunk: &Plan, heads: &[Plan; 3], slots: usize) -> TractResult<Self> {
        let heads = [heads[0].spawn()?, heads[1].spawn()?, heads[2].spawn()?];
        Ok(Self { weights, trunk: trunk.spawn()?, heads, sites: Sites::new(slots), hidden: None })
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
        let places = sites.iter().map(|&s| self.sites.pixel(s)).collect::<Result<Vec<_>, _>>()?;
        let inputs = tvec![
            tensor([sites.len(), FEATURES], features)?,
            tensor([sites.len(), places[0].len()], places.as_flattened())?,
        ];
        self.hidden = Some(run(&mut self.trunk, inputs)?);
        Ok(())
    }

    fn mixtures(
        &mut self,
        channel: usize,
        residuals: &[[i16; 2]],
        out: &mut Vec<Mixture>,
    ) -> Result<(), PredictorError> {
        out.clear();
        let Some(hidden) = &self.hidden else {
            return if residuals.is_empty() { Ok(()) } else { Err(ModelError::Shape.into()) };
        };
        let (Some(state), Some(head)) = (self.heads.get_mut(channel), self.weights.pixel.get(channel)) else {
            return Err(ModelError::Shape.into());
        };
        if residuals.len() != hidden.shape()[0] {
            return Err(ModelError::Shape.into());
        }
        let residuals: Vec<[i32; 2]> = residuals.iter().map(|r| r.map(i32::from)).collect();
        let inputs = tvec![hidden.clone(), tensor([residuals.len(), 2], residuals.as_flattened())?];
        let products = run(state, inputs)?;
        let rows = values::<i32>(&products).map_err(ModelError::graph)?.chunks_exact(products.shape()[1]);
        out.extend(rows.map(|row| mixture(row, &head.mixture.scale, &head.mixture_bias)));
        Ok(())
    }
}

/// The network on lanes of tokens.
pub(crate) struct Text {
    weights: Arc<Weights>,
    trunk: TypedSimpleState,
    sites: Sites,
    lanes: Vec<Lane>,
}

/// What is known of one lane.
#[derive(Clone, Debug, Default)]
struct Lane {
    /// Tokens seen.
    count: u64,
    /// What the token head is applied to; empty before the first token.
    hidden: Vec<i8>,
}

impl Text {
    pub(crate) fn new(weights: Arc<Weights>, trunk: &Plan, lanes: usize) -> TractResult<Self> {
        Ok(Self { weights, trunk: trunk.spawn()?, sites: Sites::new(lanes), lanes: vec![] })
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
        // The start mark follows the last token.
        if let Some(&token) = tokens.iter().find(|&&t| t as usize > self.weights.config.vocabulary) {
            return Err(ModelError::Token { token }.into());
        }
        self.sites.begin();
        let mut places = Vec::with_capacity(lanes.len());
        for &lane in lanes {
            let count = self.lanes.get(lane as usize).map_or(0, |l| l.count);
            places.push(self.sites.token(lane, count)?);
        }
        let tokens: Vec<i32> = tokens.iter().map(|&t| t as i32).collect();
        let inputs =
            tvec![tensor([lanes.len(), 1], &tokens)?, tensor([lanes.len(), places[0].len()], places.as_flattened())?,];
        let hidden = run(&mut self.trunk, inputs)?;
        let rows = values::<i8>(&hidden).map_err(ModelError::graph)?.chunks_exact(self.weights.config.channels);
        for (&lane, row) in lanes.iter().zip(rows) {
            let at = lane as usize;
            if self.lanes.len() <= at {
                self.lanes.resize(at + 1, Lane::default());
            }
            let lane = &mut self.lanes[at];
            lane.count += 1;
            lane.hidden.clear();
            lane.hidden.extend_from_slice(row);
        }
        Ok(())
    }

    fn logit(&self, lane: u32, node: u32) -> i32 {
        let (head, at) = (&self.weights.token_head, node as usize);
        let row = &head.weights[at * head.columns..][..head.columns];
        let product = dot(&self.lanes[lane as usize].hidden, row) as f32;
        fixed((product * head.scale[at] + self.weights.token_bias[at]) * 256.0, -MAX_LOGIT, MAX_LOGIT).into()
    }
}
