//! What the threads of a pool share: of the standard library, and in `tests/pool` of a model of it.

pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock};
pub(crate) use std::thread;
