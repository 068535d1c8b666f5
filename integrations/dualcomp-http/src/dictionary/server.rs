//! The layer of a server.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use dualcomp::{Dictionary, Level};
use dualcomp_async::{EncoderConfig, Offload};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, LINK};
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::fields::{self, DICTIONARY_ID, USE_AS_DICTIONARY, UseAs};
use crate::accept::AcceptEncoding;
use crate::coding::Coding;
use crate::compression::{self, CompressionBody};
use crate::predicate::{DefaultPredicate, Predicate, size_of};
use crate::{BoxError, Budget, headers};

/// Offers a dictionary, and codes responses with it for clients that have it.
///
/// It belongs inside [`CompressionLayer`](crate::CompressionLayer) and other layers of codings, which code what it
/// leaves as it is: responses to clients without the dictionary, and those that [`CompressionLayer`](crate::CompressionLayer)
/// would not code either. Only responses of a known size are coded.
#[derive(Clone, Debug)]
pub struct DictionaryLayer<P = DefaultPredicate> {
    predicate: P,
    budget: Budget,
    config: EncoderConfig,
    offer: Arc<Offer>,
}

/// What is said of the dictionary.
#[derive(Debug)]
struct Offer {
    dictionary: Dictionary,
    path: String,
    pattern: String,
    file: Bytes,
    max_age: u32,
}

impl DictionaryLayer {
    /// Serves the dictionary at `path`, for use with paths that match `pattern`: literal text in which `*` stands for
    /// anything. Both begin with a slash. [`Dictionary::prepare`] beforehand spares the first response some 100 ms.
    pub fn new(dictionary: Dictionary, path: impl Into<String>, pattern: impl Into<String>) -> Self {
        let config = EncoderConfig::default().with_dictionary(dictionary.clone());
        let file = dictionary.to_bytes().into();
        let offer = Offer { dictionary, path: path.into(), pattern: pattern.into(), file, max_age: 7 * 24 * 3600 };
        Self { predicate: DefaultPredicate::new(), budget: Budget::default(), config, offer: Arc::new(offer) }
    }
}

impl<P> DictionaryLayer<P> {
    /// How much work to spend. Default: [`Level::Default`].
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.config = self.config.with_level(level);
        self
    }

    /// Where blocks are coded. Default: [`Pool::shared`](crate::Pool::shared).
    #[must_use]
    pub fn with_offload(mut self, offload: Offload) -> Self {
        self.config = self.config.with_offload(offload);
        self
    }

    /// How many responses are coded at once; others are left as they are.
    #[must_use]
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Which responses to compress. Default: [`DefaultPredicate`].
    #[must_use]
    pub fn with_predicate<Other: Predicate>(self, predicate: Other) -> DictionaryLayer<Other> {
        let Self { budget, config, offer, .. } = self;
        DictionaryLayer { predicate, budget, config, offer }
    }
}

impl<S, P: Clone> Layer<S> for DictionaryLayer<P> {
    type Service = DictionaryService<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        DictionaryService { inner, layer: self.clone() }
    }
}

/// What [`DictionaryLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct DictionaryService<S, P = DefaultPredicate> {
    inner: S,
    layer: DictionaryLayer<P>,
}

impl<S, P, ReqBody, ResBody> Service<Request<ReqBody>> for DictionaryService<S, P>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: Predicate,
    ResBody: Body,
{
    type Response = Response<DictionaryBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, P>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let offer = &self.layer.offer;
        let is_get = request.method() == Method::GET || request.method() == Method::HEAD;
        if is_get && request.uri().path() == offer.path {
            let answer = offer.answer(request.headers().get(IF_NONE_MATCH), request.method() == Method::GET);
            return ResponseFuture { state: State::Served { answer: Some(answer) } };
        }
        let accept = AcceptEncoding::of(request.headers());
        let weight = accept.named(super::CODING).unwrap_or(0);
        let plan = Plan {
            layer: self.layer.clone(),
            method: request.method().clone(),
            fits: fields::fits(&offer.pattern, request.uri().path()),
            asked: weight > 0
                && weight >= accept.named("identity").unwrap_or(0)
                && !headers::forbids_transform(request.headers()),
            named: fields::names(request.headers(), &offer.dictionary),
            if_none_match: headers::if_none_match(request.headers()),
        };
        ResponseFuture { state: State::Passed { inner: self.inner.call(request), plan } }
    }
}

