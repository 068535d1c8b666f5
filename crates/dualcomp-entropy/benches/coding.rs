//! What a decision costs in each part of the coder. A context table is larger than the caches, so its time is that of
//! waiting for memory: `cargo bench --workspace --bench coding`

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput};
use dualcomp_entropy::logistic::stretch_all;
use dualcomp_entropy::{
    Apm, BitCoder, ContextTable, Counter, Mixer, MixingNetwork, RangeDecoder, RangeEncoder, SimdMixer, SimdStateMap,
    hash, probabilities, update_all,
};
use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, i32x8, i32x16};

/// Decisions in one run.
const DECISIONS: usize = 4096;
/// Contexts of a decision of text, and inputs of its mixers.
const CONTEXTS: usize = 8;
const INPUTS: usize = 16;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    range_coder(&mut criterion);
    mixers(&mut criterion);
    contexts(&mut criterion);
    maps(&mut criterion);
    criterion.final_summary();
}

/// Decisions with their probabilities of a 1, of all sizes.
fn decisions() -> Vec<(bool, u32)> {
    let one = |i: u32| hash(i, 1) % 65_535 + 1;
    (0..DECISIONS as u32).map(|i| (hash(i, 2) % 65_536 < one(i), one(i))).collect()
}

/// Logits of all sizes for each decision.
fn logits() -> Vec<[i32; INPUTS]> {
    (0..DECISIONS as u32).map(|i| std::array::from_fn(|k| (hash(i, k as u32) % 4001) as i32 - 2000)).collect()
}

fn range_coder(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("range coder");
    group.throughput(Throughput::Elements(DECISIONS as u64));
    let decisions = decisions();
    let encode = || {
        let mut encoder = RangeEncoder::new();
        for &(bit, one) in &decisions {
            encoder.code(bit, one);
        }
        encoder.finish()
    };
    group.bench_function("encode", |bencher| bencher.iter(encode));
    let bytes = encode();
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let mut decoder = RangeDecoder::new(&bytes);
            decisions.iter().filter(|&&(_, one)| decoder.code(false, one)).count()
        });
    });
    group.finish();
}

fn mixers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mixing");
    group.throughput(Throughput::Elements(DECISIONS as u64));
    let (decisions, logits) = (decisions(), logits());
    let mixer = |selectors| Mixer::new(selectors, [8192; INPUTS], 600);
    group.bench_function("one mixer of 16", |bencher| {
        let mut mixer = mixer(256);
        bencher.iter(|| {
            for (i, (inputs, &(bit, _))) in logits.iter().zip(&decisions).enumerate() {
                black_box(mixer.mix(inputs, i % 256));
                mixer.update(inputs, bit);
            }
        });
    });
    let wide = |selectors| SimdMixer::new(selectors, [[8192; INPUTS]], 600);
    group.bench_function("four mixers of 16 and a last one, as vectors", |bencher| {
        let mut network = MixingNetwork::new([wide(1), wide(256), wide(256), wide(1024)], 8, 100);
        bencher.iter(|| dispatch!(Level::new(), simd => mix_all(simd, &mut network, &logits, &decisions)));
    });
    group.finish();
}

#[inline(always)]
fn mix_all<S: Simd>(simd: S, network: &mut MixingNetwork<4>, logits: &[[i32; INPUTS]], decisions: &[(bool, u32)]) {
    for i in 0..logits.len() {
        let inputs = i32x16::from_slice(simd, &logits[i]);
        black_box(network.mix(&[inputs], &[0, i % 256, i * 7 % 256, i * 31 % 1024], i % 8));
        network.update(&[inputs], decisions[i].0);
    }
}

fn contexts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("context table");
    group.throughput(Throughput::Elements(DECISIONS as u64));
    // 2^16 counters lie in a core's caches, 2^22 do not.
    for log2 in [16, 22] {
        group.bench_function(format!("find 8 lines of 2^{log2} counters"), |bencher| {
            let mut table = ContextTable::new(1 << log2);
            let mut at = 0u32;
            bencher.iter(|| {
                for _ in 0..DECISIONS {
                    at = at.wrapping_add(1);
                    // As many contexts as the table has lines, each again and again.
                    let hashes: [u32; CONTEXTS] =
                        std::array::from_fn(|k| hash(hash(at, k as u32) % (1 << (log2 - 7)), k as u32));
                    black_box(dispatch!(Level::new(), simd => table.find(simd, &hashes, &())));
                }
            });
        });
    }
    group.finish();
}

fn maps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("learning");
    group.throughput(Throughput::Elements(DECISIONS as u64));
    let (decisions, logits) = (decisions(), logits());
    group.bench_function("8 counters", |bencher| {
        let mut counters = [Counter::default(); CONTEXTS];
        bencher.iter(|| {
            for &(bit, _) in &decisions {
                for counter in &mut counters {
                    counter.update(bit, 255);
                }
            }
        });
    });
    group.bench_function("8 counters and what follows them, as vectors", |bencher| {
        let mut map = SimdStateMap::<1>::new();
        let mut words: Vec<[i32; CONTEXTS]> = (0..DECISIONS as u32)
            .map(|i| {
                std::array::from_fn(|k| Counter::new(hash(i, k as u32) as u16, hash(k as u32, i) % 60).word() as i32)
            })
            .collect();
        bencher.iter(|| dispatch!(Level::new(), simd => map_all(simd, &mut map, &mut words, &decisions)));
    });
    group.bench_function("apm", |bencher| {
        bencher.iter_batched_ref(
            || Apm::new(256, 6),
            |apm| {
                for (i, (inputs, &(bit, _))) in logits.iter().zip(&decisions).enumerate() {
                    black_box(apm.refine(inputs[0], i % 256));
                    apm.update(bit);
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

#[inline(always)]
fn map_all<S: Simd>(simd: S, map: &mut SimdStateMap<1>, words: &mut [[i32; CONTEXTS]], decisions: &[(bool, u32)]) {
    for i in 0..words.len() {
        let counters = i32x8::from_slice(simd, &words[i]);
        let states = SimdStateMap::<1>::states(counters);
        let known = map.read(0, &states);
        let mut follows = [0; CONTEXTS];
        for k in 0..CONTEXTS {
            follows[k] = known[k].word() as i32;
        }
        let follows = i32x8::from_slice(simd, &follows);
        black_box(stretch_all(probabilities(follows)));
        let mut learned = [0; 2 * CONTEXTS];
        let limits = i32x16::splat(simd, 255);
        update_all(counters.combine(follows), decisions[i].0, limits).store_slice(&mut learned);
        let mut next = known;
        for k in 0..CONTEXTS {
            words[i][k] = learned[k];
            next[k] = Counter::from_word(learned[CONTEXTS + k] as u32);
        }
        map.write(0, &states, &next);
    }
}
