//! Coded bodies that are kept.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use dualcomp::Level;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use crate::coding::Coding;

/// Keeps coded bodies, so that content is coded once however often it is served. Clones share it.
///
/// ```
/// use dualcomp_http::{BodyCache, CompressionLayer};
///
/// // 32 MiB of coded bodies.
/// let layer = CompressionLayer::new().with_cache(BodyCache::new(32 << 20));
/// ```
///
/// A body is found by the SHA-256 of its content, the coding and the level: never by a name or an `ETag` that a handler
/// gave, so the cache cannot be out of date and no client is given what the handler did not make for it. The handler
/// runs for each request; what is saved is the coding. While a body is coded, other responses of the same content wait
/// for it and take no room in the [`Budget`](crate::Budget); it is coded to its end if the first client goes away and
/// others wait. Bodies of `Cache-Control: no-store`, of streams and of more than 1 MiB are not kept.
///
/// The least used bodies go first where room is wanted (TinyLFU, by `moka`). Who can measure how long a response
/// takes can tell whether its content was served before.
#[derive(Clone)]
pub struct BodyCache {
    bodies: moka::sync::Cache<Key, Bytes>,
    flights: Arc<Flights>,
}

/// Names content and how it is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    digest: [u8; 32],
    coding: Coding,
    level: Level,
}

impl Key {
    pub(crate) fn new(content: &[u8], coding: Coding, level: Level) -> Self {
        Self { digest: Sha256::digest(content).into(), coding, level }
    }
}

type Sender = oneshot::Sender<Option<Bytes>>;

/// Who waits for the bodies that are in work.
type Flights = Mutex<HashMap<Key, Vec<Sender>>>;

impl BodyCache {
    /// Keeps coded bodies of so many bytes together; 128 bytes more are counted for each.
    pub fn new(bytes: u64) -> Self {
        const FRAME: usize = 128;
        let weight = |_: &Key, body: &Bytes| u32::try_from(body.len() + FRAME).unwrap_or(u32::MAX);
        let bodies = moka::sync::Cache::builder().max_capacity(bytes).weigher(weight).build();
        Self { bodies, flights: Arc::default() }
    }

    /// Bodies that are kept.
    pub fn len(&self) -> u64 {
        self.bodies.run_pending_tasks();
        self.bodies.entry_count()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that are kept, with 128 for each body.
    pub fn bytes(&self) -> u64 {
        self.bodies.run_pending_tasks();
        self.bodies.weighted_size()
    }

    /// Forgets all bodies.
    pub fn clear(&self) {
        self.bodies.invalidate_all();
    }

    /// The body, or a place among those who wait for it.
    pub(crate) fn look(&self, key: Key) -> Looked {
        if let Some(body) = self.bodies.get(&key) {
            return Looked::Found(body);
        }
        let (sender, receiver) = oneshot::channel();
        let mut flights = lock(&self.flights);
        match flights.entry(key) {
            Entry::Occupied(mut waiting) => {
                waiting.get_mut().push(sender);
                Looked::Coming(receiver)
            }
            Entry::Vacant(place) => {
                // It may have come before the lock was taken.
                if let Some(body) = self.bodies.get(&key) {
                    return Looked::Found(body);
                }
                place.insert(vec![sender]);
                Looked::Absent(Flight { key, cache: self.clone(), over: false }, receiver)
            }
        }
    }
}

impl fmt::Debug for BodyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyCache").field("max_bytes", &self.bodies.policy().max_capacity()).finish_non_exhaustive()
    }
}

/// What there is of a body.
pub(crate) enum Looked {
    Found(Bytes),
    /// Another response has it in work.
    Coming(oneshot::Receiver<Option<Bytes>>),
    /// The caller is to code it, for itself and for all who come meanwhile.
    Absent(Flight, oneshot::Receiver<Option<Bytes>>),
}

/// The duty to code a body. Dropped without [`Self::land`], all who wait for it go without.
pub(crate) struct Flight {
    key: Key,
    cache: BodyCache,
    /// Whether those who wait now, if any, wait for another flight.
    over: bool,
}

impl Flight {
    /// Whether anybody waits for it. If not, nobody will.
    pub(crate) fn is_wanted(&mut self) -> bool {
        let mut flights = lock(&self.cache.flights);
        let wanted = flights.get(&self.key).is_some_and(|waiting| waiting.iter().any(|sender| !sender.is_closed()));
        if !wanted {
            flights.remove(&self.key);
            self.over = true;
        }
        wanted
    }

    /// Keeps the body and gives it to all who wait.
    pub(crate) fn land(mut self, body: Option<Bytes>) {
        if let Some(body) = &body {
            self.cache.bodies.insert(self.key, body.clone());
            // Bodies come seldom: the bound holds after each.
            self.cache.bodies.run_pending_tasks();
        }
        let waiting = lock(&self.cache.flights).remove(&self.key);
        self.over = true;
        for sender in waiting.into_iter().flatten() {
            // Who has gone away does not want it.
            let _ = sender.send(body.clone());
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.over {
            lock(&self.cache.flights).remove(&self.key);
        }
    }
}

fn lock(flights: &Flights) -> MutexGuard<'_, HashMap<Key, Vec<Sender>>> {
    // Nothing is half done while the lock is held.
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> Key {
        Key::new(&[n], Coding::without_model(), Level::Fast)
    }

    fn put(cache: &BodyCache, n: u8, len: usize) {
        let Looked::Absent(flight, _receiver) = cache.look(key(n)) else { panic!("{n} is there") };
        flight.land(Some(vec![n; len].into()));
    }

    #[test]
    fn bytes_are_bounded() {
        let cache = BodyCache::new(10_000);
        for n in 0..200 {
            put(&cache, n, 872);
            assert!(cache.bytes() <= 10_000);
        }
        assert_eq!((cache.len(), cache.bytes()), (10, 10_000));
        cache.clear();
        assert!(cache.is_empty());
    }

    #[test]
    fn one_codes_and_all_get_it() {
        let cache = BodyCache::new(10_000);
        let Looked::Absent(mut flight, mut first) = cache.look(key(1)) else { panic!("an empty cache has a body") };
        let Looked::Coming(mut second) = cache.look(key(1)) else { panic!("it is in work") };
        assert!(matches!(cache.look(key(2)), Looked::Absent(..)), "another body is another flight");
        assert!(flight.is_wanted());
        flight.land(Some(Bytes::from_static(b"body")));
        for receiver in [&mut first, &mut second] {
            assert_eq!(receiver.try_recv().unwrap().unwrap(), "body");
        }
        assert!(matches!(cache.look(key(1)), Looked::Found(_)));
    }

    #[test]
    fn a_body_is_coded_while_anybody_waits() {
        let cache = BodyCache::new(10_000);
        let Looked::Absent(mut flight, first) = cache.look(key(1)) else { panic!("an empty cache has a body") };
        let Looked::Coming(second) = cache.look(key(1)) else { panic!("it is in work") };
        drop(first);
        assert!(flight.is_wanted());
        drop(second);
        assert!(!flight.is_wanted());
        // Who comes now begins anew, whatever becomes of the first.
        let Looked::Absent(again, mut receiver) = cache.look(key(1)) else { panic!("nothing was coded") };
        drop(flight);
        assert!(receiver.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Empty));
        drop(again);
        assert!(receiver.try_recv().is_err());
        assert!(matches!(cache.look(key(1)), Looked::Absent(..)));
    }
}
