//! The probability of one decision: the network's logit mixed with what the stream has shown so far
//! (docs/coding.md, section 3.1).

use dualcomp_entropy::{
    BitCoder, ContextTable, Counter, Mixer, MixingNetwork, Prior, Refiner, StateMap, hash, logistic,
};
use dualcomp_tokens::Node;

use super::history::{History, LONGEST};
use super::lane::{CONTEXTS, Lane};
use super::primed::Primed;

/// Inputs of the mixers: the contexts, the network, the match, the bits alone, a constant, and zeros.
const INPUTS: usize = 16;
const NETWORK: usize = CONTEXTS;
const MATCH: usize = CONTEXTS + 1;
const ALONE: usize = CONTEXTS + 2;
const BIAS: usize = CONTEXTS + 3;

/// Counters stop learning faster than 1 / this.
const LIMIT: u32 = 80;
const NODES: usize = 512;
/// States of a decision: the bit's place, how many contexts are known, the match.
/// What is known of five contexts: nothing, little, more.
const KNOWN: usize = 243;
const STATES: usize = 9 * 6 * 3;

/// Logarithm of the refiner's contexts.
const REFINED: u32 = 12;

const RATE: i32 = 1100;
const BLEND_RATE: i32 = 25;

pub(super) struct Mixing {
    table: ContextTable,
    primed: Primed,
    /// Right or wrong of the expected bit, under the length of the match.
    matches: Vec<Counter>,
    alone: Vec<Counter>,
    /// What really follows a counter of some probability and certainty, for each context.
    states: StateMap<CONTEXTS>,
    /// Mixers by state, by bits and by the last byte.
    network: MixingNetwork<INPUTS, 4>,
    refiner: Refiner,
}

/// One decision to be coded.
#[derive(Clone, Copy)]
pub(super) struct Decision {
    /// The node's bit (8: whether the token ends).
    pub(super) bit: u8,
    pub(super) depth: u8,
    /// The bits of the byte above it.
    pub(super) partial: u32,
    /// The network's logit, 0 without one.
    pub(super) network: i32,
}

impl Mixing {
    pub(super) fn new(table_log2: u32) -> Self {
        let mut start = [3 << 12; INPUTS];
        start[NETWORK] = 3 << 14;
        start[BIAS] = 0;
        Self {
            table: ContextTable::new(table_log2),
            primed: Primed::embedded(),
            matches: vec![Counter::default(); 2 * (LONGEST as usize + 1)],
            states: StateMap::new(2),
            alone: vec![Counter::default(); NODES],
            network: MixingNetwork::new(
                [
                    Mixer::new(STATES, start, RATE),
                    Mixer::new(NODES, start, RATE),
                    Mixer::new(512, start, RATE),
                    Mixer::new(9 * KNOWN, start, RATE),
                ],
                9,
                BLEND_RATE,
            ),
            refiner: Refiner::new(1 << REFINED, 6),
        }
    }

