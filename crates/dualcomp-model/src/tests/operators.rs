//! Each operator against its scalar twin, with and without the widest vectors, on ordinary and on extreme inputs.

use fearless_simd::Level;
use tract_core::internal::*;

use super::naive::{self, Read};
use super::{Draft, Random, SMALL};
use crate::graph;
use crate::ops::activate::Activate;
use crate::ops::embed::{EmbedPixel, EmbedToken};
use crate::ops::linear::Linear;
use crate::ops::rows::{Final, SquaredRelu};
use crate::ops::shift::{Mix, Shift};
use crate::ops::{Kernel, values};
use crate::weights::{Matrix, Modality, Weights};

const D: usize = 32;
const ROWS: usize = 9;

fn levels() -> [Level; 2] {
    [Level::new(), Level::baseline()]
}

fn tensor<T: Datum + Copy>(width: usize, x: &[T]) -> TValue {
    Tensor::from_shape(&[x.len() / width, width], x).unwrap().into_tvalue()
}

/// Small ones, large ones and the ends of the range.
fn integers(r: &mut Random, n: usize) -> Vec<i32> {
    let one = |r: &mut Random| match r.below(12) {
        0 => i32::MAX,
        1 => i32::MIN,
        2 => 0,
        3 => r.next() as i32,
        _ => r.below(40_000) as i32 - 20_000,
    };
    (0..n).map(|_| one(r)).collect()
}

fn reals(r: &mut Random, n: usize) -> Vec<f32> {
    let one = |r: &mut Random| match r.below(24) {
        0 => 1e18,
        1 => -1e18,
        2 => 1e-30,
        3 => -0.0,
        _ => r.real(-4.0, 4.0),
    };
    (0..n).map(|_| one(r)).collect()
}

/// Equal bits, but any NaN equals any other.
fn same(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!(a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()), "{a} {b}");
    }
}

fn weights(gain: f32) -> Weights {
    Weights::from_bytes(&Draft::random(SMALL, 4, gain).bytes()).unwrap()
}

#[test]
fn embeddings() {
    let r = &mut Random::new(1);
    let (scale, bias) = (r.reals(D, -1e-3, 1e-3), r.reals(D, -1.0, 1.0));
    let input = integers(r, ROWS * D);
    let pixel = EmbedPixel { scale: scale.clone(), bias: bias.clone() };
    let table: Vec<i8> = (0..5 * D).map(|_| r.int8()).collect();
    let token = EmbedToken { table: table.clone(), scale: 0.013, channels: D };
    for level in levels() {
        let out = pixel.run(level, &mut (), tvec![tensor(D, &input)]).unwrap();
        for (x, y) in input.chunks(D).zip(values::<f32>(&out[0]).unwrap().chunks(D)) {
            let x: Vec<f32> = (0..D).map(|i| x[i] as f32 * scale[i] + bias[i]).collect();
            same(y, &naive::rms(&x));
        }
        let out = token.run(level, &mut (), tvec![tensor(1, &[4, 0, 3])]).unwrap();
        for (t, y) in [4, 0, 3].into_iter().zip(values::<f32>(&out[0]).unwrap().chunks(D)) {
            let x: Vec<f32> = table[t * D..][..D].iter().map(|&e| f32::from(e) * 0.013).collect();
            same(y, &naive::rms(&x));
        }
        assert!(token.run(level, &mut (), tvec![tensor(1, &[5])]).is_err());
        assert!(token.run(level, &mut (), tvec![tensor(1, &[-1])]).is_err());
    }
}

