//! Readers and writers of [`futures_io`].

pub mod bufread;
pub mod write;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncBufRead, AsyncWrite};

use crate::machine::{Sink, Source};

struct Below<'a, T>(Pin<&'a mut T>);

impl<R: AsyncBufRead> Source for Below<'_, R> {
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.0.as_mut().poll_fill_buf(cx)
    }

    fn consume(&mut self, count: usize) {
        self.0.as_mut().consume(count);
    }
}

impl<W: AsyncWrite> Sink for Below<'_, W> {
    fn poll_write(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write(cx, data)
    }
}
