//! The door for `dualcomp-train`, which makes the priors: no part of the public interface, changed without notice.
//!
//! Training codes samples as the codec does, with a coder and a network of its own, and takes over what was learned.

mod documents;
mod expected;
#[cfg(feature = "__train")]
mod jpeg;
pub mod pretrained;
mod tiles;

pub use documents::{BY_BYTE_NUMBERS, ContextHashes, DocumentSetup, code_document};
#[cfg(feature = "__train")]
pub use documents::{Outcomes, count_outcomes, first_logits, no_outcomes};
pub use expected::expected;
#[cfg(feature = "__train")]
pub use jpeg::{JpegPlane, jpeg};
pub use tiles::{TileKind, TileSetup, binarization, code_tile, repeats, wavefront};
