//! From a request to the coding of its response.

use http::header::{HeaderValue, LINK};
use http::{Method, Request, Response, StatusCode};
use http_body::Body;

use super::body::DictionaryBody;
use super::layer::DictionaryLayer;
use crate::accept::{AcceptEncoding, OTHERS};
use crate::coding::Coding;
use crate::compression::{self, CompressionBody};
use crate::dictionary::fields::{self, DICTIONARY_ID};
use crate::headers;
use crate::predicate::{Predicate, size_of};

/// What the request means for its response.
#[derive(Debug)]
pub(super) struct Plan<P> {
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
    pub(super) fn new<B>(request: &Request<B>, layer: DictionaryLayer<P>) -> Self {
        let offer = &layer.offer;
        let accept = AcceptEncoding::of(request.headers());
        // Of equal ones this is the best.
        let ours: Vec<_> = [Coding::with_dictionary()].into_iter().chain(accept.ours()).collect();
        Self {
            method: request.method().clone(),
            fits: fields::fits(&offer.pattern, request.uri().path()),
            asked: accept.choose(&ours, &OTHERS) == Some(Coding::with_dictionary())
                && !headers::forbids_transform(request.headers()),
            named: fields::names(request.headers(), &offer.dictionary),
            if_none_match: headers::if_none_match(request.headers()),
            layer,
        }
    }

    pub(super) fn apply<B: Body>(&self, mut response: Response<B>) -> Response<DictionaryBody<B>> {
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
