//! Bodies of a client that wait for each other.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use dualcomp_http::decompression::DecompressionBody;
use dualcomp_http::{DecompressionLayer, RequestDecompressionLayer};
use futures::FutureExt;
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::{Layer, Service, ServiceExt};

use crate::clients::{US, get, options, server, text};
use crate::server::{coded, serve};

#[tokio::test]
async fn bodies_wait_for_their_turn() {
    let address = server().await;
    let options = options().with_budget(dualcomp_http::Budget::new(1));
    let client = DecompressionLayer::with_options(options).layer(Client::builder(TokioExecutor::new()).build_http());
    let mut responses = Vec::new();
    for _ in 0..4 {
        responses.push(client.clone().oneshot(get(address, "/ours")).await.unwrap());
    }
    // In another order than they came, and at once.
    let bodies = responses.into_iter().rev().map(|response| response.into_body().collect());
    for body in futures::future::join_all(bodies).await {
        assert_eq!(body.unwrap().to_bytes(), text());
    }
}

#[tokio::test]
async fn half_read_bodies_do_not_hold_up_others() {
    let text = text().repeat(130);
    let stream = coded(text.as_bytes());
    let app = Router::new().route("/", on_get(move || async move { ([("content-encoding", US)], stream.clone()) }));
    let address = serve(app).await;
    for room in [1, 4] {
        let options = options().with_budget(dualcomp_http::Budget::new(room));
        let layer = DecompressionLayer::with_options(options);
        let client = layer.layer(Client::builder(TokioExecutor::new()).build_http());
        let mut half_read = Vec::new();
        for _ in 0..5 {
            let mut body = client.clone().oneshot(get(address, "/")).await.unwrap().into_body();
            let first = tokio::time::timeout(Duration::from_secs(60), body.frame()).await.expect("it has its turn");
            half_read.push((first.unwrap().unwrap().into_data().unwrap(), body));
        }
        for (first, body) in half_read {
            let rest = body.collect().await.unwrap().to_bytes();
            assert!([first, rest].concat() == text.as_bytes());
        }
    }
}

/// Who asks, and does something else before the answer is there, may wait for others meanwhile.
#[tokio::test]
async fn a_body_that_is_left_while_it_is_decoded_holds_up_nobody() {
    // Long to decode, so that it is not there before this thread asks.
    let text: String = (0..50_000u32).map(|i| format!("{:x}\n", i.wrapping_mul(2_654_435_761))).collect();
    let stream = coded(text.as_bytes());
    let whole = tower::service_fn(move |_: Request<Body>| {
        let response = http::Response::builder().header("content-encoding", US);
        std::future::ready(Ok::<_, Infallible>(response.body(Body::from(stream.clone())).unwrap()))
    });
    let client = DecompressionLayer::with_options(options().with_budget(dualcomp_http::Budget::new(1))).layer(whole);
    let ask = || client.clone().oneshot(Request::new(Body::empty()));
    let mut left = ask().await.unwrap().into_body();
    // All that was received is there at once, so what is pending is the codec.
    assert!(left.frame().now_or_never().is_none());
    let other = ask().await.unwrap().into_body().collect();
    let other = tokio::time::timeout(Duration::from_secs(60), other).await.expect("it has its turn");
    assert!(other.unwrap().to_bytes() == text);
    assert!(left.collect().await.unwrap().to_bytes() == text);
}

/// A response on a wire of its own.
fn wire(
    stream: Vec<u8>,
) -> impl Service<Request<Body>, Response = http::Response<Body>, Error = Infallible, Future: Send> + Clone {
    tower::service_fn(move |_: Request<Body>| {
        let response = http::Response::builder().header("content-encoding", US);
        std::future::ready(Ok(response.body(Body::from(stream.clone())).unwrap()))
    })
}

#[tokio::test]
async fn a_handler_that_has_read_half_of_a_request_may_ask_others() {
    let budget = dualcomp_http::Budget::new(1);
    let options = options().with_budget(budget);
    let stream = coded(text().as_bytes());
    let client = DecompressionLayer::with_options(options.clone()).layer(wire(stream.clone()));
    let handler = tower::service_fn(move |request: Request<DecompressionBody<Body>>| {
        let client = client.clone();
        async move {
            let mut body = request.into_body();
            let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
            let other = client.oneshot(Request::new(Body::empty())).await.unwrap().into_body().collect();
            assert_eq!(other.await.unwrap().to_bytes(), text());
            let rest = body.collect().await.unwrap().to_bytes();
            assert_eq!([first, rest].concat(), text().as_bytes());
            Ok::<_, Infallible>(http::Response::new(Body::empty()))
        }
    });
    let server = RequestDecompressionLayer::with_options(options).layer(handler);
    let request = Request::post("/").header("content-encoding", US).body(Body::from(stream)).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(60), server.oneshot(request)).await;
    answer.expect("nobody waits for itself").unwrap();
}

#[tokio::test]
async fn without_any_places_a_body_is_an_error_at_once() {
    let layer = DecompressionLayer::with_options(options().with_budget(dualcomp_http::Budget::new(0)));
    let response = layer.layer(wire(coded(b"one"))).oneshot(Request::new(Body::empty())).await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(60), response.into_body().collect()).await;
    read.expect("it does not wait").unwrap_err();
}

#[tokio::test]
async fn a_conversation_in_a_request_begins() {
    let handler = tower::service_fn(|request: Request<DecompressionBody<Body>>| async {
        let mut body = request.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        Ok::<_, Infallible>(http::Response::new(Body::from(first)))
    });
    let budget = dualcomp_http::Budget::new(1);
    let server = RequestDecompressionLayer::with_options(options().with_budget(budget.clone())).layer(handler);
    let mut encoder = dualcomp::Encoder::new(dualcomp::EncoderOptions::default().with_level(dualcomp::Level::Fast));
    let (mut wire, mut len) = (vec![0; 1000], 0);
    let said = encoder.encode(b"hello", &mut wire).unwrap();
    len += said.produced;
    while {
        let progress = encoder.flush(&mut wire[len..]).unwrap();
        len += progress.produced;
        progress.status != dualcomp::Status::Done
    } {}
    wire.truncate(len);
    let said = futures::stream::iter([Ok::<_, Infallible>(bytes::Bytes::from(wire))]);
    let open = Body::from_stream(futures::StreamExt::chain(said, futures::stream::pending()));
    let request = Request::post("/").header("content-encoding", US).body(open).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(60), server.oneshot(request)).await;
    let body = answer.expect("it is answered").unwrap().into_body();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "hello");
    assert_eq!((budget.available(), budget.available_streams()), (1, 1));
}
