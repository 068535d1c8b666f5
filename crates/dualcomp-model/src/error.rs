//! Why a session refuses a step.

use std::fmt;

/// What a session reports, boxed as a [`PredictorError`](dualcomp_entropy::predictor::PredictorError).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelError {
    /// A slot or lane is not one of those the session was opened with.
    Slot {
        /// The slot.
        slot: u32,
        /// Slots the session has.
        slots: usize,
    },
    /// A slot or lane appears twice in one batch.
    SlotTwice {
        /// The slot.
        slot: u32,
    },
    /// A token is neither in the vocabulary nor the start mark.
    Token {
        /// Its id.
        token: u32,
    },
    /// The model has no network of this depth.
    Depth,
    /// The weights are of another modality.
    Modality {
        /// What they do not read.
        name: &'static str,
    },
    /// Inputs of one call have different lengths, or a channel does not exist.
    Shape,
    /// The graph could not be built or run.
    Graph {
        /// What tract reports.
        reason: String,
    },
}

impl ModelError {
    /// Keeps the report of a tract error: its type stays in this crate.
    pub(crate) fn graph(error: tract_core::internal::TractError) -> Self {
        Self::Graph { reason: format!("{error:#}") }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot { slot, slots } => write!(f, "slot {slot} in a session with {slots}"),
            Self::SlotTwice { slot } => write!(f, "slot {slot} twice in one batch"),
            Self::Token { token } => write!(f, "token {token} is not in the vocabulary"),
            Self::Depth => f.write_str("no network of this depth"),
            Self::Modality { name } => write!(f, "the weights have no network for {name}"),
            Self::Shape => f.write_str("inputs of different lengths, or no such channel"),
            Self::Graph { reason } => write!(f, "the network failed: {reason}"),
        }
    }
}

impl std::error::Error for ModelError {}
