//! Why a weights file is refused.

use std::fmt;

use dualcomp_tokens::VocabularyError;

/// Why a weights file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file is not safetensors, or its header does not describe its length.
    Container {
        /// What the reader of the container reports.
        reason: String,
    },
    /// A metadata entry is missing, not a number, or out of range.
    Metadata {
        /// Its key.
        key: &'static str,
    },
    /// A tensor is missing.
    Missing {
        /// Its name.
        tensor: String,
    },
    /// A tensor has another element type or shape than the network's dimensions ask for.
    Shape {
        /// Its name.
        tensor: String,
        /// The shape it should have.
        expected: Vec<usize>,
    },
    /// A tensor holds -128, something that is not finite, or a number too large to be a weight.
    Value {
        /// Its name.
        tensor: String,
    },
    /// The file holds a tensor that no part of the network uses.
    Unused {
        /// Its name.
        tensor: String,
    },
    /// The vocabulary is cut short, or its size is not the one in the metadata.
    VocabularySize,
    /// The vocabulary is not valid.
    Vocabulary(VocabularyError),
    /// The model was trained with another table of differences than this version computes.
    Difference,
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container { reason } => write!(f, "not a safetensors file: {reason}"),
            Self::Metadata { key } => write!(f, "metadata entry {key:?} is missing or unsupported"),
            Self::Missing { tensor } => write!(f, "tensor {tensor:?} is missing"),
            Self::Shape { tensor, expected } => write!(f, "tensor {tensor:?} has not the shape {expected:?}"),
            Self::Value { tensor } => write!(f, "tensor {tensor:?} holds a value out of range"),
            Self::Unused { tensor } => write!(f, "tensor {tensor:?} is not part of the network"),
            Self::VocabularySize => f.write_str("the vocabulary has another size than stated"),
            Self::Vocabulary(_) => f.write_str("the vocabulary is not valid"),
            Self::Difference => f.write_str("the model was trained on other pixel features"),
        }
    }
}

impl std::error::Error for WeightsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Vocabulary(error) => Some(error),
            _ => None,
        }
    }
}
