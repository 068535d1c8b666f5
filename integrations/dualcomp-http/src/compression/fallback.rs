//! Our coding and those of tower-http as one layer.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{ACCEPT_ENCODING, UPGRADE};
use http::{Method, Request};
use tower_http::compression;
use tower_layer::Layer;
use tower_service::Service;

use super::layer::{CompressionLayer, Engine};
use super::plan::Negotiated;
use super::service::Compression;
use crate::accept::AcceptEncoding;
use crate::predicate::Predicate;

impl<P> CompressionLayer<P> {
    /// This layer and tower-http's as one, which negotiates over the codings of both. What this layer does not
    /// code, because the request does not ask for it, the predicate refuses it or the budget is spent, is tower-http's.
    ///
    /// Of the codings of tower-http, this crate's feature brings gzip alone; for others a program names their features
    /// itself.
    ///
    /// The layers may as well be nested, tower-http's outside. Only that then answers 406 where a request accepts
    /// our coding and refuses plain content, because it does not know our coding.
    ///
    /// Codings that `layer` does not offer should not be among [`Self::with_other_codings`]. What tower-http codes
    /// follows its rules: it keeps a strong `ETag` and digests, for instance, and does not heed `no-transform`. A
    /// request that refuses plain content and every coding at hand (`identity;q=0`) and names none of ours gets its
    /// 406, with what the handler made as content; this layer alone sends it with its own status. RFC 9110, section
    /// 12.5.3, allows both. A handshake of another protocol is never refused.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use dualcomp_http::{CompressionLayer, Level};
    ///
    /// let ours = CompressionLayer::new().with_level(Level::Fast).with_other_codings(["gzip"]);
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "<p>a page</p>".repeat(100) }))
    ///     .layer(ours.with_fallback(tower_http::compression::CompressionLayer::new()));
    /// ```
    #[must_use]
    pub fn with_fallback<Other>(self, layer: compression::CompressionLayer<Other>) -> FallbackLayer<P, Other> {
        FallbackLayer { ours: self, theirs: layer }
    }
}

/// What [`CompressionLayer::with_fallback`] makes.
#[derive(Clone, Debug)]
pub struct FallbackLayer<P, Other> {
    ours: CompressionLayer<P>,
    theirs: compression::CompressionLayer<Other>,
}

impl<S, P, Other> Layer<S> for FallbackLayer<P, Other>
where
    P: Predicate,
    Other: compression::Predicate,
{
    type Service = Fallback<compression::Compression<Compression<S, P>, Other>>;

    /// Loads the model as [`CompressionLayer`] does.
    fn layer(&self, inner: S) -> Self::Service {
        let engine = self.ours.engine();
        let ours = Compression::new(inner, self.ours.predicate.clone(), engine.clone());
        Fallback { inner: self.theirs.layer(ours), engine }
    }
}

/// The service of a [`FallbackLayer`].
#[derive(Clone, Debug)]
pub struct Fallback<S> {
    /// Theirs, with ours inside.
    inner: S,
    engine: Arc<Engine>,
}

impl<S, P, Other> Fallback<compression::Compression<Compression<S, P>, Other>> {
    /// The service inside both layers.
    pub fn get_ref(&self) -> &S {
        self.inner.get_ref().get_ref()
    }

    /// The service inside both layers.
    pub fn get_mut(&mut self) -> &mut S {
        self.inner.get_mut().get_mut()
    }

    /// The service inside both layers, without what is around it.
    pub fn into_inner(self) -> S {
        self.inner.into_inner().into_inner()
    }
}

impl<S, B> Service<Request<B>> for Fallback<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let accept = AcceptEncoding::of(request.headers());
        let coding = self.engine.choose(&accept);
        let mut rest = accept.without(&self.engine.codings);
        // Theirs must not answer 406 where something acceptable is there, as a service inside may have made it, nor to
        // a handshake, which has no content.
        let switches = request.method() == Method::CONNECT || request.headers().contains_key(UPGRADE);
        if accept.wants_ours() || switches {
            rest = rest.with_identity();
        }
        let accept_encoding = request.headers().get_all(ACCEPT_ENCODING).iter().cloned().collect();
        match rest.header_value() {
            Some(value) => drop(request.headers_mut().insert(ACCEPT_ENCODING, value)),
            None => drop(request.headers_mut().remove(ACCEPT_ENCODING)),
        }
        request.extensions_mut().insert(Negotiated { coding, accept_encoding });
        self.inner.call(request)
    }
}
