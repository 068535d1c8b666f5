//! The pool's threads in every order in which they may run, by loom: no job is lost, none runs twice, no thread waits
//! for ever, whenever the patience of an idle one ends.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]

#[allow(dead_code, unreachable_pub, reason = "it is a part of a library, of which the model takes what it needs")]
#[path = "../../src/pool.rs"]
mod pool;
mod sync;

use std::sync::atomic::{AtomicUsize, Ordering};

use loom::sync::{Arc, Notify};

use pool::Pool;

/// Two changes of thread at places where none need be show all errors that were put in to try it.
fn model(body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(body);
}

/// Jobs that count themselves, and tell when all have run.
struct Jobs {
    left: AtomicUsize,
    all: Notify,
}

impl Jobs {
    fn new(number: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(number), all: Notify::new() })
    }

    fn give(jobs: &Arc<Self>, pool: &Pool) {
        let jobs = jobs.clone();
        pool.run(move || {
            let before = jobs.left.fetch_sub(1, Ordering::SeqCst);
            assert!(before > 0, "a job ran twice");
            if before == 1 {
                jobs.all.notify();
            }
        });
    }
}

#[test]
fn every_job_runs_though_patience_ends_at_any_time() {
    for threads in [1, 2] {
        model(move || {
            let (pool, jobs) = (Pool::new(threads), Jobs::new(3));
            Jobs::give(&jobs, &pool);
            Jobs::give(&jobs, &pool);
            sync::time_is_up();
            // A thread that gave up may just be leaving.
            Jobs::give(&jobs, &pool);
            jobs.all.wait();
        });
    }
}

#[test]
fn two_givers_at_once_lose_no_job() {
    model(|| {
        let (pool, jobs) = (Pool::new(1), Jobs::new(2));
        let (other, theirs) = (pool.clone(), jobs.clone());
        let giver = loom::thread::spawn(move || Jobs::give(&theirs, &other));
        Jobs::give(&jobs, &pool);
        giver.join().unwrap();
        jobs.all.wait();
        sync::time_is_up();
    });
}

#[test]
fn two_jobs_run_at_once_though_a_thread_was_woken_for_the_first() {
    model(|| {
        let (pool, jobs) = (Pool::new(2), Jobs::new(1));
        Jobs::give(&jobs, &pool);
        let notify = || Arc::new(Notify::new());
        let (first, second, met) = (notify(), notify(), notify());
        let (ours, theirs, both) = (first.clone(), second.clone(), met.clone());
        pool.run(move || {
            ours.notify();
            theirs.wait();
            both.notify();
        });
        pool.run(move || {
            first.wait();
            second.notify();
        });
        met.wait();
        sync::time_is_up();
    });
}

#[test]
fn jobs_that_panic_end_without_a_word_where_there_is_no_thread() {
    model(|| {
        sync::without_threads();
        let (pool, jobs) = (Pool::new(1), Jobs::new(1));
        pool.run(|| panic!("on purpose"));
        Jobs::give(&jobs, &pool);
        jobs.all.wait();
        sync::time_is_up();
    });
}
