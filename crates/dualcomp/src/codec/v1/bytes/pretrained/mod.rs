//! Pretrained contexts: how often each exit of a node group was taken under many contexts of other texts. A context
//! that a stream sees for the first time begins with these counts (docs/spec/bytes.md, section 8).

mod planes;

use dualcomp_entropy::{ContextPrior, Counter, CounterSlot};
use dualcomp_tokens::{BYTE_TREE, GROUP_NODES};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, u16x16};
use prefetch_index::prefetch_index;

/// Entries of two bytes in buckets of sixteen. A context's hash picks a bucket and ten bits that mark its entries. An
/// entry has the count of one exit of a node group, or the probability of a token's end.
#[derive(Clone, Copy)]
pub(crate) struct Pretrained {
    buckets: &'static [[u8; BUCKET]],
    /// The decisions of the node group that is filled.
    nodes: &'static [u8],
}

/// Bytes of the artefact. A file of another length does not compile.
const LEN: usize = 6 << 20;

/// Bytes that begin with a cache line, so that no bucket lies in two of them.
#[cfg(not(target_family = "wasm"))]
#[repr(align(64))]
struct Aligned<T>(T);
#[cfg(not(target_family = "wasm"))]
static EMBEDDED: Aligned<[u8; LEN]> = Aligned(*include_bytes!("../../../../../priors/pretrained.bin"));

#[cfg(target_family = "wasm")]
static PLANES: &[u8; LEN] = include_bytes!(concat!(env!("OUT_DIR"), "/pretrained.planes"));
#[cfg(target_family = "wasm")]
static EMBEDDED: std::sync::LazyLock<Vec<[u8; BUCKET]>> = std::sync::LazyLock::new(|| planes::join(PLANES));

/// Slots of a bucket.
pub(crate) const SLOTS: usize = 16;
/// Bytes of a bucket.
const BUCKET: usize = 2 * SLOTS;
/// Low bits of a slot: an exit above a weight.
const CODE: u32 = 6;
const CHECK_MASK: u32 = (1 << (16 - CODE)) - 1;
/// Marks entries of a token's end.
const END_MARK: u32 = 0x2AA;
/// Counts that weights stand for, in steps of about 3.2 (experiments/0022).
pub(crate) const WEIGHTS: [u32; 4] = [2, 6, 20, 64];
/// Count of a pretrained counter, by the logarithm of its occurrences: small, so that it soon learns otherwise.
pub(crate) const WORTH: [u32; 8] = [1, 1, 2, 2, 2, 2, 3, 3];
/// Count of the small counter for the end of a token.
const END_WORTH: u32 = 2;

/// The bucket, one of `buckets`, of a context with this hash.
#[inline(always)]
pub(crate) fn bucket(hash: u32, buckets: usize) -> usize {
    ((u64::from(hash) * buckets as u64) >> 32) as usize
}

/// The mark of slots that tell of exits, or of the end of a token; that of unused slots is 0.
#[inline(always)]
pub(crate) fn mark(hash: u32, end: bool) -> u16 {
    let check = hash & CHECK_MASK ^ if end { END_MARK } else { 0 };
    (check.max(1) << CODE) as u16
}

impl Pretrained {
    /// The counts inside this library.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn embedded() -> Self {
        Self::new(&EMBEDDED.0)
    }

    /// The counts inside this library, joined when they are first needed.
    #[cfg(target_family = "wasm")]
    pub(crate) fn embedded() -> Self {
        Self { buckets: &EMBEDDED, nodes: &[] }
    }

    /// These counts, as many buckets as they fill.
    pub(crate) fn new(counts: &'static [u8]) -> Self {
        Self { buckets: counts.as_chunks().0, nodes: &[] }
    }

    /// The same, for slots of this node group.
    #[inline(always)]
    pub(crate) fn of_group(self, number: u8) -> Self {
        Self { nodes: dualcomp_tokens::node_group(number.into()), ..self }
    }
}

/// The exit that an entry tells of, and which of [`WEIGHTS`] it has.
#[inline(always)]
pub(crate) fn exit(entry: u16) -> (usize, usize) {
    (usize::from(entry >> 2 & 15), usize::from(entry & 3))
}

impl Pretrained {
    /// The entries of a context's bucket.
    #[inline(always)]
    fn entries(&self, hash: u32) -> Option<[u16; SLOTS]> {
        let slots = self.buckets.get(bucket(hash, self.buckets.len()))?;
        let mut entries = [0; SLOTS];
        for i in 0..SLOTS {
            entries[i] = u16::from_le_bytes([slots[2 * i], slots[2 * i + 1]]);
        }
        Some(entries)
    }

    /// The same, and a bit for each that tells of an exit under the context.
    #[inline(always)]
    pub(crate) fn exits<S: Simd>(&self, simd: S, hash: u32) -> Option<([u16; SLOTS], u64)> {
        let entries = self.entries(hash)?;
        let checks = u16x16::from_slice(simd, &entries) & !((1 << CODE) - 1);
        Some((entries, checks.simd_eq(mark(hash, false)).to_bitmask()))
    }
}

impl ContextPrior for Pretrained {
    #[inline(always)]
    fn prefetch(&self, hash: u32) {
        prefetch_index(self.buckets, bucket(hash, self.buckets.len()));
    }

    #[inline(always)]
    fn fill<S: Simd>(&self, simd: S, hash: u32, entry: &mut CounterSlot) {
        let Some(marked) = self.entries(hash) else { return };
        let (exit, end) = (mark(hash, false), mark(hash, true));
        let checks = u16x16::from_slice(simd, &marked) & !((1 << CODE) - 1);
        let (mut exits, mut ends) = (checks.simd_eq(exit).to_bitmask(), checks.simd_eq(end).to_bitmask());
        while ends != 0 {
            let slot = marked[ends.trailing_zeros() as usize];
            entry.before().start((u32::from(slot >> 2 & 15) * 2 + 1) << 11, END_WORTH);
            ends &= ends - 1;
        }
        if exits == 0 {
            return;
        }
        // Exits, then nodes.
        let mut counts = [0; 16 + GROUP_NODES + 1];
        while exits != 0 {
            let slot = marked[exits.trailing_zeros() as usize];
            counts[usize::from(slot >> 2 & 15)] = WEIGHTS[usize::from(slot & 3)];
            exits &= exits - 1;
        }
        for index in (1..=self.nodes.len()).rev() {
            let byte_node = BYTE_TREE[usize::from(self.nodes[index - 1])];
            let (zeros, ones) = (counts[usize::from(byte_node.exits[0])], counts[usize::from(byte_node.exits[1])]);
            let both = zeros + ones;
            counts[16 + index] = both;
            if both > 0 {
                let p = ((ones * 10 + 4) << 16) / (both * 10 + 8);
                *entry.counter(index) = Counter::pretrained(p as u16, WORTH[(both.ilog2() as usize).min(7)]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_divided_for_webassembly_is_joined_again() {
        let buckets: &[[u8; BUCKET]] = EMBEDDED.0.as_chunks().0;
        assert!(planes::join(&planes::divide(&EMBEDDED.0)) == buckets);
    }
}
