//! Content that is coded once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use dualcomp_http::{BodyCache, Budget, CompressionLayer, Counters, Level};
use http::Method;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tower_http::services::ServeDir;

use crate::server::{get, send, serve};

const US: &str = "dualcomp-1";

fn page(number: usize) -> String {
    (0..60).map(|line| format!("<li class=\"entry\">line {line} of page {number}</li>\n")).collect()
}

fn html(number: usize) -> Response {
    ([(CONTENT_TYPE, "text/html")], page(number)).into_response()
}

fn layer(cache: &BodyCache) -> CompressionLayer {
    CompressionLayer::new().with_level(Level::Fast).with_cache(cache.clone())
}

fn pages() -> Router {
    let secret = || async { ([(CONTENT_TYPE, "text/html"), (CACHE_CONTROL, "private, no-store")], page(7)) };
    Router::new()
        .route("/{number}", on_get(|Path(number): Path<usize>| async move { html(number % 10) }))
        .route("/secret", on_get(secret))
}

#[tokio::test]
async fn content_is_coded_once() {
    let (cache, layer) = (BodyCache::new(1 << 20), CompressionLayer::new().with_level(Level::Fast));
    let layer = layer.with_cache(cache.clone());
    let counters = layer.counters();
    let address = serve(pages().layer(layer)).await;
    let first = get(address, "/1", US).await;
    assert_eq!(first.decoded(), page(1).as_bytes());
    // The same content at another place is the same body.
    for path in ["/1", "/11", "/21"] {
        let again = get(address, path, US).await;
        assert_eq!((&again.body, again.coding(), again.vary()), (&first.body, Some(US), first.vary()));
        assert_eq!(again.header("content-length"), first.header("content-length"));
    }
    assert_eq!(get(address, "/2", US).await.decoded(), page(2).as_bytes());
    let counts = counters.read();
    assert_eq!((counts.coded, counts.hits, counts.refused, counts.failed), (2, 3, 0, 0));
    assert_eq!(counts.content_bytes as usize, page(1).len() + page(2).len());
    assert!(counts.coded_bytes < counts.content_bytes / 2 && counts.coding_time > Duration::ZERO);
    assert_eq!(cache.len(), 2);
    // What has no coding leaves the cache alone.
    assert_eq!(get(address, "/3", "gzip").await.body, page(3));
    let head = send(address, Method::HEAD, "/1", &[("accept-encoding", US)]).await;
    assert_eq!((head.coding(), head.body.len()), (Some(US), 0));
    assert_eq!((counters.read().coded, cache.len()), (2, 2));
}

#[tokio::test]
async fn what_must_not_be_stored_is_not() {
    let cache = BodyCache::new(1 << 20);
    let address = serve(pages().layer(layer(&cache))).await;
    for _ in 0..2 {
        assert_eq!(get(address, "/secret", US).await.decoded(), page(7).as_bytes());
    }
    assert!(cache.is_empty());
}

#[tokio::test]
async fn a_cached_body_needs_no_room() {
    let cache = BodyCache::new(1 << 20);
    let full = serve(pages().layer(layer(&cache))).await;
    get(full, "/1", US).await;
    let counters = Counters::new();
    let none = layer(&cache).with_budget(Budget::new(0)).with_counters(counters.clone());
    let address = serve(pages().layer(none)).await;
    assert_eq!(get(address, "/1", US).await.coding(), Some(US));
    let plain = get(address, "/2", US).await;
    assert_eq!((plain.coding(), plain.body == page(2)), (None, true));
    assert_eq!((counters.read().hits, counters.read().refused), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_one_flight() {
    let (calls, cache) = (Arc::new(AtomicUsize::new(0)), BodyCache::new(1 << 20));
    let handler = {
        let calls = calls.clone();
        on_get(move || async move {
            calls.fetch_add(1, Ordering::Relaxed);
            ([(CONTENT_TYPE, "text/plain")], page(1).repeat(50))
        })
    };
    let layer = layer(&cache).with_budget(Budget::new(1));
    let counters = layer.counters();
    let address = serve(Router::new().route("/", handler).layer(layer)).await;
    let tasks: Vec<_> = (0..40).map(|_| tokio::spawn(get(address, "/", US))).collect();
    for task in tasks {
        let received = task.await.unwrap();
        assert!(received.coding() == Some(US) && received.decoded() == page(1).repeat(50).as_bytes());
    }
    let counts = counters.read();
    assert_eq!((calls.load(Ordering::Relaxed), counts.coded, counts.hits, counts.refused), (40, 1, 39, 0));
}

#[tokio::test]
async fn files_of_tower_http_are_coded_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.html"), page(1)).unwrap();
    let layer = layer(&BodyCache::new(1 << 20));
    let counters = layer.counters();
    let address = serve(Router::new().fallback_service(ServeDir::new(folder.path())).layer(layer)).await;
    for _ in 0..3 {
        let received = get(address, "/page.html", US).await;
        assert_eq!(received.decoded(), page(1).as_bytes());
        assert!(received.header("etag").unwrap().starts_with("W/"));
    }
    std::fs::write(folder.path().join("page.html"), page(2)).unwrap();
    assert_eq!(get(address, "/page.html", US).await.decoded(), page(2).as_bytes());
    assert_eq!((counters.read().coded, counters.read().hits), (2, 2));
}