#[test]
fn squared_relu_and_final() {
    let r = &mut Random::new(2);
    for gain in [1e-4, 1.0, 6e4] {
        let scale = r.reals(D, -gain, gain);
        let (hidden, x) = (integers(r, ROWS * D), reals(r, ROWS * D));
        let relu = SquaredRelu { scale: scale.clone(), inverse: 31.7 };
        let last = Final { scale: scale.clone(), inverse: 23.9 };
        let matrix = Matrix { columns: 0, weights: vec![], scale: scale.clone() };
        for level in levels() {
            let out = relu.run(level, &mut (), tvec![tensor(D, &hidden)]).unwrap();
            for (x, y) in hidden.chunks(D).zip(values::<i8>(&out[0]).unwrap().chunks(D)) {
                assert_eq!(y, naive::relu(&matrix, x, 31.7));
            }
            let out = last.run(level, &mut (), tvec![tensor(D, &x), tensor(D, &hidden)]).unwrap();
            for (row, y) in values::<i8>(&out[0]).unwrap().chunks(D).enumerate() {
                let sum = naive::add(&x[row * D..][..D], &hidden[row * D..][..D], &scale);
                let q: Vec<i8> = naive::rms(&sum).iter().map(|&z| naive::quantise(z, 23.9)).collect();
                assert_eq!(y, q);
            }
        }
    }
}

/// Two batches: the second reads what both kept.
fn shift<const N: usize>(with_delta: bool) {
    let r = &mut Random::new(3 + N as u64);
    let scale = r.reals(D, -0.01, 0.01);
    let mixes: Vec<[Vec<f32>; 2]> = (0..N).map(|_| [r.reals(D, -1.0, 1.0), r.reals(D, -1.0, 1.0)]).collect();
    let chunk = |x: &[f32], at: usize| x[at * 16..][..16].try_into().unwrap();
    let mix = |at: usize, i: usize| Mix { left: chunk(&mixes[i][0], at), far: chunk(&mixes[i][1], at) };
    let inverse: [f32; N] = std::array::from_fn(|i| 20.0 + i as f32);
    let op = Shift::<N> {
        delta: with_delta.then(|| scale.clone()),
        mix: (0..D / 16).map(|at| std::array::from_fn(|i| mix(at, i))).collect(),
        inverse,
    };
    let batches: [(Vec<f32>, Vec<i32>); 2] = std::array::from_fn(|_| (reals(r, 2 * D), integers(r, 2 * D)));
    let sites = [[[0, -1, -1], [6, -1, -1]], [[7, 6, 0], [1, 0, 7]]];
    for level in levels() {
        let mut state = vec![];
        let mut kept: Vec<Vec<f32>> = vec![vec![0.0; D]; 8];
        for ((x, delta), sites) in batches.iter().zip(&sites) {
            let mut inputs = tvec![tensor(D, x), tensor(3, sites.as_flattened())];
            let mut sums: Vec<Vec<f32>> = x.chunks(D).map(<[f32]>::to_vec).collect();
            if with_delta {
                inputs.push(tensor(D, delta));
                sums = sums.iter().zip(delta.chunks(D)).map(|(x, d)| naive::add(x, d, &scale)).collect();
            }
            let out = op.run(level, &mut state, inputs).unwrap();
            for (site, sum) in sites.iter().zip(&sums) {
                kept[site[0] as usize] = naive::rms(sum);
            }
            for (row, (site, sum)) in sites.iter().zip(&sums).enumerate() {
                let at = |place: i32| if place < 0 { vec![0.0; D] } else { kept[place as usize].clone() };
                for (i, [left, far]) in mixes.iter().enumerate() {
                    let stream = naive::shift(&at(site[0]), &at(site[1]), &at(site[2]), (left, far));
                    let q: Vec<i8> = stream.iter().map(|&x| naive::quantise(x, inverse[i])).collect();
                    assert_eq!(values::<i8>(&out[i]).unwrap()[row * D..][..D], q);
                    if N == 3 && i == 0 {
                        let gates: Vec<f32> = stream.iter().map(|&x| naive::gate(x)).collect();
                        same(&values::<f32>(&out[3]).unwrap()[row * D..][..D], &gates);
                    }
                }
                if with_delta {
                    same(&values::<f32>(&out[out.len() - 1]).unwrap()[row * D..][..D], sum);
                }
            }
        }
    }
}

#[test]
fn shifts() {
    shift::<3>(false);
    shift::<3>(true);
    shift::<1>(true);
}

