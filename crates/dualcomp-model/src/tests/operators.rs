//! Each part of the network against its scalar twin, on all instruction sets, on ordinary and on extreme inputs.

use super::naive::{self, Read};
use super::{Draft, Random, SMALL, levels};
use crate::heads::mixtures::{Mixtures, Rows};
use crate::lanes::{Chunk, LANES, chunked};
use crate::numerics::{rms_factors, squared_relu};
use crate::product::{Products, at_level};
use crate::trunk::memory::{State, Vectors};
use crate::trunk::recurrence::Recurrence;
use crate::trunk::shift::Shift;
use crate::weights::{Matrix, Modality, Weights};

const D: usize = 32;
const WIDTH: usize = D / LANES;
const ROWS: usize = 9;

/// Products as real numbers: small ones, large ones and the ends of the range.
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

/// Products times their scales.
fn scaled(products: &[i32], scale: &[f32]) -> Vec<f32> {
    products.iter().enumerate().map(|(i, &n)| n as f32 * scale[i % scale.len()]).collect()
}

fn flat(x: &[Chunk]) -> Vec<f32> {
    x.iter().flat_map(|x| x.0).collect()
}

/// Equal bits, but any NaN equals any other.
fn same(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!(a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()), "{a} {b}");
    }
}

/// What a product takes, without what was added for it.
fn unbiased(x: &[i8], bias: u8) -> Vec<i8> {
    x.iter().map(|x| x.wrapping_sub(bias as i8)).collect()
}

fn bias<S: Products>(_: S) -> u8 {
    S::BIAS
}

fn weights(gain: f32) -> Weights {
    Weights::from_bytes(&Draft::random(SMALL, 4, gain).bytes()).unwrap()
}

#[test]
fn squared_relus() {
    let r = &mut Random::new(2);
    for gain in [1e-4, 1.0, 6e4] {
        let matrix = Matrix { columns: 0, weights: vec![], scale: r.reals(D, -gain, gain) };
        let products = integers(r, D);
        let x = chunked(&scaled(&products, &matrix.scale));
        for level in levels() {
            let mut out = vec![0; D];
            at_level!(level, s => squared_relu(s, &x, 31.7, &mut out));
            assert_eq!(out, naive::relu(&matrix, &products, 31.7));
        }
    }
}

/// Two batches: the second reads what the first kept.
fn shift<const N: usize>() {
    let r = &mut Random::new(3 + N as u64);
    let mixes: [[Vec<f32>; 2]; N] = std::array::from_fn(|_| [r.reals(D, -1.0, 1.0), r.reals(D, -1.0, 1.0)]);
    let inverse: [f32; N] = std::array::from_fn(|i| 20.0 + i as f32);
    let op = Shift::new(mixes.each_ref().map(|m| &m[0]), mixes.each_ref().map(|m| &m[1]), inverse);
    let batches: [Vec<f32>; 2] = std::array::from_fn(|_| reals(r, 2 * D));
    let places = [[[0, -1, -1], [6, -1, -1]], [[7, 6, 0], [1, 0, 6]]];
    for level in levels() {
        let mut ring = vec![Chunk::ZERO; 8 * WIDTH];
        let mut kept: Vec<Vec<f32>> = vec![vec![0.0; D]; 8];
        for (x, places) in batches.iter().zip(&places) {
            let chunks = chunked(x);
            let mut streams = vec![vec![0; 2 * D]; N];
            let mut gates = [Chunk::ZERO; 2 * WIDTH];
            let bias = at_level!(level, s => {
                let mut streams = streams.iter_mut().map(|q| q.as_chunks_mut().0);
                let streams = std::array::from_fn(|_| streams.next().unwrap());
                let mut factors = [0.0; LANES];
                rms_factors(s, &chunks, WIDTH, &mut factors);
                op.step(s, &mut ring, places, (&chunks, &factors), streams, &mut gates);
                bias(s)
            });
            for (place, x) in places.iter().zip(x.chunks(D)) {
                kept[place[0] as usize] = naive::rms(x);
            }
            same(&flat(&ring), &kept.concat());
            for (row, place) in places.iter().enumerate() {
                let at = |place: i32| if place < 0 { vec![0.0; D] } else { kept[place as usize].clone() };
                for (i, [left, far]) in mixes.iter().enumerate() {
                    let stream = naive::shift(&at(place[0]), &at(place[1]), &at(place[2]), (left, far));
                    let q: Vec<i8> = stream.iter().map(|&x| naive::quantise(x, inverse[i])).collect();
                    assert_eq!(unbiased(&streams[i][row * D..][..D], bias), q);
                    if N == 3 && i == 0 {
                        same(&flat(&gates[row * WIDTH..][..WIDTH]), &stream);
                    }
                }
            }
        }
    }
}

