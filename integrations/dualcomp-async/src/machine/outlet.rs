//! Output of a codec on its way to a writer.

use std::io;
use std::ops::Range;
use std::task::{Context, Poll, ready};

use compression_core::util::WriteBuffer;

use super::Sink;

/// Output passed on at a time.
const BUFFER: usize = 1 << 13;

#[derive(Debug)]
pub(super) struct Outlet {
    buffer: Box<[u8]>,
    /// What the writer has not taken yet.
    waiting: Range<usize>,
}

impl Outlet {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; BUFFER].into(), waiting: 0..0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Passes on all that is waiting.
    pub(super) fn poll_pass(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<io::Result<()>> {
        while !self.is_empty() {
            let count = ready!(sink.poll_write(cx, &self.buffer[self.waiting.clone()]))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.waiting.start += count;
        }
        self.waiting = 0..0;
        Poll::Ready(Ok(()))
    }

    /// Lets a codec write behind what is waiting.
    pub(super) fn fill<T>(&mut self, codec: impl FnOnce(&mut WriteBuffer<'_>) -> T) -> T {
        let mut room = WriteBuffer::new_initialized(&mut self.buffer[self.waiting.end..]);
        let result = codec(&mut room);
        self.waiting.end += room.written_len();
        result
    }
}
