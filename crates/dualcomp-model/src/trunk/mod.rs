//! From what a session is given to what its heads read: the ends of each modality (`input`) around the layers.

pub(crate) mod input;
mod layers;
pub(crate) mod memory;
pub(crate) mod recurrence;
mod router;
pub(crate) mod shift;
