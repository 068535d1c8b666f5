//! Products of every instruction set against the naive one: integers, so all must be equal.

use fearless_simd::{Bytes as _, Level, Simd, SimdBase as _, dispatch, i32x16};

use super::{Random, levels, naive};
use crate::heads::token::dot;
use crate::lanes::{Chunk, LANES};
use crate::product::neon::dot_bytes;
#[cfg(not(target_arch = "aarch64"))]
use crate::product::pairs::{dot_pairs, sum_pairs, widened};
use crate::product::{Packed, Products, QUAD, Quads, at_level};
use crate::weights::Matrix;

/// Matrices and rows of x: random ones, the ends of the range, where sums are largest, and weights whose pairs fit.
fn cases(rows: usize, columns: usize, batch: usize, r: &mut Random) -> [(Matrix, Vec<i8>); 5] {
    let scale = r.reals(rows, 0.5, 2.0);
    let (weights, x) = (r.int8s(rows * columns), r.int8s(batch * columns));
    let ends = |x: &[i8]| -> Vec<i8> { x.iter().map(|&x| if x < 0 { -127 } else { 127 }).collect() };
    let one = |weights: Vec<i8>, x: Vec<i8>| (Matrix { columns, weights, scale: scale.clone() }, x);
    [
        one(ends(&weights), ends(&x)),
        one(vec![127; rows * columns], vec![127; batch * columns]),
        one(vec![-127; rows * columns], vec![127; batch * columns]),
        one(weights.iter().map(|w| w / 2).collect(), x.clone()),
        one(weights, x),
    ]
}

