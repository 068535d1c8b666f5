//! Counters under hashed contexts.

use alloc::vec;
use alloc::vec::Vec;

use fearless_simd::Simd;
use prefetch_index::prefetch_index;

use crate::{Counter, SmallCounter};

/// Mixes two numbers into a hash of 32 bits.
#[inline]
pub fn hash(a: u32, b: u32) -> u32 {
    let x = (u64::from(a) << 32 | u64::from(b)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (x ^ x >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9).wrapping_shr(32) as u32
}

/// A table of slots of counters. A context's hash picks a slot, and other bits of it tell whether the slot is its
/// own. A context without a slot takes over the less used of two.
#[derive(Clone, Debug)]
pub struct ContextTable {
    /// An even number.
    slots: Vec<CounterSlot>,
}

/// The counters of one context: one cache line, so that a look-up waits for memory once.
///
/// There are fifteen for decisions that are made together, numbered from 1, and a small one for a decision before them.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
pub struct CounterSlot {
    /// The counter of the end decision; its spare bits are the check of the context.
    before: SmallCounter,
    counters: [Counter; SLOT_COUNTERS - 1],
}

/// Counters that a slot has the size of.
const SLOT_COUNTERS: usize = 16;

impl CounterSlot {
    /// The counter of the end decision.
    #[inline(always)]
    pub fn before(&mut self) -> &mut SmallCounter {
        &mut self.before
    }

    /// The same with counts of at most `limit`.
    #[inline(always)]
    pub fn capped(&self, limit: u32) -> Self {
        Self { before: self.before, counters: self.counters.map(|counter| counter.capped(limit)) }
    }

    /// Sets the counters 1 to 15 to these [words](Counter::word); the first one means nothing.
    #[inline(always)]
    pub fn start(&mut self, words: &[u32; SLOT_COUNTERS]) {
        for i in 1..SLOT_COUNTERS {
            self.counters[i - 1] = Counter::from_word(words[i]);
        }
    }

    /// Counter `index`, in 1..=15.
    ///
    /// # Panics
    /// If `index` is out of range.
    #[inline(always)]
    pub fn counter(&mut self, index: usize) -> &mut Counter {
        &mut self.counters[index - 1]
    }
}

/// What contexts begin with: counts learned beforehand on other data.
pub trait ContextPrior {
    /// Fetches what [`Self::fill`] will need for the context with this hash, so that it need not wait for memory.
    fn prefetch(&self, hash: u32);

    /// Writes what the prior has for the context with this hash to its fresh slot.
    fn fill<S: Simd>(&self, simd: S, hash: u32, slot: &mut CounterSlot);
}

/// Contexts begin fresh.
impl ContextPrior for () {
    fn prefetch(&self, _: u32) {}

    fn fill<S: Simd>(&self, _: S, _: u32, _: &mut CounterSlot) {}
}

/// A place in a [`ContextTable`].
#[derive(Clone, Copy, Debug, Default)]
pub struct SlotIndex(u32);

impl ContextTable {
    /// A table of `counters` times four bytes; `counters` is a multiple of 32, up to 2^28.
    ///
    /// # Panics
    /// If `counters` is out of range.
    pub fn new(counters: usize) -> Self {
        assert!(
            (1..=1 << 28).contains(&counters) && counters.is_multiple_of(2 * SLOT_COUNTERS),
            "size of a context table"
        );
        Self { slots: vec![CounterSlot::default(); counters / SLOT_COUNTERS] }
    }

    /// Fetches what [`Self::find`] will look at, so that it need not wait for memory.
    #[inline(always)]
    pub fn prefetch<const N: usize>(&self, hashes: &[u32; N], prior: &impl ContextPrior) {
        for i in 0..N {
            let first = self.first(hashes[i]) as usize;
            prefetch_index(&self.slots, first);
            prefetch_index(&self.slots, first ^ 1);
            prior.prefetch(hashes[i]);
        }
    }

    /// The first of the two slots that a context may have.
    #[inline(always)]
    fn first(&self, hash: u32) -> u32 {
        // The bits of the hash as they are would repeat the check's.
        ((u64::from(hash.wrapping_mul(0x9E37_79B1)) * self.slots.len() as u64) >> 32) as u32
    }

    /// Fetches what [`Self::get`] will look at, so that it need not wait for memory.
    #[inline(always)]
    pub fn prefetch_slot(&self, hash: u32) {
        let first = self.first(hash) as usize;
        prefetch_index(&self.slots, first);
        prefetch_index(&self.slots, first ^ 1);
    }

    /// The slot of the context with this hash, if it has one.
    #[inline(always)]
    pub fn get(&self, hash: u32) -> Option<&CounterSlot> {
        let first = self.first(hash) as usize;
        let check = hash >> (32 - SmallCounter::SPARE);
        let slots = [&self.slots[first], &self.slots[first ^ 1]];
        slots.into_iter().find(|slot| slot.before.spare() == check)
    }

    /// The slots of the contexts with these hashes; a new context begins with what the prior has for it.
    #[inline(always)]
    pub fn find<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        hashes: &[u32; N],
        prior: &impl ContextPrior,
    ) -> [SlotIndex; N] {
        let (mut found, mut missing) = ([SlotIndex(0); N], [false; N]);
        // Without branches, so that all wait for memory together.
        for i in 0..N {
            let check = hashes[i] >> (32 - SmallCounter::SPARE);
            let first = self.first(hashes[i]);
            let here = self.slots[first as usize].before.spare() == check;
            let beside = self.slots[(first ^ 1) as usize].before.spare() == check;
            found[i] = SlotIndex(first ^ u32::from(!here));
            missing[i] = !here & !beside;
        }
        for i in 0..N {
            if missing[i] {
                found[i] = self.replace(found[i].0, hashes[i] >> (32 - SmallCounter::SPARE));
                prior.fill(simd, hashes[i], self.slot(found[i]));
            }
        }
        found
    }

    /// Gives the less used of a slot and its neighbour to another context.
    fn replace(&mut self, first: u32, check: u32) -> SlotIndex {
        // The first decision is made whenever a slot is used.
        let worth = |slot: u32| self.slots[slot as usize].counters[0].count();
        let slot = if worth(first | 1) <= worth(first & !1) { first | 1 } else { first & !1 };
        self.slots[slot as usize] = CounterSlot { before: SmallCounter::with_spare(check), ..CounterSlot::default() };
        SlotIndex(slot)
    }

    /// The slot at a place.
    ///
    /// # Panics
    /// If the place is another table's.
    #[inline(always)]
    pub fn slot(&mut self, at: SlotIndex) -> &mut CounterSlot {
        &mut self.slots[at.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::*;

    #[test]
    fn slots_keep_their_counters() {
        let mut table = ContextTable::new(1 << 12);
        let find = |table: &mut ContextTable, context| {
            dispatch!(Level::new(), simd => table.find(simd, &[hash(context, 1)], &()))[0]
        };
        for context in 0..50 {
            let at = find(&mut table, context);
            table.slot(at).counter(1).update(true, 30);
            table.slot(at).counter(3).update(context % 2 == 0, 30);
            table.slot(at).before().update(context % 2 == 0);
        }
        let right = (0..50)
            .filter(|&context| {
                let at = find(&mut table, context);
                (table.slot(at).counter(3).p() > 32768) == (context % 2 == 0)
                    && (table.slot(at).before().p() > 32768) == (context % 2 == 0)
            })
            .count();
        assert!(right >= 45, "{right}");
    }

    #[test]
    fn a_slot_fills_a_cache_line() {
        assert_eq!(size_of::<CounterSlot>(), 64);
    }
}
