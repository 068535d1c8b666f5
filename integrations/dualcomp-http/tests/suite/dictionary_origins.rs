//! Dictionaries between origins, over redirects, and over services that have few places or no time.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get as on_get;
use bytes::Bytes;
use dualcomp::{Dictionary, EncoderOptions, Level};
use dualcomp_http::dictionary::{CODING, DictionaryClientLayer, DictionaryStore};
use dualcomp_http::{DecompressionOptions, DualCompMiddleware};
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tower::{Layer, Service, ServiceExt};

use crate::server::serve;

const OFFER: [(&str, &str); 1] = [("link", "</d>; rel=\"compression-dictionary\"")];

fn dictionary(of: &str) -> Dictionary {
    Dictionary::from_raw(format!("what {of} says often").as_bytes()).unwrap()
}

fn coded(dictionary: Dictionary) -> Vec<u8> {
    let options = EncoderOptions::default().with_level(Level::Fast).with_dictionary(dictionary);
    dualcomp::compress(b"what a says often and once", &options).unwrap()
}

fn file(of: &str) -> ([(&'static str, &'static str); 1], Vec<u8>) {
    ([("use-as-dictionary", "match=\"/*\"")], dictionary(of).to_bytes())
}

fn client(store: &DictionaryStore) -> ClientWithMiddleware {
    let middleware = DualCompMiddleware::new().with_dictionaries(store.clone());
    ClientBuilder::new(reqwest::Client::new()).with(middleware).build()
}

#[tokio::test]
async fn what_another_origin_sends_is_no_dictionary_of_this_one() {
    let other = serve(Router::new().route("/d", on_get(async || file("b")))).await;
    let app = Router::new()
        .route("/x", on_get(async || (OFFER, "content")))
        .route("/d", on_get(move || async move { Redirect::temporary(&format!("http://{other}/d")) }));
    let (address, store) = (serve(app).await, DictionaryStore::new());
    for _ in 0..2 {
        let response = client(&store).get(format!("http://{address}/x")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "content");
    }
    assert!(store.is_empty());
}

#[tokio::test]
async fn a_redirect_within_the_origin_leads_to_its_dictionary() {
    let app = Router::new()
        .route("/x", on_get(async || (OFFER, "content")))
        .route("/d", on_get(async || Redirect::temporary("/e")))
        .route("/e", on_get(async || file("a")));
    let (address, store) = (serve(app).await, DictionaryStore::new());
    for _ in 0..2 {
        client(&store).get(format!("http://{address}/x")).send().await.unwrap();
    }
    assert_eq!(store.find(&format!("http://{address}/x").parse().unwrap()), Some(dictionary("a")));
}

#[tokio::test]
async fn a_dictionary_decodes_nothing_of_another_origin() {
    let answer = async || ([("content-encoding", CODING)], coded(dictionary("a")));
    let other = serve(Router::new().route("/y", on_get(answer))).await;
    let app = Router::new()
        .route("/x", on_get(async || (OFFER, "content")))
        .route("/d", on_get(async || file("a")))
        .route("/z", on_get(answer))
        .route("/y", on_get(move || async move { Redirect::temporary(&format!("http://{other}/y")) }));
    let (address, store) = (serve(app).await, DictionaryStore::new());
    let ask = async |path| client(&store).get(format!("http://{address}{path}")).send().await.unwrap();
    ask("/x").await;
    assert_eq!(ask("/z").await.text().await.unwrap(), "what a says often and once");
    let elsewhere = ask("/y").await;
    assert_eq!(elsewhere.headers()["content-encoding"], CODING);
    assert_eq!(elsewhere.bytes().await.unwrap(), coded(dictionary("a")));
}

#[tokio::test]
async fn a_dictionary_that_does_not_come_takes_no_more_than_half_of_the_time() {
    let app = Router::new()
        .route("/x", on_get(async || (OFFER, "content")))
        .route("/d", on_get(async || std::future::pending::<String>().await));
    let (address, store) = (serve(app).await, DictionaryStore::new());
    for _ in 0..2 {
        let request = client(&store).get(format!("http://{address}/x")).timeout(Duration::from_secs(4)).send();
        let response = tokio::time::timeout(Duration::from_secs(4), request).await.expect("in time").unwrap();
        assert_eq!(response.text().await.unwrap(), "content");
    }
}

/// A server that takes one request at a time, and a place for it when it says that it is ready.
struct OneByOne {
    taken: Arc<AtomicBool>,
    has_place: bool,
    /// The paths that were asked for.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Clone for OneByOne {
    fn clone(&self) -> Self {
        Self { taken: self.taken.clone(), has_place: false, seen: self.seen.clone() }
    }
}

impl Service<Request<String>> for OneByOne {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if !self.has_place && self.taken.swap(true, Ordering::SeqCst) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.has_place = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<String>) -> Self::Future {
        assert!(std::mem::take(&mut self.has_place), "called before it was ready");
        let taken = self.taken.clone();
        self.seen.lock().unwrap().push(request.uri().path().to_owned());
        let named = request.headers().contains_key("available-dictionary");
        Box::pin(async move {
            taken.store(false, Ordering::SeqCst);
            let (content, fields) = match request.uri().path() {
                "/d" => (file("a").1, file("a").0),
                _ if named => (b"content".to_vec(), [("vary", "available-dictionary")]),
                _ => (b"content".to_vec(), OFFER),
            };
            let mut response = Response::new(Full::from(content));
            for (name, value) in fields {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            Ok(response)
        })
    }
}

#[tokio::test]
async fn a_service_with_one_place_is_enough() {
    let inner = OneByOne { taken: Arc::default(), has_place: false, seen: Arc::default() };
    let seen = inner.seen.clone();
    let mut client = DictionaryClientLayer::new(DictionaryStore::new(), DecompressionOptions::new()).layer(inner);
    for _ in 0..3 {
        let request = Request::get("https://a.example/x").body(String::new()).unwrap();
        let response = async { client.ready().await.unwrap().call(request).await.unwrap() };
        let response = tokio::time::timeout(Duration::from_secs(60), response).await.expect("it has its turn");
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "content");
    }
    assert_eq!(*seen.lock().unwrap(), ["/x", "/d", "/x", "/x"]);
}
