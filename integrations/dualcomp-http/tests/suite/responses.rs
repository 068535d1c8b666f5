//! The rules for responses, each over a socket.

use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use dualcomp_http::Budget;
use dualcomp_http::Level;
use dualcomp_http::predicate::{DefaultPredicate, NotForSecrets, Predicate, Secret};
use http::{Method, StatusCode};

use crate::pages::{US, html, is_ours, is_plain, layer, one, page};
use crate::server::{get, send, serve};

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
