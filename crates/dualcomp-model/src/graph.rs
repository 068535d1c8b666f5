//! The network as tract graphs: one for each modality up to its last matrix product, and one for the head of each
//! pixel channel. The batch is a symbol, so one graph serves any number of rows.

use std::sync::Arc;

use dualcomp_tokens::FEATURES;
use fearless_simd::Level;
use tract_core::internal::*;
use tract_core::ops::einsum::EinSum;

use crate::numerics::{Chunk, LANES, chunks};
use crate::ops::activate::{Activate, EARLIER};
use crate::ops::embed::{EmbedPixel, EmbedToken};
use crate::ops::linear::Linear;
use crate::ops::recurrence::{Head, Recurrence};
use crate::ops::rows::{Final, SquaredRelu};
use crate::ops::shift::{Mix, SITE, Shift};
use crate::ops::{Fused, Kernel};
use crate::weights::{Expert, Matrix, Modality, Streams, TimeMix, Weights};

pub(crate) type Plan = Arc<TypedRunnableModel>;

/// Rows up to which [`Linear`] is faster than tract on any machine.
const FEW: usize = 4;

/// Which matrix products to use: they give the same integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Products {
    /// tract's.
    Tract,
    /// [`Linear`].
    Own,
}

impl Products {
    /// The faster ones for a session with this many slots or lanes on this machine.
    pub(crate) fn for_slots(slots: usize) -> Self {
        if slots <= FEW || Linear::is_fast_at(Level::new()) { Self::Own } else { Self::Tract }
    }
}

/// From features [B, 64] i8 and sites [B, 3] i32 to the products of the pixel head, [B, 3H] i32.
pub(crate) fn image(weights: &Weights, products: Products) -> TractResult<Plan> {
    let mut g = Graph::new(products);
    let features = g.source("features", DatumType::I8, FEATURES)?;
    let sites = g.source("sites", DatumType::I32, SITE)?;
    let input = g.linear("pixel_input", features, &weights.pixel_input)?;
    let embed = EmbedPixel { scale: weights.pixel_input.scale.clone(), bias: weights.pixel_bias.clone() };
    let x = g.op("embed", embed, &[input])?[0];
    let h = g.trunk(weights, Modality::Image, x, sites)?;
    let hidden = g.linear("pixel_head", h, &weights.pixel_head)?;
    g.plan(hidden)
}

/// From tokens [B, 1] i32 and sites [B, 3] i32 to the vectors that the token head is applied to, [B, D] i8.
pub(crate) fn text(weights: &Weights, products: Products) -> TractResult<Plan> {
    let mut g = Graph::new(products);
    let tokens = g.source("tokens", DatumType::I32, 1)?;
    let sites = g.source("sites", DatumType::I32, SITE)?;
    let embed = EmbedToken {
        table: weights.embedding.clone(),
        scale: weights.embedding_scale,
        channels: weights.config.channels,
    };
    let x = g.op("embed", embed, &[tokens])?[0];
    let h = g.trunk(weights, Modality::Text, x, sites)?;
    g.plan(h)
}

/// From hidden products [B, 3H] i32 and residuals [B, 2] i32 to the products of one channel's mixture, [B, 15] i32
/// or a few more that mean nothing.
pub(crate) fn mixture(weights: &Weights, channel: usize, products: Products) -> TractResult<Plan> {
    let mut g = Graph::new(products);
    let hidden = g.source("hidden", DatumType::I32, weights.pixel_head.scale.len())?;
    let residuals = g.source("residuals", DatumType::I32, EARLIER)?;
    let y = g.op("activate", activate(weights, channel), &[hidden, residuals])?[0];
    let mixture = g.linear("mixture", y, &weights.pixel[channel].mixture)?;
    g.plan(mixture)
}

pub(crate) fn activate(weights: &Weights, channel: usize) -> Activate {
    let head = &weights.pixel[channel];
    let (condition, condition_scale) = match &head.condition {
        Some(matrix) => (transposed(matrix), matrix.scale.clone()),
        None => (vec![], vec![]),
    };
    Activate {
        channel,
        scale: head.scale.clone(),
        bias: head.bias.clone(),
        condition,
        condition_scale,
        inverse: head.mixture_inverse,
    }
}

fn transposed(m: &Matrix) -> Vec<i32> {
    (0..m.columns).flat_map(|c| m.weights.iter().skip(c).step_by(m.columns).map(|&w| w.into())).collect()
}

/// A graph under construction.
struct Graph {
    model: TypedModel,
    batch: TDim,
    products: Products,
}

impl Graph {
    fn new(products: Products) -> Self {
        let model = TypedModel::default();
        let batch = model.symbols.sym("B").to_dim();
        Self { model, batch, products }
    }

    fn source(&mut self, name: &str, dt: DatumType, width: usize) -> TractResult<OutletId> {
        self.model.add_source(name, dt.fact([self.batch.clone(), width.to_dim()]))
    }

    fn op<K: Kernel>(&mut self, name: &str, kernel: K, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        self.model.wire_node(name, Fused::new(kernel), inputs)
    }