#[test]
fn products_equal_the_naive_one() {
    let r = &mut Random::new(8);
    for (rows, columns) in [(16, 64), (96, 96), (48, 32), (15, 64), (400, 208), (64, 4), (80, 8), (16, 4096)] {
        for batch in [1, 2, 3, 4, 5, 8, 16, 31] {
            for (matrix, x) in cases(rows, columns, batch, r) {
                let packed = Packed::new(&matrix);
                assert_eq!((packed.columns(), packed.width()), (columns, rows.div_ceil(LANES)));
                for (packed, level) in [&packed, &Packed::plain(&matrix)].into_iter().flat_map(at_all) {
                    let mut y = vec![Chunk::ZERO; batch * packed.width()];
                    at_level!(level, s => multiply(s, packed, &x, &mut y));
                    for (x, y) in x.chunks(columns).zip(y.chunks(packed.width())) {
                        let y: Vec<f32> = y.iter().flat_map(|y| y.0).take(rows).collect();
                        let sums = naive::product(&matrix, x);
                        let expected: Vec<f32> = sums.iter().zip(&matrix.scale).map(|(&n, s)| n as f32 * s).collect();
                        assert_eq!(y, expected, "{level:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn products_of_much_that_is_zero_equal_the_naive_one() {
    let r = &mut Random::new(11);
    for (rows, columns) in [(96, 256), (96, 4), (96, 72), (192, 1028), (90, 300), (64, 256)] {
        for batch in [1, 2, 5] {
            for (matrix, x) in cases(rows, columns, batch, r) {
                let zeros = r.int8s(x.len() / QUAD);
                let quads = x.as_chunks::<QUAD>().0.iter().zip(&zeros);
                let x: Vec<i8> = quads.flat_map(|(x, &zero)| x.map(|x| if zero < 40 { 0 } else { x.max(0) })).collect();
                let packed = Packed::sparse(&matrix);
                for level in levels() {
                    let mut y = vec![Chunk::ZERO; batch * packed.width()];
                    at_level!(level, s => packed.multiply(s, &x, &mut y));
                    for (x, y) in x.chunks(columns).zip(y.chunks(packed.width())) {
                        let sums = naive::product(&matrix, x);
                        let expected = sums.iter().zip(&matrix.scale).map(|(&n, s)| n as f32 * s);
                        assert!(
                            y.iter().flat_map(|y| y.0).zip(expected).all(|(y, expected)| y == expected),
                            "{level:?}"
                        );
                    }
                }
            }
        }
    }
}

/// Otherwise they are multiplied in two parts where there is nothing faster than AVX2.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
#[test]
fn pairs_of_released_weights_fit() {
    let weights = crate::weights::Weights::from_bytes(crate::EMBEDDED[0].bytes()).unwrap();
    let time =
        weights.time.iter().flat_map(|t| t.streams.iter().flatten().flat_map(|s| &s.products).chain([&t.output]));
    let channel = weights.channel.as_flattened().iter().flatten().flat_map(|mix| [&mix.own.key, &mix.own.value]);
    let pixels = [&weights.image, &weights.shallow];
    let pixels = pixels.map(|pixels| pixels.as_ref().unwrap());
    let heads = pixels.iter().flat_map(|p| &p.heads).flat_map(|head| head.condition.iter().chain([&head.mixture]));
    let ends = pixels.iter().flat_map(|p| [&p.input, &p.head]);
    let matrices = time.chain(channel).chain(heads).chain(ends);
    assert!(matrices.map(Packed::plain).all(|packed| packed.is_whole()));
}

fn at_all(packed: &Packed) -> impl Iterator<Item = (&Packed, Level)> {
    levels().into_iter().map(move |level| (packed, level))
}

#[inline(always)]
fn multiply<S: Products>(s: S, packed: &Packed, x: &[i8], y: &mut [Chunk]) {
    let x: Vec<i8> = x.iter().map(|x| x.wrapping_add(S::BIAS as i8)).collect();
    packed.multiply(s, &x, y);
}

fn number(x: &[i8; QUAD]) -> i32 {
    i32::from_ne_bytes(x.map(|x| x as u8))
}

/// The way of NEON, on any processor.
#[inline(always)]
fn bytes<S: Simd>(s: S, w: &[Quads], x: &[[i8; QUAD]]) -> [i32; LANES] {
    let zero = i32x16::splat(s, 0);
    let sum = w.iter().zip(x).fold(zero, |sum, (w, x)| dot_bytes(s, sum, w, i32x16::splat(s, number(x)).bitcast()));
    sum.to_array()
}

/// The way of processors without one of their own.
#[cfg(not(target_arch = "aarch64"))]
#[inline(always)]
fn pairs<S: Simd>(s: S, w: &[Quads], x: &[[i8; QUAD]]) -> [i32; LANES] {
    let zero = [i32x16::splat(s, 0); 2];
    let sum = w.iter().zip(x).fold(zero, |sum, (w, x)| dot_pairs(s, sum, w, widened(s, number(x))));
    sum_pairs(sum).to_array()
}

#[test]
fn portable_dot_products_equal_the_naive_one() {
    let r = &mut Random::new(9);
    for (matrix, x) in (0..50).flat_map(|_| cases(LANES, 12, 1, r)) {
        let x = x.as_chunks::<QUAD>().0;
        let quads = |at: usize| {
            let weights = (0..LANES).flat_map(|row| matrix.weights[row * 12 + at * QUAD..][..QUAD].to_vec());
            Quads(weights.collect::<Vec<_>>().try_into().unwrap())
        };
        let w = [quads(0), quads(1), quads(2)];
        for level in levels() {
            let expected = naive::product(&matrix, x.as_flattened());
            assert!(dispatch!(level, s => bytes(s, &w, x))[..] == expected, "{level:?}");
            #[cfg(not(target_arch = "aarch64"))]
            assert!(dispatch!(level, s => pairs(s, &w, x))[..] == expected, "{level:?}");
        }
    }
}

#[test]
fn dot_products_of_logits_equal_the_naive_one() {
    let r = &mut Random::new(10);
    for columns in [16, 32, 48, 96, 208, 1024] {
        for (matrix, x) in cases(1, columns, 1, r) {
            let wide: Vec<i16> = x.iter().map(|&x| x.into()).collect();
            for level in levels() {
                let sum = at_level!(level, s => dot(s, &wide, &matrix.weights));
                assert_eq!([sum][..], naive::product(&matrix, &x));
            }
        }
    }
}
