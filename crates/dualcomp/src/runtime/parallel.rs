//! Running the tiles of an image on several threads.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use crate::error::Result;

/// Does all on the calling thread: where one is meant, or no other to be had, as on wasm32.
fn alone<J, T>(
    mut next: impl FnMut() -> Result<Option<J>>,
    work: impl Fn(J) -> Result<T>,
    mut done: impl FnMut(u64, T) -> Result<()>,
) -> Result<()> {
    let mut index = 0;
    while let Some(job) = next()? {
        done(index, work(job)?)?;
        index += 1;
    }
    Ok(())
}

/// Does `work` on what `next` gives, on up to `threads` threads, and passes the results to `done` in any order,
/// with the index of their job. `next` and `done` run on the calling thread; at most `2 * threads` jobs are under
/// way. Stops at the first error.
pub(crate) fn run<J: Send, T: Send>(
    threads: usize,
    mut next: impl FnMut() -> Result<Option<J>>,
    work: impl Fn(J) -> Result<T> + Sync,
    mut done: impl FnMut(u64, T) -> Result<()>,
) -> Result<()> {
    if threads <= 1 {
        return alone(next, work, done);
    }
    let (jobs, queue) = mpsc::channel();
    let (finished, results) = mpsc::channel();
    let queue = Mutex::new(queue);
    let (queue, work) = (&queue, &work);
    thread::scope(|scope| {
        let mut started = 0;
        for _ in 0..threads {
            let finished = finished.clone();
            let thread = thread::Builder::new().spawn_scoped(scope, move || {
                loop {
                    // Nothing can be half done while the lock is held.
                    let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((index, job)) = job else { break };
                    // A panic must reach the caller, who else would wait for this result for ever.
                    let result = catch_unwind(AssertUnwindSafe(|| work(job)));
                    if finished.send((index, result)).is_err() {
                        break;
                    }
                }
            });
            started += usize::from(thread.is_ok());
        }
        if started == 0 {
            return alone(next, work, done);
        }
        // Leaving this closure, early or not, closes the queue, which ends the workers.
        let jobs = jobs;
        let (mut sent, mut received, mut open) = (0, 0, true);
        loop {
            while open && sent - received < 2 * threads as u64 {
                match next()? {
                    Some(job) => {
                        // The other end of the queue outlives the scope.
                        drop(jobs.send((sent, job)));
                        sent += 1;
                    }
                    None => open = false,
                }
            }
            if sent == received {
                return Ok(());
            }
            // A sender is alive: the one the workers' were cloned from.
            let Ok((index, result)) = results.recv() else { return Ok(()) };
            received += 1;
            done(index, result.unwrap_or_else(|panic| resume_unwind(panic))?)?;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn squares(threads: usize, count: u64, bad: u64) -> Result<Vec<u64>> {
        let mut out = vec![0; count as usize];
        let mut jobs = 0..count;
        run(
            threads,
            || Ok(jobs.next()),
            |n| if n == bad { Err(Error::corrupt("bad")) } else { Ok(n * n) },
            |index, square| {
                out[index as usize] = square;
                Ok(())
            },
        )?;
        Ok(out)
    }

    #[test]
    fn results_find_their_jobs() {
        for threads in [1, 2, 5] {
            for count in [0, 1, 3, 100] {
                assert_eq!(squares(threads, count, 1000).unwrap(), (0..count).map(|n| n * n).collect::<Vec<_>>());
            }
            assert!(squares(threads, 100, 50).is_err());
        }
    }

    #[test]
    #[should_panic(expected = "no such luck")]
    fn a_panic_is_passed_on() {
        let mut jobs = 0..10;
        let _ = run(2, || Ok(jobs.next()), |n| if n == 3 { panic!("no such luck") } else { Ok(()) }, |_, ()| Ok(()));
    }
}
