//! Moments of regressors and targets: what cells add up, and the sums around them (docs/spec/image.md, section 3).
//!
//! Each moment is computed as its line is written here, several at once.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x4, f32x8};

use crate::codec::v1::image::predict::least_squares::cholesky::{LANES, MOMENTS, PAIRS, REGRESSORS, System};

/// Columns of a cell: how far rows run apart.
pub(crate) const CELL: usize = 3;
/// Weights of the cells around the one that is entered (experiments/0022).
pub(crate) const SHARES: [f32; 5] = [0.75, 1.0, 1.0, 1.0, 0.75];
/// Share of a cell's moments that stays in the next row (experiments/0022).
const DECAY: f32 = 0.85;

/// Regressors of the samples of a cell, and the targets.
pub(crate) type Regressors = [[f32; REGRESSORS]; CELL];
pub(crate) type Targets = [f32; CELL];

/// Adds the samples of a cell in a row to the cell's moments.
#[inline(always)]
pub(crate) fn learn<S: Simd>(simd: S, moments: &mut [f32; MOMENTS], regressors: &Regressors, targets: Targets) {
    add_pairs::<S, 4>(simd, moments, regressors);
    add_pairs::<S, 8>(simd, moments, regressors);
    add_pairs::<S, 12>(simd, moments, regressors);
    add_pairs::<S, 16>(simd, moments, regressors);
    add_pairs::<S, 20>(simd, moments, regressors);
    add::<S, REGRESSORS>(simd, &mut moments[PAIRS..], targets, regressors);
}

/// Puts the moments around four cells in four lanes of a system, from lane `lane` on. A cell and those before and after
/// it begin at its start.
#[inline(always)]
pub(crate) fn around<S: Simd>(simd: S, cells: &[[f32; MOMENTS]], starts: [usize; 4], system: &mut System, lane: usize) {
    let mut near = [&cells[..SHARES.len()]; 4];
    for i in 0..4 {
        near[i] = &cells[starts[i]..][..SHARES.len()];
    }
    for k in 0..MOMENTS / 8 {
        let mut sums = [f32x8::splat(simd, 0.0); 4];
        for i in 0..4 {
            let mut sum = f32x8::from_slice(simd, &near[i][0][8 * k..8 * k + 8]) * SHARES[0];
            for c in 1..SHARES.len() {
                sum += f32x8::from_slice(simd, &near[i][c][8 * k..8 * k + 8]) * SHARES[c];
            }
            sums[i] = sum;
        }
        let [(a, e), (b, f), (c, g), (d, h)] = [sums[0].split(), sums[1].split(), sums[2].split(), sums[3].split()];
        turn([a, b, c, d], &mut system[8 * k..8 * k + 4], lane);
        turn([e, f, g, h], &mut system[8 * k + 4..8 * k + 8], lane);
    }
}

/// Stores four moments of four lanes.
#[inline(always)]
fn turn<S: Simd>([a, b, c, d]: [f32x4<S>; 4], moments: &mut [[f32; LANES]], lane: usize) {
    let (even, odd) = (a.zip_low(c), b.zip_low(d));
    even.zip_low(odd).store_slice(&mut moments[0][lane..lane + 4]);
    even.zip_high(odd).store_slice(&mut moments[1][lane..lane + 4]);
    let (even, odd) = (a.zip_high(c), b.zip_high(d));
    even.zip_low(odd).store_slice(&mut moments[2][lane..lane + 4]);
    even.zip_high(odd).store_slice(&mut moments[3][lane..lane + 4]);
}

/// Adds the products of four regressors, up to number `WIDTH`, with all regressors before that.
#[inline(always)]
fn add_pairs<S: Simd, const WIDTH: usize>(simd: S, moments: &mut [f32; MOMENTS], regressors: &Regressors) {
    let start = WIDTH * (WIDTH - 4) / 2;
    for i in 0..4 {
        let factors = [regressors[0][WIDTH - 4 + i], regressors[1][WIDTH - 4 + i], regressors[2][WIDTH - 4 + i]];
        add::<S, WIDTH>(simd, &mut moments[start + i * WIDTH..], factors, regressors);
    }
}

