//! Bodies that are coded as a whole.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dualcomp_async::Offload;
use tokio::sync::oneshot;

use super::layer::Engine;
use crate::budget::Permit;
use crate::clock;
use crate::coding::Coding;

/// A body on its way. Without a result it could not be coded, or is wanted no more.
pub(super) type Job = oneshot::Receiver<Option<Bytes>>;

/// What becomes of a body.
pub(super) enum Begun {
    Job(Job),
    /// There is no room.
    Refused,
}

/// Who waits for a body.
enum Target {
    One(oneshot::Sender<Option<Bytes>>),
    #[cfg(feature = "cache")]
    All(crate::cache::Flight),
}

impl Target {
    fn is_wanted(&mut self) -> bool {
        match self {
            Self::One(sender) => !sender.is_closed(),
            #[cfg(feature = "cache")]
            Self::All(flight) => flight.is_wanted(),
        }
    }

    fn deliver(self, body: Option<Bytes>) {
        match self {
            // Who has gone away does not want it.
            Self::One(sender) => drop(sender.send(body)),
            #[cfg(feature = "cache")]
            Self::All(flight) => flight.land(body),
        }
    }
}

/// Codes content unless it is coded already, or is in work for others. It may be kept only if `keep`.
pub(super) fn begin(engine: &Arc<Engine>, coding: Coding, content: &Bytes, keep: bool) -> Begun {
    #[cfg(feature = "cache")]
    if let Some(cache) = engine.settings.cache.as_ref().filter(|_| keep) {
        use crate::cache::{Key, Looked};
        match cache.look(Key::new(content, coding, engine.level_of(coding))) {
            Looked::Found(body) => {
                engine.settings.counters.hit();
                let (sender, job) = oneshot::channel();
                let _ = sender.send(Some(body));
                return Begun::Job(job);
            }
            Looked::Coming(job) => {
                engine.settings.counters.hit();
                return Begun::Job(job);
            }
            Looked::Absent(flight, job) => return start(engine, coding, content, Target::All(flight), job),
        }
    }
    #[cfg(not(feature = "cache"))]
    let _ = keep;
    let (sender, job) = oneshot::channel();
    start(engine, coding, content, Target::One(sender), job)
}

fn start(engine: &Arc<Engine>, coding: Coding, content: &Bytes, mut target: Target, job: Job) -> Begun {
    let Some(permit) = engine.settings.budget.try_take() else {
        engine.settings.counters.refused();
        return Begun::Refused;
    };
    let (engine, content) = (engine.clone(), content.clone());
    let offload = engine.settings.offload.clone();
    let work = move || {
        if target.is_wanted() {
            let body = code(&engine, coding, &content, permit);
            target.deliver(body);
        }
    };
    match offload {
        Offload::Pool(pool) => pool.run(work),
        _ => work(),
    }
    Begun::Job(job)
}

/// Codes content; the room is free again once that is done.
fn code(engine: &Engine, coding: Coding, content: &[u8], _permit: Permit) -> Option<Bytes> {
    let start = clock::now();
    match engine.code(coding, content) {
        Ok(body) => {
            engine.settings.counters.coded(
                content.len(),
                body.len(),
                start.map_or(Duration::ZERO, |start| start.elapsed()),
            );
            // Without the room that was left: the cache counts the length.
            Some(Bytes::from(body.into_boxed_slice()))
        }
        Err(_) => {
            engine.settings.counters.failed();
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budget, CompressionLayer, Level};

    #[test]
    fn a_body_takes_no_more_memory_than_its_length() {
        let engine = CompressionLayer::new().with_level(Level::Fast).engine();
        let budget = Budget::new(1);
        for n in 0..50 {
            let content = format!("{{\"id\": {n}, \"state\": \"open\"}}\n").repeat(12);
            let permit = budget.try_take().unwrap();
            let body = code(&engine, Coding::without_model(), content.as_bytes(), permit).unwrap();
            let len = body.len();
            assert_eq!(body.try_into_mut().unwrap().capacity(), len);
        }
    }
}
