//! The time, where there is any.

pub(crate) use std::time::Instant as Time;

/// None on `wasm32-unknown-unknown`, where the clock of the standard library panics.
pub(crate) fn now() -> Option<Time> {
    let missing = cfg!(all(target_family = "wasm", target_os = "unknown"));
    (!missing).then(Time::now)
}