/// Adds the products of one number for each sample with the sample's first `WIDTH` regressors.
#[inline(always)]
fn add<S: Simd, const WIDTH: usize>(simd: S, moments: &mut [f32], [x, y, z]: Targets, [a, b, c]: &Regressors) {
    let moments = &mut moments[..WIDTH];
    for j in 0..WIDTH / 8 {
        let moments = &mut moments[8 * j..8 * j + 8];
        let mut sum = f32x8::from_slice(simd, moments);
        sum += f32x8::from_slice(simd, &a[8 * j..8 * j + 8]) * x;
        sum += f32x8::from_slice(simd, &b[8 * j..8 * j + 8]) * y;
        sum += f32x8::from_slice(simd, &c[8 * j..8 * j + 8]) * z;
        (sum * DECAY).store_slice(moments);
    }
    if !WIDTH.is_multiple_of(8) {
        let moments = &mut moments[WIDTH - 4..];
        let mut sum = f32x4::from_slice(simd, moments);
        sum += f32x4::from_slice(simd, &a[WIDTH - 4..WIDTH]) * x;
        sum += f32x4::from_slice(simd, &b[WIDTH - 4..WIDTH]) * y;
        sum += f32x4::from_slice(simd, &c[WIDTH - 4..WIDTH]) * z;
        (sum * DECAY).store_slice(moments);
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::Level;

    use super::*;
    use crate::runtime::at_level::at_level;

    fn numbers() -> impl FnMut() -> f32 {
        let mut x = 1u32;
        move || {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 8) as f32 / 65536.0 - 128.0
        }
    }

    #[test]
    fn moments_are_what_is_written() {
        let mut next = numbers();
        let regressors: Regressors = core::array::from_fn(|_| core::array::from_fn(|_| next()));
        let targets: Targets = core::array::from_fn(|_| next());
        let before: [f32; MOMENTS] = core::array::from_fn(|_| next());
        let [a, b, c] = regressors;
        let [x, y, z] = targets;
        for level in [Level::new(), Level::baseline()] {
            let mut after = before;
            at_level!(level, simd => learn(simd, &mut after, &regressors, targets));
            let mut at = 0;
            for i in 0..REGRESSORS {
                for j in 0..(i / 4 + 1) * 4 {
                    let plain = (before[at] + a[i] * a[j] + b[i] * b[j] + c[i] * c[j]) * DECAY;
                    assert_eq!(after[at].to_bits(), plain.to_bits(), "{i} {j}");
                    at += 1;
                }
            }
            for i in 0..REGRESSORS {
                let plain = (before[at] + a[i] * x + b[i] * y + c[i] * z) * DECAY;
                assert_eq!(after[at].to_bits(), plain.to_bits(), "{i}");
                at += 1;
            }
            assert_eq!(after[at..], before[at..]);
        }
    }

    #[test]
    fn sums_are_of_five_cells() {
        let mut next = numbers();
        let cells: Vec<[f32; MOMENTS]> = (0..12).map(|_| core::array::from_fn(|_| next())).collect();
        for level in [Level::new(), Level::baseline()] {
            let mut system: System = [[0.0; LANES]; MOMENTS];
            let starts = [3, 0, 7, 4];
            at_level!(level, simd => around(simd, &cells, starts, &mut system, 8));
            for k in 0..MOMENTS {
                for (lane, start) in starts.into_iter().enumerate() {
                    let c = |i: usize| cells[start + i][k];
                    let plain = c(0) * 0.75 + c(1) + c(2) + c(3) + c(4) * 0.75;
                    assert_eq!(system[k][8 + lane].to_bits(), plain.to_bits(), "{k} {lane}");
                }
                assert_eq!((system[k][7], system[k][12]), (0.0, 0.0));
            }
        }
    }
}
