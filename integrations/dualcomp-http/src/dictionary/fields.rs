//! The fields of RFC 9842.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dualcomp::Dictionary;
use http::header::{HeaderName, LINK, VARY};
use http::{HeaderMap, HeaderValue};

use crate::members::members;

pub(super) const AVAILABLE_DICTIONARY: HeaderName = HeaderName::from_static("available-dictionary");
pub(super) const DICTIONARY_ID: HeaderName = HeaderName::from_static("dictionary-id");
pub(super) const USE_AS_DICTIONARY: HeaderName = HeaderName::from_static("use-as-dictionary");
const RELATION: &str = "compression-dictionary";

/// The digest of a dictionary as a byte sequence of RFC 9651.
pub(super) fn available(dictionary: &Dictionary) -> HeaderValue {
    let text = format!(":{}:", STANDARD.encode(dictionary.digest()));
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("::"))
}

/// The id of a dictionary in hexadecimal, as in messages of the library.
pub(super) fn id(dictionary: &Dictionary) -> String {
    format!("{:08x}", u32::from_be_bytes(dictionary.id()))
}

/// Whether a request names this dictionary.
pub(super) fn names(headers: &HeaderMap, dictionary: &Dictionary) -> bool {
    let mut lines = headers.get_all(AVAILABLE_DICTIONARY).iter();
    // One item: several lines are none.
    matches!((lines.next(), lines.next()), (Some(value), None) if *value == available(dictionary))
}

/// Says that the response depends on the dictionary that the request names.
pub(super) fn add_vary(headers: &mut HeaderMap) {
    crate::headers::add_vary(headers);
    if !members(headers, &VARY).any(|name| name == "*" || name.eq_ignore_ascii_case(AVAILABLE_DICTIONARY.as_str())) {
        headers.append(VARY, HeaderValue::from_static("available-dictionary"));
    }
}

/// The field that offers a dictionary at this path.
pub(super) fn link(path: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("<{path}>; rel=\"{RELATION}\"")).ok()
}

/// Where a response says that a dictionary is: the first target with that relation.
pub(super) fn linked(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(LINK).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(links).find_map(|(target, parameters)| {
        let is_dictionary = parameters.split(';').map(str::trim).any(|parameter| {
            let value = parameter.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
            value.is_some_and(|(_, value)| {
                value.trim().trim_matches('"').split(' ').any(|rel| rel.eq_ignore_ascii_case(RELATION))
            })
        });
        is_dictionary.then(|| target.to_owned())
    })
}

/// The targets of a line and their parameters: RFC 8288, section 3. What is no link ends the line.
fn links(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let (target, after) = rest.trim_start_matches([',', ' ', '\t']).strip_prefix('<')?.split_once('>')?;
        // A comma in a quoted value belongs to it.
        let mut quoted = false;
        let end = after.find(|character| {
            quoted ^= character == '"';
            character == ',' && !quoted
        });
        let (parameters, next) = after.split_at(end.unwrap_or(after.len()));
        rest = next;
        Some((target, parameters))
    })
}

/// What `Use-As-Dictionary` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UseAs {
    /// For which paths.
    pub(super) pattern: String,
    /// What `Dictionary-ID` is to say.
    pub(super) id: Option<String>,
}

impl UseAs {
    pub(super) fn value(&self) -> Option<HeaderValue> {
        let id = self.id.as_ref().map(|id| format!(", id=\"{id}\"")).unwrap_or_default();
        HeaderValue::from_str(&format!("match=\"{}\"{id}", self.pattern)).ok()
    }

    /// Reads the field; none if it is missing, breaks the grammar, or is for another kind of dictionary.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let (mut pattern, mut id) = (None, None);
        for member in headers.get(USE_AS_DICTIONARY)?.to_str().ok()?.split(',') {
            let (name, value) = member.trim().split_once('=')?;
            let text = || value.strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains(['"', '\\']));
            match name {
                "match" => pattern = Some(text()?.to_owned()),
                "id" => id = Some(text().filter(|id| id.len() <= 1024)?.to_owned()),
                "type" if value != "raw" => return None,
                _ => {}
            }
        }
        Some(Self { pattern: pattern?, id })
    }
}

/// Whether a path fits a pattern of literal text and `*`. Other patterns fit nothing.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    if !pattern.starts_with('/') || pattern.contains(['{', '(', ':', '\\', '?', '+']) {
        return false;
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_literal_but_for_stars() {
        for (pattern, path, fit) in [
            ("/api/*", "/api/", true),
            ("/api/*", "/api/a/b", true),
            ("/api/*", "/ap", false),
            ("/api", "/api", true),
            ("/api", "/api/a", false),
            ("/*/v2/*.json", "/x/v2/a.json", true),
            ("/*/v2/*.json", "/x/v2/a.xml", false),
            ("/*/v2/*.json", "/v2.json", false),
            ("*", "/a", false),
            ("/a(b)", "/ab", false),
            ("/:id", "/:id", false),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }

    #[test]
    fn fields_are_read_as_they_are_written() {
        let mut headers = HeaderMap::new();
        let said = UseAs { pattern: "/api/*".into(), id: Some("1234abcd".into()) };
        headers.insert(USE_AS_DICTIONARY, said.value().unwrap());
        assert_eq!(UseAs::of(&headers), Some(said));
        for (text, read) in [
            ("match=\"/a\"", true),
            ("match=\"/a\", type=raw, match-dest=(\"document\")", true),
            ("match=\"/a\", type=other", false),
            ("match=/a", false),
            ("id=\"a\"", false),
            ("match=\"/a\"b\"", false),
        ] {
            headers.insert(USE_AS_DICTIONARY, text.parse().unwrap());
            assert_eq!(UseAs::of(&headers).is_some(), read, "{text}");
        }
        headers.insert(LINK, "</a>; rel=next, </d>; REL=\"x Compression-Dictionary\"".parse().unwrap());
        assert_eq!(linked(&headers).as_deref(), Some("/d"));
        headers.insert(LINK, link("/e").unwrap());
        assert_eq!(linked(&headers).as_deref(), Some("/e"));
        for (line, target) in [
            ("/d; rel=compression-dictionary", None),
            ("</a>; title=\"a, b\", </d,e>; rel=compression-dictionary", Some("/d,e")),
            ("</a>; title=\"rel=compression-dictionary, <x>\",,</d>;rel=\"compression-dictionary\"", Some("/d")),
            ("<https://a.example/d>; rel=compression-dictionary", Some("https://a.example/d")),
            ("</d; rel=compression-dictionary", None),
        ] {
            headers.insert(LINK, line.parse().unwrap());
            assert_eq!(linked(&headers).as_deref(), target, "{line}");
        }
    }
}
