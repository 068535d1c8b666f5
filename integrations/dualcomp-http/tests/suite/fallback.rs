//! Beside the codings of tower-http.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use dualcomp_http::{Budget, CompressionLayer, Level};
use http::{HeaderMap, Method, Request, StatusCode, header};
use tower::ServiceExt;
use tower_http::compression;

use crate::server::{get, send, serve};

const LEN: usize = 3000;

fn routes() -> Router {
    let text = |kind: &'static str| async move { ([(header::CONTENT_TYPE, kind)], "words ".repeat(LEN / 6)) };
    Router::new()
        .route("/page", on_get(move || text("text/html")))
        .route("/picture", on_get(move || text("image/png")))
        // Not for ours, but for theirs.
        .route("/archive", on_get(move || text("application/octet-stream")))
        .route(
            "/echo",
            on_get(|headers: HeaderMap| async move {
                let lines: Vec<_> = headers.get_all("accept-encoding").iter().collect();
                format!("{lines:?}")
            }),
        )
}

fn ours() -> CompressionLayer {
    CompressionLayer::new().with_level(Level::Fast).with_other_codings(["gzip", "br"])
}

fn theirs() -> compression::CompressionLayer {
    compression::CompressionLayer::new()
}

/// Path, `Accept-Encoding`, the coding of the response or none.
const CASES: [(&str, &str, Option<&str>); 18] = [
    ("/page", "dualcomp-1", Some("dualcomp-1")),
    ("/page", "dualcomp-1, gzip, br", Some("dualcomp-1")),
    ("/page", "gzip", Some("gzip")),
    ("/page", "gzip, br", Some("br")),
    ("/page", "*", Some("br")),
    ("/page", "identity", None),
    ("/page", "", None),
    ("/page", "dualcomp-1;q=0.2, gzip", Some("gzip")),
    ("/page", "dualcomp-1;q=0.2, *", Some("br")),
    ("/page", "dualcomp-1;q=0.5, gzip;q=0.5", Some("dualcomp-1")),
    ("/page", "dualcomp-1;q=0, gzip", Some("gzip")),
    ("/page", "dualcomp-1;q=0", None),
    ("/page", "dualcomp-2, gzip", Some("gzip")),
    ("/page", "identity, dualcomp-1;q=0.5, gzip;q=0.5", None),
    ("/picture", "dualcomp-1, gzip", None),
    ("/archive", "dualcomp-1, gzip", Some("gzip")),
    ("/archive", "dualcomp-1, br;q=0.5, gzip;q=0.25", Some("br")),
    ("/archive", "dualcomp-1", None),
];

async fn check(address: SocketAddr, cases: &[(&str, &str, Option<&str>)]) {
    for &(path, line, coding) in cases {
        let received = get(address, path, line).await;
        assert_eq!((received.status, received.coding()), (StatusCode::OK, coding), "{path} {line}");
        let varies = if path == "/picture" { vec![] } else { vec!["accept-encoding"] };
        assert_eq!(received.vary(), varies, "{path} {line}");
        match coding {
            Some("dualcomp-1") => assert_eq!(received.decoded().len(), LEN),
            None => assert_eq!(received.body.len(), LEN),
            _ => assert!(received.body.len() < LEN / 10),
        }
    }
}

#[tokio::test]
async fn with_fallback_negotiates_over_the_union() {
    let address = serve(routes().layer(ours().with_fallback(theirs()))).await;
    check(address, &CASES).await;
}

#[tokio::test]
async fn plain_nesting_works_too() {
    let address = serve(routes().layer(ours()).layer(theirs())).await;
    check(address, &CASES).await;
}

#[tokio::test]
async fn with_fallback_does_not_refuse_what_is_acceptable() {
    let address = serve(routes().layer(ours().with_fallback(theirs()))).await;
    check(
        address,
        &[
            ("/page", "dualcomp-1, identity;q=0", Some("dualcomp-1")),
            ("/page", "dualcomp-1, *;q=0", Some("dualcomp-1")),
            ("/page", "dualcomp-1, gzip, *;q=0", Some("dualcomp-1")),
            ("/archive", "dualcomp-1, gzip, *;q=0", Some("gzip")),
            ("/archive", "gzip;q=0, dualcomp-1, *", Some("br")),
        ],
    )
    .await;
    for line in ["identity;q=0", "*;q=0", "dualcomp-1;q=0, *;q=0"] {
        assert_eq!(get(address, "/page", line).await.status, StatusCode::NOT_ACCEPTABLE, "{line}");
    }
}

#[tokio::test]
async fn a_handshake_is_not_refused() {
    for (method, status) in [(Method::CONNECT, StatusCode::OK), (Method::GET, StatusCode::SWITCHING_PROTOCOLS)] {
        let handler = move || async move { (status, [(header::UPGRADE, "websocket")]) };
        let service = Router::new().fallback(handler).layer(ours().with_fallback(theirs()));
        let request = Request::builder().method(method).uri("/").header("upgrade", "websocket");
        let request = request.header("accept-encoding", "identity;q=0").body(Body::empty()).unwrap();
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
    }
}

#[tokio::test]
async fn a_spent_budget_falls_back() {
    let spent = || ours().with_budget(Budget::new(0));
    for app in [routes().layer(spent().with_fallback(theirs())), routes().layer(spent()).layer(theirs())] {
        let address = serve(app).await;
        check(address, &[("/page", "dualcomp-1, gzip", Some("gzip")), ("/page", "dualcomp-1", None)]).await;
    }
}

#[tokio::test]
async fn the_handler_sees_the_request_as_it_came() {
    let address = serve(routes().layer(ours().with_fallback(theirs()))).await;
    let fields = [("accept-encoding", "dualcomp-1;q=0.3"), ("accept-encoding", "identity;q=0.9")];
    let received = send(address, Method::GET, "/echo", &fields).await;
    let text = String::from_utf8(received.body.to_vec()).unwrap();
    assert_eq!(text, r#"["dualcomp-1;q=0.3", "identity;q=0.9"]"#);
}

#[tokio::test]
async fn what_a_dictionary_has_coded_is_not_refused() {
    use base64::Engine;
    use dualcomp_http::dictionary::{CODING, DictionaryLayer};

    let dictionary = dualcomp::Dictionary::from_raw(b"<p>a page</p>").unwrap();
    let named = format!(":{}:", base64::engine::general_purpose::STANDARD.encode(dictionary.digest()));
    let inside = DictionaryLayer::new(dictionary, "/d", "/*").with_level(Level::Fast);
    let address = serve(routes().layer(inside).layer(ours().with_fallback(theirs()))).await;
    for line in ["dualcomp-1-d, identity;q=0", "dualcomp-1-d, *;q=0", "dualcomp-1-d"] {
        let fields = [("accept-encoding", line), ("available-dictionary", &named)];
        let received = send(address, Method::GET, "/page", &fields).await;
        assert_eq!((received.status, received.coding()), (StatusCode::OK, Some(CODING)), "{line}");
    }
    let fields = [("accept-encoding", "dualcomp-1-d;q=0, identity;q=0"), ("available-dictionary", &named)];
    assert_eq!(send(address, Method::GET, "/page", &fields).await.status, StatusCode::NOT_ACCEPTABLE);
}
