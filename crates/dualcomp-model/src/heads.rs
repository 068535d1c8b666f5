//! The ends of the network: the mixture of one pixel channel and the logit of one text decision (docs/numerics.md
//! section 14).

use std::sync::Arc;

use dualcomp_entropy::predictor::COMPONENTS;
use dualcomp_tokens::difference;
use fearless_simd::{Level, Simd, SimdBase as _, SimdIntWiden as _, SimdWiden as _, i8x16, i8x32, i16x8, i16x16};
use tract_core::internal::*;

use crate::numerics::{Chunk, LANES, chunked, fixed, fixed_all, gate, load, quantise};
use crate::ops::{Kernel, values};
use crate::product::{Packed, Products, at_level};
use crate::trunk::BLOCK;
use crate::weights::Weights;

/// Features of the residual of one earlier channel.
pub(crate) const CONDITIONS: usize = 4;
/// Earlier channels that the head of a channel may see.
pub(crate) const EARLIER: usize = 2;
/// Largest logit, in 1/256 nat: the coder's tables end at 11 nats.
const MAX_LOGIT: f32 = 2815.0;
/// For each third of a mixture the unit, the lowest and the highest value.
const RANGES: [[f32; 3]; 3] = [[256.0, -MAX_LOGIT, MAX_LOGIT], [256.0, -8192.0, 8192.0], [32.0, -96.0, 160.0]];

/// Hidden vectors of all channels [B, 3H] f32 and residuals [B, 2] i16 to the mixture of one channel, [B, 16] i16: five
/// weights, five means, five scales and one number without meaning.
#[derive(Debug)]
pub(crate) struct Mixtures {
    channel: usize,
    condition: Option<Packed>,
    inverse: f32,
    mixture: Packed,
    bias: Chunk,
    /// Unit, lowest and highest value of each number.
    ranges: [Chunk; 3],
}

/// Rows at work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    features: Vec<i8>,
    conditions: Vec<Chunk>,
    pub(crate) activations: Vec<i8>,
    products: Vec<Chunk>,
}

impl Rows {
    pub(crate) fn new(hidden: usize) -> Self {
        Self {
            features: vec![0; BLOCK * EARLIER * CONDITIONS],
            conditions: vec![Chunk::ZERO; BLOCK * hidden / LANES],
            activations: vec![0; BLOCK * hidden],
            products: vec![Chunk::ZERO; BLOCK],
        }
    }
}

/// The int8 features of `residual`, a difference of samples.
pub(crate) fn conditions(residual: i16) -> [i8; CONDITIONS] {
    let d = i32::from(residual).clamp(-255, 255);
    let limited = |x: i32| x.clamp(-127, 127) as i8;
    [limited(8 * d), difference(d as i16), limited(2 * d), limited(4 * d.abs())]
}

impl Mixtures {
    pub(crate) fn new(weights: &Weights, channel: usize) -> Self {
        let head = &weights.pixel[channel];
        let range = |part: usize| chunked(&RANGES.map(|range| [range[part]; COMPONENTS]).concat())[0];
        Self {
            channel,
            condition: head.condition.as_ref().map(Packed::new),
            inverse: head.mixture_inverse,
            mixture: Packed::new(&head.mixture),
            bias: chunked(&head.mixture_bias)[0],
            ranges: [range(0), range(1), range(2)],
        }
    }

    /// The int8 activations of a block of rows.
    #[inline(always)]
    pub(crate) fn activate<S: Products>(&self, s: S, rows: &mut Rows, hidden: &[f32], residuals: &[[i16; EARLIER]]) {
        let width = rows.activations.len() / BLOCK / LANES;
        let count = residuals.len();
        if let Some(condition) = &self.condition {
            let size = self.channel * CONDITIONS;
            let features = &mut rows.features[..count * size];
            for (features, residuals) in features.chunks_exact_mut(size).zip(residuals) {
                for (features, &residual) in features.as_chunks_mut().0.iter_mut().zip(residuals) {
                    *features = conditions(residual).map(|f| f.wrapping_add(S::BIAS as i8));
                }
            }
            condition.multiply(s, features, &mut rows.conditions[..count * width]);
        }
        let activations = rows.activations.as_chunks_mut().0;
        for (row, hidden) in hidden.as_chunks().0.chunks_exact(3 * width).enumerate() {
            let hidden = &hidden[self.channel * width..][..width];
            for i in 0..width {
                let mut y = fearless_simd::f32x16::load_array_ref(s, &hidden[i]);
                if self.condition.is_some() {
                    y += load(s, &rows.conditions[row * width + i]);
                }
                quantise(s, y * gate(s, y), self.inverse, &mut activations[row * width + i]);
            }
        }
    }

