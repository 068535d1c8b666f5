//! The service of a client.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::body::DecompressionBody;
use super::engine::Engine;
use super::future::ResponseFuture;
use crate::macros::inner_service_accessors;

/// What [`DecompressionLayer`](super::DecompressionLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct Decompression<S> {
    inner: S,
    engine: Arc<Engine>,
}

impl<S> Decompression<S> {
    pub(super) fn new(inner: S, engine: Arc<Engine>) -> Self {
        Self { inner, engine }
    }

    inner_service_accessors!();
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Decompression<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Body,
{
    type Response = Response<DecompressionBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        self.engine.advertise(request.headers_mut(), &[]);
        let method = request.method().clone();
        ResponseFuture { inner: self.inner.call(request), engine: self.engine.clone(), method }
    }
}
