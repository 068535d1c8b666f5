//! Takes a stream, writes its bytes.

use std::io;
use std::task::{Context, Poll, ready};

use super::outlet::Outlet;
use super::{Sink, within};
use crate::worker::{Decode, Offload, Worker};

#[derive(Debug)]
pub(crate) struct WriteDecoder<D> {
    worker: Worker<D>,
    outlet: Outlet,
    state: State,
    multiple_members: bool,
    /// To be reported when the bytes before it are passed on.
    error: Option<io::Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Decoding,
    Finishing,
    Done,
}

impl<D: Decode> WriteDecoder<D> {
    pub(crate) fn new(decoder: D, offload: Offload, multiple_members: bool) -> Self {
        let worker = Worker::new(decoder, offload);
        Self { worker, outlet: Outlet::new(), state: State::Decoding, multiple_members, error: None }
    }

    pub(crate) fn multiple_members(&mut self, enabled: bool) {
        self.multiple_members = enabled;
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        data: &[u8],
        sink: &mut dyn Sink,
    ) -> Poll<io::Result<usize>> {
        let Some(&byte) = data.first() else { return Poll::Ready(Ok(0)) };
        loop {
            ready!(self.poll_settle(cx, sink))?;
            if ready!(self.poll_step(cx))? {
                continue;
            }
            let decoder = ready!(self.worker.poll(cx))?;
            if self.state == State::Done {
                if !self.multiple_members {
                    let detail = "something else follows the end of the stream";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, detail)));
                }
                decoder.reinit()?;
                self.state = State::Decoding;
            }
            if decoder.room() == 0 {
                // Taken now, so that whoever writes next cannot offer another byte instead.
                self.worker.start(move |decoder| decoder.work(Some(byte)));
                return Poll::Ready(Ok(1));
            }
            let mut part = within(data, decoder.room());
            match self.outlet.fill(|output| decoder.decode(&mut part, output)) {
                Ok(true) => self.state = State::Finishing,
                Ok(false) => {}
                Err(error) => self.error = Some(error),
            }
            if part.written_len() > 0 {
                return Poll::Ready(Ok(part.written_len()));
            }
        }
    }

    /// Passes on all that is decoded so far. The caller flushes the sink.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_settle(cx, sink))?;
            if !ready!(self.poll_step(cx))? {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Passes on all that is decoded and checks that the stream is whole. The caller closes the sink.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_flush(cx, sink))?;
            if self.state == State::Done {
                return Poll::Ready(Ok(()));
            }
            // No more will come: the decoder says what is missing.
            self.state = State::Finishing;
        }
    }

    /// Passes on what is waiting, and reports an error that waited for that.
    fn poll_settle(&mut self, cx: &mut Context<'_>, sink: &mut dyn Sink) -> Poll<io::Result<()>> {
        ready!(self.outlet.poll_pass(cx, sink))?;
        Poll::Ready(self.error.take().map_or(Ok(()), Err))
    }

    /// Gives out what is decoded, into an empty outlet. Says whether that changed anything.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let decoder = ready!(self.worker.poll(cx))?;
        if decoder.is_due() {
            self.worker.start(|decoder| decoder.work(None));
            return Poll::Ready(Ok(true));
        }
        let (result, next) = match self.state {
            State::Decoding => (self.outlet.fill(|output| decoder.drain(output)), State::Finishing),
            State::Finishing => (self.outlet.fill(|output| decoder.finish(output)), State::Done),
            State::Done => return Poll::Ready(Ok(false)),
        };
        match result {
            Ok(true) => self.state = next,
            Ok(false) if !self.outlet.is_empty() => {}
            Ok(false) if self.state == State::Finishing => {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            Ok(false) => return Poll::Ready(Ok(false)),
            Err(error) => self.error = Some(error),
        }
        Poll::Ready(Ok(true))
    }
}
