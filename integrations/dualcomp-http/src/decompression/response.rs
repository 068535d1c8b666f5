//! The body of an answer to a request.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The body of the service's answer to a request, or none where the layer answers itself.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        body: Option<B>,
    }
}

impl<B> ResponseBody<B> {
    pub(super) fn new(body: B) -> Self {
        Self { body: Some(body) }
    }
}

/// Nothing.
impl<B> Default for ResponseBody<B> {
    fn default() -> Self {
        Self { body: None }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().body.as_pin_mut().map_or(Poll::Ready(None), |body| body.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
