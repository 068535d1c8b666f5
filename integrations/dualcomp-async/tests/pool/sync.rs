//! What `pool.rs` takes of `std::sync`, on loom, with the one thing that loom lacks: a wait that ends when time is up.
//!
//! Time is up for all waits at once, at any moment that [`time_is_up`] is called; later waits end at once.

use std::cell::{Cell, RefCell};
use std::ops::{Deref, DerefMut};
use std::sync::LockResult;
use std::time::Duration;

pub(crate) use loom::sync::Arc;
pub(crate) use std::sync::OnceLock;

pub(crate) mod thread {
    use std::io;

    pub(crate) use std::thread::available_parallelism;

    /// Starts threads, unless none can be started.
    pub(crate) struct Builder(loom::thread::Builder);

    impl Builder {
        pub(crate) fn new() -> Self {
            Self(loom::thread::Builder::new())
        }

        pub(crate) fn name(self, name: String) -> Self {
            Self(self.0.name(name))
        }

        pub(crate) fn spawn(self, life: impl FnOnce() + Send + 'static) -> io::Result<()> {
            let none = super::NO_THREADS.get();
            if none { Err(io::ErrorKind::Unsupported.into()) } else { self.0.spawn(life).map(|_| ()) }
        }
    }
}

#[derive(Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

pub(crate) struct MutexGuard<'a, T>(&'a Mutex<T>, loom::sync::MutexGuard<'a, T>);

impl<T> Mutex<T> {
    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        Ok(MutexGuard(self, self.0.lock().unwrap()))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.1
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.1
    }
}

#[derive(Default)]
struct Waits {
    /// Numbers of waits that nothing has ended yet.
    open: Vec<usize>,
    begun: usize,
    time_is_up: bool,
}

type Shared = Arc<(loom::sync::Mutex<Waits>, loom::sync::Condvar)>;

pub(crate) struct Condvar(Shared);

pub(crate) struct TimedOut(bool);

impl TimedOut {
    pub(crate) fn timed_out(&self) -> bool {
        self.0
    }
}

thread_local! {
    /// All of a model run on one thread of the system.
    static LAST: RefCell<Option<Shared>> = const { RefCell::new(None) };
    static NO_THREADS: Cell<bool> = const { Cell::new(false) };
}

/// From here on this model can start no thread.
pub(crate) fn without_threads() {
    NO_THREADS.set(true);
}

impl Condvar {
    pub(crate) fn new() -> Self {
        let shared = Arc::new((loom::sync::Mutex::default(), loom::sync::Condvar::new()));
        LAST.with(|last| *last.borrow_mut() = Some(shared.clone()));
        Self(shared)
    }

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, TimedOut)> {
        let (waits, ended) = &*self.0;
        let mut now = waits.lock().unwrap();
        let number = now.begun;
        now.begun += 1;
        now.open.push(number);
        // From here on a notification counts.
        let MutexGuard(mutex, inner) = guard;
        drop(inner);
        while now.open.contains(&number) && !now.time_is_up {
            now = ended.wait(now).unwrap();
        }
        let timed_out = now.open.contains(&number);
        now.open.retain(|&open| open != number);
        drop(now);
        Ok((mutex.lock().unwrap(), TimedOut(timed_out)))
    }

    pub(crate) fn notify_one(&self) {
        let (waits, ended) = &*self.0;
        let mut now = waits.lock().unwrap();
        if !now.open.is_empty() {
            now.open.remove(0);
            ended.notify_all();
        }
    }
}

/// Ends all waits of the `Condvar` that was made last.
pub(crate) fn time_is_up() {
    let shared = LAST.with(|last| last.borrow_mut().take());
    let (waits, ended) = &*shared.expect("a pool was made");
    waits.lock().unwrap().time_is_up = true;
    ended.notify_all();
}
