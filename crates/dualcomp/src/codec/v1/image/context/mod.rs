//! What surrounds a sample, as contexts of its counters.

pub(crate) mod activity;
pub(crate) mod classes;
pub(crate) mod hashed_contexts;
pub(crate) mod pixel_history;
pub(crate) mod template;
pub(crate) mod value_cache;