#[test]
fn recurrence() {
    for (gain, layer) in [(1.0, 0), (1.0, 1), (100.0, 1), (1e6, 2)] {
        let w = weights(gain);
        let (time, r) = (&w.time[layer], &mut Random::new(7));
        let op = graph::recurrence(time, &time.streams[0]);
        let steps: Vec<[Vec<i32>; 3]> = (0..40).map(|_| std::array::from_fn(|_| integers(r, 2 * D))).collect();
        let gates: Vec<Vec<f32>> = (0..40).map(|_| r.reals(2 * D, 0.0, 1.0)).collect();
        let firsts: Vec<Vec<f32>> = (0..40).map(|_| reals(r, 2 * D)).collect();
        for level in levels() {
            let mut state = vec![];
            // Two rows in slots 2 and 0; the first starts anew half way.
            let mut twin = vec![vec![[[0.0; 16]; 16]; D / 16]; 2];
            for (i, products) in steps.iter().enumerate() {
                let starts = [i % 20 == 0, i == 0];
                let sites = [[8, if starts[0] { -1 } else { 9 }, -1], [1, if starts[1] { -1 } else { 0 }, -1]];
                let mut inputs: TVec<TValue> = products.iter().map(|p| tensor(D, p)).collect();
                inputs.push(tensor(D, &gates[i]));
                inputs.push(tensor(3, sites.as_flattened()));
                if layer > 0 {
                    inputs.push(tensor(D, &firsts[i]));
                }
                let out = op.run(level, &mut state, inputs).unwrap();
                for row in 0..2 {
                    if starts[row] {
                        twin[row].fill([[0.0; 16]; 16]);
                    }
                    let part = |x: &Vec<i32>| x[row * D..][..D].to_vec();
                    let parts = products.each_ref().map(part);
                    let mut first = if layer > 0 { firsts[i][row * D..][..D].to_vec() } else { vec![] };
                    let read = Read {
                        products: parts.each_ref().map(Vec::as_slice),
                        gate: &gates[i][row * D..][..D],
                        first: &mut first,
                    };
                    let y = naive::recurrence(time, Modality::Image, &mut twin[row], read);
                    assert_eq!(values::<i8>(&out[0]).unwrap()[row * D..][..D], y, "step {i}");
                    if layer == 0 {
                        same(&values::<f32>(&out[1]).unwrap()[row * D..][..D], &first);
                    }
                }
            }
        }
    }
}

#[test]
fn own_products() {
    let r = &mut Random::new(8);
    for (rows, columns) in [(16, 64), (96, 96), (48, 32), (15, 64), (400, 208), (64, 4)] {
        let matrix =
            Matrix { columns, weights: (0..rows * columns).map(|_| r.int8()).collect(), scale: vec![1.0; rows] };
        for level in levels() {
            let op = Linear::new(&matrix.weights, columns, level);
            for batch in [1, 2, 3, 4, 5, 8, 19] {
                let x: Vec<i8> = (0..batch * columns).map(|_| if r.below(9) == 0 { -128 } else { r.int8() }).collect();
                let out = op.run(level, &mut (), tvec![tensor(columns, &x)]).unwrap();
                let out = values::<i32>(&out[0]).unwrap().chunks(rows.next_multiple_of(16));
                for (x, y) in x.chunks(columns).zip(out) {
                    assert_eq!(y[..rows], naive::product(&matrix, x));
                }
            }
        }
    }
}

#[test]
fn activation_under_conditions() {
    for gain in [1.0, 1e3] {
        let (w, r) = (weights(gain), &mut Random::new(9));
        let h = w.config.pixel_hidden;
        let hidden = integers(r, ROWS * 3 * h);
        let residuals: Vec<[i32; 2]> = (0..ROWS).map(|_| [0; 2].map(|_: i32| r.below(800) as i32 - 400)).collect();
        for channel in 0..3 {
            let op: Activate = graph::activate(&w, channel);
            for level in levels() {
                let inputs = tvec![tensor(3 * h, &hidden), tensor(2, residuals.as_flattened())];
                let out = op.run(level, &mut (), inputs).unwrap();
                for (row, y) in values::<i8>(&out[0]).unwrap().chunks(h).enumerate() {
                    assert_eq!(y, naive::activate(&w, channel, &hidden[row * 3 * h..][..3 * h], residuals[row]));
                }
            }
        }
    }
}
