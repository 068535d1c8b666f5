//! The RWKV-7 state update and its read-out (docs/numerics.md sections 11 to 13), for all heads of a few rows at
//! once: each step of the computation is independent for each head, so that a processor works on several.

use fearless_simd::{Simd, SimdBase as _, f32x16};

use super::memory::{State, Vectors};
use super::shift::{Place, RING};
use crate::numerics::{Chunk, LANES, chunked, fold, inverse_roots, load, quantise, store};
use crate::product::Products;
use crate::weights::{Streams, TimeMix};

/// Added to the squared length of a key.
const KEY_EPSILON: f32 = 1e-6;
/// Added to the variance of a head's read-out.
const NORM_EPSILON: f32 = 1e-3;

/// The constants of one head.
#[derive(Debug, Clone)]
struct Head {
    decay: Chunk,
    rate: Chunk,
    key_scale: Chunk,
    bonus: Chunk,
    norm_weight: Chunk,
    norm_bias: Chunk,
    /// Share of the first layer's value; the first layer has none.
    first_value: Option<Chunk>,
}

#[derive(Debug)]
pub(crate) struct Recurrence {
    heads: Vec<Head>,
    inverse: f32,
}

impl Recurrence {
    pub(crate) fn new(time: &TimeMix, streams: &Streams) -> Self {
        let head = |at: usize| {
            let chunk = |x: &[f32]| chunked(&x[at * LANES..][..LANES])[0];
            Head {
                decay: chunk(&streams.decay),
                rate: chunk(&streams.rate),
                key_scale: chunk(&streams.key_scale),
                bonus: chunk(&streams.bonus),
                norm_weight: chunk(&time.norm_weight),
                norm_bias: chunk(&time.norm_bias),
                first_value: streams.first_value.as_deref().map(chunk),
            }
        };
        Self { heads: (0..streams.decay.len() / LANES).map(head).collect(), inverse: time.out_inverse }
    }

    /// One step of the rows at `places`. `v` holds the products and the gate; what comes out is the input of the
    /// output product.
    #[inline(always)]
    pub(crate) fn step<S: Products>(
        &self,
        s: S,
        states: &mut [State],
        places: &[Place],
        v: &mut Vectors,
        out: &mut [i8],
    ) {
        let heads = self.heads.len();
        let count = places.len() * heads;
        self.prepare(s, v, count);
        for (row, place) in places.iter().enumerate() {
            let states = &mut states[(place[0] as u32 / RING) as usize * heads..][..heads];
            // Nothing to the left: a row or lane begins.
            if place[1] < 0 {
                states.fill([Chunk::ZERO; LANES]);
            }
            for (head, state) in states.iter_mut().enumerate() {
                let at = row * heads + head;
                let vectors = [&v.direction[at], &v.removal[at], &v.key[at], &v.receptance[at]];
                let read = update(s, state, vectors, load(s, &v.value[at]), &self.heads[head].decay);
                let centred = read - f32x16::splat(s, fold(read) * 0.0625);
                // The key is not needed any more.
                store(centred, &mut v.key[at]);
                v.lengths[at / LANES].0[at % LANES] = fold(centred * centred);
            }
        }
        inverse_roots(s, &mut v.lengths[..count.div_ceil(LANES)], 0.0625, NORM_EPSILON);
        self.read_out(s, v, out);
    }

    /// From the products to all that the update needs.
    #[inline(always)]
    fn prepare<S: Products>(&self, s: S, v: &mut Vectors, count: usize) {
        let heads = self.heads.len();
        for at in 0..count {
            let key = load(s, &v.key[at]);
            v.lengths[at / LANES].0[at % LANES] = fold(key * key);
        }
        inverse_roots(s, &mut v.lengths[..count.div_ceil(LANES)], 1.0, KEY_EPSILON);
        for row in (0..count).step_by(heads) {
            for (head, c) in self.heads.iter().enumerate() {
                let at = row + head;
                let value = load(s, &v.value[at]);
                match &c.first_value {
                    Some(share) => store(value + (load(s, &v.first[at]) - value) * load(s, share), &mut v.value[at]),
                    None => store(value, &mut v.first[at]),
                }
                let raw = load(s, &v.key[at]);
                let direction = raw * v.lengths[at / LANES].0[at % LANES];
                let key = raw * load(s, &c.key_scale);
                store(direction, &mut v.direction[at]);
                store(direction * load(s, &c.rate), &mut v.removal[at]);
                store(key, &mut v.key[at]);
                v.bonus[at / LANES].0[at % LANES] = fold(load(s, &v.receptance[at]) * key * load(s, &c.bonus));
            }
        }
    }

    /// From the centred readings in `v.key` to int8.
    #[inline(always)]
    fn read_out<S: Products>(&self, s: S, v: &Vectors, out: &mut [i8]) {
        let heads = self.heads.len();
        for (row, out) in out.as_chunks_mut().0.chunks_exact_mut(heads).enumerate() {
            for (head, (c, out)) in self.heads.iter().zip(out).enumerate() {
                let at = row * heads + head;
                let norm = v.lengths[at / LANES].0[at % LANES];
                let normed = load(s, &v.key[at]) * norm * load(s, &c.norm_weight) + load(s, &c.norm_bias);
                let y = normed + load(s, &v.value[at]) * v.bonus[at / LANES].0[at % LANES];
                quantise(s, y * load(s, &v.gate[at]), self.inverse, out);
            }
        }
    }
}

/// One step of the state with the vectors kk, b, k' and r; returns what the receptance reads from the new one
/// (section 12).
#[inline(always)]
fn update<S: Simd>(s: S, state: &mut State, vectors: [&Chunk; 4], v: f32x16<S>, decay: &Chunk) -> f32x16<S> {
    let [direction, rate, key, receptance] = vectors;
    let mut removal = f32x16::splat(s, 0.0);
    for j in 0..LANES {
        removal += load(s, &state[j]) * direction.0[j];
    }
    let mut read = f32x16::splat(s, 0.0);
    for j in 0..LANES {
        let new = (load(s, &state[j]) * decay.0[j] - removal * rate.0[j]) + v * key.0[j];
        store(new, &mut state[j]);
        read += new * receptance.0[j];
    }
    read
}
