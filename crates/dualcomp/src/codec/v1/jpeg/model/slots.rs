//! Slots of counters under hashed contexts.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u32x16};

use crate::codec::v1::jpeg::model::mixing::LANES;

/// Counters of a slot: the nodes of one symbol's binary decisions.
pub(crate) const NODES: usize = 4;

/// Numbers of the lanes.
const ORDER: [u32; LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// A table of `2^bits` slots for each of the contexts: a slot is a quarter of a cache line, the counters of one context
/// for one symbol, as words of [`dualcomp_entropy::Counter`]. Contexts that share a hash share a slot: look-ups wait for
/// memory once and compare nothing. No two contexts of a symbol share one, so that counters learn where they are.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    words: Vec<u32>,
    bits: u32,
}

impl Slots {
    pub(crate) fn new(contexts: usize, bits: u32) -> Self {
        Self { words: vec![0; (contexts << bits) * NODES], bits }
    }

    /// Where the slots of contexts begin.
    #[inline(always)]
    pub(crate) fn find<S: Simd>(&self, simd: S, contexts: &[u32; LANES], salt: u32) -> [u32; LANES] {
        // Multiplication, folding, multiplication: the upper bits of the last product depend on all bits.
        let hash = (u32x16::from_slice(simd, contexts) + salt) * 0x2C92_77B5;
        let hash = (hash ^ (hash >> 15)) * 0x5F35_6495;
        let tables = u32x16::from_slice(simd, &ORDER) << self.bits;
        let mut found = [0; LANES];
        ((tables | (hash >> (32 - self.bits))) * NODES as u32).store_slice(&mut found);
        found
    }

    /// The counters of a node in the first `N` lanes; 0 in others.
    #[inline(always)]
    pub(crate) fn get<const N: usize>(&self, found: &[u32; LANES], node: usize) -> [i32; LANES] {
        // Of its own, so that its length stays in a register.
        let (table, mut words) = (&self.words[node % NODES..], [0; LANES]);
        for i in 0..N {
            words[i] = table[found[i] as usize] as i32;
        }
        words
    }

    #[inline(always)]
    pub(crate) fn set<const N: usize>(&mut self, found: &[u32; LANES], node: usize, words: &[i32; LANES]) {
        let table = &mut self.words[node % NODES..];
        for i in 0..N {
            table[found[i] as usize] = words[i] as u32;
        }
    }
}
