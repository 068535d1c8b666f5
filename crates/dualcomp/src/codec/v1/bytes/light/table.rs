//! States under hashed contexts: a slot has those of a node group, and four slots are one cache line, so that a look-up
//! waits for memory once (docs/spec/bytes.md, section 11.1).

use dualcomp_entropy::{ContextPrior, hash};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x32, u16x16};
use prefetch_index::prefetch_index;

use crate::codec::v1::bytes::light::states::{PATHS, STATES, States};
use crate::codec::v1::bytes::light::{CONTEXTS, PRETRAINED};
use crate::codec::v1::bytes::pretrained::{self, Pretrained, WEIGHTS};

/// What tells its context from others of the line, 0 for none, then states by a node's index.
type Slot = [u8; 16];

/// The slots of four contexts: one cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([Slot; SLOTS]);

const SLOTS: usize = 4;
/// Spreads contexts over the table (Knuth, TAOCP 6.4), and node groups over the checks of a line.
const BY_CONTEXT: u32 = 0x9E37_79B1;
const BY_GROUP: u32 = 0x5B;

/// The table, and the slots of the decisions that are made together.
pub(crate) struct StateTable {
    /// A power of two.
    lines: Vec<Line>,
    shift: u32,
    /// Hashes of the contexts of the byte.
    contexts: [u32; CONTEXTS],
    /// The node group, and for each context the hash of both, the key and the line, which slot of that it has, and a copy of
    /// the slot.
    group: u8,
    hashes: [u32; CONTEXTS],
    keys: [u32; CONTEXTS],
    places: [u32; CONTEXTS],
    slots: [u8; CONTEXTS],
    current: [Slot; CONTEXTS],
    /// Contexts that have seen the first decision of the group, or have pretrained states.
    known: usize,
    pub(super) states: &'static States,
}

impl StateTable {
    /// A table of so many counters times four bytes, a power of two.
    pub(crate) fn new(counters: usize) -> Self {
        let lines = counters / 16;
        Self {
            lines: vec![Line([[0; 16]; SLOTS]); lines],
            shift: u32::BITS - lines.ilog2(),
            contexts: [0; CONTEXTS],
            group: 0,
            hashes: [0; CONTEXTS],
            keys: [0; CONTEXTS],
            places: [0; CONTEXTS],
            slots: [0; CONTEXTS],
            current: [[0; 16]; CONTEXTS],
            known: 0,
            states: &STATES,
        }
    }

    /// Begins a byte with these contexts.
    #[inline(always)]
    pub(crate) fn begin(&mut self, contexts: [u32; CONTEXTS], pretrained: &Pretrained) {
        self.contexts = contexts;
        self.fetch(0, pretrained);
    }

    /// Fetches what [`Self::look_up`] will need for a node group.
    #[inline(always)]
    pub(crate) fn fetch(&mut self, group: u8, pretrained: &Pretrained) {
        self.group = group;
        let group = u32::from(group);
        for i in 0..CONTEXTS {
            let spread = self.contexts[i].wrapping_mul(BY_CONTEXT);
            self.keys[i] = spread.wrapping_add(BY_GROUP * group);
            // All groups of a context lie in one page of memory.
            self.places[i] = (spread >> self.shift) ^ group;
            prefetch_index(&self.lines, self.places[i] as usize);
        }
        for i in 0..PRETRAINED {
            self.hashes[i] = hash(self.contexts[i], group);
            pretrained.prefetch(self.hashes[i]);
        }
    }

    /// Copies the slots of the contexts that [`Self::fetch`] was told of. A context without one takes that of the line
    /// which has seen least, and begins with what is pretrained.
    #[inline(always)]
    pub(crate) fn look_up<S: Simd>(&mut self, simd: S, pretrained: &Pretrained) {
        let mut missing = 0;
        for i in 0..CONTEXTS {
            let line = &self.lines[self.places[i] as usize].0;
            let (low, high) = line.as_flattened().split_at(32);
            let check = u8x32::splat(simd, check(self.keys[i]));
            let same = |half: &[u8]| u8x32::from_slice(simd, half).simd_eq(check).to_bitmask();
            // One bit for each slot.
            let same = (same(low) | same(high) << 32) & 0x0001_0001_0001_0001;
            missing |= u32::from(same == 0) << i;
            let slot = same.trailing_zeros() as usize / 16 % SLOTS;
            self.slots[i] = slot as u8;
            self.current[i] = line[slot];
        }
        let absent = missing;
        while missing != 0 {
            self.replace(missing.trailing_zeros() as usize % CONTEXTS);
            missing &= missing - 1;
        }
        missing = absent & ((1 << PRETRAINED) - 1);
        while missing != 0 {
            let i = missing.trailing_zeros() as usize % PRETRAINED;
            self.current[i] = pretrained_states(simd, self.hashes[i], self.group, pretrained);
            self.current[i][0] = check(self.keys[i]);
            missing &= missing - 1;
        }
        self.known = 0;
        for i in 0..CONTEXTS {
            self.known += usize::from(self.current[i][1] != 0);
        }
    }

