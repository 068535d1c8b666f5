//! What must hold in HTTP/1.1 and in HTTP/2.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::{get as on_get, post};
use dualcomp_http::{
    Budget, CompressionLayer, DecompressionLayer, DecompressionOptions, Level, RequestDecompressionLayer,
};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, TRAILER};
use http::{HeaderMap, Request, StatusCode, Version};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use tower::{Layer, ServiceExt};

use crate::server::{bomb, coded, serve};

const US: &str = "dualcomp-1";
/// As gRPC has it: not compressed, five bytes.
const MESSAGE: &[u8] = b"\0\0\0\0\x05hello";
const PATIENCE: Duration = Duration::from_secs(60);

type Versioned = Client<HttpConnector, Body>;

fn clients() -> [(Version, Versioned); 2] {
    [(Version::HTTP_11, false), (Version::HTTP_2, true)]
        .map(|(version, only)| (version, Client::builder(TokioExecutor::new()).http2_only(only).build_http()))
}

/// Codes whatever it is given.
fn layer(budget: Budget) -> CompressionLayer<impl dualcomp_http::predicate::Predicate> {
    let always = |_: StatusCode, _: Version, _: &HeaderMap, _: &http::Extensions| true;
    CompressionLayer::new().with_level(Level::Fast).with_budget(budget).with_predicate(always)
}

fn ask(address: SocketAddr, path: &str) -> Request<Body> {
    let request =
        Request::get(format!("http://{address}{path}")).header("accept-encoding", US).header("te", "trailers");
    request.body(Body::empty()).unwrap()
}

fn options() -> DecompressionOptions {
    DecompressionOptions::new().with_predictor(None)
}

/// One message and its trailers, of a known length or not.
async fn message(length: Option<HeaderValue>) -> Response {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    trailers.insert("content-digest", "sha-256=:x:".parse().unwrap());
    let frames = [Frame::data(Bytes::from_static(MESSAGE)), Frame::trailers(trailers)];
    let body = Body::new(StreamBody::new(futures::stream::iter(frames.map(Ok::<_, Infallible>))));
    let fields = [(CONTENT_TYPE, "application/grpc"), (TRAILER, "grpc-status, content-digest")];
    let mut response = (fields, body).into_response();
    response.headers_mut().extend(length.map(|length| (CONTENT_LENGTH, length)));
    response
}

#[tokio::test]
async fn trailers_come_through_both_layers() {
    let app = Router::new()
        .route("/stream", on_get(|| message(None)))
        .route("/whole", on_get(|| message(Some(MESSAGE.len().into()))));
    let address = serve(app.layer(layer(Budget::new(1)))).await;
    for (version, client) in clients() {
        for path in ["/stream", "/whole"] {
            let response = client.request(ask(address, path)).await.unwrap();
            assert_eq!(
                (response.version(), response.headers()["content-encoding"].as_bytes()),
                (version, US.as_bytes())
            );
            let body = response.into_body().collect().await.unwrap();
            assert_eq!(body.trailers().unwrap()["grpc-status"], "0");
            // It was that of the content without a coding.
            assert_eq!(body.trailers().unwrap().get("content-digest"), None);
            let client = DecompressionLayer::with_options(options()).layer(client.clone());
            let body = client.oneshot(ask(address, path)).await.unwrap().into_body().collect().await.unwrap();
            assert_eq!(body.trailers().unwrap()["grpc-status"], "0");
            assert_eq!(body.to_bytes(), MESSAGE);
        }
    }
}

#[tokio::test]
async fn each_event_comes_before_the_next_is_made() {
    let (hand_over, mut speakers) = unbounded::<UnboundedSender<&'static str>>();
    let handler = async move || {
        let (speaker, events) = unbounded();
        hand_over.unbounded_send(speaker).unwrap();
        ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(events.map(Ok::<_, Infallible>)))
    };
    let budget = Budget::new(1);
    let address = serve(Router::new().route("/", on_get(handler)).layer(layer(budget.clone()))).await;
    for (_, client) in clients() {
        let client = DecompressionLayer::with_options(options()).layer(client);
        let mut body = client.oneshot(ask(address, "/")).await.unwrap().into_body();
        assert_eq!(budget.available_streams(), 0);
        let speaker = speakers.next().await.unwrap();
        for event in ["data: one\n\n", "data: two\n\n", "data: three\n\n"] {
            speaker.unbounded_send(event).unwrap();
            let frame = timeout(PATIENCE, body.frame()).await.expect("it comes at once");
            assert_eq!(frame.unwrap().unwrap().into_data().unwrap(), event);
        }
        // Who goes away makes room, and the handler's stream is dropped.
        drop(body);
        timeout(PATIENCE, async {
            while !speaker.is_closed() || budget.available_streams() == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await
        .expect("the work stops");
    }
}

#[tokio::test]
async fn a_failure_on_the_way_is_an_error_of_the_client() {
    let handler = async || {
        let parts = [Ok("a first line\n".repeat(100)), Err(std::io::Error::other("broken"))];
        // A pause, so that the head is sent before.
        let parts = futures::stream::iter(parts).then(async |part| {
            tokio::time::sleep(Duration::from_millis(20)).await;
            part
        });
        ([(CONTENT_TYPE, "text/plain")], Body::from_stream(parts))
    };
    let address = serve(Router::new().route("/", on_get(handler)).layer(layer(Budget::new(1)))).await;
    for (_, client) in clients() {
        let client = DecompressionLayer::with_options(options()).layer(client);
        let response = client.oneshot(ask(address, "/")).await.unwrap();
        response.into_body().collect().await.unwrap_err();
    }
}

#[tokio::test]
async fn requests_are_decoded_or_refused() {
    let content = "line of what is posted\n".repeat(100);
    let good = coded(content.as_bytes());
    let cut = good[..good.len() - 1].to_vec();
    let layer = RequestDecompressionLayer::with_options(options());
    let address = serve(Router::new().route("/", post(async |body: Bytes| body)).layer(layer)).await;
    for (_, client) in clients() {
        for (body, status) in [
            (good.clone(), StatusCode::OK),
            (cut.clone(), StatusCode::BAD_REQUEST),
            (Vec::new(), StatusCode::OK),
            (bomb(1 << 30), StatusCode::PAYLOAD_TOO_LARGE),
        ] {
            let echo = if body == good { content.as_bytes() } else { b"" };
            let request = Request::post(format!("http://{address}/")).header("content-encoding", US);
            let response = client.request(request.body(body.into()).unwrap()).await.unwrap();
            assert_eq!(response.status(), status);
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert!(status != StatusCode::OK || body == echo);
        }
    }
}
