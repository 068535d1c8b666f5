//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use dualcomp_async::EncoderConfig;
use dualcomp_async::tokio::bufread::DualCompEncoder;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio_util::io::poll_read_buf;

use crate::BoxError;
use crate::budget::Permit;
use crate::source::{Source, make_room};

pin_project! {
    /// A body with our coding, or as it was.
    pub struct CompressionBody<B: Body> {
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
            encoder: DualCompEncoder<Source<B>>,
            buffer: BytesMut,
        },
        // What has come already, and then what follows it.
        Gathered {
            content: Bytes,
            then: Then<B>,
        },
        // Nothing, in place of content of a length that is not known.
        Omitted,
        Ended,
    }
}

/// What follows content that was gathered.
pub(super) enum Then<B> {
    Trailers(Option<HeaderMap>),
    More(Pin<Box<B>>),
    Error(Option<BoxError>),
}

impl<B: Body> CompressionBody<B> {
    pub(crate) fn plain(body: B) -> Self {
        Self { state: State::Plain { body } }
    }

    pub(super) fn gathered(content: Bytes, then: Then<B>) -> Self {
        Self { state: State::Gathered { content, then } }
    }

    /// Codes a body on its way, which must have this size if one is known.
    pub(crate) fn stream(body: B, size: Option<u64>, config: EncoderConfig, permit: Permit) -> Self {
        // Given back with the last byte, or once no thread has the codec any more.
        let source = Source::new(body).expecting(size);
        let encoder = DualCompEncoder::with_config(source, config.with_guard(permit));
        Self { state: State::Coded { encoder, buffer: BytesMut::new() } }
    }

    /// That of an answer to HEAD, whose fields are those of coded content: servers must not find a length here.
    pub(crate) fn omitted() -> Self {
        Self { state: State::Omitted }
    }

    pub(super) fn empty() -> Self {
        Self { state: State::Ended }
    }
}

/// Nothing. Layers around this one make it for answers of their own.
impl<B: Body> Default for CompressionBody<B> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<B> Body for CompressionBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut state = self.project().state;
        let (mut encoder, buffer) = match state.as_mut().project() {
            Projected::Plain { body } => return poll_plain(body, cx),
            Projected::Gathered { content, .. } if !content.is_empty() => {
                return Poll::Ready(Some(Ok(Frame::data(std::mem::take(content)))));
            }
            Projected::Gathered { then, .. } => {
                let last = match then {
                    Then::More(body) => return poll_plain(body.as_mut(), cx),
                    Then::Trailers(trailers) => trailers.take().map(|trailers| Ok(Frame::trailers(trailers))),
                    Then::Error(error) => error.take().map(Err),
                };
                state.set(State::Ended);
                return Poll::Ready(last);
            }
            Projected::Coded { encoder, buffer } => (encoder, buffer),
            Projected::Omitted | Projected::Ended => return Poll::Ready(None),
        };
        make_room(buffer);
        let last = match ready!(poll_read_buf(encoder.as_mut(), cx, buffer)) {
            Ok(0) => encoder.get_pin_mut().take_trailers().map(|trailers| Ok(Frame::trailers(trailers))),
            Ok(_) => return Poll::Ready(Some(Ok(Frame::data(buffer.split().freeze())))),
            Err(error) => Some(Err(encoder.get_pin_mut().error_behind(error))),
        };
        state.set(State::Ended);
        Poll::Ready(last)
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Plain { body } => body.is_end_stream(),
            State::Gathered { content, then: Then::Trailers(None) } => content.is_empty(),
            State::Gathered { .. } | State::Coded { .. } | State::Omitted => false,
            State::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Plain { body } => body.size_hint(),
            // A length leaves no place for trailers.
            State::Gathered { content, then: Then::Trailers(None) } => SizeHint::with_exact(content.len() as u64),
            State::Gathered { content, then: Then::More(body) } => longer(&body.size_hint(), content.len() as u64),
            State::Gathered { .. } | State::Coded { .. } | State::Omitted => SizeHint::default(),
            State::Ended => SizeHint::with_exact(0),
        }
    }
}

/// The size of something of which so much has come already.
fn longer(rest: &SizeHint, bytes: u64) -> SizeHint {
    let mut all = SizeHint::new();
    all.set_lower(rest.lower().saturating_add(bytes));
    if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(bytes)) {
        all.set_upper(upper);
    }
    all
}

fn poll_plain<B>(body: Pin<&mut B>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let frame = ready!(body.poll_frame(cx));
    Poll::Ready(frame.map(|frame| match frame {
        Ok(frame) => Ok(frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))),
        Err(error) => Err(error.into()),
    }))
}

impl<B: Body> fmt::Debug for CompressionBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            State::Plain { .. } => "CompressionBody(plain)",
            State::Gathered { .. } => "CompressionBody(gathered)",
            State::Coded { .. } => "CompressionBody(coded)",
            State::Omitted => "CompressionBody(omitted)",
            State::Ended => "CompressionBody(ended)",
        })
    }
}
