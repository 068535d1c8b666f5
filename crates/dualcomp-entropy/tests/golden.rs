//! A stored digest for each primitive that decides a bit of a stream: a change there cannot go unnoticed.
//!
//! Once a version is released a digest never changes. Before, it does in a commit that says why the bits do.

use dualcomp_entropy::logistic::{LIMIT, logits_of_odds, squash, stretch, stretch_all, stretch_coarse};
use dualcomp_entropy::predictor::Mixture;
use dualcomp_entropy::{
    Apm, BitCoder, ContextTable, Counter, Distribution, LOGISTICS, Logistics, Mixer, MixingNetwork, Number, Prior,
    RangeEncoder, SimdMixer, SimdStateMap, SmallCounter, StateMap, WIDTH, hash, recent, remember_all, update_all,
};
use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, i32x8, i32x16};

/// FNV-1a of 64 bits (G. Fowler, L. C. Noll, K.-P. Vo).
struct Digest(u64);

impl Digest {
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    fn number(&mut self, number: impl Into<i64>) {
        self.bytes(&number.into().to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[Number]) {
        for &number in numbers {
            match number {
                Number::Weight(weight) => self.number(weight),
                Number::Probability(p) => self.number(p),
                Number::Unknown => self.number(-1),
            }
            self.bytes(&[number.pack()]);
        }
    }
}

/// Numbers from a linear congruence (Numerical Recipes), upper bits.
struct Numbers(u32);

impl Numbers {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % bound
    }

    fn logit(&mut self) -> i32 {
        self.below(2 * LIMIT as u32 + 1) as i32 - LIMIT
    }

    /// A decision that is rarely 1 in some stretches and often in others.
    fn bit(&mut self, i: usize) -> bool {
        self.below(100) < [3, 50, 90][i / 700 % 3]
    }
}

/// The same digest with the widest vectors of this machine and without extensions.
macro_rules! levels {
    ($digest:expr, $run:path) => {
        for level in [Level::new(), Level::baseline()] {
            let mut digest = Digest::new();
            dispatch!(level, simd => $run(simd, &mut digest));
            assert_eq!(digest.0, $digest, "{:#018x}", digest.0);
        }
    };
}

fn check(digest: &Digest, golden: u64) {
    assert_eq!(digest.0, golden, "{:#018x}", digest.0);
}

#[test]
fn range_coder() {
    let (mut numbers, mut encoder) = (Numbers(1), RangeEncoder::new());
    for i in 0..50_000 {
        let one = [1, 65_535, 32_768, 1 + numbers.below(65_535)][numbers.below(4) as usize];
        encoder.code(numbers.bit(i), one);
    }
    let mut digest = Digest::new();
    digest.bytes(&encoder.finish());
    check(&digest, 0xF264_9A24_CF3C_9DEF);
}

#[test]
fn logistic() {
    let mut digest = Digest::new();
    (-LIMIT - 5..=LIMIT + 5).for_each(|logit| digest.number(squash(logit)));
    (0..65_536).for_each(|p| digest.number(stretch(p) * 4096 + stretch_coarse(p)));
    check(&digest, 0xF5BD_FE73_6628_43D2);
}

fn logistic_of_vectors<S: Simd>(simd: S, digest: &mut Digest) {
    let mut numbers = Numbers(2);
    for _ in 0..5000 {
        let p = core::array::from_fn::<_, 8, _>(|_| numbers.below(65_536) as i32);
        let q = core::array::from_fn::<_, 8, _>(|_| 1 + numbers.below(65_535) as i32);
        let (p, q) = (i32x8::from_slice(simd, &p), i32x8::from_slice(simd, &q));
        for logits in [stretch_all(p), logits_of_odds(p.max(1), q)] {
            logits.as_slice().iter().for_each(|&logit| digest.number(logit));
        }
    }
}

#[test]
fn logistic_of_eight() {
    levels!(0xD789_7502_AF5D_4326, logistic_of_vectors);
}

