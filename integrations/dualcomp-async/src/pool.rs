//! Threads for work that takes long.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::Duration;

use crate::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, thread};

/// How long a thread waits for a job before it ends.
const PATIENCE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

/// Threads that code blocks, at most so many at once; the other blocks wait in turn.
///
/// A thread starts when a job finds none idle and ends after ten seconds without one. Clones share the threads.
/// Where no thread can be started, as on most WebAssembly targets, the work is done where it arises.
///
/// ```
/// use dualcomp_async::{EncoderConfig, Offload, Pool};
///
/// // All streams of this service together keep one core busy at most.
/// let pool = Pool::new(1);
/// let config = EncoderConfig::default().with_offload(Offload::Pool(pool.clone()));
/// ```
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    threads: usize,
    queue: Mutex<Queue>,
    added: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Threads that exist.
    alive: usize,
    /// Threads that wait for a job.
    idle: usize,
}

impl Pool {
    /// At most `threads` threads, at least one. None is started yet.
    pub fn new(threads: usize) -> Self {
        Self(Arc::new(Shared { threads: threads.max(1), queue: Mutex::default(), added: Condvar::new() }))
    }

    /// The pool of the process, with as many threads as there are cores: what streams use by default.
    pub fn shared() -> Self {
        static SHARED: OnceLock<Pool> = OnceLock::new();
        SHARED.get_or_init(|| Self::new(thread::available_parallelism().map_or(1, NonZero::get))).clone()
    }

    /// Blocks that are coded at once at most.
    pub fn threads(&self) -> usize {
        self.0.threads
    }

    /// Runs other work in turn with the blocks: soon, or now if there can be no thread. Work that panics ends without a
    /// word.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        let mut queue = self.0.lock();
        queue.jobs.push_back(Box::new(job));
        // An idle thread may have been woken for an earlier job and not have taken it yet.
        if queue.idle >= queue.jobs.len() {
            self.0.added.notify_one();
            return;
        }
        if queue.alive == self.0.threads {
            return;
        }
        queue.alive += 1;
        drop(queue);
        let shared = self.0.clone();
        let started = thread::Builder::new().name("dualcomp".into()).spawn(move || shared.work());
        if started.is_err() {
            self.0.without_thread();
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("threads", &self.0.threads).finish_non_exhaustive()
    }
}

impl Shared {
    /// Jobs run outside the lock, so a panic never leaves the queue half changed.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a thread.
    fn work(&self) {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                run(job);
                queue = self.lock();
                continue;
            }
            queue.idle += 1;
            let (woken, wait) = self.added.wait_timeout(queue, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            queue = woken;
            queue.idle -= 1;
            if wait.timed_out() && queue.jobs.is_empty() {
                queue.alive -= 1;
                return;
            }
        }
    }

    /// Does the work of a thread that could not be started, unless others do it.
    fn without_thread(&self) {
        let mut queue = self.lock();
        queue.alive -= 1;
        while queue.alive == 0 {
            let Some(job) = queue.jobs.pop_front() else { return };
            drop(queue);
            run(job);
            queue = self.lock();
        }
    }
}

/// Who waits for a job that panics sees that it has ended without a result.
fn run(job: Job) {
    let _ = catch_unwind(AssertUnwindSafe(job));
}
