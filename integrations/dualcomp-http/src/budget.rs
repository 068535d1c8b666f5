//! How many bodies at once.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use dualcomp_async::Pool;
use tokio::sync::futures::OwnedNotified;
use tokio::sync::{Notify, Semaphore};

/// Bodies that may be in the codec at once. Clones share the number.
///
/// This bounds memory: 29 MiB for a body of up to 256 KiB, and 44 MiB for the longest (see the memory section of
/// [`dualcomp_async`]; what others made may take as much as the options of decompression allow). It also bounds the
/// wait, as no more than these bodies compete for the threads of the [`Pool`]. Nobody keeps a place by being slow:
///
/// | | has a place |
/// |---|---|
/// | a response that is coded, of a known size up to 1 MiB | while it is coded: it is gathered before and sent after |
/// | any other response that is coded | among the streams, to its end |
/// | a request that is decoded, of up to 256 KiB as received | from when it has arrived until the handler has read it |
/// | a longer request that is decoded | among the streams, from its head to its end |
/// | a request of unknown length that is longer, or pauses | among the streams, from its 256th KiB or its first pause, if there is room then |
/// | a response that is decoded | among those of its kind, while it is: not while nobody reads it, nor while more of it has yet to come |
///
/// There are as many places for streams as for the others, and they are apart, and so are those of responses that are
/// decoded, as many again: a handler that has read half of a request may wait for a response. A peer that stalls in the
/// middle of a stream keeps its place, but only streams want that. Their blocks are coded in turn with the others, by
/// the [`Pool`]. A client that holds many responses half read pays for each with memory, and holds up none of the
/// others. Of requests that have arrived, four wait for each place; more are refused.
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
    bodies: Arc<Places>,
    streams: Arc<Places>,
    /// Those that are decoded. Apart, because a handler that holds a place for its request may wait for one.
    responses: Arc<Places>,
    total: usize,
}

impl Budget {
    /// So many bodies, as many streams, and as many responses that are decoded. With 0 nothing is coded; what must be
    /// decoded is refused.
    pub fn new(bodies: usize) -> Self {
        let total = bodies.min(Semaphore::MAX_PERMITS / IN_LINE);
        let places = || {
            let (free, in_line) = (Semaphore::new(total), Semaphore::new(IN_LINE * total));
            Arc::new(Places { free, in_line, given_back: Arc::default() })
        };
        Self { bodies: places(), streams: places(), responses: places(), total }
    }

    /// Bodies for which there is room now.
    pub fn available(&self) -> usize {
        self.bodies.free.available_permits()
    }

    /// Streams for which there is room now.
    pub fn available_streams(&self) -> usize {
        self.streams.free.available_permits()
    }

    pub(crate) fn try_take(&self) -> Option<Permit> {
        Permit::of(&self.bodies)
    }

    pub(crate) fn try_take_stream(&self) -> Option<Permit> {
        Permit::of(&self.streams)
    }

    /// One that waits for a place of a body.
    pub(crate) fn wait(&self) -> Waiter {
        Waiter::new(&self.bodies)
    }

    /// One that waits for a place of a stream.
    pub(crate) fn wait_for_stream(&self) -> Waiter {
        Waiter::new(&self.streams)
    }

    /// One that waits for a place of a response; none if it would wait for ever.
    pub(crate) fn wait_for_response(&self) -> Option<Waiter> {
        (self.total > 0).then(|| Waiter::new(&self.responses))
    }
}

impl Default for Budget {
    /// Two bodies for each thread of [`Pool::shared`]: one in work and one that waits.
    fn default() -> Self {
        Self::new(2 * Pool::shared().threads())
    }
}

/// Requests that may wait for each place.
const IN_LINE: usize = 4;

struct Places {
    free: Semaphore,
    /// Room to wait.
    in_line: Semaphore,
    given_back: Arc<Notify>,
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").field("free", &self.free.available_permits()).finish_non_exhaustive()
    }
}

/// A place, until it is dropped.
pub(crate) struct Permit(Arc<Places>);

impl Permit {
    fn of(places: &Arc<Places>) -> Option<Self> {
        places.free.try_acquire().ok()?.forget();
        Some(Self(places.clone()))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.free.add_permits(1);
        self.0.given_back.notify_waiters();
    }
}

