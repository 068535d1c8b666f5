//! The service around another.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::body::CompressionBody;
use super::future::ResponseFuture;
use super::layer::Engine;
use super::plan::Plan;
use crate::BoxError;
use crate::macros::inner_service_accessors;

/// What [`CompressionLayer`](super::CompressionLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct Compression<S, P> {
    inner: S,
    predicate: P,
    engine: Arc<Engine>,
}

impl<S, P> Compression<S, P> {
    pub(super) fn new(inner: S, predicate: P, engine: Arc<Engine>) -> Self {
        Self { inner, predicate, engine }
    }

    inner_service_accessors!();
}

impl<S, P, ReqBody, ResBody> Service<Request<ReqBody>> for Compression<S, P>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: crate::predicate::Predicate,
    ResBody: Body,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<CompressionBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, P, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let plan = Plan::new(&mut request, self.predicate.clone(), self.engine.clone());
        ResponseFuture::new(self.inner.call(request), plan)
    }
}
