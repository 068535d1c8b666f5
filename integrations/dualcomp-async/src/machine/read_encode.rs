//! Reads bytes, gives out a stream.

use std::io;
use std::task::{Context, Poll, ready};

use compression_core::util::WriteBuffer;

use super::{Source, bytes_first, within};
use crate::config::FlushPolicy;
use crate::worker::{Encode, Offload, Task, Worker};

#[derive(Debug)]
pub(crate) struct ReadEncoder<E> {
    worker: Worker<E>,
    state: State,
    policy: FlushPolicy,
    /// Bytes taken since the last flush.
    waiting: u64,
    /// To be reported now that the bytes before it are out.
    error: Option<io::Error>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Encoding,
    Flushing,
    Finishing,
    Done,
}

impl<E: Encode> ReadEncoder<E> {
    pub(crate) fn new(encoder: E, offload: Offload, flush: Option<FlushPolicy>) -> Self {
        let policy = flush.unwrap_or(FlushPolicy::Never);
        let worker = Worker::new(encoder, offload);
        Self { worker, state: State::Encoding, policy, waiting: 0, error: None }
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        output: &mut WriteBuffer<'_>,
        source: &mut dyn Source,
    ) -> Poll<io::Result<()>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Err(error));
        }
        let outcome = self.advance(cx, output, source);
        bytes_first(outcome, output, &mut self.error)
    }

    fn advance(
        &mut self,
        cx: &mut Context<'_>,
        output: &mut WriteBuffer<'_>,
        source: &mut dyn Source,
    ) -> Poll<io::Result<()>> {
        while !output.has_no_spare_space() {
            let encoder = ready!(self.worker.poll(cx))?;
            match self.state {
                State::Encoding => {
                    encoder.drain(output)?;
                    if output.has_no_spare_space() {
                        break;
                    }
                    match source.poll_fill(cx)? {
                        Poll::Pending if self.policy.is_due(self.waiting) => self.state = State::Flushing,
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready([]) => self.state = State::Finishing,
                        Poll::Ready(_) if encoder.is_due(Task::Room) => {
                            self.worker.start(|encoder| encoder.work(Task::Room));
                        }
                        Poll::Ready(input) => {
                            let mut part = within(input, encoder.room());
                            let result = encoder.encode(&mut part, output);
                            let taken = part.written_len();
                            source.consume(taken);
                            self.waiting += taken as u64;
                            result?;
                        }
                    }
                }
                State::Flushing if encoder.is_due(Task::Flush) => {
                    self.worker.start(|encoder| encoder.work(Task::Flush));
                }
                State::Flushing => {
                    if encoder.flush(output)? {
                        self.waiting = 0;
                        self.state = State::Encoding;
                    }
                }
                State::Finishing if encoder.is_due(Task::Finish) => {
                    self.worker.start(|encoder| encoder.work(Task::Finish));
                }
                State::Finishing => {
                    if encoder.finish(output)? {
                        self.state = State::Done;
                    }
                }
                State::Done => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