/// One that waits. Not in a queue: who is first in one and is not polled any more would hold up all others. All that
/// wait are woken for each place, and the first to come has it.
pub(crate) struct Waiter {
    places: Arc<Places>,
    given_back: Option<Pin<Box<OwnedNotified>>>,
    /// Where [`Self::poll_take_in_line`] waits.
    in_line: Option<InLine>,
}

/// Room to wait, until it is dropped.
struct InLine(Arc<Places>);

impl Drop for InLine {
    fn drop(&mut self) {
        self.0.in_line.add_permits(1);
    }
}

impl Waiter {
    fn new(places: &Arc<Places>) -> Self {
        Self { places: places.clone(), given_back: None, in_line: None }
    }

    /// Takes a place if there is one now.
    pub(crate) fn try_take(&self) -> Option<Permit> {
        Permit::of(&self.places)
    }

    /// Waits for a place, unless too many do so already.
    pub(crate) fn poll_take_in_line(&mut self, cx: &mut Context<'_>) -> Poll<Option<Permit>> {
        let taken = self.poll_take(cx);
        if taken.is_pending() && self.in_line.is_none() {
            match self.places.in_line.try_acquire() {
                Ok(room) => room.forget(),
                Err(_) => return Poll::Ready(None),
            }
            self.in_line = Some(InLine(self.places.clone()));
        }
        taken.map(|permit| {
            self.in_line = None;
            Some(permit)
        })
    }

    pub(crate) fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<Permit> {
        loop {
            // What is given back from here on is not missed.
            let notify = &self.places.given_back;
            let given_back = self.given_back.get_or_insert_with(|| Box::pin(notify.clone().notified_owned()));
            if let Some(permit) = Permit::of(&self.places) {
                self.given_back = None;
                return Poll::Ready(permit);
            }
            ready!(given_back.as_mut().poll(cx));
            self.given_back = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn who_waits_and_is_not_polled_holds_up_nobody() {
        let budget = Budget::new(1);
        let taken = budget.try_take().unwrap();
        assert!(budget.try_take().is_none() && budget.try_take_stream().is_some());
        let (mut first, mut second, woken) = (budget.wait(), budget.wait(), Arc::<Woken>::default());
        let waker = Waker::from(woken.clone());
        let mut context = Context::from_waker(&waker);
        for waiter in [&mut first, &mut second] {
            assert!(waiter.poll_take(&mut context).is_pending());
        }
        assert!(first.poll_take(&mut context).is_pending());
        drop(taken);
        // Both are told; the first is forgotten by whoever had it.
        assert_eq!((woken.0.load(Ordering::SeqCst), budget.available()), (2, 1));
        let Poll::Ready(permit) = second.poll_take(&mut context) else { panic!("there is a place") };
        assert_eq!(budget.available(), 0);
        assert!(first.poll_take(&mut context).is_pending());
        drop(permit);
        assert!(first.poll_take(&mut context).is_ready());
        assert_eq!((budget.available(), budget.available_streams()), (1, 1));
    }

    #[test]
    fn no_more_wait_in_line_than_there_is_room_for() {
        let budget = Budget::new(1);
        let taken = budget.try_take().unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting: Vec<_> = (0..IN_LINE).map(|_| budget.wait()).collect();
        for waiter in waiting.iter_mut().chain([&mut budget.wait_for_stream()]) {
            let is_stream = Arc::ptr_eq(&waiter.places, &budget.streams);
            assert_eq!(waiter.poll_take_in_line(&mut context).is_ready(), is_stream);
        }
        assert!(matches!(budget.wait().poll_take_in_line(&mut context), Poll::Ready(None)));
        assert!(waiting[0].poll_take_in_line(&mut context).is_pending());
        waiting.pop();
        let mut last = budget.wait();
        assert!(last.poll_take_in_line(&mut context).is_pending());
        drop(taken);
        assert!(matches!(last.poll_take_in_line(&mut context), Poll::Ready(Some(_))));
        assert!(matches!(budget.wait().poll_take_in_line(&mut context), Poll::Ready(Some(_))));
    }
}
