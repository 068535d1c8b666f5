//! The hidden layer of one channel's head: condition on the channels coded before, activate, quantise
//! (docs/numerics.md section 14).

use dualcomp_tokens::difference;
use fearless_simd::{Level, Simd, SimdBase as _, dispatch, i32x16};
use tract_core::internal::*;

use super::{Kernel, values};
use crate::numerics::{Chunk, LANES, chunks, chunks_mut, gate, load, quantise, scaled};

/// Features of the residual of one earlier channel.
pub(crate) const CONDITIONS: usize = 4;
/// Earlier channels that the head of a channel may see.
pub(crate) const EARLIER: usize = 2;

/// The head of channel `channel`, H hidden values.
///
/// Inputs: hidden [B, 3H] i32 of all channels, residuals [B, 2] i32. Output: [B, H] i8.
#[derive(Debug)]
pub(crate) struct Activate {
    pub(crate) channel: usize,
    pub(crate) scale: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// [channel * CONDITIONS, H]: the transposed matrix.
    pub(crate) condition: Vec<i32>,
    pub(crate) condition_scale: Vec<f32>,
    pub(crate) inverse: f32,
}

/// The int8 features of `residual`, a difference of samples.
pub(crate) fn conditions(residual: i32) -> [i32; CONDITIONS] {
    let d = residual.clamp(-255, 255);
    [(d * 8).clamp(-127, 127), i32::from(difference(d as i16)), (d * 2).clamp(-127, 127), (d.abs() * 4).min(127)]
}

impl Activate {
    #[inline(always)]
    fn row<S: Simd>(&self, s: S, hidden: &[Chunk<i32>], features: &[i32], y: &mut [Chunk<i8>]) {
        let (scale, bias) = (chunks(&self.scale), chunks(&self.bias));
        let (condition, condition_scale) = (chunks(&self.condition), chunks(&self.condition_scale));
        for i in 0..y.len() {
            let mut h = scaled(s, &hidden[i], &scale[i]) + load(s, &bias[i]);
            if !condition.is_empty() {
                let mut sum = i32x16::splat(s, 0);
                for n in 0..features.len() {
                    sum += i32x16::load_array_ref(s, &condition[n * y.len() + i]) * i32x16::splat(s, features[n]);
                }
                h += scaled(s, sum.as_array(), &condition_scale[i]);
            }
            quantise(s, h * gate(s, h), self.inverse, &mut y[i]);
        }
    }
}

impl Kernel for Activate {
    type State = ();
    const NAME: &'static str = "Activate";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        tvec![(DatumType::I8, self.scale.len())]
    }

    fn run(&self, level: Level, (): &mut (), inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let hidden = chunks(values::<i32>(&inputs[0])?);
        let residuals = values::<i32>(&inputs[1])?.as_chunks::<EARLIER>().0;
        let width = self.scale.len() / LANES;
        ensure!(hidden.len() == residuals.len() * 3 * width, "not three channels for each residual");
        let mut out = Tensor::zero::<i8>(&[residuals.len(), self.scale.len()])?;
        let mut view = out.try_as_plain_ram_mut()?;
        let y = chunks_mut(view.as_slice_mut::<i8>()?);
        let rows = hidden.chunks_exact(3 * width).zip(residuals).zip(y.chunks_exact_mut(width));
        dispatch!(level, s => for ((hidden, residuals), y) in rows {
            let features = [conditions(residuals[0]), conditions(residuals[1])];
            let features = &features.as_flattened()[..self.channel * CONDITIONS];
            self.row(s, &hidden[self.channel * width..][..width], features, y);
        });
        Ok(tvec![out.into_tvalue()])
    }
}
