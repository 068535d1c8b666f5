//! A body as a reader.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use crate::{BoxError, headers};

pin_project! {
    /// Reads the data of a body, and keeps what is no data: its trailers and its error.
    pub(crate) struct Source<B: Body> {
        #[pin]
        body: B,
        current: Bytes,
        gathered: BytesMut,
        taken: u64,
        expected: Option<u64>,
        ended: bool,
        failed: bool,
        waiting: bool,
        trailers: Option<HeaderMap>,
        error: Option<B::Error>,
    }
}

impl<B: Body> Source<B> {
    pub(crate) fn new(body: B) -> Self {
        Self {
            body,
            current: Bytes::new(),
            gathered: BytesMut::new(),
            taken: 0,
            expected: None,
            ended: false,
            failed: false,
            waiting: false,
            trailers: None,
            error: None,
        }
    }

    /// Fails at the end of a body that has another size than it said.
    pub(crate) fn expecting(mut self, size: Option<u64>) -> Self {
        self.expected = size;
        self
    }

    /// Bytes that were read.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether the body had nothing to give when it was last asked.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Whether the body has ended well without any data.
    pub(crate) fn is_empty(&self) -> bool {
        self.ended && self.taken == 0 && self.current.is_empty() && self.error.is_none()
    }

    /// Waits until the body has ended, and says so, or more than `most` bytes of it have come. To be asked before
    /// anything is read.
    pub(crate) fn poll_gather(self: Pin<&mut Self>, cx: &mut Context<'_>, most: usize) -> Poll<bool> {
        let mut this = self.project();
        while !*this.ended && this.gathered.len() <= most {
            let frame = this.body.as_mut().poll_frame(cx);
            *this.waiting = frame.is_pending();
            match ready!(frame) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.gathered.put(data),
                    Err(frame) => {
                        *this.trailers = frame.into_trailers().ok();
                        *this.ended = true;
                    }
                },
                Some(Err(error)) => {
                    *this.error = Some(error);
                    (*this.ended, *this.failed) = (true, true);
                }
                None => *this.ended = true,
            }
        }
        *this.current = std::mem::take(this.gathered).freeze();
        Poll::Ready(*this.ended)
    }

    /// Whether something has been gathered and not been let go.
    pub(crate) fn has_gathered(&self) -> bool {
        !self.gathered.is_empty()
    }

    /// Lets what has been gathered be read, and what comes after it.
    pub(crate) fn release(self: Pin<&mut Self>) {
        let this = self.project();
        *this.current = std::mem::take(this.gathered).freeze();
    }

    /// The trailers, which are there once the data has ended, but for digests of the data as it was.
    pub(crate) fn take_trailers(self: Pin<&mut Self>) -> Option<HeaderMap> {
        self.project().trailers.take().and_then(headers::trailers_of_changed)
    }

    /// The error of the body if it is behind that of the reader, else that of the reader.
    pub(crate) fn error_behind(self: Pin<&mut Self>, error: io::Error) -> BoxError
    where
        B::Error: Into<BoxError>,
    {
        self.project().error.take().map_or_else(|| error.into(), Into::into)
    }
}

/// The error of a body that has another size than it said. Without a coding the server would find it out, as it sends
/// that size; coded content would be taken for whole.
pub(crate) fn wrong_size() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the body has another size than it said")
}

/// Bytes of a frame at most.
const FRAME: usize = 8 << 10;

/// Makes room for a frame, but only when that of the last one is used up: the frames of tiny blocks share it, so that
/// what is kept of them is not many times as long as they are.
pub(crate) fn make_room(buffer: &mut BytesMut) {
    if buffer.capacity() == 0 {
        buffer.reserve(FRAME);
    }
}

fn failed() -> io::Error {
    io::Error::other("the body has failed")
}

impl<B: Body> AsyncBufRead for Source<B> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let mut this = self.project();
        while this.current.is_empty() && !*this.ended {
            let frame = this.body.as_mut().poll_frame(cx);
            *this.waiting = frame.is_pending();
            match ready!(frame) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(mut data) => *this.current = data.copy_to_bytes(data.remaining()),
                    // Nothing can follow trailers.
                    Err(frame) => {
                        *this.trailers = frame.into_trailers().ok();
                        *this.ended = true;
                    }
                },
                Some(Err(error)) => {
                    *this.error = Some(error);
                    *this.ended = true;
                    return Poll::Ready(Err(failed()));
                }
                None => *this.ended = true,
            }
        }
        if this.current.is_empty() && std::mem::take(this.failed) {
            return Poll::Ready(Err(failed()));
        }
        if this.current.is_empty() && this.expected.take().is_some_and(|size| size != *this.taken) {
            return Poll::Ready(Err(wrong_size()));
        }
        Poll::Ready(Ok(this.current))
    }

    fn consume(self: Pin<&mut Self>, count: usize) {
        let this = self.project();
        this.current.advance(count);
        *this.taken += count as u64;
    }
}

impl<B: Body> AsyncRead for Source<B> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let data = ready!(self.as_mut().poll_fill_buf(cx))?;
        let count = data.len().min(buffer.remaining());
        buffer.put_slice(&data[..count]);
        self.consume(count);
        Poll::Ready(Ok(()))
    }
}
