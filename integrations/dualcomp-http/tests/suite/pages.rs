//! A page, and a server of it.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use dualcomp_http::{CompressionLayer, Level};
use http::{StatusCode, header};

use crate::server::{Received, serve};

pub(crate) const US: &str = "dualcomp-1";

pub(crate) fn page() -> String {
    (0..60).map(|line| format!("<li class=\"entry\">line {line} of the page</li>\n")).collect()
}

pub(crate) fn html(fields: &[(&'static str, &'static str)]) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "text/html")], page()).into_response();
    for &(name, value) in fields {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

pub(crate) fn with_status(status: StatusCode, fields: &[(&'static str, &'static str)]) -> Response {
    let mut response = html(fields);
    *response.status_mut() = status;
    response
}

pub(crate) fn layer() -> CompressionLayer {
    CompressionLayer::new().with_level(Level::Fast)
}

/// A server of one response.
pub(crate) async fn one(make: impl Fn() -> Response + Clone + Send + Sync + 'static) -> std::net::SocketAddr {
    serve(Router::new().route("/", on_get(move || async move { make() })).layer(layer())).await
}

#[track_caller]
pub(crate) fn is_ours(received: &Received) {
    assert_eq!(received.coding(), Some(US));
    assert_eq!(received.decoded(), page().as_bytes());
}

#[track_caller]
pub(crate) fn is_plain(received: &Received) {
    assert_eq!(received.coding(), None);
    assert_eq!(received.body, page());
}
