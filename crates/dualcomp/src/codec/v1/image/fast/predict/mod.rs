//! Prediction by least squares (docs/spec/fast.md, section 5): what it looks at, the slow stage and the local one.

pub(crate) mod local;
pub(crate) mod regressors;
pub(crate) mod slow;
mod solve;
