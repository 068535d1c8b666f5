//! Takes bytes, writes a stream.

use std::io;
use std::task::{Context, Poll, ready};

use super::outlet::Outlet;
use super::{Sink, within};
use crate::config::FlushPolicy;
use crate::worker::{Encode, Offload, Task, Worker};

#[derive(Debug)]
pub(crate) struct WriteEncoder<E> {
    worker: Worker<E>,
    outlet: Outlet,
    state: State,
    policy: FlushPolicy,
    /// Bytes taken since the last flush.
    waiting: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Encoding,
    Finishing,
    Done,
}

impl<E: Encode> WriteEncoder<E> {
    pub(crate) fn new(encoder: E, offload: Offload, flush: Option<FlushPolicy>) -> Self {
        let policy = flush.unwrap_or(FlushPolicy::OnPending);
        let worker = Worker::new(encoder, offload);
        Self { worker, outlet: Outlet::new(), state: State::Encoding, policy, waiting: 0 }
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        data: &[u8],
        sink: &mut dyn Sink,
    ) -> Poll<io::Result<usize>> {
        if self.state != State::Encoding {
            return Poll::Ready(Err(io::Error::other("write after the stream was closed")));
        }
        while !data.is_empty() {
            ready!(self.outlet.poll_pass(cx, sink))?;
            let encoder = ready!(self.worker.poll(cx))?;
            self.outlet.fill(|output| encoder.drain(output))?;
            if !self.outlet.is_empty() {
                continue;
            }
            if encoder.is_due(Task::Room) {
                self.worker.start(|encoder| encoder.work(Task::Room));
                continue;
            }
            let mut part = within(data, encoder.room());
            self.outlet.fill(|output| encoder.encode(&mut part, output))?;
            let taken = part.written_len();
            self.waiting += taken as u64;
            if taken > 0 {
                return Poll::Ready(Ok(taken));
            }
        }
        Poll::Ready(Ok(0))
    }

    /// Passes on what the policy lets out. The caller flushes the sink.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<io::Result<()>> {
        loop {
            ready!(self.outlet.poll_pass(cx, sink))?;
            if self.state != State::Encoding {
                return Poll::Ready(Ok(()));
            }
            let encoder = ready!(self.worker.poll(cx))?;
            if !self.policy.is_due(self.waiting) {
                self.outlet.fill(|output| encoder.drain(output))?;
                if self.outlet.is_empty() {
                    return Poll::Ready(Ok(()));
                }
            } else if encoder.is_due(Task::Flush) {
                self.worker.start(|encoder| encoder.work(Task::Flush));
            } else if self.outlet.fill(|output| encoder.flush(output))? {
                self.waiting = 0;
            }
        }
    }

    /// Ends the stream and passes it on. The caller closes the sink.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<io::Result<()>> {
        loop {
            ready!(self.outlet.poll_pass(cx, sink))?;
            if self.state == State::Done {
                return Poll::Ready(Ok(()));
            }
            self.state = State::Finishing;
            let encoder = ready!(self.worker.poll(cx))?;
            if encoder.is_due(Task::Finish) {
                self.worker.start(|encoder| encoder.work(Task::Finish));
            } else if self.outlet.fill(|output| encoder.finish(output))? {
                self.state = State::Done;
            }
        }
    }
}
