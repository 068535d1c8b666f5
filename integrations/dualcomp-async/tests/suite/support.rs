//! Inputs, and sources and sinks that make things difficult.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use dualcomp::{EncoderOptions, Level};
use dualcomp_async::{DecoderConfig, EncoderConfig};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that streams say will come: small tables make quick tests.
const HINT: u64 = 4096;

pub(crate) fn fast() -> EncoderConfig {
    EncoderConfig::default().with_level(Level::Fast).with_size_hint(HINT)
}

pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    dualcomp::compress(bytes, &EncoderOptions::default().with_level(Level::Fast).with_size_hint(HINT)).unwrap()
}

pub(crate) fn decompress(stream: &[u8]) -> Vec<u8> {
    dualcomp::decompress(stream, &Default::default()).unwrap()
}

pub(crate) fn members() -> DecoderConfig {
    DecoderConfig::default().with_multiple_members(true)
}

/// Numbers from a linear congruence.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..len).map(|_| next()).collect()
}

pub(crate) fn text(len: usize) -> Vec<u8> {
    const WORDS: [&str; 8] = ["river ", "stone ", "the ", "morning ", "of ", "light, ", "and ", "quiet.\n"];
    noise(len).into_iter().flat_map(|number| WORDS[usize::from(number) % 8].bytes()).take(len).collect()
}

/// Gives its chunks one by one, and is pending before each and before the end.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    chunks: VecDeque<Vec<u8>>,
    at: usize,
    ready: bool,
    ended: bool,
    /// Fails once, where this many chunks are left.
    pub(crate) fails_at: Option<usize>,
}

impl Steps {
    pub(crate) fn new<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let chunks = chunks.into_iter().filter(|chunk| !chunk.is_empty()).map(<[u8]>::to_vec).collect();
        Self { chunks, ..Self::default() }
    }

    pub(crate) fn rest(self) -> Vec<u8> {
        self.chunks.into_iter().flatten().skip(self.at).collect()
    }
}

impl AsyncBufRead for Steps {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        assert!(!this.ended, "polled after the end");
        if !std::mem::replace(&mut this.ready, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if this.fails_at.take_if(|left| *left == this.chunks.len()).is_some() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        this.ended = this.chunks.is_empty();
        Poll::Ready(Ok(this.chunks.front().map_or(&[], |chunk| &chunk[this.at..])))
    }

    fn consume(self: Pin<&mut Self>, count: usize) {
        let this = self.get_mut();
        this.at += count;
        if this.chunks.front().is_some_and(|chunk| chunk.len() == this.at) {
            this.chunks.pop_front();
            this.at = 0;
            this.ready = false;
        }
    }
}

impl AsyncRead for Steps {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        unreachable!("the adapters use the buffer")
    }
}

/// Takes so many bytes at a time, and is pending before each part.
#[derive(Debug)]
pub(crate) struct Narrow {
    pub(crate) taken: Vec<u8>,
    pub(crate) limit: usize,
    ready: bool,
    pub(crate) flushed: usize,
    pub(crate) closed: bool,
}

impl Narrow {
    pub(crate) fn new(limit: usize) -> Self {
        Self { taken: Vec::new(), limit, ready: false, flushed: 0, closed: false }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        assert!(!self.closed, "used after it was closed");
        self.ready = !self.ready;
        if self.ready {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

impl AsyncWrite for Narrow {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.turn(cx).map(|()| {
            let count = data.len().min(this.limit);
            this.taken.extend_from_slice(&data[..count]);
            Ok(count)
        })
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.turn(cx).map(|()| {
            this.flushed += 1;
            Ok(())
        })
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.turn(cx).map(|()| {
            this.closed = true;
            Ok(())
        })
    }
}
