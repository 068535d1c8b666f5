//! DualComp streams for asynchronous readers and writers.
//!
//! The types are laid out as in [`async-compression`](https://docs.rs/async-compression):
//!
//! | | reads from, gives out | writes to, takes |
//! |---|---|---|
//! | feature `tokio` | `tokio::bufread::{DualCompEncoder, DualCompDecoder}` | `tokio::write::{..}` |
//! | feature `futures-io` | `futures::bufread::{..}` | `futures::write::{..}` |
//! | feature `codec` | `framed`: each message a stream, for `tokio_util::codec` | |
//!
//! They also behave as those: tests compare what comes out, in which order, and what goes wrong. Three things differ.
//! Long work goes to a [`Pool`], so that an error may be reported by a write after the one that has caused it. A pause
//! of the source can flush an encoder in `bufread` ([`FlushPolicy`]). And how hard to try is a [`Level`],
//! not a number.
//!
//! [`codecs`] has the codec alone, behind the traits of `compression-codecs`. No feature of a runtime is on by
//! default; `rwkv`, the model, is.
//!
#![cfg_attr(feature = "tokio", doc = "```")]
#![cfg_attr(not(feature = "tokio"), doc = "```ignore")]
//! use dualcomp_async::tokio::{bufread::DualCompDecoder, write::DualCompEncoder};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let (near, far) = tokio::io::duplex(64);
//! let sender = async {
//!     let mut encoder = DualCompEncoder::new(near);
//!     encoder.write_all(b"through a narrow pipe").await?;
//!     encoder.shutdown().await
//! };
//! let receiver = async {
//!     let mut text = String::new();
//!     DualCompDecoder::new(BufReader::new(far)).read_to_string(&mut text).await?;
//!     Ok(text)
//! };
//! let ((), text) = tokio::try_join!(sender, receiver)?;
//! assert_eq!(text, "through a narrow pipe");
//! # Ok(())
//! # }
//! ```
//!
//! # Time
//!
//! A block of 1 MiB takes seconds to code or to decode. `poll` only moves bytes: when a block is complete, the codec
//! goes to a thread of a [`Pool`] and comes back with the block, and the task sleeps meanwhile. A pool bounds how many
//! blocks of all streams are coded at once; a stream has one at most, and takes no more input until it is done, so that
//! slow coding slows the sender down. [`Offload::Inline`] codes inside `poll` instead.
//!
//! Dropping a future or a stream is safe at any time. A block that waits for its turn is then not coded; one that
//! is being coded is finished first, on its thread.
//!
//! When does data come out? An encoder gives out a block when it is full, at the end, and when it is flushed:
//! [`FlushPolicy`] says when a pause of the input does that, and what it costs.
//!
//! # Memory
//!
//! Besides the weights of the model, which the process has once, `E` encoders and `D` decoders of what this library
//! encodes take at most
//!
//! > 2 MiB × (E + D) + contexts × (streams that have coded a block and not ended)
//!
//! The 2 MiB are a block before and after coding. *Contexts* is 20 MiB, or 28 at the highest level, and 1.3 bytes for
//! each of the last 8 MiB of the stream; with the model 4 MiB more. They exist from the first block of a stream until
//! its last is coded, so of streams shorter than a block no more have contexts than the [`Pool`] has threads. A stream
//! that ends within its first block has tables for its length. At the highest level an
//! [`EncoderConfig::with_size_hint`] of 4 MiB or more makes contexts 104 MiB; a small one makes them smaller. 64 pairs
//! of an encoder and a decoder, a block of 1 MB of text each, on two threads, took 216 MiB with their input; the bound
//! is 360. Streams that others made may have blocks of 4 MiB, a window and larger contexts, as far as
//! [`Limits::max_memory_bytes`](dualcomp::Limits) allows.
//!
//! # Errors
//!
//! Errors of the codec are [`std::io::Error`]s with a [`dualcomp::Error`] inside, of the kinds that
//! [`dualcomp::read`] gives. An encoder or decoder that has failed stays so. What is written after the end of a stream is
//! refused, but does not make the stream before it bad: the decoder still closes without an error.

#![cfg_attr(
    not(any(feature = "tokio", feature = "futures-io")),
    allow(dead_code, reason = "only readers and writers of a runtime do their work elsewhere")
)]

pub mod codecs;
mod config;
#[cfg(feature = "codec")]
pub mod framed;
#[cfg(feature = "futures-io")]
pub mod futures;
#[cfg(any(feature = "tokio", feature = "futures-io"))]
mod machine;
#[cfg(any(feature = "tokio", feature = "futures-io"))]
mod macros;
#[cfg(all(test, feature = "tokio", feature = "futures-io"))]
mod parity;
mod pool;
mod sync;
#[cfg(feature = "tokio")]
pub mod tokio;
mod worker;

pub use config::{DecoderConfig, EncoderConfig, FlushPolicy};
pub use dualcomp::predictor::Predictor;
pub use dualcomp::{Dictionary, Level, Limits};
pub use pool::Pool;
pub use worker::Offload;
