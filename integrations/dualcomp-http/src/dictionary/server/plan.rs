//! From a request to the coding of its response.

use std::sync::Arc;

use http::header::{HeaderValue, LINK};
use http::{Method, Request, Response, StatusCode};
use http_body::Body;

use super::offer::Offer;
use crate::accept::AcceptEncoding;
use crate::coding::Coding;
use crate::compression::head::{self, Selected};
use crate::compression::{self, CompressionBody, Engine, Outcome};
use crate::dictionary::fields::{self, DICTIONARY_ID};
use crate::predicate::Predicate;
use crate::{BoxError, headers};

/// What the request means for its response.
#[derive(Debug)]
pub(super) struct Plan<P> {
    predicate: P,
    engine: Arc<Engine>,
    offer: Arc<Offer>,
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
    pub(super) fn new<B>(
        request: &Request<B>,
        accept: &AcceptEncoding,
        predicate: P,
        engine: Arc<Engine>,
        offer: Arc<Offer>,
    ) -> Self {
        // Of equal ones this is the best.
        let ours: Vec<_> = [Coding::with_dictionary()].into_iter().chain(accept.ours()).collect();
        Self {
            method: request.method().clone(),
            fits: fields::fits(&offer.pattern, request.uri().path()),
            asked: accept.choose(&ours, &engine.settings.others) == Some(Coding::with_dictionary())
                && !headers::forbids_transform(request.headers()),
            named: fields::names(request.headers(), &offer.dictionary),
            if_none_match: headers::if_none_match(request.headers()),
            predicate,
            engine,
            offer,
        }
    }

    pub(super) fn apply<B: Body>(&self, mut response: Response<B>) -> Outcome<B>
    where
        B::Error: Into<BoxError>,
    {
        let status = response.status();
        if headers::is_selected(status) {
            let Self { predicate, if_none_match, .. } = self;
            let about = Selected { predicate, if_none_match, forbidden: false, asked: self.asked && self.named };
            if self.fits && about.mark(&mut response) {
                fields::add_vary(response.headers_mut());
            }
            return Outcome::plain(response);
        }
        let size = head::size_of_get(&self.method, &response);
        if !self.fits
            || (self.method == Method::CONNECT && status.is_success())
            || !headers::is_codable(status, response.headers())
            || !head::accepts(&self.predicate, &self.method, &response)
            || size.is_none_or(|size| size == 0)
        {
            return Outcome::plain(response);
        }
        fields::add_vary(response.headers_mut());
        if !self.asked {
            return Outcome::plain(response);
        }
        if !self.named {
            if let Some(link) = fields::link(&self.offer.path) {
                response.headers_mut().append(LINK, link);
            }
            return Outcome::plain(response);
        }
        let is_get = self.method == Method::GET || self.method == Method::HEAD;
        let is_known = headers::is_known(&self.if_none_match, response.headers());
        if is_get && status == StatusCode::OK && is_known {
            return Outcome::Ready(compression::not_modified(response));
        }
        let coding = Coding::with_dictionary();
        if self.method == Method::HEAD {
            // What the answer to GET would have: RFC 9110, section 9.3.2.
            headers::mark_coded(response.headers_mut(), coding);
            return Outcome::Ready(response.map(|_| CompressionBody::omitted()));
        }
        Outcome::coded(&self.engine, response, size, coding)
    }

    /// Says which dictionary a response needs, if it was coded here.
    pub(super) fn name<B>(&self, response: &mut Response<B>) {
        let is_coded = headers::has_coding(response.headers(), Coding::with_dictionary());
        if let Ok(id) = HeaderValue::from_str(&format!("\"{}\"", fields::id(&self.offer.dictionary)))
            && self.asked
            && self.named
            && is_coded
        {
            response.headers_mut().insert(DICTIONARY_ID, id);
        }
    }
}
