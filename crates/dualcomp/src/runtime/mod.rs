//! Threads, and where the network comes from.

pub(crate) mod at_level;
pub(crate) mod float_environment;
pub(crate) mod join;
pub(crate) mod model_source;
pub(crate) mod parallel;
