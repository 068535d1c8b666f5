//! The negotiation of a content coding.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use bytes::Bytes;
use dualcomp_http::CompressionLayer;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY};
use http::{Request, Response};
use http_body_util::Full;
use tower_layer::Layer;
use tower_service::Service;

use crate::tiny::tiny;

/// Takes each line of the bytes as a field `Accept-Encoding` of one request.
pub fn accept(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|&byte| byte == b'\n').collect();
    let Some(fields) = lines.iter().map(|line| HeaderValue::from_bytes(line).ok()).collect::<Option<Vec<_>>>() else {
        return;
    };
    let chosen = answer(&fields);
    if let Some(coding) = &chosen {
        let coding = coding.to_str().expect("codings are tokens").to_owned();
        assert!(named(&lines, &coding), "{coding} was not asked for");
    }
    // RFC 9110, section 5.3: lines are one list. Bytes that are no text spoil all of what they are in.
    if data.is_ascii()
        && let Ok(joined) = HeaderValue::from_bytes(&lines.join(&b", "[..]))
    {
        assert_eq!(answer(&[joined]), chosen);
    }
}

/// Whether a member has this name and says no more than a weight that is not 0.
fn named(lines: &[&[u8]], coding: &str) -> bool {
    lines.iter().flat_map(|line| line.split(|&byte| byte == b',')).any(|member| {
        let text = String::from_utf8_lossy(member).to_ascii_lowercase();
        let mut parts = text.split(';').map(str::trim);
        parts.next() == Some(coding)
            && parts.all(|part| part.starts_with("q=") && part.bytes().any(|byte| (b'1'..=b'9').contains(&byte)))
    })
}

/// The coding of the response.
fn answer(fields: &[HeaderValue]) -> Option<HeaderValue> {
    let mut request = Request::new(());
    for field in fields {
        request.headers_mut().append(ACCEPT_ENCODING, field.clone());
    }
    let mut service = CompressionLayer::new().with_predictor(tiny()).layer(Page);
    let Ok(response) = wait(service.call(request));
    assert!(response.headers().get(VARY).is_some_and(|vary| vary.as_bytes().eq_ignore_ascii_case(b"accept-encoding")));
    response.headers().get(CONTENT_ENCODING).cloned()
}

/// The result of a future, which other threads work on.
fn wait<F: Future>(future: F) -> F::Output {
    struct Caller(Thread);

    impl Wake for Caller {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let (mut future, waker) = (pin!(future), Arc::new(Caller(thread::current())).into());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return result;
        }
        thread::park();
    }
}

/// Answers with a page of text.
#[derive(Clone)]
struct Page;

impl Service<Request<()>> for Page {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let mut response = Response::new(Full::new(Bytes::from_static(&[b'a'; 2000])));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        ready(Ok(response))
    }
}
