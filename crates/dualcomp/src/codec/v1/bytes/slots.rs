//! The slots of the contexts of a node group: found together, copied while its decisions are made, and put back
//! (docs/spec/bytes.md, sections 2.5 and 7).

use std::sync::Arc;

use dualcomp_entropy::{ContextTable, CounterSlot, SlotIndex, hash};
use fearless_simd::Simd;

use crate::codec::v1::bytes::below::Below;
use crate::codec::v1::bytes::contexts::{CONTEXTS, Cursor};
use crate::codec::v1::bytes::history::History;
use crate::codec::v1::bytes::pretrained::Pretrained;
use crate::codec::v1::bytes::shape::{ByteSelectors, by_two};
use crate::format::bytes_params::BytesParams;

/// The context table, and the slots of the decisions that are made together.
pub(crate) struct ContextSlots<const GROUPS: usize> {
    pub(super) table: ContextTable,
    /// The contexts of a dictionary.
    pub(super) below: Option<Arc<ContextTable>>,
    pub(super) pretrained: Pretrained,
    /// Hashes of the contexts of the byte.
    contexts: [[u32; CONTEXTS]; GROUPS],
    /// What selects weights for the byte, and the last two bytes as such.
    pub(super) selectors: ByteSelectors,
    pub(super) by_two: usize,
    /// The number of the node group, the hashes of its contexts, where these are found, and their counters.
    number: u8,
    hashes: [[u32; CONTEXTS]; GROUPS],
    places: [[SlotIndex; CONTEXTS]; GROUPS],
    pub(super) current: [[CounterSlot; CONTEXTS]; GROUPS],
}

impl<const GROUPS: usize> ContextSlots<GROUPS> {
    /// A table that knows what is pretrained.
    pub(super) fn new(params: BytesParams) -> Self {
        Self {
            table: ContextTable::new(params.counters()),
            below: None,
            pretrained: Pretrained::embedded(),
            contexts: [[0; CONTEXTS]; GROUPS],
            selectors: ByteSelectors::default(),
            by_two: 0,
            number: 0,
            hashes: [[0; CONTEXTS]; GROUPS],
            places: [[SlotIndex::default(); CONTEXTS]; GROUPS],
            current: [[CounterSlot::default(); CONTEXTS]; GROUPS],
        }
    }

    /// Fetches what the decisions of a node group will need. At a new byte, `depth` says how many bytes of the token
    /// are spelled.
    #[inline(always)]
    pub(crate) fn fetch(&mut self, cursor: &Cursor<GROUPS>, node_group: u8, depth: Option<u8>, history: &History) {
        if let Some(depth) = depth {
            self.contexts = cursor.hash_contexts(depth, history);
            self.selectors = cursor.selectors();
            self.by_two = by_two(cursor.last);
        }
        self.number = node_group;
        for group in 0..GROUPS {
            for i in 0..CONTEXTS {
                self.hashes[group][i] = hash(self.contexts[group][i], node_group.into());
            }
        }
        let below = self.below.as_deref();
        self.table.prefetch(&self.hashes[0], &Below { table: below, prior: self.pretrained });
        for group in 1..GROUPS {
            self.table.prefetch(&self.hashes[group], &Below { table: below, prior: () });
        }
    }

    /// Finds the counters of the node group that [`Self::fetch`] has named.
    #[inline(always)]
    pub(crate) fn look_up<S: Simd>(&mut self, simd: S) {
        let below = self.below.as_deref();
        let prior = Below { table: below, prior: self.pretrained.of_group(self.number) };
        self.places[0] = self.table.find(simd, &self.hashes[0], &prior);
        for group in 1..GROUPS {
            self.places[group] = self.table.find(simd, &self.hashes[group], &Below { table: below, prior: () });
        }
        for group in 0..GROUPS {
            for i in 0..CONTEXTS {
                self.current[group][i] = *self.table.slot(self.places[group][i]);
            }
        }
    }

    /// Puts the counters back, after they have learned.
    #[inline(always)]
    pub(crate) fn put_back(&mut self) {
        for group in 0..GROUPS {
            for i in 0..CONTEXTS {
                *self.table.slot(self.places[group][i]) = self.current[group][i];
            }
        }
    }
}
