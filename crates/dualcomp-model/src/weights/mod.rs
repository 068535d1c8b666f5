//! The weights file (docs/spec/numerics.md section 15): safetensors.

mod error;
mod file;
mod parts;
mod read;

pub use error::WeightsError;
pub(crate) use parts::{
    CONDITIONS, ChannelMix, EARLIER, Expert, Matrix, Modality, Pixels, Routed, Streams, TimeMix, Tokens, Weights,
};
