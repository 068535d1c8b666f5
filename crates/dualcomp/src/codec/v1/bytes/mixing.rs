//! The probability of one decision: the network's logit mixed with what the stream has shown so far
//! (docs/spec/bytes.md, section 3).

use std::sync::{Arc, LazyLock};

use dualcomp_entropy::{Apm, BitCoder, Counter, Number, Prior, hash, logistic, remember_all, update_all};
use dualcomp_tokens::{BYTE_TREE, Node};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x4, i32x8, i32x16};

use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::bytes::below::MixingStart;
use crate::codec::v1::bytes::byte_match::{MATCHES, certainty};
use crate::codec::v1::bytes::contexts::{CONTEXTS, Cursor};
use crate::codec::v1::bytes::history::History;
use crate::codec::v1::bytes::inputs::{self, expected, read, seen};
use crate::codec::v1::bytes::mixer_set::{CLASSES, MixerSet};
use crate::codec::v1::bytes::places::LONGEST;
use crate::codec::v1::bytes::pretrained::Pretrained;
use crate::codec::v1::bytes::slots::ContextSlots;
use crate::format::bytes_params::BytesParams;

/// Limit of context counters: by hand (experiments/0022); 50 and 127 are no better (experiments/0095).
const LIMIT: i32 = 80;
/// Limit of the state map's counters: the largest that nine bits hold; 255 is no better (experiments/0095).
const MAP_LIMIT: i32 = 511;
/// Logarithm of the contexts of the APM by the last byte, and of that by the last two: by hand (experiments/0022).
const REFINED: u32 = 12;
const REFINED_BY_TWO: u32 = 16;
/// The APM by byte with its prior: unpacked once, as streams may be short and many.
static BY_BYTE: LazyLock<Apm> = LazyLock::new(|| {
    let mut apm = by_byte();
    apm.load(&mut PriorKind::AllBytes.prior());
    apm
});
/// Numbers of that APM in a prior.
pub(crate) const BY_BYTE_NUMBERS: usize = Apm::POINTS << REFINED;

pub(crate) struct Mixing<const GROUPS: usize> {
    pub(crate) slots: ContextSlots<GROUPS>,
    mixer_set: MixerSet<GROUPS>,
    /// The mixer set that is not in use: with the network if the current piece has none, else without.
    other: Option<Box<MixerSet<GROUPS>>>,
    /// APMs by node and the last byte, and where the table is large, by node and the last two bytes.
    by_byte: Apm,
    by_two: Option<Apm>,
}

/// One decision to be coded.
#[derive(Clone, Copy)]
pub(crate) struct Decision {
    /// The node of the byte tree, or [`Node::END`].
    pub(crate) byte_node: u8,
    /// The network's logit, 0 without one.
    pub(crate) network: i32,
    /// What to encode.
    pub(crate) bit: bool,
}

/// A decision that was coded and is still to be learned.
pub(crate) struct Made<S: Simd, const GROUPS: usize> {
    pub(crate) bit: bool,
    node: usize,
    ends: bool,
    /// The node's index in the slots.
    index: usize,
    /// The contexts' counters, what followed such ones, and where that is.
    words: [i32x8<S>; GROUPS],
    follows: [i32x8<S>; GROUPS],
    states: [[u32; CONTEXTS]; GROUPS],
    inputs: [i32x16<S>; GROUPS],
    /// The place of the match's counter, and what it expects.
    expected: Option<(usize, bool)>,
}

impl<const GROUPS: usize> Mixing<GROUPS> {
    pub(crate) fn new(params: BytesParams) -> Self {
        Self {
            slots: ContextSlots::new(params),
            mixer_set: MixerSet::new(),
            other: None,
            by_byte: by_byte(),
            by_two: params.is_large().then(|| Apm::new(1 << REFINED_BY_TWO, 6)),
        }
    }

    /// Begins with what a dictionary has learned.
    pub(crate) fn begin_above(&mut self, start: &MixingStart<GROUPS>) {
        self.slots.below = Some(start.table.clone());
        self.mixer_set.clone_from(&start.mixer_set);
        self.by_byte.clone_from(&start.by_byte);
    }

    /// What a dictionary keeps.
    pub(crate) fn into_dictionary(self) -> MixingStart<GROUPS> {
        MixingStart { table: Arc::new(self.slots.table), mixer_set: self.mixer_set, by_byte: self.by_byte }
    }

