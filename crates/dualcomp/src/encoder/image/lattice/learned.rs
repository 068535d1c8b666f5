//! Finds a transform nobody named, from the colours of a tile alone: three waves that all colours are in phase with are the
//! rows of the transform's inverse.

use std::collections::HashSet;

use super::waves::{Frequency, coherence, follow, pairs, strongest};
use super::{Lattice, gain};
use crate::codec::v1::image::lattice::Transform;

/// Distinct colours that are looked at, and how many there must be.
const MAX_COLOURS: usize = 4096;
const MIN_COLOURS: usize = 1024;
/// Waves that colours are less in phase with are none of a lattice. Of BT.601 the best three have 0.45 to 0.52, of
/// PhotoCD's transform 0.64 to 0.66; where there is no lattice the best has 0.03.
const COHERENT: f64 = 0.25;
/// Combinations of waves that are tried.
const TRIES: usize = 32;
/// Where a frequency of a colour is so far from 0, in turns, it may also be meant as the one a turn away.
const AMBIGUOUS: f64 = 0.36;

/// Triples in a unit of colours at least.
const SPARSEST: f64 = 0.04;
/// Units of frequencies and phases in a turn.
const TURN: f64 = 4_294_967_296.0;

type Matrix = [[f64; 3]; 3];

/// The transform that most colours of a tile came from, if there is one.
pub(super) fn learn(raw: &[u8], size: usize, width: usize) -> Option<Lattice> {
    let colors = distinct(raw, size);
    if colors.len() < MIN_COLOURS {
        return None;
    }
    let pairs = pairs(&colors);
    let waves = strongest(raw, size, width).into_iter().filter_map(|start| follow(start, &pairs));
    let mut waves: Vec<(f64, u32, Frequency)> = waves
        .map(|wave| {
            let (coherence, ahead) = coherence(&wave, &colors);
            (coherence, ahead, wave)
        })
        .filter(|wave| wave.0 >= COHERENT)
        .collect();
    waves.sort_by(|a, b| b.0.total_cmp(&a.0));
    waves.truncate(6);
    let judge = |lattice: &Lattice| {
        let tried = colors.iter().take(MAX_COLOURS / 4);
        let count = tried.clone().filter(|color| lattice.triple(color.map(|x| x as u8)).1).count();
        gain(count as f64 / tried.len() as f64, lattice.density)
    };
    let mut best: Option<(f64, Lattice)> = None;
    for rows in combinations(&waves) {
        let Some(lattice) = fit(&rows, &colors) else { continue };
        let gain = judge(&lattice);
        if best.as_ref().is_none_or(|(most, _)| gain > *most) {
            best = Some((gain, lattice));
        }
    }
    best.map(|(_, lattice)| lattice)
}

/// Distinct colours of a tile, in an order that is not that of the tile. Those at the ends of their range were cut off.
fn distinct(raw: &[u8], size: usize) -> Vec<[i32; 3]> {
    let inside = |pixel: &&[u8]| pixel[..3].iter().all(|&x| x > 3 && x < 252);
    let all: HashSet<[u8; 3]> =
        raw.chunks_exact(size).filter(inside).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let order = |color: &[u8; 3]| {
        color.iter().fold(1u32, |hash, &x| (hash ^ u32::from(x)).wrapping_mul(0x85EB_CA6B).rotate_left(13))
    };
    let mut colors: Vec<_> = all.into_iter().collect();
    colors.sort_unstable_by_key(|color| (order(color), *color));
    colors.truncate(MAX_COLOURS);
    colors.into_iter().map(|color| color.map(i32::from)).collect()
}

/// Each three of these waves that are independent, in each way they may be meant, with the phases to add: those of the
/// strongest waves first. These are the shortest vectors of the dual lattice, a basis of it.
fn combinations(waves: &[(f64, u32, Frequency)]) -> Vec<[([f64; 3], f64); 3]> {
    let meanings: Vec<Vec<_>> = waves.iter().map(meanings).collect();
    let mut found = Vec::new();
    for last in 2..meanings.len() {
        for second in 1..last {
            for first in 0..second {
                for &a in &meanings[first] {
                    for &b in &meanings[second] {
                        for &c in &meanings[last] {
                            if determinant(&[a.0, b.0, c.0]).abs() > SPARSEST {
                                found.push([a, b, c]);
                            }
                        }
                    }
                }
            }
        }
    }
    found.truncate(TRIES);
    found
}

