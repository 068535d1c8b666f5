//! What the layer can be told, and its service.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use dualcomp::{Dictionary, Level};
use dualcomp_async::Offload;
use http::{Method, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::DictionaryBody;
use super::future::ResponseFuture;
use super::offer::Offer;
use super::plan::Plan;
use crate::accept::AcceptEncoding;
use crate::compression::Engine;
use crate::macros::inner_service_accessors;
use crate::predicate::{DefaultPredicate, Predicate};
use crate::{BoxError, Budget, CompressionLayer, Counters, headers};

/// Offers a dictionary, and codes responses with it for clients that have it.
///
/// It belongs inside [`CompressionLayer`] and other layers of codings, which code what it leaves as it is: responses to
/// clients without the dictionary, and those that [`CompressionLayer`] would not code either. Only responses of a known
/// size are coded, for requests that prefer no other coding; up to 1 MiB as a whole, before the head is sent.
///
/// The layer compares whole paths. Inside a router that was nested (axum's `Router::nest`) it would see only their
/// ends, so it belongs outside: on the router that all others are nested in.
#[derive(Clone, Debug)]
pub struct DictionaryLayer<P = DefaultPredicate> {
    settings: CompressionLayer<P>,
    offer: Arc<Offer>,
}

impl DictionaryLayer {
    /// Serves the dictionary at `path`, for use with paths that match `pattern`: literal text in which `*` stands for
    /// anything. Both begin with a slash. [`Dictionary::prepare`] beforehand spares the first response some 100 ms.
    pub fn new(dictionary: Dictionary, path: impl Into<String>, pattern: impl Into<String>) -> Self {
        let offer = Arc::new(Offer::new(dictionary, path.into(), pattern.into()));
        Self { settings: CompressionLayer::new(), offer }
    }
}

impl<P> DictionaryLayer<P> {
    /// How much work to spend. Default: [`Level::Default`].
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.settings = self.settings.with_level(level);
        self
    }

    /// Where blocks are coded. Default: [`Pool::shared`](crate::Pool::shared).
    #[must_use]
    pub fn with_offload(mut self, offload: Offload) -> Self {
        self.settings = self.settings.with_offload(offload);
        self
    }

    /// How many responses are coded at once; others are left as they are.
    #[must_use]
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.settings = self.settings.with_budget(budget);
        self
    }

    /// Counts in these numbers, which other layers may have too. Default: numbers of its own.
    #[must_use]
    pub fn with_counters(mut self, counters: Counters) -> Self {
        self.settings = self.settings.with_counters(counters);
        self
    }

    /// What this layer and its services count.
    pub fn counters(&self) -> Counters {
        self.settings.counters()
    }

    /// The codings that other layers offer. If the request prefers one of them, it is left to them. Default: `br`,
    /// `deflate`, `gzip` and `zstd`.
    #[must_use]
    pub fn with_other_codings(mut self, tokens: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.settings = self.settings.with_other_codings(tokens);
        self
    }

    /// How long clients may use the dictionary before they ask for it again, and caches may keep it: whole seconds, of
    /// which RFC 9111 has 31 bits. Default: seven days.
    #[must_use]
    pub fn with_max_age(mut self, age: Duration) -> Self {
        Arc::make_mut(&mut self.offer).max_age = age.as_secs().min(1 << 31) as u32;
        self
    }

    /// Which responses to compress. Default: [`DefaultPredicate`].
    #[must_use]
    pub fn with_predicate<Other: Predicate>(self, predicate: Other) -> DictionaryLayer<Other> {
        DictionaryLayer { settings: self.settings.with_predicate(predicate), offer: self.offer }
    }
}

impl<S, P: Clone> Layer<S> for DictionaryLayer<P> {
    type Service = DictionaryService<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        let engine = self.settings.engine_with(self.offer.dictionary.clone());
        DictionaryService { inner, predicate: self.settings.predicate.clone(), engine, offer: self.offer.clone() }
    }
}

/// What [`DictionaryLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct DictionaryService<S, P = DefaultPredicate> {
    inner: S,
    predicate: P,
    engine: Arc<Engine>,
    offer: Arc<Offer>,
}

impl<S, P> DictionaryService<S, P> {
    inner_service_accessors!();
}

impl<S, P, ReqBody, ResBody> Service<Request<ReqBody>> for DictionaryService<S, P>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: Predicate,
    ResBody: Body,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<DictionaryBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, P, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let is_get = request.method() == Method::GET || request.method() == Method::HEAD;
        if is_get && request.uri().path() == self.offer.path {
            let answer = self.offer.answer(request.headers(), request.method() == Method::GET);
            return ResponseFuture::served(answer);
        }
        let accept = AcceptEncoding::of(request.headers());
        headers::drop_false_range(request.headers_mut(), accept.wants_ours());
        let plan = Plan::new(&request, &accept, self.predicate.clone(), self.engine.clone(), self.offer.clone());
        ResponseFuture::passed(self.inner.call(request), plan)
    }
}
