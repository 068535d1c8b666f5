//! Readers and writers of tokio.

pub mod bufread;
pub mod write;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncWrite};

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

/// Polls within the budget of the task: a block in memory, or a source that is always ready, must not keep the
/// other tasks from running.
fn poll_in_turn<T>(cx: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    let budget = ready!(tokio::task::coop::poll_proceed(cx));
    let outcome = poll(cx);
    if outcome.is_ready() {
        budget.made_progress();
    }
    outcome
}