/// The rows that a wave's frequency may be meant as, with its phase, in turns.
fn meanings(wave: &(f64, u32, Frequency)) -> Vec<([f64; 3], f64)> {
    let row = wave.2.map(|x| f64::from(x) / TURN);
    let mut all = vec![row];
    for c in 0..3 {
        if row[c].abs() > AMBIGUOUS {
            for at in 0..all.len() {
                let mut other = all[at];
                other[c] -= row[c].signum();
                all.push(other);
            }
        }
    }
    all.into_iter().map(|row| (row, f64::from(wave.1) / TURN)).collect()
}

/// The transform whose inverse has these rows, fitted to the colours.
fn fit(rows: &[([f64; 3], f64); 3], colors: &[[i32; 3]]) -> Option<Lattice> {
    let number = |color: &[i32; 3]| {
        rows.map(|(row, ahead)| ((0..3).map(|c| row[c] * f64::from(color[c])).sum::<f64>() + ahead).round())
    };
    let matrix = regress(colors, number)?;
    let columns = basis([0, 1, 2].map(|i| [0, 1, 2].map(|c| matrix[c][i])));
    // Triples in this basis, so that none is far from the middle of its range.
    let inverse = inverse(&[0, 1, 2].map(|c| [0, 1, 2].map(|i| columns[i][c])))?;
    let one = matrix.map(|row| row[3]);
    let exact = |color: &[i32; 3]| {
        let level = [0, 1, 2].map(|c| f64::from(color[c]) + 0.5 - one[c]);
        inverse.map(|row| (0..3).map(|c| row[c] * level[c]).sum::<f64>().round())
    };
    let mut ends = [[f64::MAX, f64::MIN]; 3];
    for color in colors {
        let triple = exact(color);
        for i in 0..3 {
            ends[i] = [ends[i][0].min(triple[i]), ends[i][1].max(triple[i])];
        }
    }
    let shift = ends.map(|[low, high]| ((low + high) / 2.0).round() - 128.0);
    if ends.iter().any(|[low, high]| high - low > 250.0) {
        return None;
    }
    let coefficients = [0, 1, 2].map(|c| {
        let along = |i: usize| columns[i][c];
        let one = one[c] + along(0) * shift[0] + along(1) * (shift[1] + 128.0) + along(2) * (shift[2] + 128.0);
        [along(0), along(1), along(2), one].map(|x| (x * 65536.0).round() as i32)
    });
    refit(&Lattice::new(Transform(coefficients))?, colors)
}

/// The transform that fits the triples of another one.
fn refit(lattice: &Lattice, colors: &[[i32; 3]]) -> Option<Lattice> {
    let numbers = |color: &[i32; 3]| {
        let ([luma, first, second], _) = lattice.triple(color.map(|x| x as u8));
        [f64::from(luma), f64::from(first) - 128.0, f64::from(second) - 128.0]
    };
    let matrix = regress(colors, numbers)?;
    let mut transform = Transform([[0; 4]; 3]);
    for c in 0..3 {
        let [luma, first, second, one] = matrix[c];
        let one = one + better_offset(&matrix[c], c, colors, numbers);
        transform.0[c] = [luma, first, second, one].map(|x| (x * 65536.0).round() as i32);
    }
    Lattice::new(transform)
}

/// Of each colour, what three numbers and 1 count, by least squares; half a level is cut off.
fn regress(colors: &[[i32; 3]], numbers: impl Fn(&[i32; 3]) -> [f64; 3]) -> Option<[[f64; 4]; 3]> {
    let mut moments = [[0.0; 7]; 4];
    for color in colors {
        let [a, b, c] = numbers(color);
        let all = [a, b, c, 1.0];
        for i in 0..4 {
            for j in 0..4 {
                moments[i][j] += all[i] * all[j];
            }
            for c in 0..3 {
                moments[i][4 + c] += all[i] * (f64::from(color[c]) + 0.5);
            }
        }
    }
    // By Gauss and Jordan.
    for i in 0..4 {
        let pivot = (i..4).max_by(|&a, &b| moments[a][i].abs().total_cmp(&moments[b][i].abs()))?;
        moments.swap(i, pivot);
        let own = moments[i];
        if own[i].abs() < 1e-6 {
            return None;
        }
        for (k, row) in moments.iter_mut().enumerate() {
            let factor = if k == i { 0.0 } else { row[i] / own[i] };
            for j in 0..7 {
                row[j] = if k == i { own[j] / own[i] } else { row[j] - own[j] * factor };
            }
        }
    }
    Some([0, 1, 2].map(|c| [0, 1, 2, 3].map(|i: usize| moments[i][4 + c])))
}

