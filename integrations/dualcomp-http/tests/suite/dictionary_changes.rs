//! Dictionaries that a client gets late, in place of others, or cannot use.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use bytes::Bytes;
use dualcomp::{Dictionary, Level};
use dualcomp_http::dictionary::{CODING, DictionaryClientLayer, DictionaryLayer, DictionaryStore};
use dualcomp_http::{CompressionLayer, DecompressionLayer, DecompressionOptions};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

const URI: &str = "https://a.example/api/x";

fn answer(id: u32) -> String {
    format!("{{\"id\": {}, \"state\": \"open\", \"unit\": \"celsius\"}}", id * 7919).repeat(6)
}

fn dictionary(first: u32) -> Dictionary {
    let samples: Vec<String> = (first..first + 30).map(answer).collect();
    Dictionary::from_samples(&samples).unwrap()
}

/// A server whose dictionary changes.
#[derive(Clone)]
struct Server {
    dictionary: Arc<Mutex<Dictionary>>,
    /// Whether it leaves requests for the dictionary without an answer.
    stalls: Arc<Mutex<bool>>,
    /// Paths that were asked for, with what was said of caches, and the codings of the answers.
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Server {
    fn new(dictionary: Dictionary) -> Self {
        Self { dictionary: Arc::new(Mutex::new(dictionary)), stalls: Arc::default(), seen: Arc::default() }
    }

    fn service(
        &self,
    ) -> impl Service<Request<String>, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + use<> {
        let server = self.clone();
        service_fn(move |request: Request<String>| server.clone().answer(request))
    }

    async fn answer(self, request: Request<String>) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path().to_owned();
        let said = request.headers().get("cache-control").map(|said| format!(" {}", said.to_str().unwrap()));
        let stalls = *self.stalls.lock().unwrap();
        if stalls && path == "/api/dictionary" {
            self.seen.lock().unwrap().push((path, "none".to_owned()));
            return std::future::pending().await;
        }
        let dictionary = self.dictionary.lock().unwrap().clone();
        let handler = service_fn(|_: Request<String>| async {
            let response = Response::builder().header("content-type", "application/json");
            Ok::<_, Infallible>(response.body(Full::<Bytes>::from(answer(1000))).unwrap())
        });
        let service = ServiceBuilder::new()
            .layer(CompressionLayer::new().with_level(Level::Fast))
            .layer(DictionaryLayer::new(dictionary, "/api/dictionary", "/api/*").with_level(Level::Fast))
            .service(handler);
        let (parts, body) = service.oneshot(request).await?.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let coding = parts.headers.get("content-encoding").map_or("", |coding| coding.to_str().unwrap()).to_owned();
        self.seen.lock().unwrap().push((path + said.as_deref().unwrap_or_default(), coding));
        Ok(Response::from_parts(parts, Full::new(body)))
    }

    /// What was seen since it was last asked.
    fn seen(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

/// Asks so often, and expects the content.
async fn ask(server: &Server, store: &DictionaryStore, times: usize) {
    for _ in 0..times {
        let body = try_ask(server, store, DecompressionOptions::new()).await.unwrap();
        assert_eq!(body, answer(1000));
    }
}

async fn try_ask(
    server: &Server,
    store: &DictionaryStore,
    options: DecompressionOptions,
) -> Result<Bytes, dualcomp_http::BoxError> {
    let client = ServiceBuilder::new()
        .layer(DictionaryClientLayer::new(store.clone(), options))
        .layer(DecompressionLayer::new())
        .service(server.service());
    let response = client.oneshot(Request::get(URI).body(String::new()).unwrap()).await.unwrap();
    Ok(response.into_body().collect().await?.to_bytes())
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|&(path, coding)| (path.to_owned(), coding.to_owned())).collect()
}

#[tokio::test]
async fn a_server_says_how_long_its_dictionary_may_be_used() {
    let layer = || DictionaryLayer::new(dictionary(0), "/d", "/*");
    for (layer, said) in [
        (layer(), "public, max-age=604800"),
        (layer().with_max_age(Duration::from_millis(60_500)), "public, max-age=60"),
        (layer().with_max_age(Duration::MAX), "public, max-age=2147483648"),
    ] {
        let handler =
            service_fn(|_: Request<String>| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) });
        let request = Request::get("https://a.example/d").body(String::new()).unwrap();
        let response = layer.layer(handler).oneshot(request).await.unwrap();
        assert_eq!(response.headers()["cache-control"], said);
    }
}

