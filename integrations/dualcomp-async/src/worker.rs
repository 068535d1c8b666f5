//! A codec that does its long work elsewhere.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use compression_codecs::{DecodeV2, EncodeV2};
use compression_core::util::WriteBuffer;
use futures_channel::oneshot;

use crate::pool::Pool;

/// Where blocks are coded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Offload {
    /// On the threads of a pool. The task sleeps meanwhile, and other tasks go on.
    Pool(Pool),
    /// Inside `poll`, which then takes as long as a block does. For executors that have a thread for each task,
    /// tests with paused time, and targets without threads.
    Inline,
}

impl Default for Offload {
    /// [`Pool::shared`].
    fn default() -> Self {
        Self::Pool(Pool::shared())
    }
}

/// The long work of an encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Makes room for more input.
    Room,
    Flush,
    Finish,
}

/// An encoder that says when a call would take long, and can do that part alone.
pub(crate) trait Encode: EncodeV2 + Send + 'static {
    /// Bytes of input that the next call takes without long work.
    fn room(&self) -> usize;
    /// Whether long work comes before the task is done.
    fn is_due(&self, task: Task) -> bool;
    /// Does the long work of the task and keeps what it makes; the task is not due any more.
    fn work(&mut self, task: Task) -> io::Result<()>;
    /// Gives out what was made, without asking for more.
    fn drain(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<()>;
}

/// A decoder that says when a call would take long, and can do that part alone.
pub(crate) trait Decode: DecodeV2 + Send + 'static {
    /// Bytes of input that the next call takes without long work.
    fn room(&self) -> usize;
    /// Whether long work comes before more can be given out.
    fn is_due(&self) -> bool;
    /// Does the long work that is due, or takes the byte of input for which there was no room, and keeps what it makes.
    fn work(&mut self, byte: Option<u8>) -> io::Result<()>;
    /// Gives out what was made. Says whether that was the end of the stream.
    fn drain(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<bool>;
}

#[derive(Debug)]
pub(crate) struct Worker<C> {
    state: State<C>,
    offload: Offload,
}

#[derive(Debug)]
enum State<C> {
    Here(Box<C>),
    Away(oneshot::Receiver<Returned<C>>),
    /// The error is given out once.
    Failed(Option<io::Error>),
}

type Returned<C> = (Box<C>, io::Result<()>);

impl<C: Send + 'static> Worker<C> {
    /// A codec that could not be made fails when it is first needed.
    pub(crate) fn new(codec: C, offload: Offload) -> Self {
        Self { state: State::Here(Box::new(codec)), offload }
    }

    /// The codec, once its work is done.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&mut C>> {
        if let State::Away(receiver) = &mut self.state {
            self.state = match ready!(Pin::new(receiver).poll(cx)) {
                Ok(returned) => State::after(returned),
                Err(oneshot::Canceled) => State::Failed(Some(io::Error::other("the codec has panicked"))),
            };
        }
        Poll::Ready(match &mut self.state {
            State::Here(codec) => Ok(codec),
            State::Failed(error) => Err(error.take().unwrap_or_else(|| io::Error::other("the codec has failed"))),
            State::Away(_) => return Poll::Pending,
        })
    }

    /// Begins long work; [`Self::poll`] waits for it. Does nothing unless the codec is here.
    pub(crate) fn start(&mut self, work: impl FnOnce(&mut C) -> io::Result<()> + Send + 'static) {
        match std::mem::replace(&mut self.state, State::Failed(None)) {
            State::Here(codec) => self.state = begin(&self.offload, codec, work),
            state => self.state = state,
        }
    }
}

impl<C> State<C> {
    fn after((codec, result): Returned<C>) -> Self {
        match result {
            Ok(()) => Self::Here(codec),
            Err(error) => Self::Failed(Some(error)),
        }
    }
}

fn begin<C: Send + 'static>(
    offload: &Offload,
    mut codec: Box<C>,
    work: impl FnOnce(&mut C) -> io::Result<()> + Send + 'static,
) -> State<C> {
    match offload {
        Offload::Inline => {
            let result = work(&mut codec);
            State::after((codec, result))
        }
        Offload::Pool(pool) => {
            let (sender, receiver) = oneshot::channel();
            pool.run(move || {
                // The stream was dropped before its turn came.
                if sender.is_canceled() {
                    return;
                }
                let result = work(&mut codec);
                // A stream that was dropped meanwhile does not want it back.
                let _ = sender.send((codec, result));
            });
            State::Away(receiver)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use futures::executor::block_on;

    use super::*;
    use crate::EncoderConfig;
    use crate::codecs::DualCompEncoder;

    fn wait(worker: &mut Worker<u32>) -> io::Result<u32> {
        block_on(std::future::poll_fn(|cx| worker.poll(cx).map_ok(|codec| *codec)))
    }

    #[test]
    fn work_comes_back_from_either_place() {
        for offload in [Offload::Inline, Offload::default()] {
            let mut worker = Worker::new(1, offload);
            worker.start(|codec| {
                *codec += 1;
                Ok(())
            });
            assert_eq!(wait(&mut worker).unwrap(), 2);
            worker.start(|_| Err(io::ErrorKind::InvalidData.into()));
            assert_eq!(wait(&mut worker).unwrap_err().kind(), io::ErrorKind::InvalidData);
            assert_eq!(wait(&mut worker).unwrap_err().to_string(), "the codec has failed");
        }
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let mut worker = Worker::new(1, Offload::default());
        worker.start(|_| panic!("on purpose"));
        assert_eq!(wait(&mut worker).unwrap_err().to_string(), "the codec has panicked");
    }

    #[test]
    fn work_of_a_dropped_stream_is_not_begun() {
        let pool = Pool::new(1);
        let (hold, held) = mpsc::channel::<()>();
        pool.run(move || held.recv().unwrap());
        let (sender, receiver) = mpsc::channel::<()>();
        let mut worker = Worker::new(1, Offload::Pool(pool));
        worker.start(move |_| {
            sender.send(()).unwrap();
            Ok(())
        });
        drop(worker);
        hold.send(()).unwrap();
        assert!(receiver.recv().is_err());
    }

    #[test]
    fn a_guard_stays_as_long_as_the_codec() {
        let pool = Pool::new(1);
        let (hold, held) = mpsc::channel::<()>();
        pool.run(move || held.recv().unwrap());
        let guard = Arc::new(());
        let config = EncoderConfig::default().with_level(dualcomp::Level::Fast).with_guard(guard.clone());
        let mut worker = Worker::new(DualCompEncoder::new(config), Offload::Pool(pool.clone()));
        worker.start(|_| Ok(()));
        drop(worker);
        assert_eq!(Arc::strong_count(&guard), 2, "the codec waits for its turn");
        hold.send(()).unwrap();
        let (sender, receiver) = mpsc::channel::<()>();
        pool.run(move || sender.send(()).unwrap());
        receiver.recv().unwrap();
        assert_eq!(Arc::strong_count(&guard), 1);
    }
}
