//! What a layer has done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts what a [`CompressionLayer`](crate::CompressionLayer) does. Clones share the numbers.
///
/// ```
/// use dualcomp_http::CompressionLayer;
///
/// let layer = CompressionLayer::new();
/// let counters = layer.counters();
/// // ... while it serves, for a page of figures:
/// let counts = counters.read();
/// println!("{} coded, {} from the cache, {} without room", counts.coded, counts.hits, counts.refused);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    coded: AtomicU64,
    content_bytes: AtomicU64,
    coded_bytes: AtomicU64,
    micros: AtomicU64,
    hits: AtomicU64,
    refused: AtomicU64,
    streams: AtomicU64,
    failed: AtomicU64,
}

/// The numbers of [`Counters`] at a moment, each since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Bodies that were coded as a whole.
    pub coded: u64,
    /// Bytes of these bodies before and after.
    pub content_bytes: u64,
    /// Bytes that they were coded to.
    pub coded_bytes: u64,
    /// How long that took, of one core each.
    pub coding_time: Duration,
    /// Responses whose coded body was in the cache, or was in work for another response.
    pub hits: u64,
    /// Responses that went without our coding because the [`Budget`](crate::Budget) was spent.
    pub refused: u64,
    /// Responses that were coded as streams.
    pub streams: u64,
    /// Bodies that could not be coded, and were sent as they are.
    pub failed: u64,
}

impl Counters {
    /// All numbers are 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The numbers now. Those of one response may be there in part.
    pub fn read(&self) -> Counts {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let Numbers { coded, content_bytes, coded_bytes, micros, hits, refused, streams, failed } = &*self.0;
        Counts {
            coded: read(coded),
            content_bytes: read(content_bytes),
            coded_bytes: read(coded_bytes),
            coding_time: Duration::from_micros(read(micros)),
            hits: read(hits),
            refused: read(refused),
            streams: read(streams),
            failed: read(failed),
        }
    }

    pub(crate) fn coded(&self, content: usize, coded: usize, time: Duration) {
        self.0.coded.fetch_add(1, Ordering::Relaxed);
        self.0.content_bytes.fetch_add(content as u64, Ordering::Relaxed);
        self.0.coded_bytes.fetch_add(coded as u64, Ordering::Relaxed);
        self.0.micros.fetch_add(time.as_micros() as u64, Ordering::Relaxed);
    }

    #[cfg(feature = "cache")]
    pub(crate) fn hit(&self) {
        self.0.hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self) {
        self.0.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stream(&self) {
        self.0.streams.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.0.failed.fetch_add(1, Ordering::Relaxed);
    }
}
