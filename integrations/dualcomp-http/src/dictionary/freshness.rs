//! How long a dictionary may be used.

use std::time::Duration;

use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, EXPIRES};

use crate::members::members;

/// For how long it is used where nothing is said: RFC 9111, section 4.2.2.
const UNSAID: Duration = Duration::from_secs(24 * 3600);

/// For how long a response may be used without asking again. A dictionary is named only while it is fresh: RFC 9842,
/// section 2.2.1.
pub(super) fn lifetime(headers: &HeaderMap) -> Duration {
    let mut max_age = None;
    for directive in members(headers, &CACHE_CONTROL) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            // Sections 5.2.2.5 and 5.2.2.4: not at all, and not without asking each time.
            "no-store" | "no-cache" => return Duration::ZERO,
            // Section 4.2.1: of several the first counts. What cannot be read is stale.
            "max-age" if max_age.is_none() => max_age = Some(seconds(value.trim().trim_matches('"')).unwrap_or(0)),
            _ => {}
        }
    }
    let Some(max_age) = max_age else {
        // Dates are most often there to say that it is stale already; a heuristic is not allowed beside one.
        return if headers.contains_key(EXPIRES) { Duration::ZERO } else { UNSAID };
    };
    let age = headers.get(AGE).and_then(|age| seconds(age.to_str().ok()?.trim())).unwrap_or(0);
    Duration::from_secs(max_age.saturating_sub(age))
}

/// RFC 9111, section 1.2.2: more than can be told is very long.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(1 << 31).min(1 << 31))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn what_is_said_counts() {
        for (said, age, expected) in [
            (None, None, 24 * 3600),
            (Some("public, max-age=60"), None, 60),
            (Some("Max-Age=\"60\""), Some("20"), 40),
            (Some("max-age=60"), Some("61"), 0),
            (Some("max-age=60"), Some("soon"), 60),
            (Some("max-age=60, max-age=70"), None, 60),
            (Some("max-age=99999999999999999999"), None, 1 << 31),
            (Some("max-age=-1"), None, 0),
            (Some("max-age"), None, 0),
            (Some("max-age=60, no-store"), None, 0),
            (Some("No-Cache"), None, 0),
            (Some("private"), None, 24 * 3600),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(said.map(|said| (CACHE_CONTROL, said.parse().unwrap())));
            headers.extend(age.map(|age| (AGE, age.parse().unwrap())));
            assert_eq!(lifetime(&headers), Duration::from_secs(expected), "{said:?} {age:?}");
        }
        let beside = HeaderValue::from_bytes(b"max-age=60, x=\"\xe9\"").unwrap();
        assert_eq!(lifetime(&HeaderMap::from_iter([(CACHE_CONTROL, beside)])), Duration::from_secs(60));
        assert_eq!(lifetime(&HeaderMap::from_iter([(EXPIRES, "0".parse().unwrap())])), Duration::ZERO);
    }
}