#[test]
fn counter() {
    let (mut numbers, mut digest) = (Numbers(3), Digest::new());
    let (mut counter, mut pretrained, mut small) =
        (Counter::default(), Counter::pretrained(9000, 2), SmallCounter::with_spare(0x155));
    for i in 0..5000 {
        let bit = numbers.bit(i);
        counter.update(bit, 511);
        pretrained.update(bit, 30);
        small.update(bit);
        for word in [counter, pretrained, small.widen()].map(Counter::word) {
            digest.number(word);
        }
    }
    check(&digest, 0xE307_A1EC_9BC9_9358);
}

fn counters<S: Simd>(simd: S, digest: &mut Digest) {
    let (mut numbers, limits) =
        (Numbers(4), i32x16::from_slice(simd, &core::array::from_fn::<_, 16, _>(|i| 30 * i as i32)));
    let mut words = i32x16::splat(simd, 0);
    for i in 0..5000 {
        let (bit, before) = (numbers.bit(i), words.split().0);
        words = remember_all(update_all(words, bit, limits), before, bit);
        words.as_slice().iter().for_each(|&word| digest.number(word));
        recent(words.split().0).as_slice().iter().for_each(|&two| digest.number(two));
    }
}

#[test]
fn sixteen_counters() {
    levels!(0x4F3C_52F7_856B_07C4, counters);
}

#[test]
fn mixer() {
    let (mut numbers, mut digest) = (Numbers(5), Digest::new());
    let mut mixer = Mixer::<5>::new(3, [1 << 14, 0, -9000, 65_536, 1], 900);
    for i in 0..20_000 {
        let inputs = core::array::from_fn(|_| numbers.logit());
        digest.number(mixer.mix(&inputs, i % 3));
        mixer.update(&inputs, inputs[0] + inputs[3] > numbers.logit());
    }
    let mut weights = Vec::new();
    mixer.save(&mut weights);
    digest.numbers(&weights);
    check(&digest, 0x5AA7_E912_E05C_C56B);
}

fn network<S: Simd>(simd: S, digest: &mut Digest) {
    let mut numbers = Numbers(6);
    let mixer = |selectors: usize| SimdMixer::new(selectors, [[3000; WIDTH], [-200; WIDTH]], 1500);
    let mut network = MixingNetwork::new([mixer(2), mixer(3), mixer(5)], 2, 60).slowing(300, 4096);
    for i in 0..10_000 {
        let mut inputs = [0; 2 * WIDTH];
        inputs.iter_mut().for_each(|input| *input = numbers.logit());
        let vectors = [i32x16::from_slice(simd, &inputs[..WIDTH]), i32x16::from_slice(simd, &inputs[WIDTH..])];
        digest.number(network.mix(&vectors, &[i % 2, i % 3, i % 5], i % 2));
        network.update(&vectors, inputs[2] + inputs[20] > numbers.logit());
    }
    let mut weights = Vec::new();
    network.save(&mut weights);
    digest.numbers(&weights);
}

#[test]
fn mixing_network() {
    levels!(0x0EE9_7921_EDA5_8158, network);
}

#[test]
fn state_map() {
    let (mut numbers, mut digest) = (Numbers(7), Digest::new());
    let (mut map, mut counters, mut logits) = (StateMap::<4>::new(2), [Counter::default(); 4], [0; 4]);
    for i in 0..20_000 {
        let bit = numbers.bit(i);
        let states = map.read(&counters, i % 2, &mut logits);
        logits.iter().for_each(|&logit| digest.number(logit));
        map.update(&states, bit);
        counters[numbers.below(4) as usize].update(bit, 1 + numbers.below(200));
        if i % 500 == 0 {
            counters[i / 500 % 4] = Counter::default();
        }
    }
    check(&digest, 0xBD36_AD41_08FC_3FD5);
}

