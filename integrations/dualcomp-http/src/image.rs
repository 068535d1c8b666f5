//! Images as `.dci`.
//!
//! A coding is for content of any type, and images are better compressed as images: by a media type of their own,
//! which the request asks for in `Accept` (RFC 9110, section 12.5.1). The example `axum_server` serves PNG files so.

use http::HeaderMap;
use http::header::ACCEPT;

use crate::accept::{FULL, Weight, weight};
use crate::members::members;

/// The media type of `.dci`. It is not registered with IANA.
pub const MEDIA_TYPE: &str = "image/vnd.dualcomp";

/// Whether the request names [`MEDIA_TYPE`] in `Accept`, and no other type of image with a higher weight. `image/*`
/// and `*/*` do not count: who writes them need not have heard of `.dci`.
///
/// A response that depends on this should say `Vary: Accept`.
///
/// ```
/// use dualcomp_http::image::accepts_dci;
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("accept", "image/vnd.dualcomp, image/png;q=0.8, */*;q=0.5".parse()?);
/// assert!(accepts_dci(&headers));
/// headers.insert("accept", "image/avif, image/*".parse()?);
/// assert!(!accepts_dci(&headers));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn accepts_dci(headers: &HeaderMap) -> bool {
    let (mut ours, mut best): (Weight, Weight) = (0, 0);
    for (kind, weight) in members(headers, &ACCEPT).filter_map(member) {
        if kind == MEDIA_TYPE {
            ours = ours.max(weight);
        } else if kind.starts_with("image/") && kind != "image/*" {
            best = best.max(weight);
        }
    }
    ours > 0 && ours >= best
}

/// A type and its weight; none if the weight is malformed.
fn member(text: &str) -> Option<(String, Weight)> {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    let given = parts.find(|part| part.starts_with("q=") || part.starts_with("Q="));
    Some((kind, given.map_or(Some(FULL), weight)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_counts() {
        for (value, expected) in [
            ("image/vnd.dualcomp", true),
            ("IMAGE/VND.DualComp;q=0.5", true),
            ("image/vnd.dualcomp, image/png", true),
            ("image/png;q=0.5, image/vnd.dualcomp;v=1;q=0.5", true),
            ("image/*, image/vnd.dualcomp;q=0.1", true),
            ("image/png, image/vnd.dualcomp;q=0.9", false),
            ("image/vnd.dualcomp;q=0", false),
            ("image/vnd.dualcomp;q=2", false),
            ("image/*", false),
            ("*/*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, value.parse().unwrap());
            assert_eq!(accepts_dci(&headers), expected, "{value}");
        }
        assert!(!accepts_dci(&HeaderMap::new()));
    }
}
