//! How many bodies at once.

use std::sync::Arc;

use dualcomp_async::Pool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies that may be in the codec at once. Clones share the number.
///
/// This bounds memory: 29 MiB for a body of up to 256 KiB, and 44 MiB for the longest (see the memory section of
/// [`dualcomp_async`]; what others made may take as much as the options of decompression allow). It also bounds the wait,
/// as no more than these bodies compete for the threads of the [`Pool`]. Nobody keeps a place by being slow:
///
/// | | has a place |
/// |---|---|
/// | a response that is coded, of a known size up to 1 MiB | while it is coded: it is gathered before and sent after |
/// | any other response that is coded | among the streams, to its end |
/// | a request that is decoded, of up to 256 KiB as received | from when it has arrived until the handler has read it |
/// | any other request that is decoded | among the streams, from its 256th KiB to its end |
/// | a response that is decoded | while it is: not while nobody reads it, nor while more of it has yet to come |
///
/// There are as many places for streams as for the others, and they are apart: a peer that stalls in the middle of a
/// stream keeps its place, but only streams want that. Their blocks are coded in turn with the others, by the [`Pool`]. A
/// client that holds many responses half read pays for each with memory, and holds up none of the others.
///
/// ```
/// use dualcomp_http::{Budget, CompressionLayer};
///
/// // Two layers that together have eight bodies in work, and eight streams.
/// let budget = Budget::new(8);
/// let (one, two) = (CompressionLayer::new().with_budget(budget.clone()), CompressionLayer::new().with_budget(budget));
/// ```
#[derive(Clone, Debug)]
pub struct Budget {
    bodies: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

pub(crate) type Permit = OwnedSemaphorePermit;

impl Budget {
    /// So many bodies, and as many streams. With 0 nothing is coded.
    pub fn new(bodies: usize) -> Self {
        let places = || Arc::new(Semaphore::new(bodies.min(Semaphore::MAX_PERMITS)));
        Self { bodies: places(), streams: places() }
    }

    /// Bodies for which there is room now.
    pub fn available(&self) -> usize {
        self.bodies.available_permits()
    }

    /// Streams for which there is room now.
    pub fn available_streams(&self) -> usize {
        self.streams.available_permits()
    }

    pub(crate) fn try_take(&self) -> Option<Permit> {
        self.bodies.clone().try_acquire_owned().ok()
    }

    pub(crate) fn try_take_stream(&self) -> Option<Permit> {
        self.streams.clone().try_acquire_owned().ok()
    }

    pub(crate) fn bodies(&self) -> Arc<Semaphore> {
        self.bodies.clone()
    }

    pub(crate) fn streams(&self) -> Arc<Semaphore> {
        self.streams.clone()
    }
}

impl Default for Budget {
    /// Two bodies for each thread of [`Pool::shared`]: one in work and one that waits.
    fn default() -> Self {
        Self::new(2 * Pool::shared().threads())
    }
}
