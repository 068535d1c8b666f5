//! Which responses to compress.
//!
//! [`DefaultPredicate`] is right for an API or pages that are made for each request. Any function of status, version,
//! fields and extensions is a predicate too:
//!
//! ```
//! use dualcomp_http::CompressionLayer;
//! use dualcomp_http::predicate::{DefaultPredicate, NotForSecrets, Predicate};
//! use http::{Extensions, HeaderMap, StatusCode, Version};
//!
//! let only_success = |status: StatusCode, _: Version, _: &HeaderMap, _: &Extensions| status.is_success();
//! let predicate = DefaultPredicate::new().with_sizes(1 << 10..=64 << 10).and(NotForSecrets).and(only_success);
//! let layer = CompressionLayer::new().with_predicate(predicate);
//! ```

use std::ops::RangeInclusive;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE};
use http::{Extensions, HeaderMap, Response, StatusCode, Version};
use http_body::{Body, SizeHint};

/// Decides from the head of a response, and from what its body says of its size, whether to compress it.
///
/// It is asked only of what may be compressed by the rules of HTTP. A response that it accepts says that it varies by
/// `Accept-Encoding`, even where another coding or none is chosen.
pub trait Predicate: Clone {
    /// Whether to compress this response.
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool;

    /// Accepts what both accept.
    fn and<Other: Predicate>(self, other: Other) -> And<Self, Other> {
        And { first: self, second: other }
    }
}

impl<F> Predicate for F
where
    F: Fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool + Clone,
{
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        self(response.status(), response.version(), response.headers(), response.extensions())
    }
}

/// What [`Predicate::and`] makes.
#[derive(Clone, Copy, Debug, Default)]
pub struct And<First, Second> {
    first: First,
    second: Second,
}

impl<First: Predicate, Second: Predicate> Predicate for And<First, Second> {
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        self.first.should_compress(response) && self.second.should_compress(response)
    }
}

/// [`TextTypes`] of a known size between 256 bytes and 256 KiB.
///
/// Smaller ones have little to save. Larger ones take long: at 0.5 MB/s, the speed of the network on one core, a
/// megabyte takes two seconds. The size is that of the body, or else what `Content-Length` says. A body of unknown size
/// may be a large one, so it is left alone as well unless [`Self::with_streams`] asks for it.
#[derive(Clone, Debug)]
pub struct DefaultPredicate {
    sizes: RangeInclusive<u64>,
    streams: bool,
}

impl DefaultPredicate {
    /// The default.
    pub fn new() -> Self {
        Self { sizes: 256..=256 << 10, streams: false }
    }

    /// Accepts other sizes, in bytes. Clients with the default [`DecompressionOptions`](crate::DecompressionOptions)
    /// decode bodies of up to 1 MiB, at [`Level::Max`](crate::Level::Max) of up to 512 KiB; longer ones only if they do
    /// not shrink too well, as what may be computed grows with what is received. Others need more
    /// [work](crate::DecompressionOptions::with_max_work): 8 units for each byte at most.
    #[must_use]
    pub fn with_sizes(mut self, sizes: RangeInclusive<u64>) -> Self {
        self.sizes = sizes;
        self
    }

    /// Whether to accept bodies of unknown size. What they give out is then held back until the layer's
    /// [`FlushPolicy`](crate::FlushPolicy) lets it go, and they are sent as slowly as they are coded, 1 to 2.5 MB/s of
    /// a core. Each keeps a codec, up to 44 MiB, and a place among the streams of the [`Budget`](crate::Budget) for as
    /// long as its peer likes to read: hence not by default, though the bytes would pay. A body that says its
    /// `Content-Length` is not of unknown size.
    #[must_use]
    pub fn with_streams(mut self, accept: bool) -> Self {
        self.streams = accept;
        self
    }
}

impl Default for DefaultPredicate {
    fn default() -> Self {
        Self::new()
    }
}

impl Predicate for DefaultPredicate {
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        let size = size_of(response.headers(), &response.body().size_hint());
        size.map_or(self.streams, |size| self.sizes.contains(&size)) && TextTypes.should_compress(response)
    }
}

/// The size of content as its body knows it, or else as its head says.
pub(crate) fn size_of(headers: &HeaderMap, hint: &SizeHint) -> Option<u64> {
    let said = || headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    hint.exact().or_else(said)
}

/// Text by its `Content-Type`: `text/*`, JSON, XML, JavaScript, YAML and TOML, and whatever ends in `+json`, `+xml` or
/// `+yaml`, such as SVG.
///
/// Not `text/event-stream`, where events must not wait for a block. Other images, gRPC, `multipart/*` and a response
/// without a type are no text.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextTypes;

