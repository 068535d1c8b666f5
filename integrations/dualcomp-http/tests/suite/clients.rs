//! Clients, against servers that do what they are told.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use dualcomp_http::decompression::Decompression;
use dualcomp_http::{BoxError, CompressionLayer, DecompressionLayer, DecompressionOptions, Level, LimitExceeded};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower::{Layer, Service, ServiceExt};

use crate::server::{bomb, claim, coded, gzip, serve};

pub(crate) const US: &str = "dualcomp-1";

pub(crate) fn text() -> String {
    (0..100).map(|line| format!("line {line} of what is fetched\n")).collect()
}

/// Says in `x-asked` what the request's `Accept-Encoding` was.
fn asked(headers: &HeaderMap) -> [(&'static str, String); 1] {
    let lines = headers.get_all("accept-encoding").iter().map(|line| line.to_str().unwrap());
    [("x-asked", lines.collect::<Vec<_>>().join(" | "))]
}

fn with_trailers() -> Response {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", "7".parse().unwrap());
    let stream = coded(text().as_bytes());
    let frames = [Frame::data(Bytes::copy_from_slice(&stream[..9])), Frame::data(stream[9..].to_vec().into())];
    let frames = frames.into_iter().chain([Frame::trailers(trailers)]).map(Ok::<_, BoxError>);
    let body = Body::new(StreamBody::new(futures::stream::iter(frames.collect::<Vec<_>>())));
    ([("content-encoding", US), ("trailer", "x-sum")], body).into_response()
}

pub(crate) async fn server() -> SocketAddr {
    let gzipped = gzip(text().as_bytes()).await;
    let stacked = coded(&gzipped);
    let fixed = |coding: &'static str, body: Vec<u8>| {
        on_get(move |headers: HeaderMap| {
            let body = body.clone();
            let exact = [("content-digest", "x"), ("accept-ranges", "bytes"), ("etag", "\"a\"")];
            async move { (asked(&headers), [("content-encoding", coding)], exact, body) }
        })
    };
    let good = coded(text().as_bytes());
    let cut = good[..good.len() - 1].to_vec();
    let app = Router::new()
        .route("/plain", on_get(|headers: HeaderMap| async move { (asked(&headers), text()) }))
        .route("/ours", fixed(US, good.clone()))
        .route("/gzip", fixed("gzip", gzipped))
        .route("/stacked", fixed("gzip, dualcomp-1", stacked))
        .route("/twice", fixed("dualcomp-1, dualcomp-1", coded(&good)))
        .route("/unknown", fixed("dualcomp-9", good.clone()))
        .route("/under", fixed("dualcomp-1, xyz", good.clone()))
        .route("/cut", fixed(US, cut))
        .route("/longer", fixed(US, [&good[..], b"x"].concat()))
        .route("/bomb", fixed(US, bomb(48 << 20)))
        .route("/claim", fixed(US, claim()))
        .route("/unchanged", on_get(|| async { (StatusCode::NOT_MODIFIED, [("etag", "\"a\"")]) }))
        .route("/trailers", on_get(|| async { with_trailers() }))
        .route(
            "/part",
            on_get(move || async move { (StatusCode::PARTIAL_CONTENT, [("content-encoding", US)], "part") }),
        )
        .route("/moved", on_get(|| async { axum::response::Redirect::to("/ours") }))
        .route("/layer", on_get(|| async { text() }).layer(CompressionLayer::new().with_level(Level::Fast)));
    serve(app).await
}

/// The same whether this build has a model or not.
pub(crate) fn options() -> DecompressionOptions {
    DecompressionOptions::new().with_predictor(None)
}

pub(crate) fn tower_client() -> Decompression<Client<HttpConnector, Body>> {
    DecompressionLayer::with_options(options()).layer(Client::builder(TokioExecutor::new()).build_http())
}

fn request(address: SocketAddr, method: Method, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(format!("http://{address}{path}"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Request<Body> {
    request(address, Method::GET, path, &[])
}

#[tokio::test]
async fn a_tower_client_decodes() {
    let address = server().await;
    for path in ["/ours", "/layer", "/plain"] {
        let response = tower_client().oneshot(get(address, path)).await.unwrap();
        assert_eq!(response.headers().get("content-encoding"), None);
        if path == "/ours" {
            assert_eq!(response.headers()["x-asked"], US);
            for name in ["content-length", "content-digest", "accept-ranges"] {
                assert_eq!(response.headers().get(name), None);
            }
            assert_eq!(response.headers()["etag"], "W/\"a\"");
        }
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), text());
    }
}

#[tokio::test]
async fn what_has_not_changed_has_the_tag_of_what_was_decoded() {
    let response = tower_client().oneshot(get(server().await, "/unchanged")).await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["etag"]),
        (StatusCode::NOT_MODIFIED, &"W/\"a\"".parse().unwrap())
    );
}

