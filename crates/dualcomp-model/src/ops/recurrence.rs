//! The RWKV-7 state update and its read-out (docs/numerics.md sections 11 to 13).

use fearless_simd::{Level, Simd, SimdBase as _, dispatch, f32x16};
use tract_core::internal::*;

use super::shift::{RING, SITE};
use super::{Kernel, values};
use crate::numerics::{Chunk, LANES, chunks, chunks_mut, fold, load, quantise, scaled};

/// Added to the squared length of a key.
const KEY_EPSILON: f32 = 1e-6;
/// Added to the variance of a head's read-out.
const NORM_EPSILON: f32 = 1e-3;

/// The constants of one head.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) receptance_scale: Chunk,
    pub(crate) value_scale: Chunk,
    pub(crate) key_product_scale: Chunk,
    pub(crate) decay: Chunk,
    pub(crate) rate: Chunk,
    pub(crate) key_scale: Chunk,
    pub(crate) bonus: Chunk,
    pub(crate) norm_weight: Chunk,
    pub(crate) norm_bias: Chunk,
    /// Share of the first layer's value; the first layer has none.
    pub(crate) first_value: Option<Chunk>,
}

/// The state of one head: `state[j][i]` ties key channel j to value channel i.
type State = [Chunk; LANES];

/// Inputs: r, k, v [B, D] i32, gate [B, D] f32, sites [B, 3] i32, and after the first layer its value [B, D] f32.
/// Outputs: y [B, D] i8; from the first layer also its value.
#[derive(Debug)]
pub(crate) struct Recurrence {
    pub(crate) heads: Vec<Head>,
    /// Whether this is the first layer.
    pub(crate) first: bool,
    pub(crate) inverse: f32,
}

/// What one head of one row reads.
struct Row<'a> {
    r: &'a Chunk<i32>,
    k: &'a Chunk<i32>,
    v: &'a Chunk<i32>,
    gate: &'a Chunk,
}

impl Recurrence {
    /// `first` is read after the first layer and written by it.
    #[inline(always)]
    fn head<S: Simd>(&self, s: S, c: &Head, row: Row<'_>, first: &mut Chunk, state: &mut State, y: &mut Chunk<i8>) {
        let r = scaled(s, row.r, &c.receptance_scale);
        let k = scaled(s, row.k, &c.key_product_scale);
        let mut v = scaled(s, row.v, &c.value_scale);
        if let Some(share) = &c.first_value {
            v += (load(s, first) - v) * load(s, share);
        } else {
            v.store_array(first);
        }
        let kk = k * (1.0 / (fold(k * k) + KEY_EPSILON).sqrt());
        let k = k * load(s, &c.key_scale);

        let read = update(s, state, [kk, kk * load(s, &c.rate), k, r], v, &c.decay);

        let centred = read - f32x16::splat(s, fold(read) * 0.0625);
        let variance = fold(centred * centred) * 0.0625;
        let normed =
            centred * (1.0 / (variance + NORM_EPSILON).sqrt()) * load(s, &c.norm_weight) + load(s, &c.norm_bias);
        let bonus = fold(r * k * load(s, &c.bonus));
        quantise(s, (normed + v * bonus) * load(s, row.gate), self.inverse, y);
    }
}

/// One step of the state; returns what the receptance reads from the new one (section 12).
#[inline(always)]
fn update<S: Simd>(s: S, state: &mut State, vectors: [f32x16<S>; 4], v: f32x16<S>, decay: &Chunk) -> f32x16<S> {
    let [kk, b, k, r] = vectors;
    let (kk, b, k, r) = (kk.to_array(), b.to_array(), k.to_array(), r.to_array());
    let mut rows: [f32x16<S>; LANES] = [f32x16::splat(s, 0.0); LANES];
    let mut removal = f32x16::splat(s, 0.0);
    for j in 0..LANES {
        rows[j] = load(s, &state[j]);
        removal += rows[j] * kk[j];
    }
    let mut read = f32x16::splat(s, 0.0);
    for j in 0..LANES {
        let new = (rows[j] * decay[j] - removal * b[j]) + v * k[j];
        new.store_array(&mut state[j]);
        read += new * r[j];
    }
    read
}

impl Kernel for Recurrence {
    type State = Vec<State>;
    const NAME: &'static str = "Recurrence";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        let width = self.heads.len() * LANES;
        let mut outputs: TVec<_> = tvec![(DatumType::I8, width)];
        if self.first {
            outputs.push((DatumType::F32, width));
        }
        outputs
    }

    fn run(&self, level: Level, states: &mut Vec<State>, mut inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let heads = self.heads.len();
        let sites = inputs.remove(4);
        let sites = values::<i32>(&sites)?.as_chunks::<SITE>().0;
        let shape = [sites.len(), heads * LANES];
        ensure!(inputs.iter().all(|x| x.shape() == shape), "inputs of another shape for {} sites", sites.len());
        let mut first =
            if self.first { Tensor::zero::<f32>(&shape)?.into_tvalue() } else { inputs.remove(4) }.into_tensor();
        let [r, k, v] =
            [values::<i32>(&inputs[0])?, values::<i32>(&inputs[1])?, values::<i32>(&inputs[2])?].map(chunks);
        let gate = chunks(values::<f32>(&inputs[3])?);
        let slots = sites.iter().map(|site| site[0]).max().map_or(0, |last| last as u32 / RING + 1);
        ensure!(sites.iter().all(|site| site[0] >= 0), "a site without a place");
        if states.len() < slots as usize * heads {
            states.resize(slots as usize * heads, [[0.0; LANES]; LANES]);
        }

        let mut out = Tensor::zero::<i8>(&shape)?;
        {
            let (mut view, mut first_view) = (out.try_as_plain_ram_mut()?, first.try_as_plain_ram_mut()?);
            let y = chunks_mut(view.as_slice_mut::<i8>()?);
            let first = chunks_mut(first_view.as_slice_mut::<f32>()?);
            dispatch!(level, s => for (row, site) in sites.iter().enumerate() {
                let at = (site[0] as u32 / RING) as usize * heads;
                let states = &mut states[at..at + heads];
                if site[1] < 0 {
                    states.fill([[0.0; LANES]; LANES]);
                }
                for head in 0..heads {
                    let at = row * heads + head;
                    let row = Row { r: &r[at], k: &k[at], v: &v[at], gate: &gate[at] };
                    self.head(s, &self.heads[head], row, &mut first[at], &mut states[head], &mut y[at]);
                }
            });
        }
        let mut outs = tvec![out.into_tvalue()];
        if self.first {
            outs.push(first.into_tvalue());
        }
        Ok(outs)
    }
}
