//! From a request to the coding of its response.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{ACCEPT_ENCODING, HeaderValue};
use http::response::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use super::body::CompressionBody;
use super::layer::Engine;
use crate::accept::AcceptEncoding;
use crate::coding::Coding;
use crate::headers;
use crate::predicate::{Predicate, size_of};

/// The outcome of a negotiation around this layer and another, and the fields it began with.
#[derive(Clone, Debug)]
pub(super) struct Negotiated {
    pub(super) coding: Option<Coding>,
    pub(super) accept_encoding: Vec<HeaderValue>,
}

impl Negotiated {
    /// Takes it off a request, which is then as it was before the negotiation.
    fn take<B>(request: &mut Request<B>) -> Option<Option<Coding>> {
        let Self { coding, accept_encoding } = request.extensions_mut().remove()?;
        request.headers_mut().remove(ACCEPT_ENCODING);
        for line in accept_encoding {
            request.headers_mut().append(ACCEPT_ENCODING, line);
        }
        Some(coding)
    }
}

/// What the request means for its response.
#[derive(Debug)]
pub(super) struct Plan<P> {
    predicate: P,
    pub(super) engine: Arc<Engine>,
    /// What to use if the response allows.
    coding: Option<Coding>,
    method: Method,
    forbidden: bool,
    if_none_match: Vec<HeaderValue>,
}

impl<P: Predicate> Plan<P> {
    pub(super) fn new<B>(request: &mut Request<B>, predicate: P, engine: Arc<Engine>) -> Self {
        headers::drop_false_range(request.headers_mut());
        let coding = match Negotiated::take(request) {
            Some(coding) => coding,
            None => engine.choose(&AcceptEncoding::of(request.headers())),
        };
        Self {
            predicate,
            coding,
            engine,
            method: request.method().clone(),
            forbidden: headers::forbids_transform(request.headers()),
            if_none_match: headers::if_none_match(request.headers()),
        }
    }

    pub(super) fn apply<B: Body>(&self, mut response: Response<B>) -> Outcome<B> {
        let status = response.status();
        // The service compared the tag as weak, and what the client has is coded: RFC 9111, section 4.3.4.
        if status == StatusCode::NOT_MODIFIED && headers::is_known(&self.if_none_match, response.headers()) {
            headers::mark_known(response.headers_mut());
            headers::add_vary(response.headers_mut());
        }
        if self.forbidden
            || (self.method == Method::CONNECT && status.is_success())
            || !headers::is_codable(status, response.headers())
            || !self.accepts(&response)
        {
            return Outcome::plain(response);
        }
        headers::add_vary(response.headers_mut());
        let Some(coding) = self.coding else { return Outcome::plain(response) };
        let is_get = self.method == Method::GET || self.method == Method::HEAD;
        if is_get && status == StatusCode::OK && headers::is_known(&self.if_none_match, response.headers()) {
            return Outcome::Ready(not_modified(response));
        }
        let size = size_of(response.headers(), &response.body().size_hint());
        if self.method == Method::HEAD && self.of_get(&response) != Some(0) {
            // What the answer to GET would have: RFC 9110, section 9.3.2.
            headers::mark_coded(response.headers_mut(), coding);
            return Outcome::Ready(response.map(|_| CompressionBody::omitted()));
        }
        // Nothing to code, not even for a predicate that takes anything.
        if size == Some(0) {
            return Outcome::plain(response);
        }
        if let Some(size) = size.filter(|&size| size <= WHOLE as u64) {
            let (head, body) = response.into_parts();
            return Outcome::Whole(head, body, size, coding);
        }
        let Some(permit) = self.engine.settings.budget.try_take_stream() else {
            self.engine.settings.counters.refused();
            return Outcome::plain(response);
        };
        self.engine.settings.counters.stream();
        headers::mark_coded(response.headers_mut(), coding);
        Outcome::Ready(response.map(|body| {
            let config = self.engine.config(coding, size);
            CompressionBody::stream(body, size, config, permit)
        }))
    }
}

/// A body of a known size up to this is coded as a whole: in bytes. It is a block, so as a stream it would wait in the codec
/// as long.
pub(super) const WHOLE: usize = 1 << 20;

/// What a response becomes.
#[expect(clippy::large_enum_variant, reason = "it lives for a moment")]
pub(super) enum Outcome<B: Body> {
    Ready(Response<CompressionBody<B>>),
    /// A body of this size to code as a whole.
    Whole(Parts, B, u64, Coding),
}

impl<B: Body> Outcome<B> {
    fn plain(response: Response<B>) -> Self {
        Self::Ready(response.map(CompressionBody::plain))
    }
}

impl<P: Predicate> Plan<P> {
    /// Whether the predicate accepts the response, or for an answer to HEAD that to GET.
    fn accepts<B: Body>(&self, response: &Response<B>) -> bool {
        if self.method != Method::HEAD {
            return self.predicate.should_compress(response);
        }
        let mut of_get = Response::new(Unsent(self.of_get(response)));
        *of_get.status_mut() = response.status();
        *of_get.version_mut() = response.version();
        response.headers().clone_into(of_get.headers_mut());
        response.extensions().clone_into(of_get.extensions_mut());
        self.predicate.should_compress(&of_get)
    }

    /// The size that the answer to GET would have. A handler that leaves the content out itself may say it in the head;
    /// if it does not, an ordinary one is assumed.
    fn of_get<B: Body>(&self, response: &Response<B>) -> Option<u64> {
        const ORDINARY: u64 = 4 << 10;
        match response.body().size_hint().exact() {
            Some(0) => size_of(response.headers(), &SizeHint::default()).or(Some(ORDINARY)),
            known => known,
        }
    }
}

/// Content of a known size, or of an unknown one, that is not sent.
struct Unsent(Option<u64>);

impl Body for Unsent {
    type Data = &'static [u8];
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// RFC 9110, section 15.4.5: the fields of the coded content, without it.
pub(crate) fn not_modified<B: Body>(mut response: Response<B>) -> Response<CompressionBody<B>> {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    headers::mark_known(response.headers_mut());
    response.map(|_| CompressionBody::empty())
}