#[tokio::test]
async fn trailers_come_after_the_content() {
    let mut request = get(server().await, "/trailers");
    request.headers_mut().insert("te", "trailers".parse().unwrap());
    let collected = tower_client().oneshot(request).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["x-sum"], "7");
    assert_eq!(collected.to_bytes(), text());
}

#[tokio::test]
async fn what_is_asked_for() {
    let address = server().await;
    for (fields, asked) in [
        (&[][..], US),
        (&[("accept-encoding", "gzip, br;q=0.5")], "gzip, br;q=0.5, dualcomp-1"),
        (&[("accept-encoding", "dualcomp-1;q=0.5")], "dualcomp-1;q=0.5"),
        (&[("accept-encoding", "identity")], "identity"),
        (&[("accept-encoding", "gzip;q=0")], "gzip;q=0"),
        (&[("range", "bytes=0-5")], ""),
    ] {
        let response = tower_client().oneshot(request(address, Method::GET, "/plain", fields)).await.unwrap();
        assert_eq!(response.headers()["x-asked"], asked);
    }
}

#[tokio::test]
async fn what_is_not_ours_is_left_alone() {
    let address = server().await;
    for (path, coding) in [
        ("/gzip", "gzip"),
        ("/twice", "dualcomp-1, dualcomp-1"),
        ("/unknown", "dualcomp-9"),
        ("/under", "dualcomp-1, xyz"),
        ("/part", US),
    ] {
        let response = tower_client().oneshot(get(address, path)).await.unwrap();
        assert_eq!(response.headers()["content-encoding"], coding);
        assert!(response.headers().contains_key("content-length"));
        response.into_body().collect().await.unwrap();
    }
    let response = tower_client().oneshot(request(address, Method::HEAD, "/ours", &[])).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], US);
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn tower_http_outside_undoes_the_rest() {
    let address = server().await;
    let mut client = tower_http::decompression::DecompressionLayer::new().layer(tower_client());
    for path in ["/ours", "/gzip", "/stacked", "/plain"] {
        let response = client.call(get(address, path)).await.unwrap();
        assert_eq!(response.headers()["x-asked"], "gzip,br, dualcomp-1");
        assert_eq!(response.headers().get("content-encoding"), None);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), text(), "{path}");
    }
}

#[tokio::test]
async fn damage_is_an_error_of_the_body() {
    let address = server().await;
    for path in ["/cut", "/longer"] {
        let mut body = tower_client().oneshot(get(address, path)).await.unwrap().into_body();
        let mut good = Vec::new();
        let error = loop {
            match body.frame().await.unwrap() {
                Ok(frame) => good.extend(frame.into_data().unwrap()),
                Err(error) => break error,
            }
        };
        assert!(error.is::<std::io::Error>(), "{error}");
        // What lacks its last byte lacks its only block.
        assert_eq!(good, if path == "/cut" { String::new() } else { text() }.as_bytes());
        assert!(body.frame().await.is_none());
    }
}

#[tokio::test]
async fn a_bomb_is_an_error_at_the_cap() {
    let address = server().await;
    let open = || options().with_max_ratio(u64::MAX);
    for (path, options, expected, at_most) in [
        ("/bomb", options(), LimitExceeded::Ratio(1000), 1 << 20),
        ("/claim", options(), LimitExceeded::Ratio(1000), 0),
        ("/bomb", open().with_max_output_bytes(1 << 21), LimitExceeded::OutputBytes(1 << 21), 1 << 21),
    ] {
        let client = DecompressionLayer::with_options(options);
        let client = client.layer(Client::builder(TokioExecutor::new()).build_http::<Body>());
        let mut body = client.oneshot(get(address, path)).await.unwrap().into_body();
        let mut len = 0;
        let error = loop {
            match body.frame().await.unwrap() {
                Ok(frame) => len += frame.into_data().unwrap().len(),
                Err(error) => break error,
            }
        };
        assert_eq!(error.downcast_ref(), Some(&expected));
        assert!(len <= at_most, "{len}");
    }
}

#[tokio::test]
async fn a_coded_body_of_no_length_is_empty() {
    let app = Router::new().route("/", on_get(|| async { ([("content-encoding", US)], "") }));
    let address = serve(app).await;
    let response = tower_client().oneshot(get(address, "/")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "");
}