fn eight_states<S: Simd>(simd: S, digest: &mut Digest) {
    let (mut numbers, mut map, mut counters) = (Numbers(8), SimdStateMap::<2>::new(), [Counter::default(); 8]);
    for i in 0..10_000 {
        let bit = numbers.bit(i);
        let states = SimdStateMap::<2>::states(i32x8::from_slice(simd, &counters.map(|c| c.word() as i32)));
        let mut follows = map.read(i % 2, &states);
        follows.iter().for_each(|counter| digest.number(counter.word()));
        follows.iter_mut().for_each(|counter| counter.update(bit, 200));
        map.write(i % 2, &states, &follows);
        counters[numbers.below(8) as usize].update(bit, 1 + numbers.below(200));
        if i % 300 == 0 {
            counters[i / 300 % 8] = Counter::pretrained(numbers.below(65_536) as u16, 2);
        }
    }
}

#[test]
fn state_map_of_eight() {
    levels!(0x673B_54BC_E721_777E, eight_states);
}

#[test]
fn apm() {
    let (mut numbers, mut digest, mut apm) = (Numbers(9), Digest::new(), Apm::new(5, 6));
    for i in 0..20_000 {
        digest.number(apm.refine(numbers.logit(), i % 5));
        apm.update(numbers.bit(i));
    }
    check(&digest, 0x9821_15FC_B13A_6E41);
}

#[test]
fn distribution() {
    let (mut numbers, mut digest) = (Numbers(10), Digest::new());
    for _ in 0..300 {
        let mixture = Mixture {
            weights: core::array::from_fn(|_| numbers.logit() as i16),
            means: core::array::from_fn(|_| numbers.below(2000) as i16 - 1000),
            scales: core::array::from_fn(|_| numbers.below(257) as i16 - 96),
        };
        let distribution = Distribution::new(&mixture, numbers.below(256) as i32);
        digest.number(distribution.center());
        digest.number(distribution.spread());
        (0..=256).for_each(|threshold| digest.number(distribution.below(threshold)));
    }
    check(&digest, 0xEDAF_F854_19DA_14A5);
}

fn eight_logistics<S: Simd>(simd: S, digest: &mut Digest) {
    let mut numbers = Numbers(11);
    for _ in 0..200 {
        let means = core::array::from_fn(|_| numbers.below(6000) as i32 - 1000);
        let scales = core::array::from_fn::<_, LOGISTICS, _>(|_| 1 << numbers.below(14) | 1);
        let logistics = Logistics::new(means, scales);
        for threshold in 0..=256 {
            logistics.below(simd, threshold).as_slice().iter().for_each(|&below| digest.number(below));
            digest.number(logistics.below_of(3, threshold));
        }
    }
}

#[test]
fn logistics() {
    levels!(0xE06A_BC0B_7B71_2DBE, eight_logistics);
}

fn slots<S: Simd>(simd: S, digest: &mut Digest) {
    let (mut numbers, mut table) = (Numbers(12), ContextTable::new(1 << 12));
    for i in 0..10_000 {
        let hashes = [hash(numbers.below(90), 1), hash(numbers.below(300), 2)];
        for (at, context) in table.find(simd, &hashes, &()).into_iter().zip(hashes) {
            let slot = table.slot(at);
            digest.number(context);
            digest.number(slot.before().p());
            digest.number(slot.counter(1).word());
            slot.before().update(numbers.bit(i));
            slot.counter(1).update(numbers.bit(i), 255);
        }
    }
}

#[test]
fn context_table() {
    levels!(0x1FB8_2892_09E6_2C0D, slots);
}

#[test]
fn prior() {
    let (mut digest, bytes) = (Digest::new(), core::array::from_fn::<u8, 256, _>(|i| i as u8));
    let (mut weights, mut probabilities) = (Prior::new(&bytes), Prior::new(&bytes));
    while let Some(weight) = weights.weight() {
        digest.number(weight);
    }
    while !probabilities.is_empty() {
        digest.number(probabilities.probability().map_or(-1, i64::from));
    }
    check(&digest, 0x507E_7697_0D49_637E);
}
