//! Answers without content, or with a part of it.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use http::{HeaderMap, Method, StatusCode, header};
use tower::{Layer, ServiceExt};

use crate::pages::{US, html, is_plain, layer, one, with_status};
use crate::server::{get, send, serve};

#[tokio::test]
async fn ranges_are_left_alone() {
    for status in [StatusCode::PARTIAL_CONTENT, StatusCode::OK] {
        is_plain(&get(one(move || with_status(status, &[("content-range", "bytes 0-9/20")])).await, "/", US).await);
    }
    is_plain(&get(one(|| with_status(StatusCode::PARTIAL_CONTENT, &[])).await, "/", US).await);
}

#[tokio::test]
async fn a_part_is_not_added_to_what_was_coded() {
    // As many services, it does not look at `If-Range`.
    let handler = on_get(async |fields: HeaderMap| match fields.contains_key("range") {
        true => with_status(StatusCode::PARTIAL_CONTENT, &[("content-range", "bytes 0-9/20"), ("etag", "\"a\"")]),
        false => html(&[("etag", "\"a\"")]),
    });
    let address = serve(Router::new().route("/", handler).layer(layer())).await;
    let date = "Mon, 01 Jan 2024 00:00:00 GMT";
    for (accepted, tag, whole) in [
        (US, "W/\"a\"", true),
        (US, "\"a\"", false),
        // That of the coded form as well.
        (US, date, true),
        ("gzip", date, false),
        ("gzip", "W/\"a\"", true),
    ] {
        let fields = [("accept-encoding", accepted), ("range", "bytes=0-9"), ("if-range", tag)];
        let received = send(address, Method::GET, "/", &fields).await;
        let coded = whole && accepted == US;
        assert_eq!((received.status == StatusCode::OK, received.coding().is_some()), (whole, coded), "{tag}");
        assert_eq!(received.vary(), ["accept-encoding"]);
    }
}

#[tokio::test]
async fn a_status_without_content_is_left_alone() {
    for status in [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED] {
        let always = |_: StatusCode, _: http::Version, _: &HeaderMap, _: &http::Extensions| true;
        let handler = on_get(move || async move { (status, [(header::ETAG, "\"a\"")]) });
        let address = serve(Router::new().route("/", handler).layer(layer().with_predicate(always))).await;
        let received = get(address, "/", US).await;
        assert_eq!((received.status, received.coding(), received.body.len()), (status, None, 0));
        // Nobody has the coded form of what is empty; who comes back may.
        let etag = if status == StatusCode::NOT_MODIFIED { "W/\"a\"" } else { "\"a\"" };
        assert_eq!(received.header("etag"), Some(etag));
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
async fn a_304_of_the_service_names_the_tag_that_the_client_has() {
    let handler = on_get(async || (StatusCode::NOT_MODIFIED, [("etag", "\"a\""), ("repr-digest", "sha-256=:x:")]));
    let address = serve(Router::new().route("/", handler).layer(layer())).await;
    for (accepted, condition, coded) in [
        (US, ("if-none-match", "W/\"a\""), true),
        (US, ("if-none-match", "\"b\", \"a\""), false),
        (US, ("if-none-match", "*"), true),
        (US, ("if-modified-since", "Mon, 01 Jan 2024 00:00:00 GMT"), true),
        ("gzip", ("if-none-match", "W/\"a\""), true),
        ("gzip", ("if-none-match", "*"), false),
        ("gzip", ("if-modified-since", "Mon, 01 Jan 2024 00:00:00 GMT"), false),
    ] {
        let received = send(address, Method::GET, "/", &[("accept-encoding", accepted), condition]).await;
        let etag = if coded { "W/\"a\"" } else { "\"a\"" };
        assert_eq!((received.status, received.header("etag")), (StatusCode::NOT_MODIFIED, Some(etag)), "{condition:?}");
        // The 200 would have it: RFC 9110, section 15.4.5.
        assert_eq!(received.vary(), ["accept-encoding"]);
        assert_eq!(received.header("repr-digest").is_none(), coded);
    }
}

#[tokio::test]
async fn what_is_never_coded_does_not_vary() {
    for status in [StatusCode::NOT_MODIFIED, StatusCode::PARTIAL_CONTENT] {
        for (kind, control, varies) in
            [("text/html", "private", true), ("image/png", "private", false), ("text/html", "no-transform", false)]
        {
            let fields = [("content-type", kind), ("cache-control", control), ("content-range", "bytes 0-9/20")];
            let handler = on_get(move || async move { (status, fields) });
            let address = serve(Router::new().route("/", handler).layer(layer())).await;
            assert_eq!(get(address, "/", US).await.vary().is_empty(), !varies, "{status} {kind} {control}");
        }
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
async fn an_empty_response_stays_empty() {
    let always = |_: StatusCode, _: http::Version, _: &HeaderMap, _: &http::Extensions| true;
    let app = Router::new().route("/", on_get(|| async {})).layer(layer().with_predicate(always));
    let received = get(serve(app).await, "/", US).await;
    assert_eq!((received.coding(), received.body.len()), (None, 0));
}