    /// Loads a prior, which has neither the APM by bytes nor the context table.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        self.mixer_set.load(prior);
    }

    /// Switches between pieces with the network and without; the first switch loads `prior`.
    pub(crate) fn switch(&mut self, prior: PriorKind) {
        let other = self.other.get_or_insert_with(|| Box::new(MixerSet::begun(prior).0.clone()));
        std::mem::swap(&mut self.mixer_set, other);
    }

    /// Begins with this mixer set, and the APM by bytes that all streams have.
    pub(crate) fn begin(&mut self, mixer_set: &MixerSet<GROUPS>) {
        self.mixer_set.clone_from(mixer_set);
        self.by_byte.clone_from(&BY_BYTE);
    }

    /// Begins with the APM by bytes of a prior, and with these pretrained contexts.
    pub(crate) fn begin_with(&mut self, prior: &mut Prior<'_>, pretrained: Pretrained) {
        self.by_byte.load(prior);
        self.slots.pretrained = pretrained;
    }

    /// Writes the APM by bytes as [`Self::begin_with`] reads it.
    pub(crate) fn save_by_byte(&self, out: &mut Vec<Number>) {
        self.by_byte.save(out);
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        self.mixer_set.save(out);
    }

    /// Codes a decision of the current node group. Before the next one it is to be [learned](Self::learn): in between, memory
    /// is asked for that takes as long as learning.
    #[inline(always)]
    pub(crate) fn code<S: Simd>(
        &mut self,
        simd: S,
        decision: Decision,
        cursor: &Cursor<GROUPS>,
        history: &History,
        coder: &mut impl BitCoder,
    ) -> Made<S, GROUPS> {
        let mixer_set = &mut self.mixer_set;
        let (node, byte_node) = (usize::from(decision.byte_node), BYTE_TREE.get(usize::from(decision.byte_node)));
        let ends = decision.byte_node == Node::END;
        let (index, class) =
            byte_node.map_or((1, 0), |f| (usize::from(f.index), 1 + usize::from(f.depth).min(CLASSES - 2)));
        let none = i32x8::splat(simd, 0);
        let (mut words, mut follows) = ([none; GROUPS], [none; GROUPS]);
        let mut states = [[0; CONTEXTS]; GROUPS];
        // One by one: a loop stays one, with all of it in memory, where a vector waits for the last of eight words.
        (words[0], states[0], follows[0]) = read(simd, &mut self.slots.current[0], &mixer_set.states[0], (ends, index));
        if GROUPS > 1 {
            (words[1], states[1], follows[1]) =
                read(simd, &mut self.slots.current[1], &mixer_set.states[1], (ends, index));
        }
        let expects = expected(byte_node, cursor, history);
        let (mut length, mut by_match, mut expected) = (0, 0, None);
        if let Some((bit, of_match)) = expects {
            length = of_match;
            expected = Some((length * 2 + usize::from(ends), bit));
            let p = logistic::stretch_coarse(mixer_set.matches[length * 2 + usize::from(ends)].p());
            by_match = if bit { p } else { -p };
        }
        let order0 = logistic::stretch_coarse(mixer_set.order0[node].p());
        let single = i32x4::load_array(simd, [decision.network, by_match, order0, 256]);
        // The longer the match, the more of it (experiments/0095).
        let by_length = by_match * length.min(LONGEST as usize) as i32 / LONGEST as i32;
        let recent = mixer_set.recent.logit(decision.byte_node);
        let mut inputs = [i32x16::splat(simd, 0); GROUPS];
        let (logits, others) = (inputs::logits(follows[0]), inputs::logits(words[0]));
        let last_two = others.split().1 & i32x4::load_array(simd, [0, 0, -1, -1]);
        let more = i32x4::load_array(simd, [by_length, recent, 0, 0]) | last_two;
        inputs[0] = logits.combine(single.combine(more));
        if GROUPS > 1 {
            inputs[1] = inputs::logits(follows[1]).combine(inputs::logits(words[1]));
        }

        let last = cursor.last as u32 & 0xFF;
        let refined_by = (hash(last, node as u32) >> (32 - REFINED)) as usize;
        let refined_by_two = (hash(cursor.last as u32 & 0xFFFF, node as u32) >> (32 - REFINED_BY_TWO)) as usize;
        self.by_byte.prefetch(refined_by);
        if let Some(by_two) = &self.by_two {
            by_two.prefetch(refined_by_two);
        }
        let certain = certainty(length);
        let of_byte = self.slots.selectors;
        let by_word = of_byte.by_word(decision.byte_node);
        let selectors = [self.slots.by_two, by_word, of_byte.four, seen(words[0]) * MATCHES + certain];
        let logit = mixer_set.network.mix(&inputs, &selectors, class * MATCHES + certain);
        let mixed = logistic::squash(logit);
        let by_match = mixer_set.by_match.refine(logit, node * MATCHES + certain);
        let by_byte = self.by_byte.refine(logit, refined_by);
        let mut p = (mixed + by_match + 2 * by_byte) >> 2;
        if let Some(by_two) = &mut self.by_two {
            p = (p + by_two.refine(logit, refined_by_two)) >> 1;
        }
        let bit = coder.code(decision.bit, p.clamp(1, 65535));
        Made { bit, node, ends, index, words, follows, states, inputs, expected }
    }

    /// Learns the decision that was coded last.
    #[inline(always)]
    pub(crate) fn learn<S: Simd>(&mut self, simd: S, made: Made<S, GROUPS>) {
        let (slots, mixer_set) = (&mut self.slots.current, &mut self.mixer_set);
        let Made { bit, node, ends, index, words, follows, states, inputs, expected } = made;
        let limits = i32x8::splat(simd, LIMIT).combine(i32x8::splat(simd, MAP_LIMIT));
        for group in 0..GROUPS {
            let mut learned = [0; 2 * CONTEXTS];
            let words = remember_all(update_all(words[group].combine(follows[group]), bit, limits), words[group], bit);
            words.store_slice(&mut learned);
            let mut follows = [Counter::default(); CONTEXTS];
            for i in 0..CONTEXTS {
                follows[i] = Counter::from_word(learned[CONTEXTS + i] as u32);
            }
            mixer_set.states[group].write(usize::from(ends), &states[group], &follows);
            if ends {
                for i in 0..CONTEXTS {
                    slots[group][i].before().update(bit);
                }
            } else {
                for i in 0..CONTEXTS {
                    *slots[group][i].counter(index) = Counter::from_word(learned[i] as u32);
                }
            }
        }
        if let Some((place, expected)) = expected {
            mixer_set.matches[place].update(bit == expected, 511);
        }
        mixer_set.order0[node].update(bit, 511);
        mixer_set.recent.learn(node as u8, bit);
        mixer_set.network.update(&inputs, bit);
        mixer_set.by_match.update(bit);
        self.by_byte.update(bit);
        if let Some(by_two) = &mut self.by_two {
            by_two.update(bit);
        }
    }
}

