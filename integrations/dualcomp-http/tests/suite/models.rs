//! Peers with the same model, another, or none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get as on_get, post as on_post};
use dualcomp::predictor::{Depth, ImageSession, Predictor, PredictorError, TextSession};
use dualcomp::{EncoderOptions, Error, Vocabulary};
use dualcomp_http::{
    Coding, CompressionLayer, DecompressionLayer, DecompressionOptions, Level, Pool, RequestDecompressionLayer,
};
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::{Layer, ServiceExt};

use crate::server::{get, send_body, serve};

/// Knows nothing but its name.
struct Ignorant {
    id: [u8; 4],
    vocabulary: Vocabulary,
    /// Whether it keeps the threads that ask it.
    holds: Arc<AtomicBool>,
}

fn ignorant(id: u8) -> Option<Arc<dyn Predictor>> {
    holding(id, Arc::default())
}

fn holding(id: u8, holds: Arc<AtomicBool>) -> Option<Arc<dyn Predictor>> {
    Some(Arc::new(Ignorant { id: [id; 4], vocabulary: Vocabulary::bytes_only(), holds }))
}

impl Predictor for Ignorant {
    fn id(&self) -> [u8; 4] {
        self.id
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    fn text(&self, _: usize) -> Result<Box<dyn TextSession + Send>, PredictorError> {
        while self.holds.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Box::new(Session))
    }

    fn image(&self, _: Depth, _: usize) -> Result<Box<dyn ImageSession + Send>, PredictorError> {
        Err("for text only".into())
    }
}

struct Session;

impl TextSession for Session {
    fn advance(&mut self, _: &[u32], _: &[u32]) -> Result<(), PredictorError> {
        Ok(())
    }

    fn logit(&self, _: u32, _: u32) -> i32 {
        0
    }
}

fn text() -> String {
    (0..50).map(|line| format!("line {line} of a text\n")).collect()
}

fn app(model: Option<Arc<dyn Predictor>>) -> Router {
    Router::new().route("/", on_get(|| async { text() })).layer(CompressionLayer::new().with_predictor(model))
}

#[tokio::test]
async fn the_model_is_part_of_the_name() {
    let address = serve(app(ignorant(7))).await;
    let received = get(address, "/", "dualcomp-1-07070707, dualcomp-1").await;
    assert_eq!(received.coding(), Some("dualcomp-1-07070707"));
    let without = dualcomp::decompress_with(&received.body, &Default::default(), None);
    assert!(matches!(without, Err(Error::UnknownModel { id: [7, 7, 7, 7] })), "{without:?}");
    let with = dualcomp::decompress_with(&received.body, &Default::default(), ignorant(7));
    assert_eq!(with.unwrap(), text().as_bytes());
}

#[tokio::test]
async fn peers_with_different_models_do_without() {
    for model in [ignorant(7), ignorant(8), None] {
        let address = serve(app(model)).await;
        for model in [ignorant(7), None] {
            let options = DecompressionOptions::new().with_predictor(model);
            let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
            let client = DecompressionLayer::with_options(options).layer(client);
            let request = Request::get(format!("http://{address}/")).body(Body::empty()).unwrap();
            let response = client.oneshot(request).await.unwrap();
            assert_eq!(response.headers()["vary"], "accept-encoding");
            assert_eq!(response.headers().get("content-encoding"), None);
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), text());
        }
        let received = get(address, "/", "dualcomp-1-09090909, dualcomp-1").await;
        assert_eq!(received.coding(), Some("dualcomp-1"));
        assert_eq!(received.decoded(), text().as_bytes());
    }
}

#[tokio::test]
async fn without_the_network_only_one_name_is_offered() {
    let layer = CompressionLayer::new().with_predictor(ignorant(7)).with_level(dualcomp_http::Level::Fast);
    let address = serve(Router::new().route("/", on_get(|| async { text() })).layer(layer)).await;
    assert_eq!(get(address, "/", "dualcomp-1-07070707").await.coding(), None);
    assert_eq!(get(address, "/", "dualcomp-1-07070707, dualcomp-1").await.coding(), Some("dualcomp-1"));
}

#[test]
fn this_build_has_a_coding_without_a_model() {
    let supported = Coding::supported();
    assert_eq!(supported.last(), Some(&Coding::without_model()));
    let model = dualcomp::embedded_model();
    assert_eq!(supported[0].model(), model);
    assert_eq!(supported.len(), 1 + usize::from(model.is_some()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_take_long_hold_up_no_responses() {
    let holds = Arc::new(AtomicBool::new(true));
    let options = DecompressionOptions::new().with_predictor(holding(7, holds.clone()));
    let app = Router::new()
        .route("/", on_get(|| async { text() }))
        .route("/", on_post(|text: String| async { text }))
        .layer(CompressionLayer::new().with_level(Level::Fast))
        .layer(RequestDecompressionLayer::with_options(options));
    let address = serve(app).await;
    let body = dualcomp::compress_with(text().as_bytes(), &EncoderOptions::default(), ignorant(7)).unwrap();
    let requests: Vec<_> = (0..2 * Pool::shared().threads())
        .map(|_| {
            let request = Request::post(format!("http://{address}/")).header("content-encoding", "dualcomp-1-07070707");
            tokio::spawn(send_body(request.body(Body::from(body.clone())).unwrap()))
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let page = tokio::time::timeout(Duration::from_secs(60), get(address, "/", "dualcomp-1")).await;
    holds.store(false, Ordering::Relaxed);
    assert_eq!(page.expect("it has its turn").coding(), Some("dualcomp-1"));
    for request in requests {
        assert_eq!(request.await.unwrap().unwrap().body, text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_find_a_long_queue_are_sent_away() {
    use dualcomp_http::Budget;
    use futures::StreamExt;

    let holds = Arc::new(AtomicBool::new(true));
    let options = DecompressionOptions::new().with_predictor(holding(7, holds.clone())).with_budget(Budget::new(1));
    // Of this test alone: its threads are kept.
    let options = options.with_offload(dualcomp_http::Offload::Pool(Pool::new(1)));
    let app = Router::new()
        .route("/", on_post(|text: String| async { text }))
        .layer(RequestDecompressionLayer::with_options(options));
    let address = serve(app).await;
    let body = dualcomp::compress_with(text().as_bytes(), &EncoderOptions::default(), ignorant(7)).unwrap();
    let (go, gone) = tokio::sync::watch::channel(false);
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let (mut gone, body, len) = (gone.clone(), body.clone(), body.len());
            let content = futures::stream::once(async move {
                gone.wait_for(|gone| *gone).await.unwrap();
                Ok::<_, std::convert::Infallible>(bytes::Bytes::from(body))
            });
            let request = Request::post(format!("http://{address}/"))
                .header("content-encoding", "dualcomp-1-07070707")
                .header("content-length", len);
            tokio::spawn(send_body(request.body(Body::from_stream(content.boxed())).unwrap()))
        })
        .collect();
    // All heads come while nothing is in work.
    tokio::time::sleep(Duration::from_millis(200)).await;
    go.send(true).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    holds.store(false, Ordering::Relaxed);
    let mut served = 0;
    for request in requests {
        let received = request.await.unwrap().unwrap();
        if received.status == http::StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!((received.header("retry-after"), received.body.len()), (Some("1"), 0));
        } else {
            assert_eq!(received.body, text());
            served += 1;
        }
    }
    assert_eq!(served, 1 + 4);
}
