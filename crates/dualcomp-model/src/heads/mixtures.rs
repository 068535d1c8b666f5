//! The end of the network for pixels: the mixtures of one channel (docs/spec/numerics.md section 14).

use dualcomp_entropy::predictor::COMPONENTS;
use dualcomp_tokens::difference;
use fearless_simd::{Level, SimdBase as _, f32x16};
use tract_core::internal::*;

use super::limits::MAX_LOGIT;
use crate::lanes::{Chunk, LANES, chunked, load};
use crate::numerics::{fixed_all, gate, quantise};
use crate::operator::{Kernel, values};
use crate::product::{Packed, Products, at_level};
use crate::trunk::memory::BLOCK;
use crate::weights::{CONDITIONS, EARLIER, Pixels};
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
    pub(crate) fn new(pixels: &Pixels, channel: usize) -> Self {
        let head = &pixels.heads[channel];
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
            for row in 0..count {
                let features = features[row * size..][..size].as_chunks_mut::<CONDITIONS>().0;
                for earlier in 0..self.channel {
                    let values = conditions(residuals[row][earlier]);
                    for i in 0..CONDITIONS {
                        features[earlier][i] = values[i].wrapping_add(S::BIAS as i8);
                    }
                }
            }
            condition.multiply(s, features, &mut rows.conditions[..count * width]);
        }
        let activations = rows.activations.as_chunks_mut().0;
        let hidden = hidden.as_chunks().0;
        for row in 0..count {
            let hidden = &hidden[(3 * row + self.channel) * width..][..width];
            let conditions = &rows.conditions[row * width..][..width];
            let activations = &mut activations[row * width..][..width];
            for i in 0..width {
                let mut y = f32x16::load_array_ref(s, &hidden[i]);
                if self.condition.is_some() {
                    y += load(s, &conditions[i]);
                }
                quantise(s, y * gate(s, y), self.inverse, &mut activations[i]);
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
        for row in 0..out.len() {
            let y = (load(s, &rows.products[row]) + load(s, &self.bias)) * load(s, unit);
            out[row] = fixed_all(s, y, low, high);
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
