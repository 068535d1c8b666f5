//! Many requests at once. In a process of its own, because its memory is measured as a whole.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]
#![allow(clippy::print_stdout, reason = "the figures, for who wants them")]

use std::collections::BTreeMap;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use dualcomp_http::{Budget, Coding, CompressionLayer, Pool};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

const REQUESTS: usize = 200;
const MIB: usize = 1 << 20;

/// The most memory that the process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// About 60 KB, another one for each number.
fn page(number: usize) -> String {
    let rows = (0..1500).map(|row| format!("<tr><td>{row}</td><td>{}</td><td>of {number}</td></tr>\n", row * number));
    format!("<!DOCTYPE html>\n<title>Page {number}</title>\n<table>\n{}</table>\n", rows.collect::<String>())
}

fn app(budget: Budget) -> Router {
    let handler = |axum::extract::Path(number): axum::extract::Path<usize>| async move {
        ([(CONTENT_TYPE, "text/html")], page(number))
    };
    let ours = CompressionLayer::new().with_budget(budget).with_other_codings(["br", "gzip"]);
    Router::new()
        .route("/{number}", get(handler))
        .layer(ours.with_fallback(tower_http::compression::CompressionLayer::new()))
}

/// The coding and the length of a response, once it has been found right.
async fn fetch(address: std::net::SocketAddr, number: usize) -> (String, usize) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let ours: Vec<_> = Coding::supported().iter().map(Coding::to_string).collect();
    let request = Request::get(format!("http://{address}/{number}"));
    let request = request.header("accept-encoding", format!("{}, gzip", ours.join(", ")));
    let (head, body) = client.request(request.body(Body::empty()).unwrap()).await.unwrap().into_parts();
    assert_eq!(head.status, StatusCode::OK);
    let coding = head.headers["content-encoding"].to_str().unwrap().to_owned();
    let body = body.collect().await.unwrap().to_bytes();
    let mut content = Vec::new();
    if coding == "gzip" {
        let mut decoder = async_compression::tokio::bufread::GzipDecoder::new(&body[..]);
        tokio::io::AsyncReadExt::read_to_end(&mut decoder, &mut content).await.unwrap();
    } else {
        content = dualcomp::decompress(&body, &Default::default()).unwrap();
    }
    assert!(content == page(number).as_bytes(), "{number}");
    (coding, body.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once() {
    let budget = Budget::new(2 * Pool::shared().threads());
    let room = budget.available();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app(budget.clone());
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    // What is there before and once for all: the model, threads and one body.
    fetch(address, 0).await;
    let (before, start) = (peak(), Instant::now());
    let tasks: Vec<_> = (1..=REQUESTS).map(|number| tokio::spawn(fetch(address, number))).collect();
    let mut codings = BTreeMap::new();
    for task in tasks {
        let (coding, len) = task.await.unwrap();
        let (count, sum) = codings.entry(coding).or_insert((0, 0));
        *count += 1;
        *sum += len;
    }
    let grown = peak() - before;
    println!("{codings:?} in {:?}, {} MiB more", start.elapsed(), grown / MIB);
    assert_eq!(budget.available(), room);
    assert!(codings.len() == 2 && codings.contains_key("gzip"), "{codings:?}");
    // The documented bound for what is in the codec, and a megabyte for each connection with its two ends.
    assert!(grown < room * 29 * MIB + REQUESTS * MIB, "{} MiB", grown / MIB);
}