    /// Gives a context a slot of its line, in which it has seen nothing.
    #[inline(always)]
    fn replace(&mut self, i: usize) {
        let key = self.keys[i];
        let line = &mut self.lines[self.places[i] as usize].0;
        let mut best = u32::MAX;
        for slot in 0..SLOTS as u32 {
            let seen = self.states.seen[usize::from(line[slot as usize][1])];
            let rank = slot.wrapping_sub(key >> 8) % SLOTS as u32;
            best = best.min(u32::from(seen) << 4 | rank << 2 | slot);
        }
        let slot = best as usize % SLOTS;
        self.current[i] = [0; 16];
        self.current[i][0] = check(key);
        // At once: another context of these may be of the same line.
        line[slot][0] = check(key);
        self.slots[i] = slot as u8;
    }

    /// Puts the slots back, after they have learned.
    #[inline(always)]
    pub(crate) fn put_back(&mut self) {
        for i in 0..CONTEXTS {
            self.lines[self.places[i] as usize].0[usize::from(self.slots[i]) % SLOTS] = self.current[i];
        }
    }

    /// The state of a context at a node's index.
    #[inline(always)]
    pub(crate) fn state(&mut self, context: usize, index: u8) -> &mut u8 {
        &mut self.current[context][usize::from(index & 15)]
    }

    /// Contexts that knew something when the slots were looked up.
    #[inline(always)]
    pub(crate) fn known(&self) -> usize {
        self.known
    }
}

/// What tells contexts of a line apart.
#[inline(always)]
fn check(key: u32) -> u8 {
    (key as u8).max(1)
}

/// The states that a context begins with.
#[inline(always)]
fn pretrained_states<S: Simd>(simd: S, hash: u32, group: u8, pretrained: &Pretrained) -> Slot {
    let mut slot = [0; 16];
    let Some((entries, mut exits)) = pretrained.exits(simd, hash) else { return slot };
    let paths = &PATHS[usize::from(group)];
    let none = u16x16::splat(simd, 0);
    let (mut zeros, mut ones) = (none, none);
    let mut count = 0;
    while exits != 0 {
        let (exit, weight) = pretrained::exit(entries[exits.trailing_zeros() as usize % pretrained::SLOTS]);
        exits &= exits - 1;
        if count == 0 && exits == 0 {
            return paths.alone[exit][weight];
        }
        zeros += u16x16::from_slice(simd, &paths.zeros[exit]) & WEIGHTS[weight] as u16;
        ones += u16x16::from_slice(simd, &paths.ones[exit]) & WEIGHTS[weight] as u16;
        count += 1;
    }
    let mut passed = (zeros | ones).simd_gt(0).to_bitmask();
    let (mut sums, states) = ([[0; 16]; 2], &*STATES);
    zeros.store_slice(&mut sums[0]);
    ones.store_slice(&mut sums[1]);
    while passed != 0 {
        let index = passed.trailing_zeros() as usize & 15;
        slot[index] = states.first(sums[0][index], sums[1][index]);
        passed &= passed - 1;
    }
    slot
}

#[cfg(test)]
mod tests {
    use fearless_simd::Level;

    use super::*;
    use crate::runtime::at_level::at_level;

    #[test]
    fn slots_keep_their_states_and_give_way_to_others() {
        let pretrained = Pretrained::new(&[]);
        let mut table = StateTable::new(1 << 12);
        let mut visit = |context: u32| {
            at_level!(Level::new(), simd => {
                // Hashes, as contexts are.
                table.begin(std::array::from_fn(|i| hash(context, i as u32)), &pretrained);
                table.look_up(simd, &pretrained);
            });
            let known = table.known();
            for i in 0..CONTEXTS {
                let state = table.state(i, 1);
                *state = STATES.next[usize::from(*state)][1];
            }
            table.put_back();
            known
        };
        // 1024 slots: all of 60 contexts find six, most of those of 600 do not.
        let found = |visit: &mut dyn FnMut(u32) -> usize, contexts: u32| -> usize {
            for context in 0..contexts {
                visit(context);
            }
            (0..contexts).map(visit).sum()
        };
        assert!(found(&mut visit, 60) >= 350);
        assert!(found(&mut visit, 600) < 1800);
    }

    #[test]
    fn vectors_give_the_states_of_single_sums() {
        let pretrained = Pretrained::embedded();
        let mut known = 0;
        for context in 0..20_000u32 {
            let (hash, group) = (hash(context / 2, 0), context as u8 & 1);
            let by = |level| at_level!(level, simd => pretrained_states(simd, hash, group, &pretrained));
            let states = by(Level::new());
            assert_eq!(states, by(Level::baseline()));
            let entries = at_level!(Level::baseline(), simd => pretrained.exits(simd, hash));
            let mut sums = [[0; 2]; 16];
            if let Some((entries, exits)) = entries {
                for at in (0..16).filter(|at| exits >> at & 1 == 1) {
                    let (exit, weight) = pretrained::exit(entries[at]);
                    let paths = &PATHS[usize::from(group)];
                    for index in 0..16 {
                        sums[index][0] += paths.zeros[exit][index] & WEIGHTS[weight] as u16;
                        sums[index][1] += paths.ones[exit][index] & WEIGHTS[weight] as u16;
                    }
                }
            }
            let plain = sums.map(|[zeros, ones]| if zeros + ones > 0 { STATES.first(zeros, ones) } else { 0 });
            assert_eq!(states, plain);
            known += usize::from(states[1] > 0);
        }
        assert!(known > 100, "{known}");
    }
}
