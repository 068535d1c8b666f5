//! What a stream can be told.

mod decoder;
mod encoder;
mod flush;
mod guard;
mod source;

pub use decoder::DecoderConfig;
pub use encoder::EncoderConfig;
pub use flush::FlushPolicy;
pub(crate) use guard::{Guard, Hook};
