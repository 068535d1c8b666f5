//! Slow peers and the places of others.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get as on_get, put as on_put};
use dualcomp_http::predicate::DefaultPredicate;
use dualcomp_http::{Budget, CompressionLayer, DecompressionOptions, Level, RequestDecompressionLayer};
use futures::StreamExt;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{coded, get, send_body, serve};

const US: &str = "dualcomp-1";

fn page() -> String {
    (0..900).map(|line| format!("<li class=\"entry\">line {line} of the page</li>\n")).collect()
}

/// Hardly shrinks, and does not fit in what sockets hold.
fn long() -> Vec<u8> {
    let mut seed = 1u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    (0..400 << 10).map(|_| next()).collect()
}

fn layer(budget: &Budget) -> CompressionLayer<DefaultPredicate> {
    let predicate = DefaultPredicate::new().with_sizes(256..=1 << 30).with_streams(true);
    CompressionLayer::new().with_level(Level::Fast).with_budget(budget.clone()).with_predicate(predicate)
}

async fn app(budget: &Budget) -> SocketAddr {
    let endless = || async {
        let first = futures::stream::iter([Ok::<_, Infallible>(Bytes::from(long()))]);
        ([(CONTENT_TYPE, "text/plain")], Body::from_stream(first.chain(futures::stream::pending())))
    };
    let slow = || async {
        let content = futures::stream::pending::<Result<Bytes, Infallible>>();
        ([(CONTENT_TYPE, "text/plain"), (http::header::CONTENT_LENGTH, "900")], Body::from_stream(content))
    };
    let routes = Router::new()
        .route("/long", on_get(|| async { ([(CONTENT_TYPE, "text/plain")], long()) }))
        .route("/endless", on_get(endless))
        .route("/slow", on_get(slow))
        .route("/page", on_get(|| async { ([(CONTENT_TYPE, "text/html")], page()) }));
    serve(routes.layer(layer(budget))).await
}

