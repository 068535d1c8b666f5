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
/// Contexts whose knowledge picks weights: orders 6, 4 and 3, one word, two words.
const WEIGHED: [usize; 5] = [7, 5, 4, 3, 2];
/// Nothing, little or more may be known of each.
const KNOWN: usize = 243;
/// States of a decision: the bit's place, how many contexts are known, the match.
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

/// Where a decision stands.
struct Place {
    /// The half byte, 1 or 2.
    phase: u32,
    /// Place among the counters of the half byte: a one and the bits so far.
    index: usize,
    /// The bits of the byte so far below a one; 256 for the end of a token.
    node: usize,
}

impl Decision {
    #[inline(always)]
    fn place(self) -> Place {
        if self.bit == Node::END {
            return Place { phase: 1, index: 1, node: 256 };
        }
        let node = (self.partial | 1 << (7 - self.bit)) as usize;
        if self.bit >= 4 {
            return Place { phase: 1, index: node, node };
        }
        let one = 1 << (3 - self.bit);
        Place { phase: 2, index: node & (one - 1) | one, node }
    }
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
        let Place { phase, index, node } = decision.place();
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
        let (known, which) = knowledge(&counters);
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

/// How many of the orders 2 to 6 are known, and how well each of five contexts is.
#[inline(always)]
fn knowledge(counters: &[Counter; CONTEXTS]) -> (usize, usize) {
    let mut known = 0;
    for counter in &counters[1..5] {
        known += usize::from(counter.count() > 0);
    }
    let mut which = 0;
    for context in WEIGHED {
        let seen = counters[context].count();
        which = which * 3 + usize::from(seen > 0) + usize::from(seen > 2);
    }
    (known, which)
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
