//! Makes what DualComp knows before it sees any data, and what its network is trained beside.
//!
//! Priors are learned by coding samples with the codec itself, through a door that it keeps for this crate alone
//! (`dualcomp::__unstable`); pretrained contexts are counted in documents. `training/README.md` says in which order the
//! programs of this crate run, and `training/reproduce.py` runs them.

mod context_list;
mod document_logits;
mod logits;
mod pretrained;
mod priors;
pub mod samples;
mod tile_logits;

pub use dualcomp::__unstable::{BY_BYTE_NUMBERS, expected};
pub use logits::{logits_of_documents, logits_of_tiles};
pub use pretrained::pretrained;
#[cfg(feature = "learn")]
pub use priors::learn_light;
pub use priors::{Contexts, Sample, learn};

/// Whatever ends one of the programs.
pub type Failure = Box<dyn std::error::Error>;

/// Units of the logits of the coder, 1/256 nat, in one of what is written for training.
pub(crate) const UNIT: i32 = 20;

/// A logit as it is written for training.
pub(crate) fn in_units(logit: i32) -> i8 {
    (logit / UNIT).clamp(-127, 127) as i8
}
