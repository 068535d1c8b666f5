//! What a dictionary has learned, below the mixing of a stream, which never changes it (docs/spec/dictionary.md).

use std::sync::Arc;

use dualcomp_entropy::{Apm, ContextPrior, ContextTable, CounterSlot};
use fearless_simd::Simd;

use crate::codec::v1::bytes::mixer_set::MixerSet;

/// A context of a dictionary begins with counts up to this, so that it soon learns otherwise (experiments/0030).
const KNOWN_COUNT: u32 = 12;

/// What the mixing of a stream with a dictionary begins with.
pub(crate) struct MixingStart<const GROUPS: usize> {
    pub(super) table: Arc<ContextTable>,
    pub(super) mixer_set: MixerSet<GROUPS>,
    pub(super) by_byte: Apm,
}

/// Contexts of a dictionary, above others that contexts begin with which it has not seen.
pub(super) struct Below<'a, P> {
    pub(super) table: Option<&'a ContextTable>,
    pub(super) prior: P,
}

impl<P: ContextPrior> ContextPrior for Below<'_, P> {
    #[inline(always)]
    fn prefetch(&self, hash: u32) {
        if let Some(table) = self.table {
            table.prefetch_slot(hash);
        }
        self.prior.prefetch(hash);
    }

    #[inline(always)]
    fn fill<S: Simd>(&self, simd: S, hash: u32, slot: &mut CounterSlot) {
        match self.table.and_then(|table| table.get(hash)) {
            Some(known) => *slot = known.capped(KNOWN_COUNT),
            None => self.prior.fill(simd, hash, slot),
        }
    }
}
