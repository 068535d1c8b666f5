//! Requests with a coding.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use dualcomp::Dictionary;
use dualcomp_http::decompression::DecompressionBody;
use dualcomp_http::dictionary::DictionaryLayer;
use dualcomp_http::{
    Budget, CompressionLayer, DecompressionLayer, DecompressionOptions, Level, RequestDecompressionLayer,
};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_http::compression::CompressionLayer as Compression;
use tower_http::decompression::RequestDecompressionLayer as Theirs;

use crate::server::{Received, bomb, claim, coded, gzip, send_body, serve};

const US: &str = "dualcomp-1";

fn text() -> String {
    (0..100).map(|line| format!("line {line} of what is posted\n")).collect()
}

/// The same whether this build has a model or not.
fn options() -> DecompressionOptions {
    DecompressionOptions::new().with_predictor(None)
}

fn layer() -> RequestDecompressionLayer {
    RequestDecompressionLayer::with_options(options())
}

fn routes() -> Router {
    let echo = |headers: HeaderMap, text: String| async move {
        let kept = ["content-encoding", "content-length"].iter().any(|name| headers.contains_key(*name));
        ([("x-kept", if kept { "yes" } else { "no" })], text)
    };
    Router::new().route("/", post(echo))
}

async fn put(address: SocketAddr, coding: Option<&str>, body: impl Into<Body>) -> Received {
    let mut request = Request::post(format!("http://{address}/"));
    if let Some(coding) = coding {
        request = request.header("content-encoding", coding);
    }
    send_body(request.body(body.into()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn answers_may_have_bodies_without_a_default() {
    let handler = service_fn(|_: Request<DecompressionBody<Body>>| async {
        let frames = futures::stream::once(async { Ok::<_, Infallible>(Frame::data(Bytes::from("answer"))) });
        Ok::<_, Infallible>(Response::new(StreamBody::new(frames)))
    });
    for (coding, status, answer) in
        [(US, StatusCode::OK, "answer"), ("dualcomp-9", StatusCode::UNSUPPORTED_MEDIA_TYPE, "")]
    {
        let request = Request::post("/").header("content-encoding", coding).body(Body::from(coded(b"x"))).unwrap();
        let response = layer().layer(handler).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(Box::pin(response.into_body()).collect().await.unwrap().to_bytes(), answer);
    }
}

#[tokio::test]
async fn a_request_is_decoded() {
    let address = serve(routes().layer(layer())).await;
    for coding in [US, "DualComp-1", "identity, dualcomp-1"] {
        let received = put(address, Some(coding), coded(text().as_bytes())).await;
        assert_eq!((received.status, received.header("x-kept")), (StatusCode::OK, Some("no")));
        assert_eq!(received.body, text());
    }
    // Without a coding nothing changes.
    let received = put(address, None, text()).await;
    assert_eq!((received.header("x-kept"), &received.body[..]), (Some("yes"), text().as_bytes()));
}

#[tokio::test]
async fn other_codings_are_for_layers_inside() {
    for ours in [layer(), layer().with_other_codings(["gzip"])] {
        let address = serve(routes().layer(Theirs::new()).layer(ours)).await;
        let gzipped = gzip(text().as_bytes()).await;
        assert_eq!(put(address, Some("gzip"), gzipped.clone()).await.body, text());
        for both in ["gzip, dualcomp-1", "x-gzip, dualcomp-1"] {
            assert_eq!(put(address, Some(both), coded(&gzipped)).await.body, text());
        }
        assert_eq!(put(address, Some(US), coded(text().as_bytes())).await.body, text());
    }
}

#[tokio::test]
async fn what_is_not_supported_is_refused_with_a_list() {
    let ours = layer().with_other_codings(["gzip"]);
    let address = serve(routes().layer(Theirs::new()).layer(ours)).await;
    for coding in ["dualcomp-2", "dualcomp-1-00000000", "dualcomp", "br", "dualcomp-1, gzip", "dualcomp-1, dualcomp-1"]
    {
        let received = put(address, Some(coding), "x").await;
        assert_eq!(received.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{coding}");
        assert_eq!(received.header("accept-encoding"), Some("dualcomp-1, gzip"), "{coding}");
    }
    // Here tower-http refuses, and this layer adds to its list.
    let address = serve(routes().layer(Theirs::new()).layer(layer())).await;
    let received = put(address, Some("compress"), "x").await;
    assert_eq!(received.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let lists: Vec<_> = received.headers.get_all("accept-encoding").iter().collect();
    assert_eq!(lists, ["gzip,br", US]);
    assert_eq!(put(address, Some("dualcomp-2"), "x").await.header("accept-encoding"), Some(US));
}

/// Without axum, which gives every layer the same body.
#[tokio::test]
async fn layers_refuse_around_other_layers() {
    let handler = service_fn(async |_: Request<_>| Ok::<_, Infallible>(Response::new(Body::empty())));
    let dictionary = Dictionary::from_raw(b"anything").unwrap();
    let server = ServiceBuilder::new()
        .layer(layer())
        .layer(CompressionLayer::new().with_level(Level::Fast).with_fallback(Compression::new()))
        .layer(DictionaryLayer::new(dictionary, "/dictionary", "/*"))
        .service(handler);
    let client =
        ServiceBuilder::new().layer(layer()).layer(DecompressionLayer::with_options(options())).service(server);
    let request = Request::post("/").header("content-encoding", "dualcomp-9").body(Body::empty()).unwrap();
    let response = client.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn damage_is_an_error() {
    let address = serve(routes().layer(layer())).await;
    let stream = coded(text().as_bytes());
    let mut flipped = stream.clone();
    flipped[stream.len() / 2] ^= 1;
    let cut = stream[..stream.len() - 1].to_vec();
    for damaged in [flipped, cut, [&stream[..], b"x"].concat(), [&stream[..], &stream[..]].concat(), vec![0; 99]] {
        assert_eq!(put(address, Some(US), damaged).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_bomb_is_refused_at_the_cap() {
    // No more than the layer's own limits: axum's are off.
    let open = || routes().layer(axum::extract::DefaultBodyLimit::disable());
    let with = |options| open().layer(RequestDecompressionLayer::with_options(options));
    let exact = 3 << 20;
    for (options, size, status) in [
        // The ratio, at the second mebibyte.
        (options(), 3 << 20, StatusCode::PAYLOAD_TOO_LARGE),
        (options(), 1 << 30, StatusCode::PAYLOAD_TOO_LARGE),
        (options(), 1 << 20, StatusCode::OK),
        // The bytes.
        (options().with_max_ratio(u64::MAX), 1 << 30, StatusCode::PAYLOAD_TOO_LARGE),
        (options().with_max_ratio(u64::MAX).with_max_output_bytes(exact), exact, StatusCode::OK),
        (options().with_max_ratio(u64::MAX).with_max_output_bytes(exact), exact + 1, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let received = put(serve(with(options)).await, Some(US), bomb(size)).await;
        assert_eq!(received.status, status, "{size}");
    }
    assert_eq!(put(serve(with(options())).await, Some(US), claim()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let received =
        put(serve(with(options().with_max_memory_bytes(1000))).await, Some(US), coded(text().as_bytes())).await;
    assert_eq!(received.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn limits_of_axum_bound_the_content() {
    let address = serve(
        routes().layer(RequestDecompressionLayer::with_options(DecompressionOptions::new().with_max_ratio(u64::MAX))),
    )
    .await;
    assert_eq!(put(address, Some(US), bomb(1_900_000)).await.status, StatusCode::OK);
    assert_eq!(put(address, Some(US), bomb(2_200_000)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn too_many_at_once_are_sent_away() {
    let budget = Budget::new(1);
    let layer = RequestDecompressionLayer::with_options(options().with_budget(budget.clone()));
    let address = serve(routes().layer(layer)).await;
    for _ in 0..3 {
        assert_eq!(put(address, Some(US), coded(b"one")).await.status, StatusCode::OK);
    }
    assert_eq!(budget.available(), 1);
    let layer = RequestDecompressionLayer::with_options(options().with_budget(Budget::new(0)));
    let address = serve(routes().layer(layer)).await;
    let received = put(address, Some(US), coded(b"two")).await;
    assert_eq!((received.status, received.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, Some("1")));
    assert_eq!(put(address, None, "three").await.status, StatusCode::OK);
}
