//! Content that comes in parts.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use dualcomp_http::predicate::DefaultPredicate;
use dualcomp_http::{Budget, CompressionLayer, FlushPolicy};
use futures::StreamExt;
use http::{HeaderMap, Method, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::pages::{US, is_ours, layer, page};
use crate::server::{get, send, send_body, serve};

#[tokio::test]
async fn a_stream_that_says_its_length_is_coded() {
    let handler = on_get(|| async {
        let content = page();
        let length = content.len().to_string();
        let stream = futures::stream::iter([Ok::<_, Infallible>(content)]);
        ([("content-type", "text/html"), ("content-length", &length)], Body::from_stream(stream)).into_response()
    });
    let received = get(serve(Router::new().route("/", handler).layer(layer())).await, "/", US).await;
    is_ours(&received);
}

fn streaming() -> CompressionLayer<DefaultPredicate> {
    layer().with_predicate(DefaultPredicate::new().with_streams(true))
}

fn stream_of(frames: Vec<Result<Frame<Bytes>, std::io::Error>>) -> Response {
    let body = Body::new(StreamBody::new(futures::stream::iter(frames)));
    ([(header::CONTENT_TYPE, "text/plain")], body).into_response()
}

#[tokio::test]
async fn trailers_are_kept() {
    for data in [vec![], vec!["some ", "data"]] {
        let expected = data.concat();
        let handler = on_get(move || async move {
            let mut trailers = HeaderMap::new();
            trailers.insert("x-checksum", "5".parse().unwrap());
            trailers.insert("etag", "\"a\"".parse().unwrap());
            let data = data.into_iter().map(|part| Ok(Frame::data(Bytes::from(part))));
            let mut response = stream_of(data.chain([Ok(Frame::trailers(trailers))]).collect());
            response.headers_mut().insert("trailer", "x-checksum, etag".parse().unwrap());
            response
        });
        let address = serve(Router::new().route("/", handler).layer(streaming())).await;
        let received = send(address, Method::GET, "/", &[("accept-encoding", US), ("te", "trailers")]).await;
        assert_eq!(received.decoded(), expected.as_bytes());
        let trailers = received.trailers.unwrap();
        assert_eq!((&trailers["x-checksum"], &trailers["etag"]), (&"5".parse().unwrap(), &"W/\"a\"".parse().unwrap()));
    }
}

#[tokio::test]
async fn an_error_of_the_body_is_passed_on() {
    let handler = on_get(|| async {
        stream_of(vec![Ok(Frame::data(Bytes::from_static(b"begun"))), Err(std::io::Error::other("broken"))])
    });
    let address = serve(Router::new().route("/", handler).layer(streaming())).await;
    let request = http::Request::get(format!("http://{address}/")).header("accept-encoding", US);
    // The connection ends within the content: nobody can take it for complete.
    send_body(request.body(Body::empty()).unwrap()).await.unwrap_err();
}

#[tokio::test]
async fn a_body_of_another_size_than_it_says_is_not_taken_for_whole() {
    let budget = Budget::new(1);
    for said in ["2569", "5000", "2000000"] {
        let handler = on_get(move || async move {
            let stream = futures::stream::iter([Ok::<_, Infallible>(page())]);
            ([("content-type", "text/html"), ("content-length", said)], Body::from_stream(stream)).into_response()
        });
        let layer = layer().with_budget(budget.clone());
        let layer = layer.with_predicate(DefaultPredicate::new().with_sizes(0..=1 << 30));
        let request = http::Request::builder().uri("/").header("accept-encoding", US).body(Body::empty()).unwrap();
        let body = Router::new().route("/", handler).layer(layer).oneshot(request).await.unwrap().into_body();
        body.collect().await.unwrap_err();
    }
    assert_eq!((budget.available(), budget.available_streams()), (1, 1));
}

/// The body of a response that gives out a few bytes and then waits for ever.
async fn endless(layer: CompressionLayer) -> impl http_body::Body<Data = Bytes, Error: std::fmt::Debug> + Unpin {
    let handler = on_get(|| async {
        let first = futures::stream::iter([Ok::<_, Infallible>("a first line\n")]);
        ([(header::CONTENT_TYPE, "text/plain")], Body::from_stream(first.chain(futures::stream::pending())))
    });
    let address = serve(Router::new().route("/", handler).layer(layer)).await;
    let request = http::Request::get(format!("http://{address}/")).header("accept-encoding", US);
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let response = client.request(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], US);
    response.into_body()
}

/// What arrives of it.
async fn first_of(policy: FlushPolicy) -> Option<Bytes> {
    let mut body = endless(streaming().with_flush(policy)).await;
    let frame = timeout(Duration::from_millis(500), body.frame()).await.ok()?;
    frame.unwrap().unwrap().into_data().ok()
}

#[tokio::test]
async fn who_goes_away_makes_room() {
    let budget = Budget::new(1);
    let body = endless(streaming().with_budget(budget.clone())).await;
    assert_eq!(budget.available_streams(), 0);
    drop(body);
    while budget.available_streams() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_stream_is_flushed_by_policy() {
    let first = first_of(FlushPolicy::OnPending).await.unwrap();
    let mut text = String::new();
    let mut decoder = dualcomp::read::Decoder::new(&first[..], Default::default());
    // The stream has not ended, but the line is there.
    std::io::Read::read_to_string(&mut decoder, &mut text).unwrap_err();
    assert_eq!(text, "a first line\n");
    assert_eq!(first_of(FlushPolicy::After(1 << 10)).await, None);
    assert_eq!(first_of(FlushPolicy::Never).await, None);
}
