//! The RWKV-7 state update and its read-out (docs/spec/numerics.md sections 11 to 13), for all heads of a few rows at
//! once: each step of the computation is independent for each head, so that a processor works on several.

use fearless_simd::{Simd, SimdBase as _, f32x16};

use super::memory::{State, Vectors};
use super::shift::{Place, RING};
use crate::lanes::{Chunk, LANES, chunked, load, store};
use crate::numerics::{fold, gate, inverse_roots, quantise};
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
        let count = places.len() * self.heads.len();
        self.prepare(s, v, count);
        self.update(s, states, places, v, count);
        let padded = count.next_multiple_of(LANES);
        let (readings, lengths) = (&mut v.key[..count], &mut v.lengths[..padded]);
        for at in 0..count {
            let read = load(s, &readings[at]);
            let centred = read - f32x16::splat(s, fold(read) * 0.0625);
            store(centred, &mut readings[at]);
            lengths[at] = fold(centred * centred);
        }
        inverse_roots(s, lengths, 0.0625, NORM_EPSILON);
        self.read_out(s, v, count, out);
    }

    /// From the products to all that the update needs.
    #[inline(always)]
    fn prepare<S: Products>(&self, s: S, v: &mut Vectors, count: usize) {
        let heads = self.heads.len();
        let padded = count.next_multiple_of(LANES);
        let (receptance, keys, lengths) = (&v.receptance[..count], &mut v.key[..count], &mut v.lengths[..padded]);
        for at in 0..count {
            let key = load(s, &keys[at]);
            lengths[at] = fold(key * key);
        }
        inverse_roots(s, lengths, 1.0, KEY_EPSILON);
        let (values, firsts, bonus) = (&mut v.value[..count], &mut v.first[..count], &mut v.bonus[..count]);
        let (directions, removals) = (&mut v.direction[..count], &mut v.removal[..count]);
        let mut head = 0;
        for at in 0..count {
            let c = &self.heads[head];
            head = if head + 1 == heads { 0 } else { head + 1 };
            let value = load(s, &values[at]);
            match &c.first_value {
                Some(share) => store(value + (load(s, &firsts[at]) - value) * load(s, share), &mut values[at]),
                None => store(value, &mut firsts[at]),
            }
            let raw = load(s, &keys[at]);
            let direction = raw * lengths[at];
            let key = raw * load(s, &c.key_scale);
            store(direction, &mut directions[at]);
            store(direction * load(s, &c.rate), &mut removals[at]);
            store(key, &mut keys[at]);
            bonus[at] = fold(load(s, &receptance[at]) * key * load(s, &c.bonus));
        }
    }

    /// From the centred readings in `v.key` to int8.
    #[inline(always)]
    fn read_out<S: Products>(&self, s: S, v: &Vectors, count: usize, out: &mut [i8]) {
        let (readings, values, gates) = (&v.key[..count], &v.value[..count], &v.gate[..count]);
        let (norms, bonus, out) = (&v.lengths[..count], &v.bonus[..count], &mut out.as_chunks_mut().0[..count]);
        let mut head = 0;
        for at in 0..count {
            let c = &self.heads[head];
            head = if head + 1 == self.heads.len() { 0 } else { head + 1 };
            let normed = load(s, &readings[at]) * norms[at] * load(s, &c.norm_weight) + load(s, &c.norm_bias);
            let y = normed + load(s, &values[at]) * bonus[at];
            quantise(s, y * load(s, &gates[at]), self.inverse, &mut out[at]);
        }
    }

    /// One step of all states. What the receptance reads from the new ones takes the place of the key (section 12).
    #[inline(always)]
    fn update<S: Simd>(&self, s: S, states: &mut [State], places: &[Place], v: &mut Vectors, count: usize) {
        let heads = self.heads.len();
        let (directions, rates, receptances) = (&v.direction[..count], &v.removal[..count], &v.receptance[..count]);
        let (keys, values, gates) = (&mut v.key[..count], &v.value[..count], &mut v.gate[..count]);
        for place in places {
            // Nothing to the left: a row or lane begins.
            if place[1] < 0 {
                states[state_of(place, heads)..][..heads].fill([Chunk::ZERO; LANES]);
            }
        }
        let idle = [Chunk::ZERO; LANES];
        let (mut row, mut head, mut here) = (0, 0, state_of(&places[0], heads));
        let mut removal = read(s, &states[here], &directions[0]);
        for at in 0..count {
            let c = &self.heads[head];
            head += 1;
            let mut next = here + 1;
            if head == heads {
                (row, head) = (row + 1, 0);
                next = places.get(row).map_or(here, |place| state_of(place, heads));
            }
            let (state, ahead) = match states.get_disjoint_mut([here, next]) {
                Ok([state, next]) => (state, (&*next, &directions[at + 1])),
                // The last one.
                Err(_) => (&mut states[here], (&idle, &directions[at])),
            };
            // The divider has nothing else to do in the meantime.
            let gate = gate(s, load(s, &gates[at]));
            store(gate, &mut gates[at]);
            let value = load(s, &values[at]);
            let vectors = [&c.decay, &rates[at], &keys[at], &receptances[at]];
            let (reading, ahead) = advance(s, state, removal, value, vectors, ahead);
            store(reading, &mut keys[at]);
            (here, removal) = (next, ahead);
        }
    }
}

/// The first state of a row.
#[inline(always)]
fn state_of(place: &Place, heads: usize) -> usize {
    (place[0] as u32 / RING) as usize * heads
}

/// What a vector of key channels reads from a state.
#[inline(always)]
fn read<S: Simd>(s: S, state: &State, vector: &Chunk) -> f32x16<S> {
    let mut sum = f32x16::splat(s, 0.0);
    for j in 0..LANES {
        sum += load(s, &state[j]) * vector.0[j];
    }
    sum
}

/// One step of a state with the vectors w, b, k' and r; returns what the receptance reads from the new one. Meanwhile
/// reads what is to be removed from the next state: each of the two is a chain of additions, and a processor waits
/// less with both.
#[inline(always)]
fn advance<S: Simd>(
    s: S,
    state: &mut State,
    removal: f32x16<S>,
    value: f32x16<S>,
    [decay, rate, key, receptance]: [&Chunk; 4],
    (next, direction): (&State, &Chunk),
) -> (f32x16<S>, f32x16<S>) {
    let mut reading = f32x16::splat(s, 0.0);
    let mut ahead = f32x16::splat(s, 0.0);
    for j in 0..LANES {
        let new = (load(s, &state[j]) * decay.0[j] - removal * rate.0[j]) + value * key.0[j];
        store(new, &mut state[j]);
        reading += new * receptance.0[j];
        ahead += load(s, &next[j]) * direction.0[j];
    }
    (reading, ahead)
}
