//! Coding of a pixel as one of its candidates (docs/spec/image.md, section 5): in drawn images most pixels are.

use dualcomp_entropy::Number;
use dualcomp_entropy::{Apm, BitCoder, Counter, MixingNetwork, Prior, SimdMixer, StateMap, WIDTH, hash, logistic};
use dualcomp_tokens::Neighbourhood;
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x16};

use crate::codec::v1::image::context::pixel_history::{GROUPS, HISTORY_STATES, HistoryStates, TEMPLATES};
use crate::codec::v1::image::matching::candidates::{CANDIDATES, Candidates, SOURCES, alike, pattern};

/// Outcomes of the four pixels next to a pixel.
const OUTCOMES: usize = 81;
const ALIKE: usize = 64;
const PATTERNS: usize = 8;
const HASHED: usize = 4;
/// Places of the inputs; the last ones are 0.
const LIKENESS: usize = TEMPLATES;
const OUTCOME: usize = LIKENESS + 1;
const TABLE: usize = OUTCOME + 1;
const BIAS: usize = TABLE + HASHED;
const INPUTS: usize = WIDTH;
const STATES: usize = GROUPS * GROUPS;
/// A candidate is asked about if its gate has this probability, in 1/65536 (experiments/0022).
const MIN_GATE: u32 = 1 << 14;
/// Limits of counters and rates of mixers: by hand (experiments/0022).
const LIMIT: u32 = 511;
const TABLE_LIMIT: u32 = 255;
const RATE: i32 = 600;
const BLEND_RATE: i32 = 120;

/// Learns which candidates are right.
pub(crate) struct PixelMatch {
    /// How often candidates are right, asked about or not.
    gates: Vec<Counter>,
    /// Under the state of each template, the neighbours that are equal, and the outcomes of the pixels around.
    confidence: Vec<Counter>,
    likeness: Vec<Counter>,
    outcomes: Vec<Counter>,
    /// Under hashed contexts.
    table: Vec<Counter>,
    shift: u32,
    map: StateMap<HASHED>,
    network: MixingNetwork<3>,
    apm: Apm,
}

/// What is known of a pixel before it is coded.
#[derive(Clone, Copy)]
pub(crate) struct PixelContext {
    /// What planes it is of: 0 colours together, 1 one alone.
    class: u32,
    outcome: usize,
    pattern: usize,
    state: usize,
    /// Hash of the pixels left and above.
    near: u32,
    candidates: Candidates,
}

impl PixelContext {
    #[inline(always)]
    pub(crate) fn new(class: u32, outcome: usize, around: &Neighbourhood, states: &HistoryStates) -> Self {
        let word = |up, right| u32::from_le_bytes(around.0[Neighbourhood::index(up, right)]);
        Self {
            class,
            outcome,
            pattern: pattern(around),
            state: states.state(),
            near: hash(word(0, -1), word(1, 0)),
            candidates: Candidates::new(states, around),
        }
    }
}

impl PixelMatch {
    /// Bytes of its tables for each of the entries.
    pub(crate) const ENTRY: usize = HASHED * size_of::<Counter>();

    /// With 2^`log2` counters for each hashed context.
    pub(crate) fn new(log2: u32) -> Self {
        let start = [1 << 14; INPUTS];
        let mixer = |selectors| SimdMixer::new(selectors, [start], RATE);
        Self {
            gates: vec![Counter::default(); CANDIDATES * SOURCES * PATTERNS],
            confidence: vec![Counter::default(); CANDIDATES * TEMPLATES * HISTORY_STATES],
            likeness: vec![Counter::default(); CANDIDATES * ALIKE * GROUPS],
            outcomes: vec![Counter::default(); CANDIDATES * OUTCOMES * 2],
            table: vec![Counter::default(); HASHED << log2],
            shift: 32 - log2,
            map: StateMap::new(CANDIDATES),
            network: MixingNetwork::new(
                [mixer(CANDIDATES * STATES), mixer(CANDIDATES * OUTCOMES), mixer(CANDIDATES * ALIKE)],
                CANDIDATES,
                BLEND_RATE,
            ),
            apm: Apm::new(CANDIDATES * STATES, 6),
        }
    }

