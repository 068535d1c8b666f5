//! Slots of counters under hashed contexts.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u32x16};

use super::mixing::LANES;

/// Counters of a slot: the nodes of one symbol's binary decisions.
pub(super) const NODES: usize = 4;

/// A quarter of a cache line: the counters of one context for one symbol, as words of [`dualcomp_entropy::Counter`].
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(16))]
pub(super) struct Slot([u32; NODES]);

/// Numbers of the lanes.
const ORDER: [u32; LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// A table of `2^bits` slots for each of the contexts. Contexts that share a hash share a slot: look-ups wait for memory
/// once and compare nothing.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    /// One more than contexts have, for lanes without a context.
    slots: Vec<Slot>,
    bits: u32,
}

impl Slots {
    pub(super) fn new(contexts: usize, bits: u32) -> Self {
        Self { slots: vec![Slot::default(); (contexts << bits) + 1], bits }
    }

    /// The slots of `used` contexts in the lanes of group `group`.
    #[inline(always)]
    pub(super) fn find<S: Simd>(
        &self,
        simd: S,
        contexts: &[u32; LANES],
        salt: u32,
        group: usize,
        used: usize,
    ) -> [u32; LANES] {
        // Multiplication, folding, multiplication: the upper bits of the last product depend on all bits.
        let hash = (u32x16::from_slice(simd, contexts) + salt) * 0x2C92_77B5;
        let hash = (hash ^ (hash >> 15)) * 0x5F35_6495;
        let tables = (u32x16::from_slice(simd, &ORDER) + (group * LANES) as u32) << self.bits;
        let mut found = [0; LANES];
        (tables | (hash >> (32 - self.bits))).store_slice(&mut found);
        for i in used..LANES {
            found[i] = self.slots.len() as u32 - 1;
        }
        found
    }

    /// Copies of the slots.
    #[inline(always)]
    pub(super) fn load(&self, slots: &[u32; LANES], copies: &mut [Slot; LANES]) {
        for i in 0..LANES {
            copies[i] = self.slots[slots[i] as usize];
        }
    }

    #[inline(always)]
    pub(super) fn store(&mut self, slots: &[u32; LANES], copies: &[Slot; LANES]) {
        for i in 0..LANES {
            self.slots[slots[i] as usize] = copies[i];
        }
    }
}

/// The counters of a node.
#[inline(always)]
pub(super) fn get(slots: &[Slot; LANES], node: usize) -> [i32; LANES] {
    let mut words = [0; LANES];
    for i in 0..LANES {
        words[i] = slots[i].0[node % NODES] as i32;
    }
    words
}

#[inline(always)]
pub(super) fn set(slots: &mut [Slot; LANES], node: usize, words: &[i32; LANES]) {
    for i in 0..LANES {
        slots[i].0[node % NODES] = words[i] as u32;
    }
}
