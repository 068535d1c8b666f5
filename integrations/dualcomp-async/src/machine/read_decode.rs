//! Reads a stream, gives out its bytes.

use std::io;
use std::task::{Context, Poll, ready};

use compression_core::util::WriteBuffer;

use super::{Source, bytes_first, within};
use crate::worker::{Decode, Offload, Worker};

/// Steps of a poll at most, each of a chunk's header or body.
const TURNS: usize = 1024;

#[derive(Debug)]
pub(crate) struct ReadDecoder<D> {
    worker: Worker<D>,
    state: State,
    multiple_members: bool,
    /// To be reported now that the bytes before it are out.
    error: Option<io::Error>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Decoding,
    Finishing,
    /// Between two streams, if another comes.
    Next,
    Done,
}

impl<D: Decode> ReadDecoder<D> {
    pub(crate) fn new(decoder: D, offload: Offload, multiple_members: bool) -> Self {
        Self { worker: Worker::new(decoder, offload), state: State::Decoding, multiple_members, error: None }
    }

    pub(crate) fn multiple_members(&mut self, enabled: bool) {
        self.multiple_members = enabled;
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
        for turn in 0.. {
            if output.has_no_spare_space() {
                break;
            }
            if turn == TURNS {
                // Chunks that decode to nothing are many in a few bytes: others may have their turn.
                if output.written_len() > 0 {
                    break;
                }
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let decoder = ready!(self.worker.poll(cx))?;
            if decoder.is_due() {
                self.worker.start(|decoder| decoder.work(None));
                continue;
            }
            match self.state {
                State::Decoding => {
                    // What is decoded already does not depend on more input, which may be long in coming.
                    if decoder.drain(output)? {
                        self.state = State::Finishing;
                        continue;
                    }
                    if output.has_no_spare_space() {
                        break;
                    }
                    let input = ready!(source.poll_fill(cx))?;
                    let Some(&byte) = input.first() else {
                        self.multiple_members = false;
                        self.state = State::Finishing;
                        continue;
                    };
                    if decoder.room() == 0 {
                        // Taken now, so that whoever polls next cannot offer another byte instead.
                        source.consume(1);
                        self.worker.start(move |decoder| decoder.work(Some(byte)));
                        continue;
                    }
                    let mut part = within(input, decoder.room());
                    let result = decoder.decode(&mut part, output);
                    let taken = part.written_len();
                    source.consume(taken);
                    if result? {
                        self.state = State::Finishing;
                    }
                }
                State::Finishing => {
                    let before = output.written_len();
                    if decoder.finish(output)? {
                        self.state = State::Done;
                        if self.multiple_members {
                            decoder.reinit()?;
                            self.state = State::Next;
                        }
                    } else if output.written_len() == before {
                        return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                    }
                }
                State::Next => {
                    let ended = ready!(source.poll_fill(cx))?.is_empty();
                    self.state = if ended { State::Done } else { State::Decoding };
                }
                State::Done => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