    /// Takes over what a prior has learned, all but the hashed contexts.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        for counters in [&mut self.gates, &mut self.confidence, &mut self.likeness, &mut self.outcomes] {
            prior.counters(counters);
        }
        self.map.load(prior);
        self.network.load(prior);
        self.apm.load(prior);
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        for counters in [&self.gates, &self.confidence, &self.likeness, &self.outcomes] {
            dualcomp_entropy::save_counters(counters, out);
        }
        self.map.save(out);
        self.network.save(out);
        self.apm.save(out);
    }

    /// Codes whether a pixel is one of its candidates; then gives it and which one it is. Those it is not are
    /// forgotten in `states`.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "all of them are of this one pixel")]
    pub(crate) fn code<S: Simd>(
        &mut self,
        simd: S,
        pixel_context: &PixelContext,
        around: &Neighbourhood,
        hashes: &[u32; TEMPLATES],
        states: &mut HistoryStates,
        coder: &mut impl BitCoder,
        value: [u8; 3],
    ) -> Option<([u8; 3], usize)> {
        for slot in 0..pixel_context.candidates.len() {
            if self.gates[gate(pixel_context, slot)].p() < MIN_GATE {
                continue;
            }
            let pixel = pixel_context.candidates.pixel(slot);
            if self.ask(simd, pixel_context, slot, around, hashes, states, coder, value == pixel) {
                return Some((pixel, slot));
            }
            states.refute(pixel);
        }
        None
    }

    /// Codes whether a candidate is right.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "all of them are of this one pixel")]
    fn ask<S: Simd>(
        &mut self,
        simd: S,
        pixel_context: &PixelContext,
        slot: usize,
        around: &Neighbourhood,
        hashes: &[u32; TEMPLATES],
        states: &HistoryStates,
        coder: &mut impl BitCoder,
        right: bool,
    ) -> bool {
        let pixel = pixel_context.candidates.pixel(slot);
        let word = u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0]);
        let alike = alike(around, pixel);
        let state_indices = states.state_indices(pixel);
        let mut inputs = [0; INPUTS];
        let mut places = [0; TEMPLATES];
        for i in 0..TEMPLATES {
            places[i] = (slot * TEMPLATES + i) * HISTORY_STATES + state_indices[i];
            inputs[i] = known(self.confidence[places[i]]);
        }
        let likeness = (slot * ALIKE + alike) * GROUPS + pixel_context.state % GROUPS;
        inputs[LIKENESS] = known(self.likeness[likeness]);
        let outcome = (slot * OUTCOMES + pixel_context.outcome) * 2 + (alike & 1);
        inputs[OUTCOME] = known(self.outcomes[outcome]);
        let contexts = [
            hash(word, pixel_context.class << 8 | slot as u32),
            hash(word, pixel_context.near ^ pixel_context.class),
            hash(word, hashes[2]),
            hash(word, hashes[0]),
        ];
        let mut spots = [0; HASHED];
        let mut counters = [Counter::default(); HASHED];
        for i in 0..HASHED {
            spots[i] = i << (32 - self.shift) | (contexts[i] >> self.shift) as usize;
            counters[i] = self.table[spots[i]];
        }
        let mut logits = [0; HASHED];
        let states = self.map.read(&counters, slot, &mut logits);
        inputs[TABLE..BIAS].copy_from_slice(&logits);
        inputs[BIAS] = 256;
        let state = slot * STATES + pixel_context.state;
        let inputs = i32x16::from_slice(simd, &inputs);
        let logit =
            self.network.mix(&[inputs], &[state, slot * OUTCOMES + pixel_context.outcome, slot * ALIKE + alike], slot);
        let one = self.apm.final_probability(logit, state);
        let bit = coder.code(right, one);
        for i in 0..TEMPLATES {
            self.confidence[places[i]].update(bit, LIMIT);
        }
        self.likeness[likeness].update(bit, LIMIT);
        self.outcomes[outcome].update(bit, LIMIT);
        self.map.update(&states, bit);
        for i in 0..HASHED {
            counters[i].update(bit, TABLE_LIMIT);
            self.table[spots[i]] = counters[i];
        }
        self.network.update(&[inputs], bit);
        self.apm.update(bit);
        bit
    }

    /// Learns which candidate a pixel was, if any, whether it was asked about or not.
    #[inline(always)]
    pub(crate) fn learn(&mut self, pixel_context: &PixelContext, pixel: [u8; 3]) {
        for slot in 0..pixel_context.candidates.len() {
            let right = pixel_context.candidates.pixel(slot) == pixel;
            self.gates[gate(pixel_context, slot)].update(right, LIMIT);
            if right {
                break;
            }
        }
    }
}

#[inline(always)]
fn gate(pixel_context: &PixelContext, slot: usize) -> usize {
    (slot * SOURCES + pixel_context.candidates.source(slot)) * PATTERNS + pixel_context.pattern
}

#[inline(always)]
fn known(counter: Counter) -> i32 {
    if counter.count() > 0 { logistic::stretch(counter.p()) } else { 0 }
}
