//! What the adapters of both runtimes have in common: codecs moved by polls, over any source and sink.

mod outlet;
mod read_decode;
mod read_encode;
mod write_decode;
mod write_encode;

use std::io;
use std::task::{Context, Poll};

use compression_core::util::{PartialBuffer, WriteBuffer};

pub(crate) use read_decode::ReadDecoder;
pub(crate) use read_encode::ReadEncoder;
pub(crate) use write_decode::WriteDecoder;
pub(crate) use write_encode::WriteEncoder;

/// A buffered reader of some runtime.
pub(crate) trait Source {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>>;
    fn consume(&mut self, count: usize);
}

/// A writer of some runtime.
pub(crate) trait Sink {
    fn poll_write(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>>;
}

/// The part of the input that a codec has room for.
fn within(input: &[u8], room: usize) -> PartialBuffer<&[u8]> {
    PartialBuffer::new(&input[..input.len().min(room)])
}

/// What a reader says that has got this far: bytes first, and what comes after them in the next call.
fn bytes_first(
    outcome: Poll<io::Result<()>>,
    output: &WriteBuffer<'_>,
    error: &mut Option<io::Error>,
) -> Poll<io::Result<()>> {
    if output.written_len() == 0 {
        return outcome;
    }
    if let Poll::Ready(Err(later)) = outcome {
        *error = Some(later);
    }
    Poll::Ready(Ok(()))
}
