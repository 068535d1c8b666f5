//! Dictionaries over HTTP: what is said on the wire, and what comes out.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use base64::Engine;
use bytes::Bytes;
use dualcomp_http::dictionary::{CODING, DictionaryClientLayer, DictionaryLayer, DictionaryStore};
use dualcomp_http::predicate::DefaultPredicate;
use dualcomp_http::{
    CompressionLayer, DecompressionLayer, DecompressionOptions, Dictionary, DualCompMiddleware, Level,
};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use reqwest_middleware::ClientBuilder;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

fn answer(id: u32) -> String {
    format!("{{\"id\": {}, \"state\": \"open\", \"unit\": \"celsius\", \"tags\": [\"a\", \"b\"]}}", id * 7919).repeat(4)
}

fn dictionary() -> Dictionary {
    let samples: Vec<String> = (0..30).map(answer).collect();
    Dictionary::from_samples(&samples).unwrap()
}

/// Fields of a request and of its response, and bytes of content on the wire.
type Exchange = (String, HeaderMap, HeaderMap, usize);

/// A server at the end of a wire that is listened to.
fn wire(
    seen: Arc<Mutex<Vec<Exchange>>>,
) -> impl Service<Request<String>, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send> + Clone + Send {
    let handler = service_fn(|request: Request<String>| async move {
        let body = if request.uri().path() == "/api/small" { "{}".to_owned() } else { answer(1000) };
        let mut response = Response::new(Full::<Bytes>::from(body));
        response.headers_mut().insert("content-type", "application/json".parse().unwrap());
        response.headers_mut().insert("etag", "\"one\"".parse().unwrap());
        Ok::<_, Infallible>(response)
    });
    let layer = DictionaryLayer::new(dictionary(), "/api/dictionary", "/api/*").with_level(Level::Fast);
    let server = ServiceBuilder::new()
        .layer(CompressionLayer::new().with_level(Level::Fast))
        .layer(layer.with_predicate(DefaultPredicate::new()))
        .service(handler);
    service_fn(move |request: Request<String>| {
        let (server, seen) = (server.clone(), seen.clone());
        async move {
            let (path, asked) = (request.uri().path().to_owned(), request.headers().clone());
            let (parts, body) = server.oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            seen.lock().unwrap().push((path, asked, parts.headers.clone(), body.len()));
            Ok(Response::from_parts(parts, Full::new(body)))
        }
    })
}

fn get(uri: &str) -> Request<String> {
    Request::get(uri).body(String::new()).unwrap()
}

#[tokio::test]
async fn a_client_learns_of_a_dictionary_fetches_it_once_and_uses_it_for_its_paths() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let store = DictionaryStore::new();
    let client = ServiceBuilder::new()
        .layer(DictionaryClientLayer::new(store.clone(), DecompressionOptions::new()))
        .layer(DecompressionLayer::new())
        .service(wire(seen.clone()));
    for path in ["/api/x", "/api/x", "/api/y", "/other", "/api/small"] {
        let response = client.clone().oneshot(get(&format!("https://a.example{path}"))).await.unwrap();
        assert!(!response.headers().contains_key("content-encoding"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, if path == "/api/small" { "{}".to_owned() } else { answer(1000) });
    }
    assert_eq!(store.find(&"https://a.example/api/z".parse().unwrap()), Some(dictionary()));
    let seen = seen.lock().unwrap();
    let paths: Vec<&str> = seen.iter().map(|exchange| exchange.0.as_str()).collect();
    assert_eq!(paths, ["/api/x", "/api/dictionary", "/api/x", "/api/y", "/other", "/api/small"]);
    let codings: Vec<_> = seen.iter().map(|(_, _, fields, _)| fields.get("content-encoding").cloned()).collect();
    let text = |i: usize| codings[i].as_ref().map_or("", |value| value.to_str().unwrap());
    assert_eq!([0, 2, 3, 4, 5].map(text), ["dualcomp-1", CODING, CODING, "dualcomp-1", ""]);
    let [first, _, with, ..] = &seen[..] else { panic!("six exchanges") };
    assert_eq!(first.2["link"], "</api/dictionary>; rel=\"compression-dictionary\"");
    assert!(with.1.contains_key("available-dictionary") && with.1.contains_key("dictionary-id"));
    let vary: Vec<_> = with.2.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(vary.join(", "), "accept-encoding, available-dictionary");
    assert_eq!(with.2["etag"], "W/\"one\"");
    assert!(with.3 * 2 < first.3, "{} of {}", with.3, first.3);
    // Neither another path nor another origin is told what the client has.
    assert!(!seen[4].1.contains_key("available-dictionary"));
}

