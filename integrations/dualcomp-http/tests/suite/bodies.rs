//! Bodies in any number of frames.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::routing::get as on_get;
use dualcomp_http::predicate::{DefaultPredicate, TextTypes};
use dualcomp_http::{BoxError, CompressionLayer, DecompressionLayer, DecompressionOptions, FlushPolicy, Level};
use futures::StreamExt;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use proptest::prelude::*;
use tower::{Layer, ServiceExt, service_fn};

use crate::server::{coded, serve};

/// The data in frames of these lengths, again and again; frames of no length are part of it.
fn frames(data: Vec<u8>, lens: Vec<usize>) -> impl http_body::Body<Data = Bytes, Error = Infallible> + Unpin {
    let mut rest = Bytes::from(data);
    let mut lens = lens.into_iter().cycle();
    let frames = std::iter::from_fn(move || {
        let len = lens.next()?.min(rest.len());
        (!rest.is_empty()).then(|| Ok(Frame::data(rest.split_to(len))))
    });
    StreamBody::new(futures::stream::iter(frames))
}

fn text(lines: usize) -> Vec<u8> {
    (0..lines).flat_map(|line| format!("line {line} of {}\n", line * line).into_bytes()).collect()
}

async fn compressed(data: Vec<u8>, lens: Vec<usize>, flush: FlushPolicy) -> Bytes {
    let layer = CompressionLayer::new().with_level(Level::Fast).with_predicate(TextTypes).with_flush(flush);
    let service = layer.layer(service_fn(move |_: Request<()>| {
        let body = frames(data.clone(), lens.clone());
        std::future::ready(Response::builder().header(CONTENT_TYPE, "text/plain").body(body))
    }));
    let request = Request::builder().header(ACCEPT_ENCODING, "dualcomp-1").body(()).unwrap();
    service.oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes()
}

async fn decompressed(stream: Vec<u8>, lens: Vec<usize>) -> Result<Bytes, BoxError> {
    let layer = DecompressionLayer::with_options(DecompressionOptions::new().with_predictor(None));
    let service = layer.layer(service_fn(move |_: Request<()>| {
        let body = frames(stream.clone(), lens.clone());
        std::future::ready(Response::builder().header(CONTENT_ENCODING, "dualcomp-1").body(body))
    }));
    Ok(service.oneshot(Request::new(())).await?.into_body().collect().await?.to_bytes())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Lengths of which one is not 0.
fn lens() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0usize..300, 1..6).prop_map(|mut lens| {
        lens.push(1);
        lens
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn frames_do_not_matter(lines in 0usize..60, lens in lens()) {
        let data = text(lines);
        let stream = run(compressed(data.clone(), lens.clone(), FlushPolicy::Never));
        prop_assert_eq!(&stream[..], &coded(&data)[..]);
        prop_assert_eq!(run(decompressed(stream.to_vec(), lens)).unwrap(), data);
    }

    #[test]
    fn damage_is_found_in_any_frames(at in 0usize..1000, mask in 1u8.., lens in lens()) {
        let data = text(40);
        let mut stream = coded(&data);
        let at = at % stream.len();
        stream[at] ^= mask;
        // A flag may be one that does not matter here.
        if let Ok(content) = run(decompressed(stream, lens)) {
            prop_assert_eq!(content, data);
        }
    }
}

#[tokio::test]
async fn a_long_stream_in_several_blocks() {
    let data = text(60_000);
    assert!(data.len() > 1 << 20);
    let content = data.clone();
    let handler = on_get(|| async move {
        let parts: Vec<_> = content.chunks(30_000).map(Bytes::copy_from_slice).collect();
        let parts = futures::stream::iter(parts).map(Ok::<_, Infallible>);
        // A source that pauses before each part.
        let parts = parts.then(async |part| {
            tokio::task::yield_now().await;
            part
        });
        ([(CONTENT_TYPE, "text/plain")], Body::from_stream(parts))
    });
    let layer = CompressionLayer::new()
        .with_level(Level::Fast)
        .with_predicate(DefaultPredicate::new().with_streams(true))
        .with_flush(FlushPolicy::After(300_000));
    let address = serve(Router::new().route("/", handler).layer(layer)).await;
    let options = DecompressionOptions::new().with_predictor(None);
    let client =
        DecompressionLayer::with_options(options).layer(Client::builder(TokioExecutor::new()).build_http::<Body>());
    let request = Request::get(format!("http://{address}/")).body(Body::empty()).unwrap();
    let response = client.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["vary"], "accept-encoding");
    assert!(response.into_body().collect().await.unwrap().to_bytes() == data);
}
