//! Threads that do the work of all streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use dualcomp_async::Pool;

#[test]
fn no_more_run_at_once_than_there_are_threads() {
    let pool = Pool::new(3);
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (sender, receiver) = mpsc::channel();
    for _ in 0..50 {
        let (running, most, sender) = (running.clone(), most.clone(), sender.clone());
        pool.run(move || {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(2));
            running.fetch_sub(1, Ordering::SeqCst);
            sender.send(()).unwrap();
        });
    }
    drop(sender);
    assert_eq!(receiver.iter().count(), 50);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[test]
fn jobs_run_in_turn_and_a_panic_ends_none_but_its_own() {
    let pool = Pool::new(1);
    let (sender, receiver) = mpsc::channel();
    for number in 0..20 {
        let sender = sender.clone();
        pool.run(move || {
            assert!(number != 7, "a panic on purpose");
            sender.send(number).unwrap();
        });
    }
    drop(sender);
    let expected: Vec<_> = (0..20).filter(|&number| number != 7).collect();
    assert_eq!(receiver.iter().collect::<Vec<_>>(), expected);
}
