//! Entropy coding for learned predictors, in integers only.
//!
//! A predictor says how likely each binary decision is; this crate turns that into bits and back, and learns
//! from each decision while it codes:
//!
//! - [`RangeEncoder`], [`RangeDecoder`]: a binary range coder with 16-bit probabilities.
//! - [`logistic`]: the map between a probability and its logit, by tables made at compile time.
//! - [`Counter`], [`ContextTable`]: adaptive probabilities, alone or under hashed contexts.
//! - [`Mixer`]: a gated linear mix of logits that learns its weights (Mahoney, *Adaptive weighing of context
//!   models for lossless data compression*, 2005: the PAQ and lpaq line); [`MixingNetwork`]: two layers of them.
//! - [`StateMap`]: what really follows a counter of some state (PAQ's indirect contexts).
//! - [`Refiner`]: the final adaptive correction of a probability (an adaptive probability map, or SSE).
//! - [`Distribution`]: probabilities of thresholds under a mixture of logistics.
//! - [`predictor`]: what a model must offer to take part.
//!
//! Every operation is on integers of fixed size, so results do not depend on the machine.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod context;
mod counter;
mod distribution;
pub mod logistic;
mod mixer;
mod network;
pub mod predictor;
mod prior;
mod range;
mod refiner;
mod statemap;

pub use context::{ContextTable, Known, Line, LineIndex, hash};
pub use counter::{Counter, SmallCounter, update_all};
pub use distribution::{Distribution, Logistic};
pub use mixer::{MAX_INPUTS, Mixer};
pub use network::{MixingNetwork, WIDTH, WideMixer};
pub use prior::{Prior, save_counters};
pub use range::{BitCoder, RangeDecoder, RangeEncoder};
pub use refiner::Refiner;
pub use statemap::StateMap;
