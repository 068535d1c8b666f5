//! Wakes tasks when they have waited long enough.
//!
//! By a thread of its own: the layers run on any executor, and a timer of tokio panics where its runtime has none.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::thread;
use std::time::Duration;

use crate::clock::{self, Time};

/// After which tasks are woken.
const PATIENCE: Duration = Duration::from_millis(250);

/// Who is woken; none if that is done.
type Sleeper = Mutex<Option<Waker>>;

static ALARMS: Mutex<Alarms> = Mutex::new(Alarms { waiting: VecDeque::new(), is_watched: false });

struct Alarms {
    /// In the order of their times, or nearly: all wait as long.
    waiting: VecDeque<(Time, Weak<Sleeper>)>,
    /// Whether there is a thread.
    is_watched: bool,
}

/// When a task has waited long enough.
pub(super) struct Alarm {
    /// None where there is no clock.
    time: Option<Time>,
    sleeper: Option<Arc<Sleeper>>,
}

impl Alarm {
    /// In a quarter of a second.
    pub(super) fn new() -> Self {
        Self { time: clock::now().map(|now| now + PATIENCE), sleeper: None }
    }

    /// Whether it is time; if not, the task is woken by this when it is. Where there can be no thread, it is not.
    pub(super) fn is_over(&mut self, waker: &Waker) -> bool {
        let (Some(time), Some(now)) = (self.time, clock::now()) else { return false };
        if now >= time {
            return true;
        }
        let sleeper = self.sleeper.get_or_insert_with(|| sleep(time, waker));
        match &mut *lock(sleeper) {
            Some(old) => old.clone_from(waker),
            // It was woken just now, maybe by another waker.
            None => return true,
        }
        false
    }
}

fn sleep(time: Time, waker: &Waker) -> Arc<Sleeper> {
    let sleeper = Arc::new(Mutex::new(Some(waker.clone())));
    let mut alarms = lock(&ALARMS);
    alarms.waiting.push_back((time, Arc::downgrade(&sleeper)));
    if !alarms.is_watched {
        alarms.is_watched = thread::Builder::new().name("dualcomp-alarm".into()).spawn(watch).is_ok();
    }
    if !alarms.is_watched {
        alarms.waiting.clear();
    }
    sleeper
}

/// The life of the thread: it ends when nobody waits.
fn watch() {
    while let Some((time, sleeper)) = next() {
        thread::sleep(clock::now().map_or(Duration::ZERO, |now| time.saturating_duration_since(now)));
        let waker = sleeper.upgrade().and_then(|sleeper| lock(&sleeper).take());
        if let Some(waker) = waker {
            // A waker of others must not end what wakes the rest.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }
}

fn next() -> Option<(Time, Weak<Sleeper>)> {
    let mut alarms = lock(&ALARMS);
    let next = alarms.waiting.pop_front();
    alarms.is_watched = next.is_some();
    next
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is half done while a lock is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::task::Wake;

    use super::*;

    struct Tell(mpsc::Sender<Time>);

    impl Wake for Tell {
        fn wake(self: Arc<Self>) {
            self.0.send(Time::now()).unwrap();
            panic!("on purpose");
        }
    }

    #[test]
    fn each_is_woken_once_in_its_time() {
        let (sender, woken) = mpsc::channel();
        let waker = || Waker::from(Arc::new(Tell(sender.clone())));
        let start = Time::now();
        assert!(!Alarm::new().is_over(&waker()), "it is dropped before its time");
        let mut alarms: Vec<_> = (0..3).map(|_| Alarm::new()).collect();
        for alarm in &mut alarms {
            assert!(!alarm.is_over(Waker::noop()) && !alarm.is_over(&waker()));
        }
        for alarm in &mut alarms {
            assert!(woken.recv().unwrap() - start >= PATIENCE && alarm.is_over(&waker()));
        }
        // By another thread if the first has ended.
        assert!(!Alarm::new().is_over(&waker()));
        let mut last = Alarm::new();
        assert!(!last.is_over(&waker()));
        assert!(woken.recv().unwrap() - start >= 2 * PATIENCE && last.is_over(&waker()));
        assert!(woken.recv_timeout(2 * PATIENCE).is_err(), "each is woken once");
    }
}
