//! Responses to come.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{ACCEPT_ENCODING, HeaderValue, RETRY_AFTER};
use http::{Method, Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::DecompressionBody;
use super::engine::Engine;
use super::response::ResponseBody;
use super::turn::Refused;

pin_project! {
    /// The response to a client.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        pub(super) inner: F,
        pub(super) engine: Arc<Engine>,
        pub(super) method: Method,
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<DecompressionBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        Poll::Ready(Ok(this.engine.decode_response(this.method, response)))
    }
}

pin_project! {
    /// The response of a server to a request that may have had our coding.
    #[derive(Debug)]
    pub struct RequestFuture<F> {
        #[pin]
        pub(super) state: State<F>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    pub(super) enum State<F> {
        Passed {
            #[pin]
            inner: F,
            // What to add to an answer that the coding is not supported.
            accepted: Option<HeaderValue>,
            // Whether it was refused when it had arrived.
            refused: Option<Refused>,
        },
        Refused {
            status: StatusCode,
            field: Option<(http::HeaderName, HeaderValue)>,
        },
    }
}

impl<F> State<F> {
    /// There is no room.
    pub(super) fn unavailable() -> Self {
        let field = Some((RETRY_AFTER, HeaderValue::from_static("1")));
        Self::Refused { status: StatusCode::SERVICE_UNAVAILABLE, field }
    }
}

impl<F, B, E> Future for RequestFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                Projected::Passed { inner, accepted, refused } => {
                    let mut response = ready!(inner.poll(cx))?;
                    // What the handler makes of the error of its body is no word to the client.
                    let failed = response.status().is_client_error() || response.status().is_server_error();
                    if failed && refused.as_ref().is_some_and(Refused::get) {
                        state.set(State::unavailable());
                        continue;
                    }
                    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE
                        && let Some(accepted) = accepted.take()
                    {
                        response.headers_mut().append(ACCEPT_ENCODING, accepted);
                    }
                    return Poll::Ready(Ok(response.map(ResponseBody::new)));
                }
                Projected::Refused { status, field } => {
                    let mut response = Response::new(ResponseBody::default());
                    *response.status_mut() = *status;
                    response.headers_mut().extend(field.take());
                    return Poll::Ready(Ok(response));
                }
            }
        }
    }
}