impl Offer {
    /// The file, or that the client has it.
    fn answer(&self, if_none_match: Option<&HeaderValue>, is_get: bool) -> Response<Bytes> {
        let id = fields::id(&self.dictionary);
        let tag = format!("\"{id}\"");
        let known = if_none_match.and_then(|value| value.to_str().ok());
        let known = known.is_some_and(|value| value.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
        let body = if is_get && !known { self.file.clone() } else { Bytes::new() };
        let mut response = Response::new(body);
        let map = response.headers_mut();
        let fields = [
            (CACHE_CONTROL, HeaderValue::from_str(&format!("public, max-age={}", self.max_age)).ok()),
            (ETAG, HeaderValue::from_str(&tag).ok()),
            (CONTENT_TYPE, Some(HeaderValue::from_static("application/octet-stream"))),
            (USE_AS_DICTIONARY, UseAs { pattern: self.pattern.clone(), id: Some(id) }.value()),
        ];
        map.extend(fields.into_iter().filter_map(|(name, value)| Some((name, value?))));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            response.headers_mut().insert(CONTENT_LENGTH, self.file.len().into());
        }
        response
    }
}

/// What the request means for its response.
#[derive(Debug)]
struct Plan<P> {
    layer: DictionaryLayer<P>,
    method: Method,
    /// Whether the dictionary is for this path.
    fits: bool,
    /// Whether the client knows the coding.
    asked: bool,
    /// Whether it has this dictionary.
    named: bool,
    if_none_match: Vec<HeaderValue>,
}

impl<P: Predicate> Plan<P> {
    fn apply<B: Body>(&self, mut response: Response<B>) -> Response<DictionaryBody<B>> {
        let plain = |response: Response<B>| response.map(|body| DictionaryBody::of(CompressionBody::plain(body)));
        let status = response.status();
        let is_known = self.fits && headers::is_known(&self.if_none_match, response.headers());
        // The service compared the tag as weak, and what the client has may be coded.
        if status == StatusCode::NOT_MODIFIED && is_known {
            headers::mark_known(response.headers_mut());
            fields::add_vary(response.headers_mut());
        }
        let size = size_of(response.headers(), &response.body().size_hint());
        if !self.fits
            || (self.method == Method::CONNECT && status.is_success())
            || !headers::is_codable(status, response.headers())
            || !self.layer.predicate.should_compress(&response)
            || size.is_none_or(|size| size == 0)
        {
            return plain(response);
        }
        fields::add_vary(response.headers_mut());
        if !self.asked {
            return plain(response);
        }
        if !self.named {
            if let Some(link) = fields::link(&self.layer.offer.path) {
                response.headers_mut().append(LINK, link);
            }
            return plain(response);
        }
        let is_get = self.method == Method::GET || self.method == Method::HEAD;
        if is_get && status == StatusCode::OK && is_known {
            return compression::not_modified(response).map(DictionaryBody::of);
        }
        if self.method == Method::HEAD {
            headers::mark_coded(response.headers_mut(), Coding::with_dictionary());
            return response.map(|_| DictionaryBody::of(CompressionBody::omitted()));
        }
        let Some(permit) = self.layer.budget.try_take_stream() else { return plain(response) };
        headers::mark_coded(response.headers_mut(), Coding::with_dictionary());
        if let Ok(id) = HeaderValue::from_str(&format!("\"{}\"", fields::id(&self.layer.offer.dictionary))) {
            response.headers_mut().insert(DICTIONARY_ID, id);
        }
        let config = self.layer.config.clone().with_size_hint(size);
        response.map(|body| DictionaryBody::of(CompressionBody::stream(body, size, config, permit)))
    }
}

pin_project! {
    /// The response to come.
    #[derive(Debug)]
    pub struct ResponseFuture<F, P> {
        #[pin]
        state: State<F, P>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    enum State<F, P> {
        Passed {
            #[pin]
            inner: F,
            plan: Plan<P>,
        },
        Served {
            answer: Option<Response<Bytes>>,
        },
    }
}

impl<F, P, B, E> Future for ResponseFuture<F, P>
where
    F: Future<Output = Result<Response<B>, E>>,
    P: Predicate,
    B: Body,
{
    type Output = Result<Response<DictionaryBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            Projected::Passed { inner, plan } => {
                let response = ready!(inner.poll(cx))?;
                Poll::Ready(Ok(plan.apply(response)))
            }
            Projected::Served { answer } => {
                let answer = answer.take().unwrap_or_default();
                Poll::Ready(Ok(answer.map(|file| DictionaryBody { state: Content::File { file: Full::new(file) } })))
            }
        }
    }
}

pin_project! {
    /// The body of a response, or the file of the dictionary.
    pub struct DictionaryBody<B: Body> {
        #[pin]
        state: Content<B>,
    }
}

pin_project! {
    #[project = ProjectedContent]
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
    fn of(body: CompressionBody<B>) -> Self {
        Self { state: Content::Inner { body } }
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
            ProjectedContent::Inner { body } => body.poll_frame(cx),
            ProjectedContent::File { file } => file.poll_frame(cx).map_err(|never| match never {}),
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

impl<B: Body> std::fmt::Debug for DictionaryBody<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.state {
            Content::Inner { body } => body.fmt(f),
            Content::File { .. } => f.write_str("DictionaryBody(file)"),
        }
    }
}
