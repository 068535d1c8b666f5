//! Binary decisions of symbols under contexts.

pub(crate) mod linear;
pub(crate) mod mixing;
pub(crate) mod slots;

#[cfg(feature = "__train")]
use dualcomp_entropy::Number;
use dualcomp_entropy::{BitCoder, Counter, Prior, update_all};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x16};

use crate::codec::v1::direction::Direction;
use mixing::{Inputs, LANES, MAX_MIXERS, Mixing};
use slots::Slots;

/// Decisions after which a counter forgets: by hand (experiments/0022).
const LIMIT: i32 = 255;
/// Sets of weights for each selector: the decisions of a symbol.
pub(crate) const SET: usize = 8;
/// Contexts of a symbol where there are several mixers (experiments/0040).
pub(crate) const MAX_CONTEXTS: usize = 12;
/// With one mixer: the first of them.
const FEW_CONTEXTS: usize = 7;
/// What a counter alone gives to each side of a decision at least, in 1/65536: by hand (experiments/0022).
const MIN_SHARE: u32 = 32;
/// Counters of single decisions: those of signs, then those of bits below the leading one, whose exponents have 5 bits, and
/// paths.
pub(crate) const MANTISSAS: usize = 3 << 12;
const DIRECT: usize = MANTISSAS + (1 << 10);
/// Contexts of the APM.
const REFINED: usize = 1 << 14;

/// What picks weights and the APM's place for a symbol; a decision's node is added.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Selectors {
    pub(crate) sets: [usize; MAX_MIXERS],
    pub(crate) refined: usize,
}

/// Counters, mixers and an APM; codes decisions by `M` mixers.
pub(crate) struct Model<const M: usize> {
    slots: Slots,
    mixing: Mixing<M>,
    /// Slots of the symbol's contexts.
    found: [u32; LANES],
    /// Counters that code decisions alone: of signs by class, coefficient and expectation, of mantissas.
    direct: Vec<Counter>,
    pub(crate) selectors: Selectors,
}

impl<const M: usize> Model<M> {
    const CONTEXTS: usize = if M == 1 { FEW_CONTEXTS } else { MAX_CONTEXTS };

    pub(crate) fn new(sets: [usize; M], bits: u32) -> Self {
        Self {
            slots: Slots::new(Self::CONTEXTS, bits),
            mixing: Mixing::new(sets.map(|sets| sets * SET), REFINED),
            found: [0; LANES],
            direct: vec![Counter::default(); DIRECT],
            selectors: Selectors::default(),
        }
    }

    /// Sets weights to a prior's numbers, as far as it has any.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        self.mixing.load(prior);
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "__train")]
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        self.mixing.save(out);
    }

    /// Looks up the contexts of the symbol that follows; `salt` tells kinds of symbols apart.
    #[inline(always)]
    #[expect(clippy::manual_memcpy, reason = "it would be a call")]
    pub(crate) fn find<S: Simd>(&mut self, simd: S, contexts: &[u32; MAX_CONTEXTS], salt: u32) {
        let mut list = [0; LANES];
        for i in 0..Self::CONTEXTS {
            list[i] = contexts[i];
        }
        self.found = self.slots.find(simd, &list, salt);
    }

    /// Codes a decision with a counter alone.
    #[inline(always)]
    pub(crate) fn direct(&mut self, coder: &mut Direction<'_>, bit: bool, context: usize) -> bool {
        let counter = &mut self.direct[context % DIRECT];
        let bit = coder.code(bit, counter.p().clamp(MIN_SHARE, (1 << 16) - MIN_SHARE));
        counter.update(bit, LIMIT as u32);
        bit
    }

    /// Codes a decision of the symbol. Compiled once for all callers.
    #[inline(never)]
    pub(crate) fn code<S: Simd>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        bit: bool,
        node: usize,
        rank: usize,
    ) -> bool {
        simd.vectorize(
            #[inline(always)]
            || self.code_here(simd, coder, bit, node, rank),
        )
    }

    #[inline(always)]
    fn code_here<S: Simd>(&mut self, simd: S, coder: &mut Direction<'_>, bit: bool, node: usize, rank: usize) -> bool {
        let mut sets = [0; M];
        for m in 0..M {
            sets[m] = self.selectors.sets[m] * SET + rank;
        }
        let refined = (self.selectors.refined * SET + rank) % REFINED;
        self.mixing.prefetch_refined(refined);
        let found = self.found;
        let words = if M == 1 {
            self.slots.get::<FEW_CONTEXTS>(&found, node)
        } else {
            self.slots.get::<MAX_CONTEXTS>(&found, node)
        };
        let words = i32x16::from_slice(simd, &words);
        let inputs = Inputs::new(simd, words);
        let one = self.mixing.mix(simd, &inputs, &sets, refined);
        let bit = coder.code(bit, one);
        self.mixing.update(simd, &inputs, bit);
        let mut learned = [0; LANES];
        update_all(words, bit, i32x16::splat(simd, LIMIT)).store_slice(&mut learned);
        if M == 1 {
            self.slots.set::<FEW_CONTEXTS>(&found, node, &learned);
        } else {
            self.slots.set::<MAX_CONTEXTS>(&found, node, &learned);
        }
        bit
    }
}