#[tokio::test]
async fn a_new_dictionary_takes_the_place_of_the_old_one() {
    let (server, store) = (Server::new(dictionary(0)), DictionaryStore::new());
    ask(&server, &store, 3).await;
    server.seen();
    *server.dictionary.lock().unwrap() = dictionary(500);
    ask(&server, &store, 3).await;
    // A cache on the way may have the old one.
    let fetch = ("/api/dictionary no-cache", "");
    let expected = [("/api/x", "dualcomp-1"), fetch, ("/api/x", CODING), ("/api/x", CODING)];
    assert_eq!(server.seen(), pairs(&expected));
    assert_eq!(store.find(&URI.parse().unwrap()), Some(dictionary(500)));
}

#[tokio::test]
async fn a_request_that_is_dropped_while_the_dictionary_is_fetched_does_not_lose_it() {
    let (server, store) = (Server::new(dictionary(0)), DictionaryStore::new());
    ask(&server, &store, 1).await;
    *server.stalls.lock().unwrap() = true;
    let dropped = tokio::time::timeout(Duration::from_millis(50), ask(&server, &store, 1)).await;
    assert!(dropped.is_err());
    *server.stalls.lock().unwrap() = false;
    ask(&server, &store, 2).await;
    let seen = server.seen();
    assert_eq!(seen.last(), pairs(&[("/api/x", CODING)]).first(), "{seen:?}");
}

#[tokio::test]
async fn what_cannot_be_prepared_is_not_named() {
    let (server, store) = (Server::new(dictionary(0)), DictionaryStore::new());
    for _ in 0..3 {
        let options = DecompressionOptions::new().with_max_work(40_000, 0);
        assert_eq!(try_ask(&server, &store, options).await.unwrap(), answer(1000));
    }
    let plain = ("/api/x", "dualcomp-1");
    assert_eq!(server.seen(), pairs(&[plain, ("/api/dictionary", ""), plain, plain]));
    assert_eq!(store.find(&URI.parse().unwrap()), None);
}

#[tokio::test]
async fn what_turns_out_to_be_of_no_use_is_forgotten() {
    let (server, store) = (Server::new(dictionary(0)), DictionaryStore::new());
    ask(&server, &store, 2).await;
    server.seen();
    // Another client of this store allows less.
    let options = || DecompressionOptions::new().with_max_memory_bytes(1 << 20);
    try_ask(&server, &store, options()).await.unwrap_err();
    for _ in 0..2 {
        assert_eq!(try_ask(&server, &store, options()).await.unwrap(), answer(1000));
    }
    let expected = [("/api/x", CODING), ("/api/x", "dualcomp-1"), ("/api/x", "dualcomp-1")];
    assert_eq!(server.seen(), pairs(&expected));
}

#[tokio::test]
async fn other_codings_may_be_preferred() {
    let (server, dictionary) = (Server::new(dictionary(0)), dictionary(0));
    let digest = base64::engine::general_purpose::STANDARD.encode(dictionary.digest());
    for (accept, coding) in [
        ("dualcomp-1-d, dualcomp-1, gzip", CODING),
        ("dualcomp-1-d;q=0.5, *;q=0.5", CODING),
        ("dualcomp-1, dualcomp-1-d;q=0.1", "dualcomp-1"),
        ("gzip, dualcomp-1-d;q=0.1", ""),
        ("dualcomp-1-d;q=0.1, *", ""),
        ("dualcomp-1-d;q=0.1, identity", ""),
        ("dualcomp-1-d;q=0", ""),
    ] {
        let request = Request::get(URI).header("accept-encoding", accept);
        let request = request.header("available-dictionary", format!(":{digest}:")).body(String::new()).unwrap();
        server.service().oneshot(request).await.unwrap();
        assert_eq!(server.seen(), pairs(&[("/api/x", coding)]), "{accept}");
    }
}
