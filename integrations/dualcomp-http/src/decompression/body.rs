//! The body of a message.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use dualcomp_async::DecoderConfig;
use dualcomp_async::tokio::bufread::DualCompDecoder;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::io::AsyncBufRead;
use tokio_util::io::poll_read_buf;

use super::error::{LimitExceeded, is_unknown};
use super::turn::Turn;
use crate::BoxError;
use crate::source::{Source, make_room};

/// Bytes of content that need no ratio.
const FREE: u64 = 1 << 20;

/// Something to do if the content cannot be decoded for want of what the configuration has or allows.
pub(super) type Unusable = Box<dyn FnOnce() + Send + Sync>;

pin_project! {
    /// A body without our coding, or as it was.
    ///
    /// Its errors are those of the body inside, [`LimitExceeded`], and [`std::io::Error`] for content that is
    /// damaged, ends early or goes on after its end, and where the [`Budget`](crate::Budget) has no places at all. They
    /// come after what was good.
    pub struct DecompressionBody<B: Body> {
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<B: Body> {
        Plain {
            #[pin]
            body: B,
        },
        Coded {
            #[pin]
            decoder: DualCompDecoder<Source<B>>,
            buffer: BytesMut,
            made: u64,
            ratio: u64,
            turn: Turn,
            unusable: Option<Unusable>,
        },
        Ended,
    }
}

impl<B: Body> DecompressionBody<B> {
    pub(crate) fn plain(body: B) -> Self {
        Self { state: State::Plain { body } }
    }

    pub(super) fn coded(body: B, config: DecoderConfig, ratio: u64, turn: Turn, unusable: Option<Unusable>) -> Self {
        let decoder = DualCompDecoder::with_config(Source::new(body), turn.bind(config));
        Self { state: State::Coded { decoder, buffer: BytesMut::new(), made: 0, ratio, turn, unusable } }
    }
}

/// Nothing. Layers around this one make it for answers of their own.
impl<B: Body> Default for DecompressionBody<B> {
    fn default() -> Self {
        Self { state: State::Ended }
    }
}

impl<B> Body for DecompressionBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut state = self.project().state;
        let (mut decoder, buffer, made, ratio, turn, unusable) = match state.as_mut().project() {
            Projected::Plain { body } => {
                let frame = ready!(body.poll_frame(cx));
                let frame = frame.map(|frame| match frame {
                    Ok(frame) => Ok(frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))),
                    Err(error) => Err(error.into()),
                });
                return Poll::Ready(frame);
            }
            Projected::Coded { decoder, buffer, made, ratio, turn, unusable } => {
                (decoder, buffer, made, *ratio, turn, unusable)
            }
            Projected::Ended => return Poll::Ready(None),
        };
        if let Err(error) = ready!(turn.poll(decoder.as_mut().get_pin_mut(), cx)) {
            state.set(State::Ended);
            return Poll::Ready(Some(Err(error.into())));
        }
        make_room(buffer);
        let read = poll_read_buf(decoder.as_mut(), cx, buffer);
        // Neither a slow reader nor a slow sender holds up others. Where a thread decodes, there is nothing to wait for
        // but that.
        if read.is_ready() || decoder.get_ref().is_waiting() {
            turn.rest();
        }
        let last = match ready!(read) {
            // RFC 9110 does not say that a coding makes something of nothing, and some servers name it all the same.
            Err(_) if decoder.get_ref().is_empty() => {
                decoder.get_pin_mut().take_trailers().map(|trailers| Ok(Frame::trailers(trailers)))
            }
            Ok(0) => ready!(poll_end(decoder, cx)),
            Ok(count) => {
                *made += count as u64;
                if *made <= FREE || *made <= ratio.saturating_mul(decoder.get_ref().taken()) {
                    return Poll::Ready(Some(Ok(Frame::data(buffer.split().freeze()))));
                }
                if let Some(tell) = unusable.take() {
                    tell();
                }
                Some(Err(turn.refuse(LimitExceeded::Ratio(ratio))))
            }
            Err(error) => {
                let limit = LimitExceeded::of(&error);
                if (limit.is_some() || is_unknown(&error))
                    && let Some(tell) = unusable.take()
                {
                    tell();
                }
                Some(Err(match limit {
                    Some(limit) => turn.refuse(limit),
                    None => decoder.get_pin_mut().error_behind(error),
                }))
            }
        };
        state.set(State::Ended);
        Poll::Ready(last)
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Plain { body } => body.is_end_stream(),
            State::Coded { .. } => false,
            State::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Plain { body } => body.size_hint(),
            State::Coded { .. } => SizeHint::default(),
            State::Ended => SizeHint::with_exact(0),
        }
    }
}

/// After the stream there may be trailers, but no data.
fn poll_end<B>(
    mut decoder: Pin<&mut DualCompDecoder<Source<B>>>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, BoxError>>>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let rest = ready!(decoder.as_mut().get_pin_mut().poll_fill_buf(cx)).map(<[u8]>::is_empty);
    let source = decoder.get_pin_mut();
    Poll::Ready(match rest {
        Ok(true) => source.take_trailers().map(|trailers| Ok(Frame::trailers(trailers))),
        Ok(false) => {
            let error = io::Error::new(io::ErrorKind::InvalidData, "data follows the end of the stream");
            Some(Err(error.into()))
        }
        Err(error) => Some(Err(source.error_behind(error))),
    })
}

impl<B: Body> fmt::Debug for DecompressionBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Plain { .. } => "DecompressionBody(plain)",
            State::Coded { .. } => "DecompressionBody(coded)",
            State::Ended => "DecompressionBody(ended)",
        })
    }
}
