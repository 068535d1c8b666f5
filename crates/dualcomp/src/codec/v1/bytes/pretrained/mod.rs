//! Pretrained contexts: how often each exit of a node group was taken under many contexts of other texts. A context
//! that a stream sees for the first time begins with these counts (docs/spec/bytes.md, section 8).

mod planes;

use dualcomp_entropy::{ContextPrior, Counter, CounterSlot};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, u16x16};
use prefetch_index::prefetch_index;

use crate::codec::v1::bytes::light::states::PATHS;

/// Entries of two bytes in buckets of sixteen. A context's hash picks a bucket and ten bits that mark its entries. An
/// entry has the count of one exit of a node group, or the probability of a token's end.
#[derive(Clone, Copy)]
pub(crate) struct Pretrained {
    buckets: &'static [[u8; BUCKET]],
    /// The node group that is filled.
    group: u8,
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
/// Count of a pretrained counter, by the logarithm of its occurrences: small, so that it soon learns otherwise
/// (experiments/0022); counts of one more, or twice as high, are no better (experiments/0095).
pub(crate) const COUNTS: [u32; 8] = [1, 1, 2, 2, 2, 2, 3, 3];
/// Count of the small counter for the end of a token: by hand.
const END_COUNT: u32 = 2;

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
        Self { buckets: &EMBEDDED, group: 0 }
    }

    /// These counts, as many buckets as they fill.
    pub(crate) fn new(counts: &'static [u8]) -> Self {
        Self { buckets: counts.as_chunks().0, group: 0 }
    }

    /// The same, for slots of this node group.
    #[inline(always)]
    pub(crate) fn of_group(self, number: u8) -> Self {
        Self { group: number, ..self }
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
            entry.before().start((u32::from(slot >> 2 & 15) * 2 + 1) << 11, END_COUNT);
            ends &= ends - 1;
        }
        if exits == 0 {
            return;
        }
        let paths = &PATHS[usize::from(self.group)];
        let mut words = [0; SLOTS];
        if exits & (exits - 1) == 0 {
            let (exit, weight) = self::exit(marked[exits.trailing_zeros() as usize % SLOTS]);
            let (zeros, ones, [zero, one]) = (&paths.zeros[exit], &paths.ones[exit], ALONE[weight]);
            for i in 0..SLOTS {
                // Masks of 16 bits become such of 32.
                words[i] = zeros[i] as i16 as u32 & zero | ones[i] as i16 as u32 & one;
            }
            entry.start(&words);
            return;
        }
        // The last one of an exit counts.
        let (mut weights, mut known) = ([0; SLOTS], 0u32);
        while exits != 0 {
            let (exit, weight) = self::exit(marked[exits.trailing_zeros() as usize % SLOTS]);
            weights[exit] = WEIGHTS[weight] as u16;
            known |= 1 << exit;
            exits &= exits - 1;
        }
        let none = u16x16::splat(simd, 0);
        let (mut zeros, mut ones) = (none, none);
        while known != 0 {
            let exit = known.trailing_zeros() as usize % SLOTS;
            zeros += u16x16::from_slice(simd, &paths.zeros[exit]) & weights[exit];
            ones += u16x16::from_slice(simd, &paths.ones[exit]) & weights[exit];
            known &= known - 1;
        }
        let mut passed = (zeros | ones).simd_gt(0).to_bitmask();
        let mut counts = [[0; SLOTS]; 2];
        zeros.store_slice(&mut counts[0]);
        ones.store_slice(&mut counts[1]);
        while passed != 0 {
            let index = passed.trailing_zeros() as usize % SLOTS;
            words[index] = start(counts[0][index].into(), counts[1][index].into()).word();
            passed &= passed - 1;
        }
        entry.start(&words);
    }
}

/// What a node begins with that was passed so often with each outcome.
#[inline(always)]
const fn start(zeros: u32, ones: u32) -> Counter {
    let both = zeros + ones;
    let p = ((ones * 10 + 4) << 16) / (both * 10 + 8);
    let log = both.ilog2() as usize;
    Counter::pretrained(p as u16, COUNTS[if log < 7 { log } else { 7 }])
}

/// By the weight of the only exit that is known: what the nodes before it begin with that were passed with 0, or with 1.
static ALONE: [[u32; 2]; WEIGHTS.len()] = {
    let mut alone = [[0; 2]; WEIGHTS.len()];
    let mut i = 0;
    while i < alone.len() {
        alone[i] = [start(WEIGHTS[i], 0).word(), start(0, WEIGHTS[i]).word()];
        i += 1;
    }
    alone
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_divided_for_webassembly_is_joined_again() {
        let buckets: &[[u8; BUCKET]] = EMBEDDED.0.as_chunks().0;
        assert!(planes::join(&planes::divide(&EMBEDDED.0)) == buckets);
    }
}
