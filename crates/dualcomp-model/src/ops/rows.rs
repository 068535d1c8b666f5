//! Operators that look at one row of the batch at a time and keep nothing: the end of the channel mix's first half
//! and of the network.

use fearless_simd::{Level, Simd, dispatch};
use tract_core::internal::*;

use super::{Kernel, values};
use crate::numerics::{Chunk, chunks, chunks_mut, load, quantise, rms_factor, scaled, squared_relu};

/// Hidden integers [B, H] to the int8 of their squared positive part (docs/numerics.md section 7).
#[derive(Debug)]
pub(crate) struct SquaredRelu {
    pub(crate) scale: Vec<f32>,
    pub(crate) inverse: f32,
}

impl SquaredRelu {
    #[inline(always)]
    fn rows<S: Simd>(&self, s: S, x: &[i32], y: &mut [i8]) {
        let scale = chunks(&self.scale);
        let width = scale.len();
        for (x, y) in chunks(x).chunks_exact(width).zip(chunks_mut(y).chunks_exact_mut(width)) {
            for i in 0..width {
                quantise(s, squared_relu(s, scaled(s, &x[i], &scale[i])), self.inverse, &mut y[i]);
            }
        }
    }
}

impl Kernel for SquaredRelu {
    type State = ();
    const NAME: &'static str = "SquaredRelu";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        tvec![(DatumType::I8, self.scale.len())]
    }

    fn run(&self, level: Level, (): &mut (), inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = values::<i32>(&inputs[0])?;
        let mut out = Tensor::zero::<i8>(inputs[0].shape())?;
        let mut view = out.try_as_plain_ram_mut()?;
        let y = view.as_slice_mut::<i8>()?;
        dispatch!(level, s => self.rows(s, x, y));
        Ok(tvec![out.into_tvalue()])
    }
}

/// The residual stream [B, D] and the last addition to it, to int8 (docs/numerics.md section 8).
#[derive(Debug)]
pub(crate) struct Final {
    pub(crate) scale: Vec<f32>,
    pub(crate) inverse: f32,
}

impl Final {
    #[inline(always)]
    fn rows<S: Simd>(&self, s: S, x: &[f32], delta: &[i32], y: &mut [i8]) {
        let scale = chunks(&self.scale);
        let width = scale.len();
        let mut sum: Vec<Chunk> = vec![[0.0; 16]; width];
        let rows = chunks(x).chunks_exact(width).zip(chunks(delta).chunks_exact(width));
        for ((x, delta), y) in rows.zip(chunks_mut(y).chunks_exact_mut(width)) {
            residual(s, x, delta, scale, &mut sum);
            let factor = rms_factor(s, &sum);
            for i in 0..width {
                quantise(s, load(s, &sum[i]) * factor, self.inverse, &mut y[i]);
            }
        }
    }
}

impl Kernel for Final {
    type State = ();
    const NAME: &'static str = "Final";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        tvec![(DatumType::I8, self.scale.len())]
    }

    fn run(&self, level: Level, (): &mut (), inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let (x, delta) = (values::<f32>(&inputs[0])?, values::<i32>(&inputs[1])?);
        let mut out = Tensor::zero::<i8>(inputs[0].shape())?;
        let mut view = out.try_as_plain_ram_mut()?;
        let y = view.as_slice_mut::<i8>()?;
        dispatch!(level, s => self.rows(s, x, delta, y));
        Ok(tvec![out.into_tvalue()])
    }
}

/// `out = x + delta * scale` (docs/numerics.md section 3).
#[inline(always)]
pub(crate) fn residual<S: Simd>(s: S, x: &[Chunk], delta: &[Chunk<i32>], scale: &[Chunk], out: &mut [Chunk]) {
    use fearless_simd::SimdBase as _;
    let (x, delta, scale) = (&x[..out.len()], &delta[..out.len()], &scale[..out.len()]);
    for i in 0..out.len() {
        (load(s, &x[i]) + scaled(s, &delta[i], &scale[i])).store_array(&mut out[i]);
    }
}