/// A connection that asks and reads the head at most.
async fn stalled(address: SocketAddr, path: &str, reads: bool) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\naccept-encoding: {US}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    if reads {
        let mut head = [0; 200];
        stream.read_exact(&mut head).await.unwrap();
        let head = String::from_utf8_lossy(&head).into_owned();
        assert!(head.contains("content-encoding: dualcomp-1"), "{head}");
    }
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_slowly_holds_no_place() {
    for places in [1, 4] {
        let budget = Budget::new(places);
        let address = app(&budget).await;
        let mut held = Vec::new();
        for _ in 0..2 * places {
            held.push(stalled(address, "/long", true).await);
        }
        for _ in 0..2 * places {
            // Its handler has not made the content yet.
            held.push(stalled(address, "/slow", false).await);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!((budget.available(), budget.available_streams()), (places, places));
        assert_eq!(get(address, "/page", US).await.decoded(), page().as_bytes());
        drop(held);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stalls_a_stream_holds_a_place_of_streams() {
    for places in [1, 4] {
        let budget = Budget::new(places);
        let address = app(&budget).await;
        let mut held = Vec::new();
        for _ in 0..places {
            held.push(stalled(address, "/endless", true).await);
        }
        assert_eq!((budget.available(), budget.available_streams()), (places, 0));
        assert_eq!(get(address, "/page", US).await.decoded(), page().as_bytes());
        drop(held);
        while budget.available_streams() < places {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_slowly_holds_no_place() {
    for places in [1, 4] {
        let budget = Budget::new(places);
        let options = DecompressionOptions::new().with_budget(budget.clone());
        let routes = Router::new().route("/", on_put(|body: Bytes| async { body }));
        let address = serve(routes.layer(RequestDecompressionLayer::with_options(options))).await;
        let put = |body: Body| {
            let request = Request::put(format!("http://{address}/")).header("content-encoding", US);
            send_body(request.body(body).unwrap())
        };
        let whole = coded(page().as_bytes());
        let half = Bytes::from(whole[..whole.len() / 2].to_vec());
        let put_slowly = |body: Body| {
            let request = Request::put(format!("http://{address}/")).header("content-encoding", US);
            send_body(request.header("content-length", whole.len()).body(body).unwrap())
        };
        let held: Vec<_> = (0..2 * places)
            .map(|_| {
                let content = futures::stream::iter([Ok::<_, Infallible>(half.clone())]);
                tokio::spawn(put_slowly(Body::from_stream(content.chain(futures::stream::pending()))))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!((budget.available(), budget.available_streams()), (places, places));
        for _ in 0..3 {
            let received = put(coded(page().as_bytes()).into()).await.unwrap();
            assert_eq!((received.status, received.body == page()), (StatusCode::OK, true));
        }
        // Longer requests are streams.
        let received = put(coded(&long()[..300 << 10]).into()).await.unwrap();
        assert_eq!((received.status, received.body == long()[..300 << 10]), (StatusCode::OK, true));
        assert_eq!((budget.available(), budget.available_streams()), (places, places));
        held.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_request_without_a_place_is_answered_at_once() {
    let budget = Budget::new(2);
    let options = DecompressionOptions::new().with_budget(budget.clone());
    let routes = Router::new().route("/", on_put(|body: Bytes| async { body }));
    let address = serve(routes.layer(RequestDecompressionLayer::with_options(options))).await;
    let (content, coded) = (&long()[..300 << 10], Bytes::from(coded(&long()[..300 << 10])));
    let put = |body: Body| {
        let request = Request::put(format!("http://{address}/")).header("content-encoding", US);
        send_body(request.header("content-length", coded.len()).body(body).unwrap())
    };
    // They say that they are long, and send half.
    let held: Vec<_> = (0..2)
        .map(|_| {
            let half = futures::stream::iter([Ok::<_, Infallible>(coded.slice(..coded.len() / 2))]);
            tokio::spawn(put(Body::from_stream(half.chain(futures::stream::pending()))))
        })
        .collect();
    while budget.available_streams() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let received = put(coded.clone().into()).await.unwrap();
    assert_eq!((received.status, received.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, Some("1")));
    held.iter().for_each(tokio::task::JoinHandle::abort);
    while budget.available_streams() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let received = put(coded.clone().into()).await.unwrap();
    assert_eq!((received.status, &received.body[..]), (StatusCode::OK, content));
}

/// A body that says its size and comes when it is told.
fn in_parts(parts: usize) -> (tokio::sync::mpsc::UnboundedSender<Bytes>, impl Fn() -> Body) {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel::<Bytes>();
    let receiver = std::sync::Mutex::new(Some(receiver));
    let body = move || {
        let receiver = receiver.lock().unwrap().take().unwrap();
        let stream = futures::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|part| (Ok::<_, Infallible>(part), receiver))
        });
        Body::from_stream(stream.take(parts))
    };
    (sender, body)
}

#[tokio::test]
async fn a_body_that_comes_slowly_is_not_waited_for() {
    use http_body_util::BodyExt;
    use tower::{Layer, ServiceExt};

    let (sender, body) = in_parts(3);
    let handler = tower::service_fn(move |_: Request<Body>| {
        let response = http::Response::builder().header(CONTENT_TYPE, "text/plain").header("content-length", 900);
        std::future::ready(Ok::<_, Infallible>(response.body(body()).unwrap()))
    });
    let request = Request::get("/").header("accept-encoding", US).body(Body::empty()).unwrap();
    let response = tokio::spawn(layer(&Budget::new(1)).layer(handler).oneshot(request));
    sender.send(Bytes::from(vec![b'a'; 300])).unwrap();
    // Though nothing more comes.
    let response = tokio::time::timeout(Duration::from_secs(60), response).await.expect("its head is there");
    let response = response.unwrap().unwrap();
    assert_eq!(response.headers().get("content-encoding"), None);
    assert_eq!(response.headers()["content-length"], "900");
    sender.send(Bytes::from(vec![b'b'; 300])).unwrap();
    sender.send(Bytes::from(vec![b'c'; 300])).unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), 900);
}

#[tokio::test]
async fn who_reads_what_a_dictionary_has_coded_slowly_holds_no_place() {
    use base64::Engine;
    use dualcomp_http::dictionary::{CODING, DictionaryLayer};
    use tower::{Layer, ServiceExt};

    let dictionary = dualcomp::Dictionary::from_raw(page().as_bytes()).unwrap();
    let named = format!(":{}:", base64::engine::general_purpose::STANDARD.encode(dictionary.digest()));
    let budget = Budget::new(1);
    let layer = DictionaryLayer::new(dictionary, "/d", "/*").with_level(Level::Fast).with_budget(budget.clone());
    let handler = tower::service_fn(|_: Request<Body>| {
        let response = http::Response::builder().header(CONTENT_TYPE, "text/html").body(Body::from(page()));
        std::future::ready(Ok::<_, Infallible>(response.unwrap()))
    });
    let service = layer.layer(handler);
    let mut held = Vec::new();
    for _ in 0..4 {
        let request = Request::get("/x").header("accept-encoding", CODING).header("available-dictionary", &named);
        let response = service.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["content-encoding"], CODING);
        assert!(response.headers().contains_key("dictionary-id"));
        held.push(response);
        // The place is given back by the thread that has coded it.
        while budget.available() < 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    assert_eq!(budget.available_streams(), 1);
}
