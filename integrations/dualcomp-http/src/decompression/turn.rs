//! Places in the budget.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use dualcomp_async::DecoderConfig;
use http_body::Body;

use super::error::{LimitExceeded, length_limit_error};
use crate::BoxError;
use crate::budget::{Budget, Permit, Waiter};
use crate::source::Source;

/// A request that is no longer than this, as received, takes its place when all of it has come: in bytes.
const SHORT: usize = 256 << 10;

/// A place in the budget. The codec keeps it for as long as a thread works for it.
pub(super) struct Turn {
    permit: Arc<Mutex<Option<Permit>>>,
    kind: Kind,
}

enum Kind {
    /// Waits whenever it is read, and has a place for no longer than that takes: who holds others half read must not wait
    /// for itself. Without a waiter there is no place at all.
    Response(Option<Waiter>),
    /// Waits once, and keeps its place to its end. First its content is waited for; then it is known whether all has come. One
    /// that says that it is long has its place from the beginning.
    Request { bodies: Waiter, streams: Waiter, whole: Option<bool> },
}

impl Turn {
    /// That of a request of this length, if it is known; none if there is no room.
    pub(super) fn request(budget: &Budget, len: Option<u64>) -> Option<Self> {
        let permit = match len {
            Some(len) if len > SHORT as u64 => Some(budget.try_take_stream()?),
            _ if budget.available() == 0 => return None,
            _ => None,
        };
        let whole = permit.is_some().then_some(false);
        let (bodies, streams) = (budget.wait(), budget.wait_for_stream());
        Some(Self { permit: Arc::new(Mutex::new(permit)), kind: Kind::Request { bodies, streams, whole } })
    }

    pub(super) fn response(budget: &Budget) -> Self {
        Self { permit: Arc::default(), kind: Kind::Response(budget.wait_for_response()) }
    }

    /// Has the codec keep the place; that of a response only to the end of a block, also if nobody reads it then.
    pub(super) fn bind(&self, config: DecoderConfig) -> DecoderConfig {
        let config = config.with_guard(self.permit.clone());
        match self.kind {
            Kind::Request { .. } => config,
            Kind::Response(_) => {
                let permit = self.permit.clone();
                config.with_after_block(move || *lock(&permit) = None)
            }
        }
    }

    /// Waits for a place; a request first waits for its content, so that a slow sender has none.
    pub(super) fn poll<B: Body>(&mut self, source: Pin<&mut Source<B>>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.slot().is_some() {
            return Poll::Ready(Ok(()));
        }
        let waiter = match &mut self.kind {
            Kind::Response(Some(responses)) => responses,
            Kind::Response(None) => return Poll::Ready(Err(io::Error::other("the budget has no place for any body"))),
            Kind::Request { bodies, streams, whole } => {
                let whole = match *whole {
                    Some(known) => known,
                    None => *whole.insert(ready!(source.poll_gather(cx, SHORT))),
                };
                if whole { bodies } else { streams }
            }
        };
        let permit = ready!(waiter.poll_take(cx));
        *self.slot() = Some(permit);
        Poll::Ready(Ok(()))
    }

    /// Gives a response's place back until it is read again.
    pub(super) fn rest(&mut self) {
        if matches!(self.kind, Kind::Response(_)) {
            *self.slot() = None;
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Permit>> {
        lock(&self.permit)
    }

    /// The error of a body that exceeds a limit.
    pub(super) fn refuse(&self, limit: LimitExceeded) -> BoxError {
        match self.kind {
            Kind::Request { .. } => length_limit_error(),
            Kind::Response(_) => limit.into(),
        }
    }
}

fn lock(permit: &Mutex<Option<Permit>>) -> MutexGuard<'_, Option<Permit>> {
    // Nothing can be half done while the lock is held.
    permit.lock().unwrap_or_else(PoisonError::into_inner)
}
