//! What the coder's tables hold.

/// Largest logit, in 1/256 nat: the coder's tables end at 11 nats.
pub(super) const MAX_LOGIT: f32 = 2815.0;