/// A fresh APM by bytes. It has many contexts, so it learns at half the rate (experiments/0022).
fn by_byte() -> Apm {
    Apm::new(1 << REFINED, 7)
}

#[cfg(test)]
mod tests {
    use dualcomp_entropy::RangeEncoder;
    use fearless_simd::Level;

    use super::*;
    use crate::runtime::at_level::at_level;

    /// Bytes of a range coder for a bit that comes so often under the same contexts.
    fn length(bits: impl Iterator<Item = bool>) -> usize {
        let mut mixing = Mixing::<1>::new(BytesParams::new(14));
        let (cursor, history) = (Cursor::new(), History::new(12, 1));
        let mut coder = RangeEncoder::new();
        at_level!(Level::new(), simd => {
            for bit in bits {
                mixing.slots.fetch(&cursor, 0, Some(0), &history);
                mixing.slots.look_up(simd);
                let decision = Decision { byte_node: 0, network: 0, bit };
                let made = mixing.code(simd, decision, &cursor, &history, &mut coder);
                mixing.learn(simd, made);
                mixing.slots.put_back();
            }
        });
        coder.finish().len()
    }

    #[test]
    fn what_a_context_shows_is_learned() {
        assert!(length((0..8000).map(|_| true)) < 60);
        assert!(length((0..8000).map(|i| i % 16 > 0)) < 8000 / 16);
        let mut state = 1u32;
        let noise = (0..8000).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 31 == 1
        });
        assert!((950..1100).contains(&length(noise)));
    }
}
