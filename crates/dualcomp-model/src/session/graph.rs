//! The network as tract graphs: one for text and one of each depth for pixels, and for each of those one for the mixtures
//! of each channel. The batch is a symbol, so that one graph serves any number of rows. Each graph has one operator, since
//! what a node costs is more than the arithmetic of a few rows between two products.

use std::sync::Arc;

use dualcomp_tokens::FEATURES;
use fearless_simd::Level;
use tract_core::internal::*;

use crate::heads::mixtures::Mixtures;
use crate::operator::{Fused, Kernel};
use crate::trunk::input::{Pixels, Tokens};
use crate::trunk::shift::PLACE;
use crate::weights::{self, EARLIER, Modality, Weights};

pub(crate) type Plan = Arc<TypedRunnableModel>;

/// From features and places to the hidden vectors of all pixel heads.
pub(crate) fn image(
    weights: &Weights,
    modality: Modality,
    pixels: &weights::Pixels,
    level: Level,
) -> TractResult<Plan> {
    plan(Pixels::new(weights, modality, pixels), level, [(i8::datum_type(), FEATURES), (i32::datum_type(), PLACE)])
}

/// From tokens and places to the vectors that the token head is applied to.
pub(crate) fn text(weights: &Weights, tokens: &weights::Tokens, level: Level) -> TractResult<Plan> {
    plan(Tokens::new(weights, tokens), level, [(i32::datum_type(), 1), (i32::datum_type(), PLACE)])
}

/// From hidden vectors and residuals to the mixtures of one channel.
pub(crate) fn mixture(pixels: &weights::Pixels, channel: usize, level: Level) -> TractResult<Plan> {
    let hidden = pixels.head.scale.len();
    plan(Mixtures::new(pixels, channel), level, [(f32::datum_type(), hidden), (i16::datum_type(), EARLIER)])
}

/// A graph of one operator and its inputs, given by type and width.
fn plan<K: Kernel>(kernel: K, level: Level, inputs: [(DatumType, usize); 2]) -> TractResult<Plan> {
    let mut model = TypedModel::default();
    let batch = model.symbols.sym("B").to_dim();
    let mut sources = TVec::new();
    for (i, (dt, width)) in inputs.into_iter().enumerate() {
        sources.push(model.add_source(format!("input.{i}"), dt.fact([batch.clone(), width.to_dim()]))?);
    }
    let output = model.wire_node(K::NAME, Fused::new(kernel, level), &sources)?;
    model.select_output_outlets(&output)?;
    model.into_runnable()
}