#[tokio::test]
async fn reqwest_uses_dictionaries_too() {
    use axum::{Router, extract::Request, middleware::Next, middleware::from_fn, routing::get};

    let seen = Arc::new(Mutex::new(Vec::new()));
    let wire = seen.clone();
    let listen = from_fn(move |request: Request, next: Next| {
        let seen = wire.clone();
        async move {
            let path = request.uri().path().to_owned();
            let response = next.run(request).await;
            let coding = response.headers().get("content-encoding").map(|coding| coding.to_str().unwrap().to_owned());
            seen.lock().unwrap().push((path, coding));
            response
        }
    });
    let app = Router::new()
        .route("/api/x", get(async || answer(1000)))
        .layer(DictionaryLayer::new(dictionary(), "/api/dictionary", "/api/*").with_level(Level::Fast))
        .layer(CompressionLayer::new().with_level(Level::Fast))
        .layer(listen);
    let address = crate::server::serve(app).await;
    let store = DictionaryStore::new();
    let middleware = DualCompMiddleware::new().with_dictionaries(store.clone());
    let client = ClientBuilder::new(reqwest::Client::new()).with(middleware).build();
    for _ in 0..3 {
        let response = client.get(format!("http://{address}/api/x")).send().await.unwrap();
        assert_eq!((response.url().path(), response.headers().get("content-encoding")), ("/api/x", None));
        assert_eq!(response.text().await.unwrap(), answer(1000));
    }
    assert_eq!(store.find(&format!("http://{address}/api/z").parse().unwrap()), Some(dictionary()));
    let seen = seen.lock().unwrap();
    let paths: Vec<&str> = seen.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/api/x", "/api/dictionary", "/api/x", "/api/x"]);
    assert_eq!([0, 2, 3].map(|i: usize| seen[i].1.as_deref()), [Some("dualcomp-1"), Some(CODING), Some(CODING)]);
}

#[tokio::test]
async fn foreign_clients_see_no_difference_but_in_vary() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let response = wire(seen.clone()).oneshot(get("https://a.example/api/x")).await.unwrap();
    assert!(!response.headers().contains_key("content-encoding") && !response.headers().contains_key("link"));
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), answer(1000));
    // Who names another dictionary gets what can be read without one.
    let mut request = get("https://a.example/api/x");
    request.headers_mut().insert("accept-encoding", CODING.parse().unwrap());
    request.headers_mut().insert("available-dictionary", ":AAAA:".parse().unwrap());
    let response = wire(seen).oneshot(request).await.unwrap();
    assert!(!response.headers().contains_key("content-encoding") && response.headers().contains_key("link"));
}

#[tokio::test]
async fn the_file_says_how_to_use_it_and_can_be_asked_about() {
    let server = wire(Arc::default());
    let response = server.clone().oneshot(get("https://a.example/api/dictionary")).await.unwrap();
    let fields = response.headers().clone();
    let id = format!("{:08x}", u32::from_be_bytes(dictionary().id()));
    assert_eq!(fields["use-as-dictionary"], format!("match=\"/api/*\", id=\"{id}\""));
    assert_eq!(fields["etag"], format!("\"{id}\""));
    let file = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(Dictionary::from_bytes(&file).unwrap(), dictionary());
    let tag = fields["etag"].to_str().unwrap();
    for (lines, known) in [
        (vec![tag], true),
        (vec!["*"], true),
        (vec!["\"a\", \"b\"", tag], true),
        (vec![&format!("W/{tag}")], true),
        (vec!["\"a\""], false),
    ] {
        let mut request = get("https://a.example/api/dictionary");
        for line in &lines {
            request.headers_mut().append("if-none-match", line.parse().unwrap());
        }
        let response = server.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status() == StatusCode::NOT_MODIFIED, known, "{lines:?}");
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes().is_empty(), known);
    }
}

#[tokio::test]
async fn a_response_with_a_dictionary_that_was_not_named_stays_coded() {
    let server = service_fn(|_: Request<String>| async {
        let mut response = Response::new(Full::<Bytes>::from("anything"));
        response.headers_mut().insert("content-encoding", CODING.parse().unwrap());
        Ok::<_, Infallible>(response)
    });
    let layer = DictionaryClientLayer::new(DictionaryStore::new(), DecompressionOptions::new());
    let response = ServiceBuilder::new().layer(layer).service(server).oneshot(get("https://a.example/")).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], CODING);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "anything");
}

