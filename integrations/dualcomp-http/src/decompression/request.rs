//! The layer for the requests that a server gets.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::DecompressionBody;
use super::engine::{Engine, is_of_family};
use super::future::{RequestFuture, State};
use super::options::DecompressionOptions;
use super::response::ResponseBody;
use super::turn::{Refused, Turn};
use crate::headers;
use crate::macros::inner_service_accessors;
use crate::predicate::size_of;

/// Undoes DualComp's coding of requests.
///
/// ```
/// use axum::{Router, routing::post};
/// use dualcomp_http::RequestDecompressionLayer;
///
/// let app: Router = Router::new()
///     .route("/", post(|text: String| async move { text.len().to_string() }))
///     .layer(RequestDecompressionLayer::new());
/// ```
///
/// A request whose last `Content-Encoding` is ours loses it and its `Content-Length`; codings before ours stay, for
/// layers inside such as tower-http's. The answer is
///
/// - 415 (Unsupported Media Type), with an `Accept-Encoding` that lists our codings and the others, if the request
///   has our coding twice or in a version that is not at hand, or a coding that is not among
///   [`Self::with_other_codings`];
/// - 503 (Service Unavailable) with `Retry-After`, if the [`Budget`](crate::Budget) has no place for it. Also if it had
///   one when the head came, but four others wait for each place when all of it has come; then the body fails, and the
///   handler's answer gives way to this one, unless it is a success all the same.
///
/// A request of up to 256 KiB as received takes its place in the budget when all of it has come, and keeps it until its
/// content is read; a longer one has a place among the streams from its head on. One that says no length is a stream
/// from its 256th KiB on, or from when it pauses if there is room for a stream, so that the handler may answer in
/// between. So who sends slowly keeps none of the short ones waiting, but should be stopped by a timeout around this
/// layer, as for requests without a coding. A 415 of a layer inside also gets our codings added.
///
/// The body fails with [`http_body_util::LengthLimitError`] when it exceeds a limit, which axum's extractors answer
/// with 413, and with other errors when it is damaged, which they answer with 400. `RequestBodyLimitLayer` and the like
/// bound what is received if they are outside, and the content if they are inside this layer; axum's own
/// `DefaultBodyLimit` of 2 MB bounds the content.
#[derive(Clone, Debug)]
pub struct RequestDecompressionLayer {
    options: DecompressionOptions,
    others: Option<Arc<[String]>>,
}

impl RequestDecompressionLayer {
    /// With the default options, but half the work for a body: about two and a half seconds of a core at worst for up
    /// to 64 KiB received. That is enough for what a [`CompressionLayer`](crate::CompressionLayer) makes by default at
    /// any level.
    pub fn new() -> Self {
        Self::with_options(DecompressionOptions::for_requests())
    }

    /// With these options.
    pub fn with_options(options: DecompressionOptions) -> Self {
        Self { options, others: None }
    }

    /// The codings that layers inside undo; any other is refused. By default none is: whatever is not ours is passed
    /// on.
    #[must_use]
    pub fn with_other_codings(mut self, tokens: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.others = Some(tokens.into_iter().map(|token| token.as_ref().to_ascii_lowercase()).collect());
        self
    }
}

impl Default for RequestDecompressionLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for RequestDecompressionLayer {
    type Service = RequestDecompression<S>;

    /// Loads the model, which the names of the codings need: some milliseconds, once in a process.
    fn layer(&self, inner: S) -> RequestDecompression<S> {
        RequestDecompression { inner, engine: self.options.engine_for_requests(), others: self.others.clone() }
    }
}

/// What [`RequestDecompressionLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct RequestDecompression<S> {
    inner: S,
    engine: Arc<Engine>,
    others: Option<Arc<[String]>>,
}

/// What to do with a request.
enum Verdict {
    Pass,
    /// With the codings that stay.
    Decode(Vec<String>),
    Refuse,
}

impl<S> RequestDecompression<S> {
    inner_service_accessors!();

    fn verdict(&self, fields: &HeaderMap) -> Verdict {
        let Some(codings) = headers::content_codings(fields) else { return Verdict::Refuse };
        let ours = self.engine.under_ours(&codings);
        let rest = ours.unwrap_or(&codings);
        let is_other = |token: &String| match &self.others {
            Some(others) => others.contains(token),
            None => !is_of_family(token),
        };
        match ours {
            _ if !rest.iter().all(is_other) => Verdict::Refuse,
            Some(rest) => Verdict::Decode(rest.to_vec()),
            None => Verdict::Pass,
        }
    }

    fn accepted(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.engine.tokens()).ok()
    }

    fn unsupported<F>(&self) -> State<F> {
        let others = self.others.iter().flat_map(|others| others.iter().cloned());
        let tokens: Vec<_> = std::iter::once(self.engine.tokens()).chain(others).collect();
        let field = HeaderValue::from_str(&tokens.join(", ")).ok().map(|value| (ACCEPT_ENCODING, value));
        State::Refused { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, field }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequestDecompression<S>
where
    S: Service<Request<DecompressionBody<ReqBody>>, Response = Response<ResBody>>,
    ReqBody: Body,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = RequestFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let state = match self.verdict(request.headers()) {
            Verdict::Refuse => self.unsupported(),
            Verdict::Pass => {
                // Without a coding, an answer of 415 is about something else.
                let accepted = request.headers().contains_key(http::header::CONTENT_ENCODING);
                let accepted = if accepted { self.accepted() } else { None };
                let inner = self.inner.call(request.map(DecompressionBody::plain));
                State::Passed { inner, accepted, refused: None }
            }
            Verdict::Decode(rest) => {
                let len = size_of(request.headers(), &request.body().size_hint());
                let refused = Refused::default();
                match Turn::request(&self.engine.budget, len, refused.clone()) {
                    Some(turn) => {
                        headers::mark_decoded(request.headers_mut(), &rest);
                        let accepted = if rest.is_empty() { None } else { self.accepted() };
                        let request = request.map(|body| self.engine.decode(body, turn));
                        State::Passed { inner: self.inner.call(request), accepted, refused: Some(refused) }
                    }
                    None => State::unavailable(),
                }
            }
        };
        RequestFuture { state }
    }
}