#[test]
fn shifts() {
    shift::<3>();
    shift::<1>();
}

#[test]
fn recurrences() {
    for (gain, layer) in [(1.0, 0), (1.0, 1), (100.0, 1), (1e6, 2)] {
        let w = weights(gain);
        let (time, r) = (&w.time[layer], &mut Random::new(7));
        let streams = time.streams[Modality::Image as usize].as_ref().unwrap();
        let op = Recurrence::new(time, streams);
        let steps: Vec<[Vec<i32>; 3]> = (0..40).map(|_| std::array::from_fn(|_| integers(r, 2 * D))).collect();
        let gates: Vec<Vec<f32>> = (0..40).map(|_| reals(r, 2 * D)).collect();
        let firsts: Vec<Vec<f32>> = (0..40).map(|_| reals(r, 2 * D)).collect();
        for level in levels() {
            let mut states: Vec<State> = vec![[Chunk::ZERO; LANES]; 3 * WIDTH];
            // Two rows in slots 2 and 0; the first starts anew half way.
            let mut twin = vec![vec![[[0.0; 16]; 16]; WIDTH]; 2];
            for (i, products) in steps.iter().enumerate() {
                let starts = [i % 20 == 0, i == 0];
                let places = [[8, if starts[0] { -1 } else { 9 }, -1], [1, if starts[1] { -1 } else { 0 }, -1]];
                let real = |n: usize| chunked(&scaled(&products[n], &streams.products[n].scale));
                let work = || vec![Chunk::ZERO; 2 * WIDTH];
                let mut v = Vectors {
                    receptance: real(0),
                    key: real(1),
                    value: real(2),
                    gate: chunked(&gates[i]),
                    first: chunked(&firsts[i]),
                    direction: work(),
                    removal: work(),
                    lengths: vec![0.0; LANES],
                    bonus: vec![0.0; LANES],
                };
                let mut out = vec![0; 2 * D];
                let bias = at_level!(level, s => {
                    op.step(s, &mut states, &places, &mut v, &mut out);
                    bias(s)
                });
                for row in 0..2 {
                    if starts[row] {
                        twin[row].fill([[0.0; 16]; 16]);
                    }
                    let parts = products.each_ref().map(|x| &x[row * D..][..D]);
                    let mut first = if layer > 0 { firsts[i][row * D..][..D].to_vec() } else { vec![] };
                    let gate: Vec<f32> = gates[i][row * D..][..D].iter().map(|&x| naive::gate(x)).collect();
                    let read = Read { products: parts, gate: &gate, first: &mut first };
                    let y = naive::recurrence(time, Modality::Image, &mut twin[row], read);
                    assert_eq!(unbiased(&out[row * D..][..D], bias), y, "step {i}");
                    same(&flat(&v.first[row * WIDTH..][..WIDTH]), &first);
                }
            }
        }
    }
}

#[test]
fn activations_under_conditions() {
    for gain in [1.0, 1e3] {
        let (w, r) = (weights(gain), &mut Random::new(9));
        let h = w.config.pixel_hidden;
        let products = integers(r, ROWS * 3 * h);
        let image = w.image.as_ref().unwrap();
        let head_bias: Vec<f32> = image.heads.iter().flat_map(|p| p.bias.clone()).collect();
        let hidden = scaled(&products, &image.head.scale);
        let hidden: Vec<f32> = hidden.iter().enumerate().map(|(i, x)| x + head_bias[i % (3 * h)]).collect();
        let residuals: Vec<[i16; 2]> = (0..ROWS).map(|_| [0; 2].map(|_: i16| r.below(800) as i16 - 400)).collect();
        for channel in 0..3 {
            let op = Mixtures::new(image, channel);
            for level in levels() {
                let mut rows = Rows::new(h);
                let bias = at_level!(level, s => {
                    op.activate(s, &mut rows, &hidden, &residuals);
                    bias(s)
                });
                for (row, y) in rows.activations.chunks(h).take(ROWS).enumerate() {
                    let (products, residuals) = (&products[row * 3 * h..][..3 * h], residuals[row].map(i32::from));
                    let twin = naive::activate(image, channel, products, residuals);
                    assert_eq!(unbiased(y, bias), twin);
                }
            }
        }
    }
}