/// What to add to the last coefficient of a colour, so that most colours are rounded right: up to a level either way.
fn better_offset(row: &[f64; 4], c: usize, colors: &[[i32; 3]], numbers: impl Fn(&[i32; 3]) -> [f64; 3]) -> f64 {
    const PARTS: i32 = 64;
    let mut counts = [0i32; 4 * PARTS as usize];
    for color in colors {
        let all = numbers(color);
        let sum = (0..3).map(|i| row[i] * all[i]).sum::<f64>() + row[3];
        // Right if this is at most what is added, and less than a level below that.
        let least = f64::from(color[c]) - sum;
        let part = (least * f64::from(PARTS)).ceil() as i32 + 2 * PARTS;
        if (0..4 * PARTS).contains(&part) {
            counts[part as usize] += 1;
        }
    }
    let right = |add: i32| -> i32 { counts[(add + PARTS) as usize..(add + 2 * PARTS) as usize].iter().sum() };
    let most = (1 - PARTS..PARTS).map(right).max().unwrap_or(0);
    let best: Vec<i32> = (1 - PARTS..PARTS).filter(|&add| right(add) == most).collect();
    f64::from(best[best.len() / 2] - 1) / f64::from(PARTS)
}

/// Vectors of the same lattice that stand for luma and two chromas: the one nearest to grey, then short ones.
fn basis(columns: Matrix) -> Matrix {
    let combined = |by: [i32; 3]| [0, 1, 2].map(|c| (0..3).map(|i| f64::from(by[i]) * columns[i][c]).sum::<f64>());
    let mut all: Vec<([i32; 3], [f64; 3])> = Vec::new();
    for code in 0..125 {
        let by = [code / 25 - 2, code / 5 % 5 - 2, code % 5 - 2];
        if by != [0; 3] {
            all.push((by, combined(by)));
        }
    }
    let square = |v: &[f64; 3]| v.iter().map(|x| x * x).sum::<f64>();
    let grey = |v: &[f64; 3]| v.iter().sum::<f64>() / square(v).sqrt();
    let luma = all.iter().fold(all[0], |best, v| {
        let (here, most) = (grey(&v.1), grey(&best.1));
        // Of multiples, the shortest.
        if here > most + 1e-6 || (here > most - 1e-6 && square(&v.1) < square(&best.1)) { *v } else { best }
    });
    let mut shortest = (f64::MAX, columns);
    for (i, a) in all.iter().enumerate() {
        for b in &all[..i] {
            let [p, q, r] = [luma.0, a.0, b.0];
            let size = p[0] * (q[1] * r[2] - q[2] * r[1]) - p[1] * (q[0] * r[2] - q[2] * r[0])
                + p[2] * (q[0] * r[1] - q[1] * r[0]);
            let length = square(&a.1) + square(&b.1);
            if size.abs() == 1 && length < shortest.0 - 1e-9 {
                shortest = (length, [luma.1, a.1, b.1]);
            }
        }
    }
    shortest.1
}

fn determinant(m: &Matrix) -> f64 {
    (0..3).map(|c| m[0][c] * minor(m, 0, c)).sum()
}

fn minor(m: &Matrix, r: usize, c: usize) -> f64 {
    let at = |i: usize, j: usize| m[(r + i) % 3][(c + j) % 3];
    at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
}

fn inverse(m: &Matrix) -> Option<Matrix> {
    let size = determinant(m);
    (size.abs() > 1e-3).then(|| [0, 1, 2].map(|i| [0, 1, 2].map(|j| minor(m, j, i) / size)))
}
