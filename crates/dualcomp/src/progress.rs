//! How far a push encoder or decoder has come.

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
pub(crate) struct Pending {
    pub(crate) bytes: Vec<u8>,
    pub(crate) start: usize,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// Moves as much as fits to the front of `output`; returns how much.
    pub(crate) fn drain(&mut self, output: &mut [u8]) -> usize {
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
