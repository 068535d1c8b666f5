//! The dictionary and its file.

use bytes::Bytes;
use dualcomp::Dictionary;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use http::{Response, StatusCode};

use crate::dictionary::fields::{self, USE_AS_DICTIONARY, UseAs};
use crate::members::members;

/// What is said of the dictionary.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) dictionary: Dictionary,
    pub(super) path: String,
    pub(super) pattern: String,
    file: Bytes,
    /// How long it may be kept: in seconds.
    pub(super) max_age: u32,
}

impl Offer {
    pub(super) fn new(dictionary: Dictionary, path: String, pattern: String) -> Self {
        let file = Bytes::from(dictionary.to_bytes().into_boxed_slice());
        Self { dictionary, path, pattern, file, max_age: 7 * 24 * 3600 }
    }

    /// The file, or that the client has it.
    pub(super) fn answer(&self, request: &HeaderMap, is_get: bool) -> Response<Bytes> {
        let id = fields::id(&self.dictionary);
        let tag = format!("\"{id}\"");
        // RFC 9110, section 13.1.2: `*` is whatever is here.
        let is_here = |one: &str| one == "*" || one.trim_start_matches("W/") == tag;
        let known = members(request, &IF_NONE_MATCH).any(is_here);
        let body = if is_get && !known { self.file.clone() } else { Bytes::new() };
        let mut response = Response::new(body);
        let map = response.headers_mut();
        let fields = [
            (CACHE_CONTROL, HeaderValue::from_str(&format!("public, max-age={}", self.max_age)).ok()),
            (ETAG, HeaderValue::from_str(&tag).ok()),
            (CONTENT_TYPE, Some(HeaderValue::from_static("application/octet-stream"))),
            (USE_AS_DICTIONARY, UseAs { pattern: self.pattern.clone(), id: Some(id) }.value()),
        ];
        map.extend(fields.into_iter().filter_map(|(name, value)| Some((name, value?))));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            response.headers_mut().insert(CONTENT_LENGTH, self.file.len().into());
        }
        response
    }
}