    /// Takes over what a prior has learned. The context table and the refiner are too large for one.
    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        self.states.load(prior);
        prior.counters(&mut self.matches);
        prior.counters(&mut self.alone);
        self.network.load(prior);
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "learn")]
    pub(super) fn save(&self, out: &mut Vec<u16>) {
        self.states.save(out);
        for counters in [&self.matches, &self.alone] {
            dualcomp_entropy::save_counters(counters, out);
        }
        self.network.save(out);
    }

    /// Codes a decision of `lane` and learns it.
    #[inline(always)]
    pub(super) fn code(
        &mut self,
        decision: Decision,
        lane: &mut Lane,
        history: &History,
        coder: &mut impl BitCoder,
        bit: bool,
    ) -> bool {
        let ends = decision.bit == Node::END;
        // Place among the counters of a half byte: a one and the bits so far.
        let (phase, index, node) = if ends {
            (1, 1, 256)
        } else {
            let node = decision.partial | 1 << (7 - decision.bit);
            if decision.bit >= 4 {
                (1, node as usize, node as usize)
            } else {
                (2, (node & ((1 << (3 - decision.bit)) - 1) | 1 << (3 - decision.bit)) as usize, node as usize)
            }
        };
        if lane.phase != phase {
            if lane.phase == 0 {
                lane.hashes = lane.contexts(decision.depth, history);
            }
            lane.phase = phase;
            let half = if phase == 2 { decision.partial >> (3 - decision.bit) | 16 } else { 0 };
            let mut hashes = lane.hashes;
            for of_context in &mut hashes {
                *of_context = hash(*of_context, half);
            }
            lane.lines = self.table.find(&hashes, &self.primed);
        }

        // All at once: they wait for memory together.
        let mut counters = [Counter::default(); CONTEXTS];
        for i in 0..CONTEXTS {
            let line = self.table.line(lane.lines[i]);
            counters[i] = if ends { line.before().widen() } else { *line.counter(index) };
        }
        let (mut known, mut which) = (0, 0);
        for i in 1..5 {
            known += usize::from(counters[i].count() > 0);
        }
        for (i, context) in [2, 3, 4, 5, 7].into_iter().enumerate() {
            let seen = counters[context].count();
            which += [1, 3, 9, 27, 81][i] * (usize::from(seen > 0) + usize::from(seen > 2));
        }
        let mut logits = [0; CONTEXTS];
        let states = self.states.read(&counters, usize::from(ends), &mut logits);
        let mut inputs = [0; INPUTS];
        inputs[..CONTEXTS].copy_from_slice(&logits);
        inputs[NETWORK] = decision.network;
        let expected = expected(decision, lane, history);
        let mut length = 0;
        if let Some((bit, agreed)) = expected {
            length = agreed as usize;
            let p = logistic::stretch_coarse(self.matches[length * 2 + usize::from(ends)].p());
            inputs[MATCH] = if bit { p } else { -p };
        }
        inputs[ALONE] = logistic::stretch_coarse(self.alone[node].p());
        inputs[BIAS] = 256;

        let last = lane.last as u32 & 0xFF;
        let refined_by = (hash(last, node as u32) >> (32 - REFINED)) as usize;
        self.refiner.touch(refined_by);
        let certain = usize::from(length > 0) + usize::from(length >= 16);
        let state = (usize::from(decision.bit) * 6 + known) * 3 + certain;
        let selectors = [state, node, last as usize * 2 + usize::from(ends), usize::from(decision.bit) * KNOWN + which];
        let logit = self.network.mix(&inputs, &selectors, usize::from(decision.bit));
        let mixed = logistic::squash(logit);
        let refined = self.refiner.refine(logit, refined_by);
        let bit = coder.code(bit, ((mixed + 3 * refined) >> 2).clamp(1, 65535));

        self.states.update(&states, bit);
        for counter in &mut counters {
            counter.update(bit, LIMIT);
        }
        for i in 0..CONTEXTS {
            let line = self.table.line(lane.lines[i]);
            if ends {
                line.before().update(bit);
            } else {
                *line.counter(index) = counters[i];
            }
        }
        if let Some((expected, _)) = expected {
            self.matches[length * 2 + usize::from(ends)].update(bit == expected, 511);
        }
        self.alone[node].update(bit, 511);
        self.network.update(&inputs, bit);
        self.refiner.update(bit);
        bit
    }
}

/// What the match makes of this decision: the bit, and how many bytes agreed before it.
fn expected(decision: Decision, lane: &Lane, history: &History) -> Option<(bool, u32)> {
    let (place, agreed) = lane.found?;
    let byte = u32::from(history.byte(place as usize)?);
    if decision.bit == Node::END {
        return Some((history.starts(place as usize), agreed));
    }
    (byte >> (decision.bit + 1) == decision.partial).then_some((byte >> decision.bit & 1 == 1, agreed))
}
