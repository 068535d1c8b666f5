//! From a request to the coding of its response.

use std::sync::Arc;

use http::header::{ACCEPT_ENCODING, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body::Body;

use super::body::CompressionBody;
use super::head::{self, Selected};
use super::layer::Engine;
use super::whole::{WHOLE, Whole};
use crate::accept::AcceptEncoding;
use crate::coding::Coding;
use crate::predicate::Predicate;
use crate::{BoxError, headers};

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
        let negotiated = Negotiated::take(request);
        let accept = AcceptEncoding::of(request.headers());
        headers::drop_false_range(request.headers_mut(), accept.wants_ours());
        let coding = negotiated.unwrap_or_else(|| engine.choose(&accept));
        Self {
            predicate,
            coding,
            engine,
            method: request.method().clone(),
            forbidden: headers::forbids_transform(request.headers()),
            if_none_match: headers::if_none_match(request.headers()),
        }
    }

    pub(super) fn apply<B: Body>(&self, mut response: Response<B>) -> Outcome<B>
    where
        B::Error: Into<BoxError>,
    {
        let status = response.status();
        if headers::is_selected(status) {
            let Self { predicate, if_none_match, forbidden, .. } = self;
            let about = Selected { predicate, if_none_match, forbidden: *forbidden, asked: self.coding.is_some() };
            if about.mark(&mut response) {
                headers::add_vary(response.headers_mut());
            }
            return Outcome::plain(response);
        }
        if self.forbidden
            || (self.method == Method::CONNECT && status.is_success())
            || !headers::is_codable(status, response.headers())
            || !head::accepts(&self.predicate, &self.method, &response)
        {
            return Outcome::plain(response);
        }
        headers::add_vary(response.headers_mut());
        let Some(coding) = self.coding else { return Outcome::plain(response) };
        let is_get = self.method == Method::GET || self.method == Method::HEAD;
        if is_get && status == StatusCode::OK && headers::is_known(&self.if_none_match, response.headers()) {
            return Outcome::Ready(not_modified(response));
        }
        let size = head::size_of_get(&self.method, &response);
        // Nothing to code, not even for a predicate that takes anything.
        if size == Some(0) {
            return Outcome::plain(response);
        }
        if self.method == Method::HEAD {
            // What the answer to GET would have: RFC 9110, section 9.3.2.
            headers::mark_coded(response.headers_mut(), coding);
            return Outcome::Ready(response.map(|_| CompressionBody::omitted()));
        }
        Outcome::coded(&self.engine, response, size, coding)
    }
}

/// What a response becomes.
pub(crate) enum Outcome<B: Body> {
    Ready(Response<CompressionBody<B>>),
    Whole(Whole<B>),
}

impl<B: Body> Outcome<B> {
    pub(crate) fn plain(response: Response<B>) -> Self {
        Self::Ready(response.map(CompressionBody::plain))
    }

    /// Codes the body as a whole if it is short, or else as a stream if there is room.
    pub(crate) fn coded(engine: &Arc<Engine>, mut response: Response<B>, size: Option<u64>, coding: Coding) -> Self
    where
        B::Error: Into<BoxError>,
    {
        if let Some(size) = size.filter(|&size| size <= WHOLE as u64) {
            return Self::Whole(Whole::new(engine.clone(), response, size, coding));
        }
        let Some(permit) = engine.settings.budget.try_take_stream() else {
            engine.settings.counters.refused();
            return Self::plain(response);
        };
        engine.settings.counters.stream();
        headers::mark_coded(response.headers_mut(), coding);
        Self::Ready(response.map(|body| CompressionBody::stream(body, size, engine.config(coding, size), permit)))
    }
}

/// RFC 9110, section 15.4.5: the fields of the coded content, without it.
pub(crate) fn not_modified<B: Body>(mut response: Response<B>) -> Response<CompressionBody<B>> {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    headers::mark_changed(response.headers_mut());
    response.map(|_| CompressionBody::empty())
}
