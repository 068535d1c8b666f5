//! The arithmetic between matrix products (docs/numerics.md): f32 `+ - * /` and square roots in a fixed order,
//! sixteen channels at a time. Vectors are those of the widest instruction set at hand; lane-wise operations give
//! the same bits on all of them.
//!
//! Everything here is inlined into functions compiled for one instruction set. Calls into the standard library, such
//! as those of `array::map` or `zip`, are not always; hot loops count.

use fearless_simd::{Bytes as _, Select, Simd, SimdBase, SimdFloat, SimdFrom, SimdInt, SimdSplit, f32x16, i32x16};

/// Channels handled together; also the size of a head.
pub(crate) const LANES: usize = 16;
/// Added to the mean square by [`rms`].
const RMS_EPSILON: f32 = 1e-5;
/// Adding and subtracting 1.5 * 2^23 leaves no fraction bits.
const MAGIC: f32 = 12_582_912.0;

/// A chunk of sixteen values in memory.
pub(crate) type Chunk<T = f32> = [T; LANES];

/// `slice` as chunks. Every dimension of a valid model is a multiple of sixteen, so nothing is left over.
#[inline(always)]
pub(crate) fn chunks<T>(slice: &[T]) -> &[Chunk<T>] {
    slice.as_chunks().0
}

/// As [`chunks`], to write.
#[inline(always)]
pub(crate) fn chunks_mut<T>(slice: &mut [T]) -> &mut [Chunk<T>] {
    slice.as_chunks_mut().0
}

#[inline(always)]
pub(crate) fn load<S: Simd>(s: S, x: &Chunk) -> f32x16<S> {
    f32x16::load_array_ref(s, x)
}

/// An integer dot product as a real number (section 3).
#[inline(always)]
pub(crate) fn scaled<S: Simd>(s: S, x: &Chunk<i32>, scale: &Chunk) -> f32x16<S> {
    i32x16::load_array_ref(s, x).to_float::<f32x16<S>>() * load(s, scale)
}

/// Sum of sixteen lanes: 8, 4, 2 and 1 apart (section 2).
#[inline(always)]
pub(crate) fn fold<S: Simd>(x: f32x16<S>) -> f32 {
    let (low, high) = x.split();
    let (low, high) = (low + high).split();
    let a = (low + high).to_array();
    (a[0] + a[2]) + (a[1] + a[3])
}

/// `1 / sqrt(mean(x^2) + epsilon)`, the factor that [`rms`] multiplies by (section 4).
#[inline(always)]
pub(crate) fn rms_factor<S: Simd>(s: S, x: &[Chunk]) -> f32 {
    let mut sum = f32x16::splat(s, 0.0);
    for chunk in x {
        let v = load(s, chunk);
        sum += v * v;
    }
    1.0 / (fold(sum) * (1.0 / (x.len() * LANES) as f32) + RMS_EPSILON).sqrt()
}

/// Scales `x` to a mean square of one (section 4).
#[inline(always)]
pub(crate) fn rms<S: Simd>(s: S, x: &[Chunk], out: &mut [Chunk]) {
    let factor = rms_factor(s, x);
    let out = &mut out[..x.len()];
    for i in 0..x.len() {
        (load(s, &x[i]) * factor).store_array(&mut out[i]);
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
fn clamp<S: Simd>(s: S, x: f32x16<S>, low: f32, high: f32) -> f32x16<S> {
    let (low, high) = (f32x16::splat(s, low), f32x16::splat(s, high));
    let x = x.simd_gt(low).select(x, low);
    x.simd_lt(high).select(x, high)
}

/// The nearest integers to `x * inverse`, ties to even, -127..=127 (section 6).
#[inline(always)]
pub(crate) fn quantise<S: Simd>(s: S, x: f32x16<S>, inverse: f32, out: &mut Chunk<i8>) {
    let t = clamp(s, x * inverse, -127.0, 127.0) + f32x16::splat(s, MAGIC);
    // The sum is MAGIC + n with a last place worth one: its low byte is n.
    let bits = t.bitcast::<i32x16<S>>().to_array();
    for i in 0..LANES {
        out[i] = bits[i] as i8;
    }
}

/// Positive values squared, others zero (section 7).
#[inline(always)]
pub(crate) fn squared_relu<S: Simd>(s: S, x: f32x16<S>) -> f32x16<S> {
    let zero = f32x16::simd_from(s, 0.0);
    let x = x.simd_gt(zero).select(x, zero);
    x * x
}

/// The integer nearest to `x`, ties to even, after limiting it to `low..=high` (section 6).
#[inline(always)]
pub(crate) fn fixed(x: f32, low: f32, high: f32) -> i16 {
    let x = if x > low { x } else { low };
    let x = if x < high { x } else { high };
    ((x + MAGIC) - MAGIC) as i16
}

/// Sum of products, exact in any order.
#[inline(always)]
pub(crate) fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};

    #[test]
    fn quantise_rounds_ties_to_even_and_bounds_everything() {
        let x = [
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
        ];
        let mut out = [0; LANES];
        dispatch!(Level::new(), s => quantise(s, load(s, &x), 1.0, &mut out));
        assert_eq!(out, [0, 2, 2, 0, -2, 126, 127, 127, -127, 127, -127, -127, 0, 0, -127, 0]);
        assert_eq!([fixed(2.5, -9.0, 9.0), fixed(f32::NAN, -9.0, 9.0), fixed(99.0, -9.0, 9.0)], [2, -9, 9]);
    }

    #[test]
    fn fold_adds_in_the_stated_order() {
        // Far apart in size, so that the order shows.
        let x: Chunk = std::array::from_fn(|i| (if i % 3 == 0 { 1e8 } else { -1e8 }) + (i * i) as f32 * 1.37);
        let mut a = x;
        for step in [8, 4, 2, 1] {
            for j in 0..step {
                a[j] += a[j + step];
            }
        }
        let folded = dispatch!(Level::new(), s => fold(load(s, &x)));
        assert_eq!(folded.to_bits(), a[0].to_bits());
    }
}
