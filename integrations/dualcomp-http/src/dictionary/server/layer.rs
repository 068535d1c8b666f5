//! What the layer can be told, and its service.

use std::sync::Arc;
use std::task::{Context, Poll};

use dualcomp::{Dictionary, Level};
use dualcomp_async::{EncoderConfig, Offload};
use http::header::IF_NONE_MATCH;
use http::{Method, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::DictionaryBody;
use super::future::ResponseFuture;
use super::offer::Offer;
use super::plan::Plan;
use crate::predicate::{DefaultPredicate, Predicate};
use crate::{Budget, headers};

/// Offers a dictionary, and codes responses with it for clients that have it.
///
/// It belongs inside [`CompressionLayer`](crate::CompressionLayer) and other layers of codings, which code what it
/// leaves as it is: responses to clients without the dictionary, and those that [`CompressionLayer`](crate::CompressionLayer)
/// would not code either. Only responses of a known size are coded, for requests that prefer no other coding.
///
/// The layer compares whole paths. Inside a router that was nested (axum's `Router::nest`) it would see only their ends, so it
/// belongs outside: on the router that all others are nested in.
#[derive(Clone, Debug)]
pub struct DictionaryLayer<P = DefaultPredicate> {
    pub(super) predicate: P,
    pub(super) budget: Budget,
    pub(super) config: EncoderConfig,
    pub(super) offer: Arc<Offer>,
}

impl DictionaryLayer {
    /// Serves the dictionary at `path`, for use with paths that match `pattern`: literal text in which `*` stands for
    /// anything. Both begin with a slash. [`Dictionary::prepare`] beforehand spares the first response some 100 ms.
    pub fn new(dictionary: Dictionary, path: impl Into<String>, pattern: impl Into<String>) -> Self {
        let config = EncoderConfig::default().with_dictionary(dictionary.clone());
        let offer = Arc::new(Offer::new(dictionary, path.into(), pattern.into()));
        Self { predicate: DefaultPredicate::new(), budget: Budget::default(), config, offer }
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

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let offer = &self.layer.offer;
        let is_get = request.method() == Method::GET || request.method() == Method::HEAD;
        if is_get && request.uri().path() == offer.path {
            let answer = offer.answer(request.headers().get(IF_NONE_MATCH), request.method() == Method::GET);
            return ResponseFuture::served(answer);
        }
        headers::drop_false_range(request.headers_mut());
        let plan = Plan::new(&request, self.layer.clone());
        ResponseFuture::passed(self.inner.call(request), plan)
    }
}
