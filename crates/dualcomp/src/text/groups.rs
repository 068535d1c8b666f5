//! The network's states of all lanes, in two groups: while the tokens of one are coded, a second thread computes
//! what the network makes of the other's.

use std::hint::spin_loop;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use dualcomp_entropy::predictor::{Predictor, PredictorError, TextSession};

use super::MAX_LANES;
use crate::Error;

/// Lanes with even numbers, and lanes with odd ones.
pub(super) const GROUPS: usize = 2;
/// Looks at a channel before a thread sleeps: some microseconds, longer than a group takes.
const SPINS: u32 = 4000;

/// The lanes of one group.
struct Group {
    session: Box<dyn TextSession + Send>,
    /// What is to be fed: lanes, as the session counts them, and tokens.
    lanes: Vec<u32>,
    tokens: Vec<u32>,
    failure: Option<PredictorError>,
}

impl Group {
    fn advance(&mut self) {
        if !self.lanes.is_empty() {
            self.failure = self.session.advance(&self.lanes, &self.tokens).err();
        }
    }
}

/// Both groups, of which each is here or with the second thread.
#[derive(Default)]
pub(super) struct Groups {
    here: [Option<Group>; GROUPS],
    worker: Option<Worker>,
}

struct Worker {
    jobs: Sender<(usize, Group)>,
    results: Receiver<(usize, Group)>,
}

impl Groups {
    /// Makes the sessions that a block with so many lanes needs.
    pub(super) fn prepare(&mut self, predictor: &dyn Predictor, lanes: u8) -> Result<(), Error> {
        for group in self.here.iter_mut().take(lanes.into()) {
            if group.is_none() {
                let session = predictor.text(usize::from(MAX_LANES).div_ceil(GROUPS)).map_err(Error::Model)?;
                *group = Some(Group { session, lanes: vec![], tokens: vec![], failure: None });
            }
        }
        Ok(())
    }

    /// Lets the network see the next token of each of these lanes, all of one group.
    pub(super) fn feed(&mut self, index: usize, tokens: impl Iterator<Item = (u32, u32)>) {
        let Some(mut group) = self.here[index].take() else { return };
        group.lanes.clear();
        group.tokens.clear();
        for (lane, token) in tokens {
            group.lanes.push(lane / GROUPS as u32);
            group.tokens.push(token);
        }
        match &self.worker {
            Some(worker) if !group.lanes.is_empty() => {
                // The other end lives as long as this one, or has panicked: then `answer` says so.
                drop(worker.jobs.send((index, group)));
            }
            _ => {
                group.advance();
                self.here[index] = Some(group);
            }
        }
    }

    /// The session of a group, after it has seen what it was fed.
    pub(super) fn answer(&mut self, index: usize) -> Result<&dyn TextSession, Error> {
        self.gather(index);
        let group = self.here[index].as_mut().ok_or(Error::parameter("the thread of the network has ended"))?;
        match group.failure.take() {
            Some(failure) => Err(Error::Model(failure)),
            None => Ok(&*group.session),
        }
    }

    /// Waits until a group is here.
    fn gather(&mut self, index: usize) {
        while let (None, Some(worker)) = (&self.here[index], &self.worker) {
            let Some((index, group)) = receive(&worker.results) else { return };
            self.here[index] = Some(group);
        }
    }
}

/// Runs `work` with these groups, with a second thread for them if `shared`, and returns them.
pub(super) fn with_worker(
    mut groups: Groups,
    shared: bool,
    work: impl FnOnce(&mut Groups) -> Result<(), Error>,
) -> Result<Groups, Error> {
    if !shared {
        work(&mut groups)?;
        return Ok(groups);
    }
    thread::scope(|scope| {
        let (jobs, queue) = channel::<(usize, Group)>();
        let (done, results) = channel();
        scope.spawn(move || {
            while let Some((index, mut group)) = receive(&queue) {
                group.advance();
                if done.send((index, group)).is_err() {
                    break;
                }
            }
        });
        groups.worker = Some(Worker { jobs, results });
        let result = work(&mut groups);
        // Nothing is under way after the last round. Dropping the channel ends the thread.
        groups.worker = None;
        result.map(|()| groups)
    })
}

/// The next message: looks for it a while, since it comes soon, and sleeps only then.
fn receive<T>(channel: &Receiver<T>) -> Option<T> {
    for _ in 0..SPINS {
        match channel.try_recv() {
            Ok(message) => return Some(message),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => spin_loop(),
        }
    }
    channel.recv().ok()
}
