//! Two things side by side.

use std::panic::resume_unwind;
use std::sync::Mutex;
use std::thread;

/// Does two things, side by side if there may be and is a second thread for it.
pub(crate) fn join<A, B: Send>(threads: usize, a: impl FnOnce() -> A, b: impl FnOnce() -> B + Send) -> (A, B) {
    let b = Mutex::new(Some(b));
    let do_b = || b.lock().ok().and_then(|mut b| b.take()).map(|b| b());
    let (a, done) = thread::scope(|scope| {
        let other = if threads > 1 { thread::Builder::new().spawn_scoped(scope, do_b).ok() } else { None };
        let a = a();
        (a, other.and_then(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))))
    });
    match done.or_else(do_b) {
        Some(b) => (a, b),
        None => unreachable!("taken once, by whoever is to do it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done_once() {
        for threads in [1, 2] {
            let mut counts = [0, 0];
            let [a, b] = &mut counts;
            let done = join(
                threads,
                || {
                    *a += 1;
                    "a"
                },
                || {
                    *b += 1;
                    "b"
                },
            );
            assert_eq!((done, counts), (("a", "b"), [1, 1]));
        }
    }
}
