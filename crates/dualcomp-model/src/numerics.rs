//! The arithmetic between matrix products (docs/spec/numerics.md): f32 `+ - * /` and square roots in a fixed order,
//! sixteen channels at a time. Vectors are those of the widest instruction set at hand; lane-wise operations give
//! the same bits on all of them.
//!
//! Everything here is inlined into functions compiled for one instruction set. Calls into the standard library, such
//! as those of `array::map` or `zip`, are not always; hot loops count.

use fearless_simd::{Bytes as _, Simd, SimdBase, SimdFloat, SimdNarrow, SimdSplit, f32x16, i32x16};

use crate::lanes::{Chunk, LANES, load, store};
use crate::product::Products;

/// Added to the mean square.
const RMS_EPSILON: f32 = 1e-5;
/// Adding and subtracting 1.5 * 2^23 leaves no fraction bits.
const MAGIC: f32 = 12_582_912.0;

/// Sum of sixteen lanes: 8, 4, 2 and 1 apart (section 2).
#[inline(always)]
pub(crate) fn fold<S: Simd>(x: f32x16<S>) -> f32 {
    let (low, high) = x.split();
    let (low, high) = (low + high).split();
    let a = (low + high).to_array();
    (a[0] + a[2]) + (a[1] + a[3])
}

/// For each row of `width` chunks the factor that brings it to a mean square of one (section 4). There is room for
/// sixteen at least, and for a multiple of sixteen.
#[inline(always)]
pub(crate) fn rms_factors<S: Simd>(s: S, x: &[Chunk], width: usize, factors: &mut [f32]) {
    for row in 0..x.len() / width {
        let x = &x[row * width..][..width];
        let mut sum = f32x16::splat(s, 0.0);
        for i in 0..width {
            let v = load(s, &x[i]);
            sum += v * v;
        }
        factors[row] = fold(sum);
    }
    inverse_roots(s, factors, 1.0 / (width * LANES) as f32, RMS_EPSILON);
}

/// Brings each row of `width` chunks to a mean square of one (section 4).
#[inline(always)]
pub(crate) fn rms<S: Simd>(s: S, x: &mut [Chunk], width: usize, factors: &mut [f32]) {
    rms_factors(s, x, width, factors);
    for row in 0..x.len() / width {
        let (x, factor) = (&mut x[row * width..][..width], factors[row]);
        for i in 0..width {
            store(load(s, &x[i]) * factor, &mut x[i]);
        }
    }
}

/// `1 / sqrt(x * factor + epsilon)` of each value and of some after them, to fill sixteen: a root and a division cost
/// as much for sixteen as for one.
#[inline(always)]
pub(crate) fn inverse_roots<S: Simd>(s: S, values: &mut [f32], factor: f32, epsilon: f32) {
    let one = f32x16::splat(s, 1.0);
    for x in values.as_chunks_mut().0 {
        let sum = f32x16::load_array_ref(s, x) * factor + f32x16::splat(s, epsilon);
        (one / sum.sqrt()).store_array(x);
    }
}

/// The algebraic sigmoid (section 5).
#[inline(always)]
pub(crate) fn gate<S: Simd>(s: S, x: f32x16<S>) -> f32x16<S> {
    let half = f32x16::splat(s, 0.5);
    half + (x * half) / (x * x + f32x16::splat(s, 1.0)).sqrt()
}

/// Limits to `low..=high`; a NaN becomes `low` (section 6).
#[inline(always)]
fn clamp<S: Simd>(x: f32x16<S>, low: f32x16<S>, high: f32x16<S>) -> f32x16<S> {
    // Only the precise one is defined for a NaN, and after it there is none.
    x.max_precise(low).min(high)
}

/// The nearest integers to `x * inverse`, ties to even, -127..=127 (section 6), plus `S::BIAS`, for a product to take.
#[inline(always)]
pub(crate) fn quantise<S: Products>(s: S, x: f32x16<S>, inverse: f32, out: &mut [i8; LANES]) {
    integers(s, x * inverse, S::BIAS, out);
}

/// The nearest integers to `t`, ties to even, -127..=127 (section 6), plus `bias` modulo 256.
#[inline(always)]
pub(crate) fn integers<S: Products>(s: S, t: f32x16<S>, bias: u8, out: &mut [i8; LANES]) {
    // The sum is MAGIC + n + bias with a last place worth one, rounded as without the bias: its low byte is n + bias.
    let zero = MAGIC + f32::from(bias);
    let t = clamp(t, f32x16::splat(s, -127.0), f32x16::splat(s, 127.0)) + f32x16::splat(s, zero);
    *out = s.low_bytes(t.bitcast(), zero.to_bits() as i32);
}

/// Positive values squared, others zero, to int8 (section 7), which is not negative and so needs no bias: for
/// [`Packed::sparse`](crate::product::Packed::sparse).
#[inline(always)]
pub(crate) fn squared_relu<S: Products>(s: S, x: &[Chunk], inverse: f32, out: &mut [i8]) {
    let zero = f32x16::splat(s, 0.0);
    let out = &mut out.as_chunks_mut().0[..x.len()];
    for i in 0..x.len() {
        let x = load(s, &x[i]).max_precise(zero);
        integers(s, x * x * inverse, 0, &mut out[i]);
    }
}

/// The integer nearest to `x`, ties to even, after limiting it to `low..=high` (section 6).
#[inline(always)]
pub(crate) fn fixed(x: f32, low: f32, high: f32) -> i16 {
    let x = if x > low { x } else { low };
    let x = if x < high { x } else { high };
    ((x + MAGIC) - MAGIC) as i16
}

/// The integers nearest to `x`, ties to even, after limiting each to `low..=high` (section 6).
#[inline(always)]
pub(crate) fn fixed_all<S: Simd>(s: S, x: f32x16<S>, low: &Chunk, high: &Chunk) -> [i16; LANES] {
    let x = clamp(x, load(s, low), load(s, high));
    let (low, high) = (x + f32x16::splat(s, MAGIC)).bitcast::<i32x16<S>>().split();
    low.narrow(high).to_array()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};

    use crate::product::at_level;

    #[test]
    fn quantise_rounds_ties_to_even_and_bounds_everything() {
        let x = Chunk([
            0.5,
            1.5,
            2.5,
            -0.5,
            -1.5,
            126.5,
            127.5,
            1e30,
            -1e30,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            -0.0,
            0.499_999_97,
            -126.500_01,
            1e-40,
        ]);
        let mut out = [0; LANES];
        at_level!(Level::new(), s => integers(s, load(s, &x), 0, &mut out));
        assert_eq!(out, [0, 2, 2, 0, -2, 126, 127, 127, -127, 127, -127, -127, 0, 0, -127, 0]);
        assert_eq!([fixed(2.5, -9.0, 9.0), fixed(f32::NAN, -9.0, 9.0), fixed(99.0, -9.0, 9.0)], [2, -9, 9]);
    }

    #[test]
    fn fold_adds_in_the_stated_order() {
        // Far apart in size, so that the order shows.
        let x: [f32; LANES] = std::array::from_fn(|i| (if i % 3 == 0 { 1e8 } else { -1e8 }) + (i * i) as f32 * 1.37);
        let mut a = x;
        for step in [8, 4, 2, 1] {
            for j in 0..step {
                a[j] += a[j + step];
            }
        }
        let folded = dispatch!(Level::new(), s => fold(load(s, &Chunk(x))));
        assert_eq!(folded.to_bits(), a[0].to_bits());
    }
}
