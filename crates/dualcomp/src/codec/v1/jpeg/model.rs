//! Binary decisions of symbols under contexts.

#[cfg(feature = "__train")]
use dualcomp_entropy::Number;
use dualcomp_entropy::{BitCoder, Prior, RangeDecoder, RangeEncoder, update_all};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x16};

use super::mixing::{Inputs, LANES, Mixing};
use super::slots::{Slot, Slots, get, set};

/// Decisions after which a counter forgets.
const LIMIT: i32 = 255;
/// Sets of weights for each selector: the decisions of a symbol.
pub(super) const SET: usize = 8;
/// Contexts of each APM.
const REFINED: usize = 1 << 14;

/// An encoder or a decoder: one type, so that all else is compiled once for both.
pub(super) enum Direction<'a> {
    Encode(RangeEncoder),
    Decode(RangeDecoder<'a>),
}

impl Direction<'_> {
    #[inline(always)]
    fn code(&mut self, bit: bool, one: u32) -> bool {
        match self {
            Self::Encode(coder) => coder.code(bit, one),
            Self::Decode(coder) => coder.code(bit, one),
        }
    }
}

/// What picks weights and APMs for a symbol; a decision's node is added.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Selectors {
    pub(super) sets: [usize; 4],
    pub(super) refined: [usize; 2],
}

/// Counters, mixers and APMs; codes decisions by `H` groups of contexts and `M` mixers.
pub(super) struct Model<const M: usize, const H: usize> {
    slots: Slots,
    mixing: Mixing<M, H>,
    /// Slots of the symbol's contexts.
    found: [[u32; LANES]; H],
    /// What they hold; the table has it when the next symbol begins.
    copies: [[Slot; LANES]; H],
    /// All bits of lanes that have a context.
    masks: [[i32; LANES]; H],
    groups: usize,
    pub(super) selectors: Selectors,
}

impl<const M: usize, const H: usize> Model<M, H> {
    pub(super) fn new(sets: [usize; M], bits: u32) -> Self {
        Self {
            slots: Slots::new(H * LANES, bits),
            mixing: Mixing::new(sets.map(|sets| sets * SET), [REFINED; 2]),
            found: [[0; LANES]; H],
            copies: [[Slot::default(); LANES]; H],
            masks: [[0; LANES]; H],
            groups: 0,
            selectors: Selectors::default(),
        }
    }

    /// Sets weights to a prior's numbers, as far as it has any.
    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        self.mixing.load(prior);
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "__train")]
    pub(super) fn save(&self, out: &mut Vec<Number>) {
        self.mixing.save(out);
    }

    /// Looks up the contexts of the symbol that follows, the first 15 or 31 of them; `salt` tells kinds of symbols apart.
    #[inline(always)]
    pub(super) fn find<S: Simd, const N: usize>(&mut self, simd: S, contexts: &[u32; N], salt: u32) {
        let count = N.min(H * LANES - 1);
        let (before, groups) = (self.groups, count.div_ceil(LANES));
        let mut found = [[0; LANES]; H];
        for g in 0..groups {
            let (mut list, used) = ([0; LANES], (count - g * LANES).min(LANES));
            for i in 0..used {
                list[i] = contexts[g * LANES + i];
            }
            found[g] = self.slots.find(simd, &list, salt, g, used);
            for i in 0..LANES {
                self.masks[g][i] = if i < used { -1 } else { 0 };
            }
        }
        for g in 0..before {
            self.slots.store(&self.found[g], &self.copies[g]);
        }
        for g in 0..groups {
            self.slots.load(&found[g], &mut self.copies[g]);
        }
        (self.found, self.groups) = (found, groups);
    }

    /// Codes a decision of the symbol. Compiled once for all callers.
    #[inline(never)]
    pub(super) fn code<S: Simd>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        bit: bool,
        node: usize,
        rank: usize,
    ) -> bool {
        simd.vectorize(
            #[inline(always)]
            || {
                if self.groups == 1 {
                    self.code_here::<S, 1>(simd, coder, bit, node, rank)
                } else {
                    self.code_here::<S, H>(simd, coder, bit, node, rank)
                }
            },
        )
    }

    #[inline(always)]
    fn code_here<S: Simd, const G: usize>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        bit: bool,
        node: usize,
        rank: usize,
    ) -> bool {
        let mut sets = [0; M];
        for m in 0..M {
            sets[m] = self.selectors.sets[m] * SET + rank;
        }
        let mut refined = self.selectors.refined;
        for i in 0..2 {
            refined[i] = (refined[i] * SET + rank) % REFINED;
        }
        self.mixing.prefetch_refined(&refined);
        let mut vectors = [i32x16::splat(simd, 0); G];
        for g in 0..G {
            let words = get(&self.copies[g], node);
            vectors[g] = i32x16::from_slice(simd, &words) & i32x16::from_slice(simd, &self.masks[g]);
        }
        let inputs = Inputs::new(simd, &vectors);
        let one = self.mixing.mix(simd, &inputs, &sets, &refined);
        let bit = coder.code(bit, one);
        self.mixing.update(simd, &inputs, bit);
        for g in 0..G {
            let mut learned = [0; LANES];
            update_all(vectors[g], bit, i32x16::splat(simd, LIMIT)).store_slice(&mut learned);
            set(&mut self.copies[g], node, &learned);
        }
        bit
    }
}
