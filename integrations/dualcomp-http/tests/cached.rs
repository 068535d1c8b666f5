//! The same body again and again: coded once, at the rate of what is not coded, in memory that does not grow. In a
//! process of its own, because its memory is measured as a whole.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]
#![allow(clippy::print_stdout, reason = "the figures, for who wants them")]

use std::net::SocketAddr;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use dualcomp_http::{BodyCache, Coding, CompressionLayer};
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// More, by the variable `DUALCOMP_REQUESTS`, for figures.
const REQUESTS: usize = 10_000;
const CONNECTIONS: usize = 16;
const MIB: usize = 1 << 20;

/// Memory of the process, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// About 8 KB.
fn body() -> String {
    let orders = (0..148).map(|n| format!(r#"{{"id":{n},"state":"paid","total":{},"customer":{}}}"#, n * 37, n * n));
    format!("[{}]", orders.collect::<Vec<_>>().join(",\n"))
}

/// Asks so many times, in turn on each connection, for answers of this length.
async fn ask(address: SocketAddr, coding: String, requests: usize, length: usize) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, coding) = (client.clone(), coding.clone());
            tokio::spawn(async move {
                for _ in 0..requests / CONNECTIONS {
                    let request = Request::get(format!("http://{address}/")).header("accept-encoding", &coding);
                    let response = client.request(request.body(Body::empty()).unwrap()).await.unwrap();
                    assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), length);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_coded_once_and_memory_stays() {
    let requests = std::env::var("DUALCOMP_REQUESTS").map_or(REQUESTS, |number| number.parse().unwrap());
    let layer = CompressionLayer::new().with_cache(BodyCache::new(1 << 20));
    let counters = layer.counters();
    let app = Router::new().route("/", get(|| async { ([(CONTENT_TYPE, "application/json")], body()) })).layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let coding = Coding::supported()[0].to_string();
    let options = dualcomp::EncoderOptions::default().with_size_hint(body().len() as u64);
    let length = dualcomp::compress(body().as_bytes(), &options).unwrap().len();
    // What is there once for all: the model, threads, connections, and what the allocator keeps.
    ask(address, coding.clone(), 1000, length).await;
    let (before, start) = (resident(), Instant::now());
    ask(address, coding, requests, length).await;
    let (elapsed, grown) = (start.elapsed(), resident().saturating_sub(before));
    let rate = requests as f64 / elapsed.as_secs_f64();
    println!(
        "{} bytes coded to {length}: {requests} requests, {rate:.0} a second, {} KiB more memory",
        body().len(),
        grown / 1024
    );
    let counts = counters.read();
    assert_eq!((counts.coded, counts.refused, counts.failed), (1, 0, 0));
    assert!(counts.hits >= requests as u64);
    assert!(grown < 8 * MIB, "{} MiB", grown / MIB);
}
