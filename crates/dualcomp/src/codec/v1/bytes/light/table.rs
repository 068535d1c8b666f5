//! States under hashed contexts: a slot has those of a node group, and four slots are one cache line, so that a look-up
//! waits for memory once (docs/spec/bytes.md, section 11.1).

use dualcomp_entropy::{ContextPrior, hash};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, u16x16, u32x8};
use prefetch_index::prefetch_index;

use crate::codec::v1::bytes::contexts::CONTEXTS;
use crate::codec::v1::bytes::light::states::{PATHS, STATES, States};
use crate::codec::v1::bytes::pretrained::{self, Pretrained, WEIGHTS};

/// States by a node's index; that at 0 means nothing.
type Slot = [u8; 16];

/// Checks of the four contexts that have a slot here, 0 for none, then fifteen states of each.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([u8; 64]);

const CHECKS: usize = 4;
const STATES_IN_SLOT: usize = 15;
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
            lines: vec![Line([0; 64]); lines],
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
    pub(crate) fn begin<S: Simd>(&mut self, simd: S, contexts: [u32; CONTEXTS], pretrained: &Pretrained) {
        self.contexts = contexts;
        self.fetch(simd, 0, pretrained);
    }

    /// Fetches what [`Self::look_up`] will need for a node group.
    #[inline(always)]
    pub(crate) fn fetch<S: Simd>(&mut self, simd: S, group: u8, pretrained: &Pretrained) {
        self.group = group;
        let group = u32::from(group);
        let spread = u32x8::from_slice(simd, &self.contexts) * BY_CONTEXT;
        (spread + BY_GROUP * group).store_slice(&mut self.keys);
        // All groups of a context lie in one page of memory.
        ((spread >> self.shift) ^ group).store_slice(&mut self.places);
        for i in 0..CONTEXTS {
            prefetch_index(&self.lines, self.places[i] as usize);
        }
        for i in 0..CONTEXTS {
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
            let checks = u32::from_le_bytes([line[0], line[1], line[2], line[3]]);
            let differ = checks ^ (u32::from(check(self.keys[i])) * 0x0101_0101);
            // The highest bit of each byte that is 0, and perhaps of others above the first of these.
            let same = differ.wrapping_sub(0x0101_0101) & !differ & 0x8080_8080;
            missing |= u32::from(same == 0) << i;
            let slot = same.trailing_zeros() as usize / 8 % CHECKS;
            self.slots[i] = slot as u8;
            // Sixteen bytes are one move; the first of them belongs to what is before.
            copy::<16>(line, CHECKS - 1 + STATES_IN_SLOT * slot, &mut self.current[i], 0);
        }
        let absent = missing;
        while missing != 0 {
            self.replace(missing.trailing_zeros() as usize % CONTEXTS);
            missing &= missing - 1;
        }
        missing = absent;
        while missing != 0 {
            let i = missing.trailing_zeros() as usize % CONTEXTS;
            self.current[i] = pretrained_states(simd, self.hashes[i], self.group, pretrained);
            missing &= missing - 1;
        }
        self.known = 0;
        for i in 0..CONTEXTS {
            self.known += usize::from(self.current[i][1] != 0);
        }
    }

    /// Gives a context a slot of its line.
    #[inline(always)]
    fn replace(&mut self, i: usize) {
        let key = self.keys[i];
        let line = &mut self.lines[self.places[i] as usize].0;
        let mut best = u32::MAX;
        for slot in 0..CHECKS as u32 {
            let seen = self.states.seen[usize::from(line[CHECKS + STATES_IN_SLOT * slot as usize])];
            let rank = slot.wrapping_sub(key >> 8) % CHECKS as u32;
            best = best.min(u32::from(seen) << 4 | rank << 2 | slot);
        }
        let slot = best as usize % CHECKS;
        // At once: another context of these may be of the same line.
        line[slot] = check(key);
        self.slots[i] = slot as u8;
    }

    /// Puts the slots back, after they have learned.
    #[inline(always)]
    pub(crate) fn put_back(&mut self) {
        for i in 0..CONTEXTS {
            let (line, slot) = (&mut self.lines[self.places[i] as usize].0, usize::from(self.slots[i]) % CHECKS);
            let at = CHECKS + STATES_IN_SLOT * slot;
            // Fifteen bytes as two words that overlap.
            copy::<8>(&self.current[i], 1, line, at);
            copy::<8>(&self.current[i], 8, line, at + 7);
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

/// Copies `N` bytes. An index loop becomes moves, `copy_from_slice` stays a call in functions as large as the callers: 40 calls
/// a byte.
#[inline(always)]
#[expect(clippy::manual_memcpy, reason = "it would be a call")]
fn copy<const N: usize>(from: &[u8], first: usize, to: &mut [u8], at: usize) {
    for i in 0..N {
        to[at + i] = from[first + i];
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
                table.begin(simd, std::array::from_fn(|i| hash(context, i as u32)), &pretrained);
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
        // 1024 slots: all of 50 contexts find eight, most of those of 500 do not.
        let found = |visit: &mut dyn FnMut(u32) -> usize, contexts: u32| -> usize {
            for context in 0..contexts {
                visit(context);
            }
            (0..contexts).map(visit).sum()
        };
        assert!(found(&mut visit, 50) >= 390);
        assert!(found(&mut visit, 500) < 2000);
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
