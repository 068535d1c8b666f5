//! The first operator of each graph: inputs to the residual stream (docs/numerics.md section 8).

use fearless_simd::{Level, Simd, SimdBase as _, dispatch};
use tract_core::internal::*;

use super::{Kernel, values};
use crate::numerics::{Chunk, LANES, chunks, chunks_mut, load, rms, scaled};

/// The input product [B, D] of a pixel's features, with scale and bias, brought to a mean square of one.
#[derive(Debug)]
pub(crate) struct EmbedPixel {
    pub(crate) scale: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl EmbedPixel {
    #[inline(always)]
    fn rows<S: Simd>(&self, s: S, input: &[i32], out: &mut [f32]) {
        let (scale, bias) = (chunks(&self.scale), chunks(&self.bias));
        let width = scale.len();
        let mut x: Vec<Chunk> = vec![[0.0; LANES]; width];
        for (input, out) in chunks(input).chunks_exact(width).zip(chunks_mut(out).chunks_exact_mut(width)) {
            for i in 0..width {
                (scaled(s, &input[i], &scale[i]) + load(s, &bias[i])).store_array(&mut x[i]);
            }
            rms(s, &x, out);
        }
    }
}

impl Kernel for EmbedPixel {
    type State = ();
    const NAME: &'static str = "EmbedPixel";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        tvec![(DatumType::F32, self.scale.len())]
    }

    fn run(&self, level: Level, (): &mut (), inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = values::<i32>(&inputs[0])?;
        let mut out = Tensor::zero::<f32>(inputs[0].shape())?;
        let mut view = out.try_as_plain_ram_mut()?;
        let x = view.as_slice_mut::<f32>()?;
        dispatch!(level, s => self.rows(s, input, x));
        Ok(tvec![out.into_tvalue()])
    }
}

/// Token ids [B, 1] to their vectors [B, D], brought to a mean square of one.
#[derive(Debug)]
pub(crate) struct EmbedToken {
    /// [tokens, D]
    pub(crate) table: Vec<i8>,
    pub(crate) scale: f32,
    pub(crate) channels: usize,
}

impl EmbedToken {
    #[inline(always)]
    fn row<S: Simd>(&self, s: S, token: &[i8], out: &mut [f32]) {
        let mut x: Vec<Chunk> = vec![[0.0; LANES]; self.channels / LANES];
        for (x, &e) in x.as_flattened_mut().iter_mut().zip(token) {
            *x = f32::from(e) * self.scale;
        }
        rms(s, &x, chunks_mut(out));
    }
}

impl Kernel for EmbedToken {
    type State = ();
    const NAME: &'static str = "EmbedToken";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        tvec![(DatumType::F32, self.channels)]
    }

    fn run(&self, level: Level, (): &mut (), inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let tokens = values::<i32>(&inputs[0])?;
        let mut out = Tensor::zero::<f32>(&[tokens.len(), self.channels])?;
        let mut view = out.try_as_plain_ram_mut()?;
        let x = view.as_slice_mut::<f32>()?;
        for (&token, x) in tokens.iter().zip(x.chunks_exact_mut(self.channels)) {
            let at = usize::try_from(token)? * self.channels;
            let row = self.table.get(at..at + self.channels).context("token out of range")?;
            dispatch!(level, s => self.row(s, row, x));
        }
        Ok(tvec![out.into_tvalue()])
    }
}