    #[inline(always)]
    fn block<S: Products>(
        &self,
        s: S,
        rows: &mut Rows,
        hidden: &[f32],
        residuals: &[[i16; EARLIER]],
        out: &mut [[i16; LANES]],
    ) {
        self.activate(s, rows, hidden, residuals);
        let width = rows.activations.len() / BLOCK;
        self.mixture.multiply(s, &rows.activations[..residuals.len() * width], &mut rows.products);
        let [unit, low, high] = &self.ranges;
        for (product, out) in rows.products.iter().zip(out) {
            let y = (load(s, product) + load(s, &self.bias)) * load(s, unit);
            *out = fixed_all(s, y, low, high);
        }
    }
}

impl Kernel for Mixtures {
    type State = Rows;
    type Out = i16;
    const NAME: &'static str = "Mixtures";

    fn width(&self) -> usize {
        LANES
    }

    fn run(&self, level: Level, rows: &mut Rows, inputs: &[TValue], out: &mut [i16]) -> TractResult<()> {
        let hidden = values::<f32>(&inputs[0])?;
        let residuals = values::<i16>(&inputs[1])?.as_chunks().0;
        let width = self.mixture.columns();
        ensure!(hidden.len() == residuals.len() * 3 * width, "not three channels for each residual");
        if rows.products.is_empty() {
            *rows = Rows::new(width);
        }
        let out = out.as_chunks_mut().0.chunks_mut(BLOCK);
        let blocks = hidden.chunks(BLOCK * 3 * width).zip(residuals.chunks(BLOCK)).zip(out);
        at_level!(level, s => for ((hidden, residuals), out) in blocks {
            self.block(s, rows, hidden, residuals, out);
        });
        Ok(())
    }
}

/// The head of all text decisions.
#[derive(Debug)]
pub(crate) struct TokenHead {
    weights: Arc<Weights>,
    /// Scale and bias of each decision, side by side.
    affine: Vec<[f32; 2]>,
    level: Level,
}

impl TokenHead {
    pub(crate) fn new(weights: Arc<Weights>, level: Level) -> Self {
        let scales = weights.token_head.scale.iter().zip(&weights.token_bias);
        let affine = scales.map(|(&scale, &bias)| [scale, bias]).collect();
        Self { weights, affine, level }
    }

    /// Numbers in a hidden vector.
    pub(crate) fn width(&self) -> usize {
        self.weights.config.channels
    }

    /// The token as an input of the graph, if it is one. The start mark follows the last token.
    pub(crate) fn token(&self, token: u32) -> Option<i32> {
        (token as usize <= self.weights.config.vocabulary).then_some(token as i32)
    }

    /// The logit of a decision after `hidden`, the trunk's output in sixteen bits.
    #[inline]
    pub(crate) fn logit(&self, hidden: &[i16], node: usize) -> i32 {
        let row = &self.weights.token_head.weights[node * hidden.len()..][..hidden.len()];
        let product = at_level!(self.level, s => dot(s, hidden, row)) as f32;
        let [scale, bias] = self.affine[node];
        fixed((product * scale + bias) * 256.0, -MAX_LOGIT, MAX_LOGIT).into()
    }
}

/// Sum of products of `x` and `w`, whose length is a multiple of sixteen.
#[inline(always)]
pub(crate) fn dot<S: Simd>(s: S, x: &[i16], w: &[i8]) -> i32 {
    let (pairs, rest) = w.as_chunks::<32>();
    let x = x.as_chunks::<16>().0;
    let mut sum = fearless_simd::i32x8::splat(s, 0);
    for (w, x) in pairs.iter().zip(x.as_chunks::<2>().0) {
        let (low, high) = i8x32::load_array_ref(s, w).widen();
        sum += low.pairwise_dot_product(i16x16::load_array_ref(s, &x[0]));
        sum += high.pairwise_dot_product(i16x16::load_array_ref(s, &x[1]));
    }
    let mut sum = sum.reduce_sum();
    if let (Some(w), Some(x)) = (rest.as_chunks::<16>().0.first(), x.last()) {
        let (low, high) = i8x16::load_array_ref(s, w).widen();
        let halves = x.as_chunks::<8>().0;
        let last = low.pairwise_dot_product(i16x8::load_array_ref(s, &halves[0]))
            + high.pairwise_dot_product(i16x8::load_array_ref(s, &halves[1]));
        sum += last.reduce_sum();
    }
    sum
}
