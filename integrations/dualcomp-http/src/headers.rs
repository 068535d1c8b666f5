//! What the header fields say and must say.

use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName,
    IF_NONE_MATCH, IF_RANGE, RANGE, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::coding::Coding;
use crate::members::{members, members_of};

/// Digests of the content as it is, which a change of coding makes wrong: RFC 9530, RFC 3230 and RFC 1864.
const DIGESTS: [HeaderName; 4] = [
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
];

/// Whether nobody on the way may change the content: RFC 9111, sections 5.2.1.6 and 5.2.2.6.
pub(crate) fn forbids_transform(headers: &HeaderMap) -> bool {
    members(headers, &CACHE_CONTROL).any(|directive| directive.eq_ignore_ascii_case("no-transform"))
}

/// Whether nobody may keep the content: RFC 9111, section 5.2.2.5.
pub(crate) fn forbids_store(headers: &HeaderMap) -> bool {
    members(headers, &CACHE_CONTROL).any(|directive| directive.eq_ignore_ascii_case("no-store"))
}

/// Whether the content of such a response can be given a coding at all.
pub(crate) fn is_codable(status: StatusCode, headers: &HeaderMap) -> bool {
    !status.is_informational()
        && !matches!(
            status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED
        )
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && !forbids_transform(headers)
}

/// Whether the response has no content whatever its fields say: RFC 9110, section 6.4.1.
pub(crate) fn has_no_content(method: &Method, status: StatusCode) -> bool {
    method == Method::HEAD
        || (method == Method::CONNECT && status.is_success())
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Says that the response depends on `Accept-Encoding`, unless it says so already.
pub(crate) fn add_vary(headers: &mut HeaderMap) {
    let said = members(headers, &VARY).any(|name| name == "*" || name.eq_ignore_ascii_case(ACCEPT_ENCODING.as_str()));
    if !said {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// Whether this is the coding of the content.
pub(crate) fn has_coding(headers: &HeaderMap, coding: Coding) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|value| *value == coding.header_value())
}

/// Makes the fields those of content that was given the coding.
pub(crate) fn mark_coded(headers: &mut HeaderMap, coding: Coding) {
    headers.insert(CONTENT_ENCODING, coding.header_value());
    mark_changed(headers);
}

/// Makes the fields those of content in another form than they were said of; also of an answer without content to a
/// client that has that form, as it would take over whatever is said here (RFC 9111, section 3.2).
pub(crate) fn mark_changed(headers: &mut HeaderMap) {
    headers.remove(CONTENT_LENGTH);
    // Nobody can have ranges of this form: coded, it is made anew each time; decoded, the server does not have it.
    headers.remove(ACCEPT_RANGES);
    drop_digests(headers);
    weaken_etag(headers);
}

fn drop_digests(headers: &mut HeaderMap) {
    for digest in &DIGESTS {
        headers.remove(digest);
    }
}

/// What is left of trailers when the content before them has another coding. A handler may have made the tag of what it
/// sent.
pub(crate) fn trailers_of_changed(mut trailers: HeaderMap) -> Option<HeaderMap> {
    drop_digests(&mut trailers);
    weaken_etag(&mut trailers);
    (!trailers.is_empty()).then_some(trailers)
}

/// The strong validator, which names these bytes and no others.
fn strong_etag(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(ETAG).map(HeaderValue::as_bytes).filter(|tag| tag.starts_with(b"\""))
}

/// Two codings of the same content are equivalent but not the same bytes: RFC 9110, section 8.8.1.
fn weaken_etag(headers: &mut HeaderMap) {
    let weak = strong_etag(headers).and_then(|tag| HeaderValue::from_bytes(&[b"W/", tag].concat()).ok());
    if let Some(weak) = weak {
        headers.insert(ETAG, weak);
    }
}

/// Whether a request's `If-None-Match` has the weak form of the response's strong validator. The service below has
/// never seen that form, and may have compared it as strong.
pub(crate) fn is_known(if_none_match: &[HeaderValue], response: &HeaderMap) -> bool {
    let Some(tag) = strong_etag(response) else { return false };
    if_none_match.iter().flat_map(members_of).any(|member| member.strip_prefix(b"W/") == Some(tag))
}

/// Whether a request's `If-None-Match` has the response's strong validator itself.
pub(crate) fn is_named(if_none_match: &[HeaderValue], response: &HeaderMap) -> bool {
    let Some(tag) = strong_etag(response) else { return false };
    if_none_match.iter().flat_map(members_of).any(|member| member == tag)
}

/// Whether a response is about content that the client has, all or in part.
pub(crate) fn is_selected(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_MODIFIED | StatusCode::PARTIAL_CONTENT)
}

