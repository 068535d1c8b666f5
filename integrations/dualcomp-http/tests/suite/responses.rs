//! The rules for responses, each over a socket.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use dualcomp_http::predicate::{DefaultPredicate, NotForSecrets, Predicate, Secret};
use dualcomp_http::{Budget, CompressionLayer, FlushPolicy, Level};
use futures::StreamExt;
use http::{HeaderMap, Method, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;
use tower::{Layer, ServiceExt};

use crate::server::{Received, get, send, send_body, serve};

const US: &str = "dualcomp-1";

fn page() -> String {
    (0..60).map(|line| format!("<li class=\"entry\">line {line} of the page</li>\n")).collect()
}

fn html(fields: &[(&'static str, &'static str)]) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "text/html")], page()).into_response();
    for &(name, value) in fields {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

fn with_status(status: StatusCode, fields: &[(&'static str, &'static str)]) -> Response {
    let mut response = html(fields);
    *response.status_mut() = status;
    response
}

fn layer() -> CompressionLayer {
    CompressionLayer::new().with_level(Level::Fast)
}

/// A server of one response.
async fn one(make: impl Fn() -> Response + Clone + Send + Sync + 'static) -> std::net::SocketAddr {
    serve(Router::new().route("/", on_get(move || async move { make() })).layer(layer())).await
}

#[track_caller]
fn is_ours(received: &Received) {
    assert_eq!(received.coding(), Some(US));
    assert_eq!(received.decoded(), page().as_bytes());
}

#[track_caller]
fn is_plain(received: &Received) {
    assert_eq!(received.coding(), None);
    assert_eq!(received.body, page());
}

#[tokio::test]
async fn a_response_is_coded() {
    let address = one(|| html(&[])).await;
    let received = get(address, "/", US).await;
    is_ours(&received);
    assert!(received.body.len() * 4 < page().len());
    assert_eq!(received.status, StatusCode::OK);
    assert_eq!(received.vary(), ["accept-encoding"]);
    assert_eq!(received.header("content-length"), Some(&received.body.len().to_string()[..]));
    assert_eq!(received.header("content-type"), Some("text/html"));
}

#[tokio::test]
async fn negotiation() {
    let address = one(|| html(&[])).await;
    for line in
        [US, "gzip, br, DUALCOMP-1", "dualcomp-1;q=0.001", "dualcomp-1 ; Q=0.5, gzip;q=0.5", "*;q=0, dualcomp-1"]
    {
        is_ours(&get(address, "/", line).await);
    }
    for line in [
        "",
        "*",
        "gzip",
        "dualcomp-1;q=0",
        "dualcomp-1;q=1.5",
        "dualcomp-2",
        "identity, dualcomp-1;q=0.9",
        "dualcomp-1;q=0.2, gzip",
    ] {
        let received = get(address, "/", line).await;
        is_plain(&received);
        assert_eq!(received.vary(), ["accept-encoding"], "{line}");
    }
    is_plain(&send(address, Method::GET, "/", &[]).await);
    is_ours(&send(address, Method::GET, "/", &[("accept-encoding", "gzip"), ("accept-encoding", US)]).await);
}

#[tokio::test]
async fn vary_is_merged() {
    is_ours(&get(one(|| html(&[("vary", "origin")])).await, "/", US).await);
    assert_eq!(get(one(|| html(&[("vary", "origin")])).await, "/", US).await.vary(), ["origin", "accept-encoding"]);
    assert_eq!(get(one(|| html(&[("vary", "*")])).await, "/", US).await.vary(), ["*"]);
    assert_eq!(get(one(|| html(&[("vary", "Accept-Encoding")])).await, "/", US).await.vary(), ["Accept-Encoding"]);
}

#[tokio::test]
async fn an_existing_coding_is_left_alone() {
    let received = get(one(|| html(&[("content-encoding", "gzip")])).await, "/", US).await;
    assert_eq!((received.coding(), received.vary()), (Some("gzip"), vec![]));
    assert_eq!(received.body, page());
}

#[tokio::test]
async fn ranges_are_left_alone() {
    for status in [StatusCode::PARTIAL_CONTENT, StatusCode::OK] {
        is_plain(&get(one(move || with_status(status, &[("content-range", "bytes 0-9/20")])).await, "/", US).await);
    }
    is_plain(&get(one(|| with_status(StatusCode::PARTIAL_CONTENT, &[])).await, "/", US).await);
}

#[tokio::test]
async fn a_status_without_content_is_left_alone() {
    for status in [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED] {
        let always = |_: StatusCode, _: http::Version, _: &HeaderMap, _: &http::Extensions| true;
        let handler = on_get(move || async move { (status, [(header::ETAG, "\"a\"")]) });
        let address = serve(Router::new().route("/", handler).layer(layer().with_predicate(always))).await;
        let received = get(address, "/", US).await;
        assert_eq!((received.status, received.coding(), received.body.len()), (status, None, 0));
        assert_eq!(received.header("etag"), Some("\"a\""));
    }
}

#[tokio::test]
async fn a_switch_of_protocols_is_left_alone() {
    // Without a socket, which such an answer would take away.
    for (method, status) in [(Method::CONNECT, StatusCode::OK), (Method::GET, StatusCode::SWITCHING_PROTOCOLS)] {
        let service = Router::new().fallback(move || async move { with_status(status, &[]) }).layer(layer());
        let request = http::Request::builder().method(method).uri("/").header("accept-encoding", US);
        let response = tower::ServiceExt::oneshot(service, request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!((response.status(), response.headers().get("content-encoding")), (status, None));
        assert_eq!(response.headers().get("vary"), None);
    }
}

#[tokio::test]
async fn head_has_the_fields_of_get() {
    let address = one(|| html(&[("etag", "\"a\""), ("accept-ranges", "bytes")])).await;
    for accepted in [US, "identity"] {
        let fields = [("accept-encoding", accepted)];
        let (head, get) =
            (send(address, Method::HEAD, "/", &fields).await, send(address, Method::GET, "/", &fields).await);
        assert_eq!((head.coding(), head.body.len()), (get.coding(), 0));
        for name in ["vary", "etag", "accept-ranges", "content-type"] {
            assert_eq!(head.header(name), get.header(name), "{name}");
        }
        if accepted == US {
            assert_eq!(head.header("content-length"), None);
        }
    }
}

#[tokio::test]
async fn head_has_the_fields_of_get_where_the_handler_leaves_the_content_out() {
    for length in [None, Some("1000"), Some("0")] {
        let handler = tower::service_fn(move |_: http::Request<Body>| async move {
            let mut response = html(&[("etag", "\"a\"")]);
            *response.body_mut() = Body::empty();
            response.headers_mut().remove("content-length");
            if let Some(length) = length {
                response.headers_mut().insert("content-length", length.parse().unwrap());
            }
            Ok::<_, Infallible>(response)
        });
        let request = http::Request::head("/").header("accept-encoding", US).body(Body::empty()).unwrap();
        let response = layer().layer(handler).oneshot(request).await.unwrap();
        let coding = response.headers().get("content-encoding").map(|value| value.to_str().unwrap());
        assert_eq!(coding, (length != Some("0")).then_some(US), "{length:?}");
    }
}

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

#[tokio::test]
async fn a_304_of_the_service_names_the_tag_that_the_client_has() {
    let handler = on_get(async || (StatusCode::NOT_MODIFIED, [("etag", "\"a\""), ("repr-digest", "sha-256=:x:")]));
    let address = serve(Router::new().route("/", handler).layer(layer())).await;
    for (asked, etag, coded) in [("W/\"a\"", "W/\"a\"", true), ("\"a\"", "\"a\"", false)] {
        let fields = [("accept-encoding", US), ("if-none-match", asked)];
        let received = send(address, Method::GET, "/", &fields).await;
        assert_eq!((received.status, received.header("etag")), (StatusCode::NOT_MODIFIED, Some(etag)));
        assert_eq!((!received.vary().is_empty(), received.header("repr-digest").is_none()), (coded, coded));
    }
}

#[tokio::test]
async fn no_transform_is_honoured() {
    let received = get(one(|| html(&[("cache-control", "public, no-transform")])).await, "/", US).await;
    is_plain(&received);
    assert!(received.vary().is_empty());
    let address = one(|| html(&[])).await;
    is_plain(&send(address, Method::GET, "/", &[("accept-encoding", US), ("cache-control", "no-transform")]).await);
}

#[tokio::test]
async fn fields_of_the_plain_content_go() {
    let fields = [
        ("accept-ranges", "bytes"),
        ("content-digest", "sha-256=:x:"),
        ("repr-digest", "sha-256=:x:"),
        ("content-md5", "x"),
        ("etag", "\"a\""),
    ];
    let address = one(move || html(&fields)).await;
    let received = get(address, "/", US).await;
    is_ours(&received);
    for name in ["accept-ranges", "content-digest", "repr-digest", "content-md5"] {
        assert_eq!(received.header(name), None, "{name}");
    }
    assert_eq!(received.header("etag"), Some("W/\"a\""));
    let received = get(address, "/", "identity").await;
    for (name, value) in fields {
        assert_eq!(received.header(name), Some(value));
    }
}

#[tokio::test]
async fn the_weakened_validator_is_recognised() {
    let address = one(|| html(&[("etag", "\"a\""), ("repr-digest", "sha-256=:x:"), ("accept-ranges", "bytes")])).await;
    let ask = async |tag| send(address, Method::GET, "/", &[("accept-encoding", US), ("if-none-match", tag)]).await;
    let received = ask("\"b\", W/\"a\"").await;
    assert_eq!((received.status, received.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!((received.header("etag"), received.coding()), (Some("W/\"a\""), None));
    assert_eq!(received.vary(), ["accept-encoding"]);
    // A cache would take them over to the coded content that it has.
    assert_eq!((received.header("repr-digest"), received.header("accept-ranges")), (None, None));
    assert_eq!(ask("W/\"b\"").await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_the_predicate_refuses_is_left_alone() {
    for kind in
        ["image/png", "text/event-stream", "application/grpc", "multipart/x-mixed-replace", "application/octet-stream"]
    {
        let address = one(move || html(&[("content-type", kind)])).await;
        let received = get(address, "/", US).await;
        is_plain(&received);
        assert!(received.vary().is_empty());
    }
    is_ours(&get(one(|| html(&[("content-type", "image/svg+xml")])).await, "/", US).await);
    let app = Router::new()
        .route("/small", on_get(|| async { "x".repeat(255) }))
        .route("/large", on_get(|| async { "x".repeat((256 << 10) + 1) }));
    let address = serve(app.layer(layer())).await;
    assert_eq!(get(address, "/small", US).await.coding(), None);
    assert_eq!(get(address, "/large", US).await.coding(), None);
}

#[tokio::test]
async fn secrets_are_left_alone() {
    let app = Router::new()
        .route("/cookie", on_get(|| async { html(&[("set-cookie", "a=b")]) }))
        .route("/marked", on_get(|| async { (axum::Extension(Secret), html(&[])) }))
        .route("/page", on_get(|| async { html(&[]) }))
        .layer(layer().with_predicate(DefaultPredicate::new().and(NotForSecrets)));
    let address = serve(app).await;
    is_plain(&get(address, "/cookie", US).await);
    is_plain(&get(address, "/marked", US).await);
    is_ours(&get(address, "/page", US).await);
}

#[tokio::test]
async fn without_a_budget_nothing_is_coded() {
    let budget = Budget::new(1);
    let app = Router::new().route("/", on_get(|| async { html(&[]) })).layer(layer().with_budget(budget.clone()));
    let address = serve(app).await;
    for _ in 0..3 {
        is_ours(&get(address, "/", US).await);
        assert_eq!(budget.available(), 1);
    }
    let app = Router::new().route("/", on_get(|| async { html(&[]) })).layer(layer().with_budget(Budget::new(0)));
    let received = get(serve(app).await, "/", US).await;
    is_plain(&received);
    assert_eq!(received.vary(), ["accept-encoding"]);
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
            let data = data.into_iter().map(|part| Ok(Frame::data(Bytes::from(part))));
            let mut response = stream_of(data.chain([Ok(Frame::trailers(trailers))]).collect());
            response.headers_mut().insert("trailer", "x-checksum".parse().unwrap());
            response
        });
        let address = serve(Router::new().route("/", handler).layer(streaming())).await;
        let received = send(address, Method::GET, "/", &[("accept-encoding", US), ("te", "trailers")]).await;
        assert_eq!(received.decoded(), expected.as_bytes());
        assert_eq!(received.trailers.unwrap()["x-checksum"], "5");
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

#[tokio::test]
async fn an_empty_response_stays_empty() {
    let always = |_: StatusCode, _: http::Version, _: &HeaderMap, _: &http::Extensions| true;
    let app = Router::new().route("/", on_get(|| async {})).layer(layer().with_predicate(always));
    let received = get(serve(app).await, "/", US).await;
    assert_eq!((received.coding(), received.body.len()), (None, 0));
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

#[tokio::test]
async fn the_body_says_its_size() {
    let coded = dualcomp::compress(page().as_bytes(), &dualcomp::EncoderOptions::default().with_level(Level::Fast));
    for (line, exact) in [(US, coded.unwrap().len()), ("identity", page().len())] {
        let service = Router::new().route("/", on_get(|| async { html(&[]) })).layer(layer());
        let request = http::Request::builder().uri("/").header("accept-encoding", line).body(Body::empty()).unwrap();
        let body = tower::ServiceExt::oneshot(service, request).await.unwrap().into_body();
        assert_eq!(http_body::Body::size_hint(&body).exact(), Some(exact as u64));
        assert!(!http_body::Body::is_end_stream(&body));
    }
}
