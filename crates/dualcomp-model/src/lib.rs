//! The DualComp network: one RWKV-7 for pixels and text tokens, run by [tract](https://crates.io/crates/tract-core).
//!
//! [`Model`] is a [`Predictor`](dualcomp_entropy::predictor::Predictor): it says how likely what comes next is, in
//! integers, the same ones on every machine. The `dualcomp` crate codes with it; this crate alone serves who trains
//! other weights ([`Model::from_bytes`]) or codes with the predictions in another way. It is the only crate that names
//! tract.
//!
//! # Text
//!
//! A session has lanes, each a text of its own with its own state.
//! [`TextSession::advance`](dualcomp_entropy::predictor::TextSession::advance) feeds a token to some of them, the start
//! mark first; then [`TextSession::logit`](dualcomp_entropy::predictor::TextSession::logit) answers for each binary
//! decision that spells the next token (see [`dualcomp_tokens`]).
//!
//! ```
//! use dualcomp_entropy::predictor::{Predictor, TextSession};
//! use dualcomp_model::Model;
//! use dualcomp_tokens::Branch;
//!
//! let model = Model::embedded();
//! let vocabulary = model.vocabulary();
//! let mut session = model.text(1)?;
//! session.advance(&[0], &[vocabulary.start()])?;
//! let mut tokens = Vec::new();
//! vocabulary.cut(b"for example, the", &mut tokens);
//! for token in tokens {
//!     session.advance(&[0], &[token])?;
//! }
//! // The likelier branch at each decision leads to a token that is likely to follow.
//! let mut at = vocabulary.root();
//! while let Branch::Node(node) = at {
//!     at = vocabulary.node(node).branches[usize::from(session.logit(0, node) > 0)];
//! }
//! let Branch::Token(next) = at else { unreachable!("the loop ends at a token") };
//! assert!(vocabulary.token(next).starts_with(b" "));
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```
//!
//! # Pixels
//!
//! A session reads one tile. Rows are sequences, each with the state of a slot; a pixel sees the one to the left and,
//! by its features and the state of the row above, what is above and to its right. So rows can go on together, three
//! columns apart, as a wavefront: [`ImageSession::advance`](dualcomp_entropy::predictor::ImageSession::advance) takes
//! the features of all its pixels at their [`Site`](dualcomp_entropy::predictor::Site)s, and
//! [`ImageSession::mixtures`](dualcomp_entropy::predictor::ImageSession::mixtures) gives the distributions of red, then
//! of green once red is known, then of blue. There are two networks for pixels, of two
//! [depths](dualcomp_entropy::predictor::Depth).
//!
//! ```
//! use dualcomp_entropy::predictor::{Depth, ImageSession, Predictor, Site};
//! use dualcomp_model::Model;
//! use dualcomp_tokens::{Canvas, FEATURES};
//!
//! let mut session = Model::embedded().image(Depth::Deep, 1)?;
//! let mut canvas = Canvas::new(8, 1);
//! let (mut features, mut mixtures) = ([0; FEATURES], Vec::new());
//! for column in 0..8 {
//!     let around = canvas.around(0, column);
//!     around.features(around.med(), &mut features);
//!     session.advance(&[Site { slot: 0, column: column as u32, above: None }], &features)?;
//!     session.mixtures(0, &[[0, 0]], &mut mixtures)?; // one for each site
//!     canvas.set(0, column, [100, 90, 80]);
//! }
//! // After seven equal pixels, the widest of likely components is narrow: below three levels.
//! let mixture = mixtures[0];
//! let top = (0..5).max_by_key(|&k| mixture.weights[k]).unwrap();
//! assert!(mixture.scales[top] < 35);
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```
//!
//! # Shapes and units
//!
//! | | Shape | Unit |
//! |---|---|---|
//! | tokens | one for each lane named | ids, 0 to 4,096, which is the start mark |
//! | logits | one for each decision asked for | 1/256 nat, -2815..=2815, of bit 1 |
//! | features | [`FEATURES`](dualcomp_tokens::FEATURES) `i8` for each site | see [`dualcomp_tokens`] |
//! | residuals | two `i16` for each site | levels: red and green less their MED predictions |
//! | mixtures | five logistics for each site | see [`Mixture`](dualcomp_entropy::predictor::Mixture) |
//!
//! # Errors and panics
//!
//! Sessions report [`ModelError`], in a box: a slot, lane or token that is not there, a slot twice in a batch, or inputs
//! of different lengths. A session that has reported one may have lost states; open another. [`WeightsError`] says what
//! is wrong with a weights file. A logit of a lane that has never been fed, or of a decision that does not exist, panics.
//!
//! # Cost
//!
//! On a core of 3.7 GHz with AVX-512: 3.2 us for a token of one lane, 1.5 us for one of eight lanes, 0.01 us for a logit
//! and 1.6 us for a pixel of a long wavefront; two to three times that with AVX2. The first session of a kind builds its
//! graph in about a millisecond. A model takes about twice its file, 1.4 MB as released; a session some kilobytes for
//! each lane or slot. `cargo bench --workspace --bench network` measures all of this.
//!
//! # Exactness
//!
//! Matrix products are int8 and exact, in whatever order a processor likes best; what lies between them is f32 addition,
//! multiplication, division and square root in the order that docs/spec/numerics.md of the repository states, without fused
//! operations or functions of a platform. Each fast kernel has a plain twin and a test that both agree.
//!
//! # Sources
//!
//! - B. Peng and others, *RWKV-7 "Goose" with Expressive Dynamic State Evolution*, [arXiv
//!   2503.14456](https://arxiv.org/abs/2503.14456): the recurrence.
//! - *DualComp*, [arXiv 2505.16256](https://arxiv.org/abs/2505.16256): one network for two modalities.
//! - Weights are a [safetensors](https://github.com/huggingface/safetensors) file; its id is the first four bytes of its
//!   SHA-256 (FIPS 180-4).

// Hot loops count, see `numerics`.
#![allow(clippy::needless_range_loop)]

mod embedded;
mod error;
mod heads;
mod lanes;
mod model;
mod numerics;
mod operator;
mod product;
mod session;
#[cfg(test)]
mod tests;
mod trunk;
mod weights;

pub use embedded::{EMBEDDED, Embedded};
pub use error::ModelError;
pub use model::Model;
pub use weights::WeightsError;