/// Takes the range off a request whose `If-Range` has a weak tag, which is never equal (RFC 9110, section 13.1.5). Not
/// every service looks at that field, and the part that the client has may be of coded content. The same for a date, if
/// the client knows our coding: the date is that of both forms, so it cannot tell them apart.
pub(crate) fn drop_false_range(headers: &mut HeaderMap, wants_ours: bool) {
    let is_false = |value: &[u8]| value.starts_with(b"W/") || (wants_ours && !value.starts_with(b"\""));
    if headers.get(IF_RANGE).is_some_and(|value| is_false(value.as_bytes())) {
        headers.remove(RANGE);
        headers.remove(IF_RANGE);
    }
}

pub(crate) fn if_none_match(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers.get_all(IF_NONE_MATCH).iter().cloned().collect()
}

/// The name of a coding as it is compared: names have no case, and `x-gzip` is an old one of gzip (RFC 9110, section
/// 8.4.1.3).
pub(crate) fn canonical(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if name == "x-gzip" { "gzip".into() } else { name }
}

/// Codings of one content at most. Nobody applies so many, and each costs time.
const MOST_CODINGS: usize = 16;

/// The codings of the content in the order in which they were applied; none if the field cannot be read or has more
/// than [`MOST_CODINGS`].
pub(crate) fn content_codings(headers: &HeaderMap) -> Option<Vec<String>> {
    if headers.get_all(CONTENT_ENCODING).iter().any(|line| line.to_str().is_err())
        || members(headers, &CONTENT_ENCODING).nth(MOST_CODINGS).is_some()
    {
        return None;
    }
    let codings = members(headers, &CONTENT_ENCODING).map(canonical);
    Some(codings.filter(|coding| coding != "identity").collect())
}

/// Makes the fields those of content whose last coding was undone; `rest` are the codings before it.
pub(crate) fn mark_decoded(headers: &mut HeaderMap, rest: &[String]) {
    headers.remove(CONTENT_ENCODING);
    if let Ok(value) = rest.join(", ").parse::<HeaderValue>()
        && !rest.is_empty()
    {
        headers.insert(CONTENT_ENCODING, value);
    }
    mark_changed(headers);
}

