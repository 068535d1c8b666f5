//! Answers without their content, or with a part of it.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use crate::headers;
use crate::predicate::{Predicate, size_of};

/// Bytes of content of which nothing is known.
const ORDINARY: u64 = 4 << 10;

/// The size of the content, or for an answer to HEAD of that to GET. A handler that leaves the content out itself may
/// say it in the head; if it does not, an ordinary one is assumed.
pub(crate) fn size_of_get<B: Body>(method: &Method, response: &Response<B>) -> Option<u64> {
    let hint = response.body().size_hint();
    match hint.exact() {
        Some(0) if method == Method::HEAD => size_of(response.headers(), &SizeHint::default()).or(Some(ORDINARY)),
        known if method == Method::HEAD => known,
        _ => size_of(response.headers(), &hint),
    }
}

/// Whether the predicate accepts the response, or for an answer to HEAD that to GET.
pub(crate) fn accepts<B: Body>(predicate: &impl Predicate, method: &Method, response: &Response<B>) -> bool {
    if method != Method::HEAD {
        return predicate.should_compress(response);
    }
    predicate.should_compress(&with_size(response, size_of_get(method, response)))
}

/// What a 304 or 206 is about.
pub(crate) struct Selected<'a, P> {
    pub(crate) predicate: &'a P,
    pub(crate) if_none_match: &'a [HeaderValue],
    /// Whether the whole may not be coded for this request.
    pub(crate) forbidden: bool,
    /// Whether the client knows a coding in which the whole is sent.
    pub(crate) asked: bool,
}

impl<P: Predicate> Selected<'_, P> {
    /// Gives a 304 or 206 the fields of a 200, which differ where that would be coded, and says whether it depends on
    /// codings.
    pub(crate) fn mark<B: Body>(&self, response: &mut Response<B>) -> bool {
        // The service has compared the tag as weak.
        let known = headers::is_known(self.if_none_match, response.headers());
        if !known && (self.forbidden || !could_be_coded(self.predicate, response)) {
            return false;
        }
        // Who does not name the strong form, but comes with a date or `*`, has the coded form if it knows the coding; a
        // strong tag would select nothing that it keeps: RFC 9111, section 4.3.4.
        let has_coded = self.asked && !headers::is_named(self.if_none_match, response.headers());
        if response.status() == StatusCode::NOT_MODIFIED && (known || has_coded) {
            headers::mark_changed(response.headers_mut());
        }
        true
    }
}

/// Whether the whole would be coded of which this is a part, or which has not changed. A 304 need not say its type.
fn could_be_coded<B: Body>(predicate: &impl Predicate, response: &Response<B>) -> bool {
    let fields = response.headers();
    if fields.contains_key(CONTENT_ENCODING) || headers::forbids_transform(fields) {
        return false;
    }
    if response.status() == StatusCode::NOT_MODIFIED && !fields.contains_key(CONTENT_TYPE) {
        return true;
    }
    let mut whole = with_size(response, Some(ORDINARY));
    *whole.status_mut() = StatusCode::OK;
    whole.headers_mut().remove(CONTENT_RANGE);
    predicate.should_compress(&whole)
}

fn with_size<B>(response: &Response<B>, size: Option<u64>) -> Response<Unsent> {
    let mut other = Response::new(Unsent(size));
    *other.status_mut() = response.status();
    *other.version_mut() = response.version();
    response.headers().clone_into(other.headers_mut());
    response.extensions().clone_into(other.extensions_mut());
    other
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
