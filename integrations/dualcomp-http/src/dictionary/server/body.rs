//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;

use crate::BoxError;
use crate::compression::CompressionBody;

pin_project! {
    /// The body of a response, or the file of the dictionary.
    pub struct DictionaryBody<B: Body> {
        #[pin]
        state: Content<B>,
    }
}

pin_project! {
    #[project = Projected]
    enum Content<B: Body> {
        Inner {
            #[pin]
            body: CompressionBody<B>,
        },
        File {
            #[pin]
            file: Full<Bytes>,
        },
    }
}

impl<B: Body> DictionaryBody<B> {
    pub(super) fn of(body: CompressionBody<B>) -> Self {
        Self { state: Content::Inner { body } }
    }

    pub(super) fn file(file: Bytes) -> Self {
        Self { state: Content::File { file: Full::new(file) } }
    }
}

/// Nothing. Layers around this one make it for answers of their own.
impl<B: Body> Default for DictionaryBody<B> {
    fn default() -> Self {
        Self::of(CompressionBody::default())
    }
}

impl<B> Body for DictionaryBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().state.project() {
            Projected::Inner { body } => body.poll_frame(cx),
            Projected::File { file } => file.poll_frame(cx).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            Content::Inner { body } => body.is_end_stream(),
            Content::File { file } => file.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            Content::Inner { body } => body.size_hint(),
            Content::File { file } => file.size_hint(),
        }
    }
}

impl<B: Body> fmt::Debug for DictionaryBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            Content::Inner { body } => body.fmt(f),
            Content::File { .. } => f.write_str("DictionaryBody(file)"),
        }
    }
}
