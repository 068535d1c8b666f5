//! Places in the budget.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Waits whenever it is read, and has a place for no longer than that takes: who holds others half read must not
    /// wait for itself. Without a waiter there is no place at all.
    Response(Option<Waiter>),
    /// Waits once, and keeps its place to its end. First its content is waited for; then it is known whether all has
    /// come. One that says that it is long has its place from the beginning; one that does not say it is a stream if it
    /// pauses.
    Request { bodies: Waiter, streams: Waiter, whole: Option<bool>, says_len: bool, refused: Refused },
}

/// Whether a request was refused for want of room when it had arrived.
#[derive(Clone, Debug, Default)]
pub(super) struct Refused(Arc<AtomicBool>);

impl Refused {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Turn {
    /// That of a request of this length, if it is known; none if there is no room.
    pub(super) fn request(budget: &Budget, len: Option<u64>, refused: Refused) -> Option<Self> {
        let permit = match len {
            Some(len) if len > SHORT as u64 => Some(budget.try_take_stream()?),
            _ if budget.available() == 0 => return None,
            _ => None,
        };
        let whole = permit.is_some().then_some(false);
        let (bodies, streams) = (budget.wait(), budget.wait_for_stream());
        let kind = Kind::Request { bodies, streams, whole, says_len: len.is_some(), refused };
        Some(Self { permit: Arc::new(Mutex::new(permit)), kind })
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
    pub(super) fn poll<B: Body>(
        &mut self,
        mut source: Pin<&mut Source<B>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if self.slot().is_some() {
            return Poll::Ready(Ok(()));
        }
        let permit = match &mut self.kind {
            Kind::Response(Some(responses)) => ready!(responses.poll_take(cx)),
            Kind::Response(None) => return Poll::Ready(Err(io::Error::other("the budget has no place for any body"))),
            Kind::Request { bodies, streams, whole, says_len, refused } => {
                let gathered = match *whole {
                    Some(known) => Poll::Ready(known),
                    None => source.as_mut().poll_gather(cx, SHORT),
                };
                let permit = match gathered {
                    Poll::Ready(all) => {
                        *whole = Some(all);
                        ready!(if all { bodies } else { streams }.poll_take_in_line(cx))
                    }
                    // It may be a conversation, in which the answer is waited for before more is said.
                    Poll::Pending if !*says_len && source.has_gathered() => streams.try_take().inspect(|_| {
                        *whole = Some(false);
                        source.release();
                    }),
                    Poll::Pending => return Poll::Pending,
                };
                match permit {
                    Some(permit) => permit,
                    None if whole.is_none() => return Poll::Pending,
                    None => {
                        refused.0.store(true, Ordering::Relaxed);
                        let error = "too many requests wait to be decoded";
                        return Poll::Ready(Err(io::Error::new(io::ErrorKind::ResourceBusy, error)));
                    }
                }
            }
        };
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