    fn linear(&mut self, name: &str, x: OutletId, matrix: &Matrix) -> TractResult<OutletId> {
        if self.products == Products::Own {
            return Ok(self.op(name, Linear::new(&matrix.weights, matrix.columns, Level::new()), &[x])?[0]);
        }
        let shape = [matrix.scale.len(), matrix.columns];
        let w = self.model.add_const(format!("{name}.weights"), Tensor::from_shape(&shape, &matrix.weights)?)?;
        let product = EinSum::new("bk,nk->bn".parse()?, i32::datum_type());
        Ok(self.model.wire_node(name, product, &[x, w])?[0])
    }

    /// All layers and the final normalisation: x [B, D] f32 to [B, D] i8.
    fn trunk(&mut self, weights: &Weights, modality: Modality, x: OutletId, sites: OutletId) -> TractResult<OutletId> {
        let mut x = x;
        // What is still to be added to x, and its scale.
        let mut delta: Option<(OutletId, &[f32])> = None;
        let mut first = None;
        for (i, (time, channel)) in weights.time.iter().zip(&weights.channel).enumerate() {
            let name = |part: &str| format!("{part}.{i}");
            let (streams, expert) = (&time.streams[modality as usize], &channel[modality as usize]);
            let inputs: TVec<_> = [x, sites].into_iter().chain(delta.map(|d| d.0)).collect();
            let shifted = self.op(&name("time"), time_shift(time, streams, delta.map(|d| d.1)), &inputs)?;
            if delta.is_some() {
                x = shifted[4];
            }
            let r = self.linear(&name("receptance"), shifted[0], &streams.products[0])?;
            let k = self.linear(&name("key"), shifted[1], &streams.products[1])?;
            let v = self.linear(&name("value"), shifted[2], &streams.products[2])?;
            let inputs: TVec<_> = [r, k, v, shifted[3], sites].into_iter().chain(first).collect();
            let read = self.op(&name("recurrence"), recurrence(time, streams), &inputs)?;
            first = first.or(read.get(1).copied());
            let output = self.linear(&name("output"), read[0], &time.output)?;

            let shift = channel_shift(expert, &time.output.scale);
            let shifted = self.op(&name("channel"), shift, &[x, sites, output])?;
            x = shifted[1];
            let hidden = self.linear(&name("hidden"), shifted[0], &expert.key)?;
            let relu = SquaredRelu { scale: expert.key.scale.clone(), inverse: expert.hidden_inverse };
            let hidden = self.op(&name("relu"), relu, &[hidden])?[0];
            delta = Some((self.linear(&name("mixed"), hidden, &expert.value)?, &expert.value.scale));
        }
        let (delta, scale) = delta.context("a network has layers")?;
        let last = Final { scale: scale.to_vec(), inverse: weights.final_inverse[modality as usize] };
        Ok(self.op("final", last, &[x, delta])?[0])
    }

    fn plan(mut self, output: OutletId) -> TractResult<Plan> {
        self.model.select_output_outlets(&[output])?;
        self.model.into_optimized()?.into_runnable()
    }
}

fn time_shift(time: &TimeMix, streams: &Streams, delta: Option<&[f32]>) -> Shift<3> {
    Shift {
        delta: delta.map(<[f32]>::to_vec),
        mix: mixes(streams.left.each_ref(), streams.far.each_ref()),
        inverse: time.in_inverse,
    }
}

fn channel_shift(expert: &Expert, delta: &[f32]) -> Shift<1> {
    Shift { delta: Some(delta.to_vec()), mix: mixes([&expert.left], [&expert.far]), inverse: [expert.in_inverse] }
}

/// Shift weights of `N` streams, sixteen channels at a time.
fn mixes<const N: usize>(left: [&Vec<f32>; N], far: [&Vec<f32>; N]) -> Vec<[Mix; N]> {
    let mix = |at: usize, i: usize| Mix { left: chunks(left[i])[at], far: chunks(far[i])[at] };
    (0..left[0].len() / LANES).map(|at| std::array::from_fn(|i| mix(at, i))).collect()
}

pub(crate) fn recurrence(time: &TimeMix, streams: &Streams) -> Recurrence {
    let head = |at: usize| {
        let chunk = |x: &[f32]| -> Chunk { chunks(x)[at] };
        Head {
            receptance_scale: chunk(&streams.products[0].scale),
            key_product_scale: chunk(&streams.products[1].scale),
            value_scale: chunk(&streams.products[2].scale),
            decay: chunk(&streams.decay),
            rate: chunk(&streams.rate),
            key_scale: chunk(&streams.key_scale),
            bonus: chunk(&streams.bonus),
            norm_weight: chunk(&time.norm_weight),
            norm_bias: chunk(&time.norm_bias),
            first_value: streams.first_value.as_deref().map(chunk),
        }
    };
    Recurrence {
        heads: (0..streams.decay.len() / LANES).map(head).collect(),
        first: streams.first_value.is_none(),
        inverse: time.out_inverse,
    }
}