/// Gives a client's answer that nothing has changed the tag under which a cache has the content that was decoded: a
/// strong one would find nothing. A weak one also finds what was not coded (RFC 9111, section 4.3.4).
pub(crate) fn mark_unchanged(status: StatusCode, headers: &mut HeaderMap) {
    if status == StatusCode::NOT_MODIFIED {
        weaken_etag(headers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields.iter().map(|&(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn vary_is_merged() {
        for (before, after) in [
            (&[][..], &["accept-encoding"][..]),
            (&["origin"], &["origin", "accept-encoding"]),
            (&["*"], &["*"]),
            (&["Origin, Accept-Encoding"], &["Origin, Accept-Encoding"]),
            (&["x-accept-encoding"], &["x-accept-encoding", "accept-encoding"]),
        ] {
            let mut map = HeaderMap::new();
            for value in before {
                map.append(VARY, value.parse().unwrap());
            }
            add_vary(&mut map);
            assert_eq!(all(&map, "vary"), after);
        }
    }

    #[test]
    fn fields_of_the_uncoded_content_go() {
        let mut map = headers(&[
            ("content-length", "5"),
            ("accept-ranges", "bytes"),
            ("content-digest", "sha-256=:x:"),
            ("repr-digest", "sha-256=:x:"),
            ("digest", "x"),
            ("content-md5", "x"),
            ("etag", "\"a\""),
            ("content-type", "text/plain"),
        ]);
        mark_coded(&mut map, Coding::without_model());
        let expected =
            headers(&[("content-encoding", "dualcomp-1"), ("etag", "W/\"a\""), ("content-type", "text/plain")]);
        assert_eq!(map, expected);
    }

    #[test]
    fn only_strong_validators_are_weakened() {
        for (before, after) in [("\"a\"", "W/\"a\""), ("W/\"a\"", "W/\"a\""), ("a", "a"), ("\"\"", "W/\"\"")] {
            let mut map = headers(&[("etag", before)]);
            weaken_etag(&mut map);
            assert_eq!(map[ETAG], after);
        }
    }

    #[test]
    fn the_weak_form_is_known() {
        let response = headers(&[("etag", "\"a\"")]);
        for (value, known) in
            [("W/\"a\"", true), ("\"b\", W/\"a\"", true), ("\"a\"", false), ("W/\"b\"", false), ("*", false)]
        {
            assert_eq!(is_known(&[value.parse().unwrap()], &response), known, "{value}");
        }
        assert!(!is_known(&["W/\"a\"".parse().unwrap()], &headers(&[("etag", "W/\"a\"")])));
        let beside = HeaderValue::from_bytes(b"\"\xe9,\", W/\"a\"").unwrap();
        assert!(is_known(&[beside], &response));
    }

    #[test]
    fn what_cannot_be_coded() {
        for status in [100, 101, 103, 204, 205, 206, 304] {
            assert!(!is_codable(StatusCode::from_u16(status).unwrap(), &HeaderMap::new()), "{status}");
        }
        for status in [200, 201, 203, 301, 404, 500] {
            assert!(is_codable(StatusCode::from_u16(status).unwrap(), &HeaderMap::new()), "{status}");
        }
        for field in [
            ("content-encoding", "gzip"),
            ("content-encoding", "identity"),
            ("content-range", "bytes 0-1/2"),
            ("cache-control", "public, No-Transform"),
        ] {
            assert!(!is_codable(StatusCode::OK, &headers(&[field])), "{field:?}");
        }
        assert!(is_codable(StatusCode::OK, &headers(&[("cache-control", "no-store, x-no-transform")])));
        let beside = HeaderValue::from_bytes(b"no-store, no-transform, x=\"\xe9\"").unwrap();
        let beside = HeaderMap::from_iter([(CACHE_CONTROL, beside)]);
        assert!(!is_codable(StatusCode::OK, &beside) && forbids_store(&beside));
        assert!(has_no_content(&Method::HEAD, StatusCode::OK));
        assert!(has_no_content(&Method::CONNECT, StatusCode::OK));
        assert!(!has_no_content(&Method::CONNECT, StatusCode::BAD_REQUEST));
        assert!(has_no_content(&Method::GET, StatusCode::NOT_MODIFIED));
    }

    #[test]
    fn the_codings_before_ours_stay() {
        let mut map = headers(&[("content-encoding", "GZIP, identity,, Dualcomp-1"), ("content-length", "3")]);
        let codings = content_codings(&map).unwrap();
        assert_eq!(codings, ["gzip", "dualcomp-1"]);
        mark_decoded(&mut map, &codings[..1]);
        assert_eq!(map, headers(&[("content-encoding", "gzip")]));
        mark_decoded(&mut map, &[]);
        assert_eq!(map, HeaderMap::new());
        assert_eq!(content_codings(&headers(&[("content-encoding", "X-Gzip")])).unwrap(), ["gzip"]);
        for (count, read) in [(MOST_CODINGS, true), (MOST_CODINGS + 1, false)] {
            let map = headers(&[("content-encoding", &"x,".repeat(count))]);
            assert_eq!(content_codings(&map).is_some(), read);
        }
    }
}