impl Predicate for TextTypes {
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        const TYPES: [&str; 9] = [
            "application/ecmascript",
            "application/graphql",
            "application/javascript",
            "application/json",
            "application/jsonl",
            "application/toml",
            "application/x-ndjson",
            "application/xml",
            "application/yaml",
        ];
        let Some(value) = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
            return false;
        };
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence.starts_with("application/grpc") {
            return false;
        }
        (essence.starts_with("text/") && essence != "text/event-stream")
            || TYPES.contains(&essence.as_str())
            || ["+json", "+xml", "+yaml"].iter().any(|suffix| essence.ends_with(suffix))
    }
}

/// Not what has a secret beside what others can choose.
///
/// Where a response repeats what an attacker sends and contains a secret too, the size of the compressed response
/// tells how much of the secret the attacker has guessed (the BREACH attack). TLS does not hide sizes, and a better
/// compressor tells more. This predicate leaves alone what sets a cookie, and what a handler has marked with
/// [`Secret`]. It cannot know of other secrets: mark the pages with tokens against forged requests.
///
/// ```
/// use dualcomp_http::predicate::Secret;
///
/// let response = http::Response::builder().extension(Secret).body("the form with its token");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NotForSecrets;

/// Marks a response that contains a secret, as an extension of it, for [`NotForSecrets`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Secret;

impl Predicate for NotForSecrets {
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        !response.headers().contains_key(SET_COOKIE) && response.extensions().get::<Secret>().is_none()
    }
}

/// A predicate of tower-http.
///
/// ```
/// use dualcomp_http::predicate::{Predicate, TowerHttp};
/// use tower_http::compression::predicate::SizeAbove;
///
/// let predicate = TowerHttp(SizeAbove::new(1024)).and(dualcomp_http::predicate::TextTypes);
/// ```
#[cfg(feature = "fallback")]
#[derive(Clone, Copy, Debug, Default)]
pub struct TowerHttp<P>(pub P);

#[cfg(feature = "fallback")]
impl<P: tower_http::compression::Predicate> Predicate for TowerHttp<P> {
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        self.0.should_compress(response)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};

    use super::*;

    fn of(kind: &str, len: usize) -> Response<Full<&'static [u8]>> {
        static BYTES: [u8; 1 << 20] = [0; 1 << 20];
        Response::builder().header(CONTENT_TYPE, kind).body(Full::new(&BYTES[..len])).unwrap()
    }

    #[test]
    fn text_by_type() {
        for kind in [
            "text/html",
            "Text/Plain; charset=utf-8",
            "application/json",
            "application/problem+json",
            "image/svg+xml",
            "application/x-ndjson",
        ] {
            assert!(TextTypes.should_compress(&of(kind, 0)), "{kind}");
        }
        for kind in [
            "",
            "image/png",
            "image/vnd.dualcomp",
            "application/octet-stream",
            "application/zip",
            "video/mp4",
            "font/woff2",
            "text/event-stream",
            "text/event-stream;charset=utf-8",
            "application/grpc",
            "application/grpc+json",
            "application/grpc-web",
            "multipart/x-mixed-replace",
        ] {
            assert!(!TextTypes.should_compress(&of(kind, 0)), "{kind}");
        }
        assert!(!TextTypes.should_compress(&Response::new(Full::new(&b""[..]))));
    }

    #[test]
    fn sizes() {
        let predicate = DefaultPredicate::new();
        for (len, accepted) in [(0, false), (255, false), (256, true), (256 << 10, true), ((256 << 10) + 1, false)] {
            assert_eq!(predicate.should_compress(&of("text/html", len)), accepted, "{len}");
        }
        let frames = futures::stream::empty::<Result<http_body::Frame<&[u8]>, std::io::Error>>();
        let stream = Response::builder().header(CONTENT_TYPE, "text/html").body(StreamBody::new(frames)).unwrap();
        assert!(!predicate.should_compress(&stream));
        assert!(predicate.with_streams(true).should_compress(&stream));
    }

    #[test]
    fn secrets() {
        let mut response = of("text/html", 1000);
        assert!(NotForSecrets.should_compress(&response));
        response.extensions_mut().insert(Secret);
        assert!(!DefaultPredicate::new().and(NotForSecrets).should_compress(&response));
        let mut response = of("text/html", 1000);
        response.headers_mut().insert(SET_COOKIE, "a=b".parse().unwrap());
        assert!(!NotForSecrets.should_compress(&response));
    }
}
