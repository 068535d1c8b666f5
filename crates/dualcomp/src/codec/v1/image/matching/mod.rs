//! Pixels coded as one of several candidates.

pub(crate) mod candidates;
pub(crate) mod pixel_match;
