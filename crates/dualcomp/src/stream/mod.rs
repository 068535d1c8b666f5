//! Streams of bytes, coded without I/O: the caller moves the bytes (docs/format.md, section 4).

mod block;
mod choice;
mod decoder;
mod encoder;

pub(crate) use block::strands_of;
pub use decoder::Decoder;
pub use encoder::Encoder;

/// Bytes of a block at most, section 4.
const MAX_BLOCK: usize = 4 << 20;
/// Bytes of a fill at most.
const MAX_FILL: u64 = 1 << 30;
/// Bytes the encoder puts in a block.
const BLOCK: usize = 1 << 20;

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes taken from the input.
    pub consumed: usize,
    /// Bytes written to the output.
    pub produced: usize,
    /// What to do next.
    pub status: Status,
}

/// What a call left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// All input is taken and all output given out: come back with more input.
    NeedsInput,
    /// The output is full: come back with more room, and the rest of the input.
    NeedsOutput,
    /// What was asked for is complete: the flush, or the stream.
    Done,
}

/// Bytes made but not yet given out.
#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    start: usize,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// Moves as much as fits to the front of `output`; returns how much.
    fn drain(&mut self, output: &mut [u8]) -> usize {
        let count = output.len().min(self.bytes.len() - self.start);
        output[..count].copy_from_slice(&self.bytes[self.start..self.start + count]);
        self.start += count;
        if self.is_empty() {
            self.bytes.clear();
            self.start = 0;
        }
        count
    }
}
