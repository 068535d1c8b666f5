//! What decoding a message needs.

use dualcomp::{Dictionary, Limits};
use dualcomp_async::DecoderConfig;
use http::header::{ACCEPT_ENCODING, HeaderValue, RANGE};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body::Body;

use super::body::DecompressionBody;
use super::turn::Turn;
use crate::accept::AcceptEncoding;
use crate::budget::Budget;
use crate::coding::Coding;
use crate::headers;

#[derive(Debug)]
pub(crate) struct Engine {
    /// The better one first.
    pub(super) codings: Vec<Coding>,
    pub(super) config: DecoderConfig,
    /// Those of the configuration.
    pub(crate) limits: Limits,
    pub(super) budget: Budget,
}

/// Whether a coding belongs to this library, known or not.
pub(super) fn is_of_family(token: &str) -> bool {
    token == "dualcomp" || token.starts_with("dualcomp-")
}

impl Engine {
    /// The codings before the last, if the last is one of ours. Ours may be there once: a second layer of it has
    /// no use but to multiply the work.
    pub(super) fn under_ours<'a>(&self, codings: &'a [String]) -> Option<&'a [String]> {
        let (last, rest) = codings.split_last()?;
        let coding: Coding = last.parse().ok()?;
        (self.codings.contains(&coding) && !rest.iter().any(|token| is_of_family(token))).then_some(rest)
    }

    /// Our codings as members of a field.
    pub(crate) fn tokens(&self) -> String {
        let tokens: Vec<_> = self.codings.iter().map(Coding::to_string).collect();
        tokens.join(", ")
    }

    /// Asks for our codings, beside what the request asks for and `others`. Not for ranges, which would be of the
    /// coded content, and not where the request wants no coding.
    pub(crate) fn advertise(&self, headers: &mut HeaderMap, others: &[String]) {
        if headers.contains_key(RANGE) {
            return;
        }
        let accept = AcceptEncoding::of(headers);
        let present = headers.contains_key(ACCEPT_ENCODING);
        if present && (!accept.wants_coding() || self.codings.iter().any(|coding| accept.names(*coding))) {
            return;
        }
        // In one line with the rest: not every server reads more than one.
        let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        let mut members: Vec<&str> = lines.collect();
        let tokens = self.tokens();
        members.push(&tokens);
        if !present {
            members.extend(others.iter().map(String::as_str));
        }
        if let Ok(value) = HeaderValue::from_str(&members.join(", ")) {
            headers.insert(ACCEPT_ENCODING, value);
        }
    }

    /// Undoes our coding if it is the last of the response.
    pub(crate) fn decode_response<B: Body>(
        &self,
        method: &Method,
        response: Response<B>,
    ) -> Response<DecompressionBody<B>> {
        let (mut parts, body) = response.into_parts();
        headers::mark_unchanged(parts.status, &mut parts.headers);
        let body = match self.codings_of_response(method, parts.status, &parts.headers) {
            Some(rest) => {
                headers::mark_decoded(&mut parts.headers, &rest);
                self.decode(body, Turn::response(&self.budget))
            }
            None => DecompressionBody::plain(body),
        };
        Response::from_parts(parts, body)
    }

    /// Whether [`Self::decode_response`] has anything to do.
    #[cfg(feature = "client")]
    pub(crate) fn is_ours(&self, method: &Method, status: StatusCode, fields: &HeaderMap) -> bool {
        self.codings_of_response(method, status, fields).is_some()
    }

    fn codings_of_response(&self, method: &Method, status: StatusCode, fields: &HeaderMap) -> Option<Vec<String>> {
        if headers::has_no_content(method, status) || status == StatusCode::PARTIAL_CONTENT {
            return None;
        }
        let codings = headers::content_codings(fields)?;
        self.under_ours(&codings).map(<[String]>::to_vec)
    }

    /// Decodes with this dictionary, and says so if it cannot be used for want of something else or within the limits.
    pub(crate) fn decode_with<B: Body>(
        &self,
        body: B,
        dictionary: Dictionary,
        unusable: impl FnOnce() + Send + Sync + 'static,
    ) -> DecompressionBody<B> {
        let (config, turn) = (self.config.clone().with_dictionary(dictionary), Turn::response(&self.budget));
        DecompressionBody::coded(body, config, self.limits.max_ratio, turn, Some(Box::new(unusable)))
    }

    pub(super) fn decode<B: Body>(&self, body: B, turn: Turn) -> DecompressionBody<B> {
        DecompressionBody::coded(body, self.config.clone(), self.limits.max_ratio, turn, None)
    }
}
