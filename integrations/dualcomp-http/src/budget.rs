//! How many bodies at once.

use std::sync::Arc;

use dualcomp_async::Pool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies that may be in the codec at once. Clones share the number.
///
/// A request that is decoded and a response that is coded count from their head until their codec is gone: its last byte
/// has left, or it was dropped and no thread has work of it to do. So this bounds memory: 29 MiB for a body of up to 256 KiB,
/// and 44 MiB for the longest (see the memory section of [`dualcomp_async`]; what others made may take as much as the
/// options of decompression allow). It also bounds the wait, as no more than these bodies compete for the threads of the
/// [`Pool`]. Who reads a coded response slowly keeps its place; others then go without our coding, and wait for nothing.
///
/// A response that is decoded counts only while it is: not while nobody reads it, nor while more of it has yet to come. A
/// client that holds many responses half read pays for each with memory, and holds up none of the others.
///
/// ```
/// use dualcomp_http::{Budget, CompressionLayer};
///
/// // Two layers that together have eight bodies in work.
/// let budget = Budget::new(8);
/// let (one, two) = (CompressionLayer::new().with_budget(budget.clone()), CompressionLayer::new().with_budget(budget));
/// ```
#[derive(Clone, Debug)]
pub struct Budget(Arc<Semaphore>);

pub(crate) type Permit = OwnedSemaphorePermit;

impl Budget {
    /// So many bodies. With 0 nothing is coded.
    pub fn new(bodies: usize) -> Self {
        Self(Arc::new(Semaphore::new(bodies.min(Semaphore::MAX_PERMITS))))
    }

    /// Bodies for which there is room now.
    pub fn available(&self) -> usize {
        self.0.available_permits()
    }

    pub(crate) fn try_take(&self) -> Option<Permit> {
        self.0.clone().try_acquire_owned().ok()
    }

    pub(crate) fn semaphore(&self) -> Arc<Semaphore> {
        self.0.clone()
    }
}

impl Default for Budget {
    /// Two bodies for each thread of [`Pool::shared`]: one in work and one that waits.
    fn default() -> Self {
        Self::new(2 * Pool::shared().threads())
    }
}