#[tokio::test]
async fn who_has_the_coded_answer_is_told_so() {
    let service = wire(Arc::default());
    let ask = async |tag: &'static str, named: bool| {
        let mut request = get("https://a.example/api/x");
        request.headers_mut().insert("accept-encoding", CODING.parse().unwrap());
        if named {
            let digest = base64::engine::general_purpose::STANDARD.encode(dictionary().digest());
            request.headers_mut().insert("available-dictionary", format!(":{digest}:").parse().unwrap());
        }
        request.headers_mut().insert("if-none-match", tag.parse().unwrap());
        service.clone().oneshot(request).await.unwrap()
    };
    // The service below has not compared the tag: as weak ones, the two are the same.
    let response = ask("W/\"one\"", true).await;
    assert_eq!(
        (response.status(), response.headers()["etag"].as_bytes()),
        (StatusCode::NOT_MODIFIED, &b"W/\"one\""[..])
    );
    assert!(!response.headers().contains_key("content-encoding"));
    let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
    assert_eq!(vary, ["accept-encoding", "available-dictionary"]);
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    assert_eq!(ask("W/\"two\"", true).await.status(), StatusCode::OK);
    assert_eq!(ask("W/\"one\"", false).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn head_has_the_fields_of_get() {
    // It leaves the content out itself.
    let handler = service_fn(|request: Request<String>| async move {
        let content = answer(1000);
        let response = Response::builder()
            .header("content-type", "application/json")
            .header("etag", "\"one\"")
            .header("content-length", content.len());
        let content = if request.method() == http::Method::HEAD { String::new() } else { content };
        Ok::<_, Infallible>(response.body(Full::<Bytes>::from(content)).unwrap())
    });
    let inner = DictionaryLayer::new(dictionary(), "/api/dictionary", "/api/*").with_level(Level::Fast);
    let server = ServiceBuilder::new().layer(CompressionLayer::new().with_level(Level::Fast)).layer(inner);
    let digest = base64::engine::general_purpose::STANDARD.encode(dictionary().digest());
    for accepted in ["dualcomp-1-d, dualcomp-1", "dualcomp-1", "identity"] {
        let ask = async |method: &str| {
            let request = Request::builder().method(method).uri("https://a.example/api/x");
            let request =
                request.header("accept-encoding", accepted).header("available-dictionary", format!(":{digest}:"));
            let service = server.clone().service(handler);
            service.oneshot(request.body(String::new()).unwrap()).await.unwrap().headers().clone()
        };
        let (get, head) = (ask("GET").await, ask("HEAD").await);
        for name in ["content-encoding", "etag", "vary", "dictionary-id"] {
            assert_eq!(head.get(name), get.get(name), "{accepted} {name}");
        }
        assert_eq!(get.contains_key("dictionary-id"), accepted.starts_with(CODING));
    }
}

#[tokio::test]
async fn a_304_without_a_tag_is_of_the_coded_answer() {
    let handler = service_fn(|_: Request<String>| async {
        let response = Response::builder().status(StatusCode::NOT_MODIFIED).header("etag", "\"one\"");
        Ok::<_, Infallible>(response.body(Full::<Bytes>::default()).unwrap())
    });
    let layer = DictionaryLayer::new(dictionary(), "/api/dictionary", "/api/*").with_level(Level::Fast);
    let digest = base64::engine::general_purpose::STANDARD.encode(dictionary().digest());
    for (path, accepted, etag, vary) in [
        ("/api/x", CODING, "W/\"one\"", &["accept-encoding", "available-dictionary"][..]),
        ("/api/x", "gzip", "\"one\"", &["accept-encoding", "available-dictionary"]),
        ("/x", CODING, "\"one\"", &[]),
    ] {
        let mut request = get(&format!("https://a.example{path}"));
        request.headers_mut().insert("accept-encoding", accepted.parse().unwrap());
        request.headers_mut().insert("available-dictionary", format!(":{digest}:").parse().unwrap());
        request.headers_mut().insert("if-modified-since", "Mon, 01 Jan 2024 00:00:00 GMT".parse().unwrap());
        let response = ServiceBuilder::new().layer(layer.clone()).service(handler).oneshot(request).await.unwrap();
        assert_eq!(response.headers()["etag"], etag);
        assert_eq!(response.headers().get_all("vary").iter().collect::<Vec<_>>(), vary);
    }
}
