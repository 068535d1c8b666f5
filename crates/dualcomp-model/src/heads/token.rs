//! The end of the network for text: the logit of one decision (docs/spec/numerics.md section 14). It is no operator of a
//! graph, since a decision is asked for only when those before it are known.

use fearless_simd::{Level, Simd, SimdBase as _, SimdIntWiden as _, SimdSplit as _, SimdWiden as _};
use fearless_simd::{i8x16, i8x32, i16x16, i16x32, i32x8};

use super::limits::MAX_LOGIT;
use crate::numerics::fixed;
use crate::product::at_level;
use crate::weights::Tokens;

/// The head of all text decisions.
#[derive(Debug)]
pub(crate) struct TokenHead {
    rows: Vec<i8>,
    width: usize,
    tokens: usize,
    /// Scale and bias of each decision, side by side.
    affine: Vec<[f32; 2]>,
    level: Level,
}

impl TokenHead {
    pub(crate) fn new(tokens: &Tokens, level: Level) -> Self {
        let scales = tokens.head.scale.iter().zip(&tokens.bias);
        let affine: Vec<_> = scales.map(|(&scale, &bias)| [scale, bias]).collect();
        // A tree of binary decisions has one leaf more than decisions.
        let (rows, width, count) = (tokens.head.weights.clone(), tokens.head.columns, affine.len() + 1);
        Self { rows, width, tokens: count, affine, level }
    }

    /// Numbers in a hidden vector.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The token as an input of the graph, if it is one. The start mark follows the last token.
    pub(crate) fn token(&self, token: u32) -> Option<i32> {
        (token as usize <= self.tokens).then_some(token as i32)
    }

    /// The logit of a decision after `hidden`, the trunk's output in sixteen bits.
    #[inline]
    pub(crate) fn logit(&self, hidden: &[i16], node: usize) -> i32 {
        let row = &self.rows[node * hidden.len()..][..hidden.len()];
        let product = at_level!(self.level, s => dot(s, hidden, row)) as f32;
        let [scale, bias] = self.affine[node];
        fixed((product * scale + bias) * 256.0, -MAX_LOGIT, MAX_LOGIT).into()
    }
}

/// Sum of products of `x` and `w`, whose length is a multiple of sixteen.
#[inline(always)]
pub(crate) fn dot<S: Simd>(s: S, x: &[i16], w: &[i8]) -> i32 {
    let (w, w_rest) = w.as_chunks::<32>();
    let (x, x_rest) = x.as_chunks::<32>();
    let x = &x[..w.len()];
    let mut sum = i32x8::splat(s, 0);
    for i in 0..w.len() {
        let (w, x) = (i8x32::load_array_ref(s, &w[i]).widen(), i16x32::load_array_ref(s, &x[i]).split());
        sum += w.0.pairwise_dot_product(x.0) + w.1.pairwise_dot_product(x.1);
    }
    let mut sum = sum.reduce_sum();
    if let (Some(w), Some(x)) = (w_rest.first_chunk::<16>(), x_rest.first_chunk::<16>()) {
        let (w, x) = (i8x16::load_array_ref(s, w).widen(), i16x16::load_array_ref(s, x).split());
        sum += (w.0.pairwise_dot_product(x.0) + w.1.pairwise_dot_product(x.1)).reduce_sum();
    }
    sum
}
