//! An axum server of a folder of text files, and a client: DualComp between the two, gzip or brotli for all others.
//!
//! ```sh
//! cargo run --release -p dualcomp-examples --features http --bin http_fallback -- serve docs 127.0.0.1:3000
//! cargo run --release -p dualcomp-examples --features http --bin http_fallback -- get http://127.0.0.1:3000/format.md > format.md
//! curl --compressed http://127.0.0.1:3000/format.md         # has not heard of DualComp, and gets br or gzip
//! curl http://127.0.0.1:3000/                               # what was coded, how long that took, and what was not
//! ```
//!
//! The same client reads from servers that have only gzip, or no coding at all.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use dualcomp_http::{BodyCache, CompressionLayer, DecompressionOptions, DualCompMiddleware};
use reqwest_middleware::ClientBuilder;
use tokio::net::TcpListener;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", folder, address] => serve(PathBuf::from(folder), address).await,
        ["get", url] => fetch(url).await,
        _ => Err("usage: http_fallback serve FOLDER ADDRESS, or http_fallback get URL".into()),
    }
}

async fn serve(folder: PathBuf, address: &str) -> Result<()> {
    let others = tower_http::compression::CompressionLayer::new();
    // A file is coded once, however often it is asked for, until others want its place.
    let ours = CompressionLayer::new().with_cache(BodyCache::new(32 << 20)).with_other_codings(["br", "gzip"]);
    let counters = ours.counters();
    let figures = get(async move || format!("{:#?}\n", counters.read()));
    let files =
        Router::new().route("/{name}", get(file)).layer(ours.with_fallback(others)).with_state(Arc::new(folder));
    let app = files.route("/", figures);
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// A text file of the folder; names that lead out of it are not found.
async fn file(State(folder): State<Arc<PathBuf>>, Path(name): Path<String>) -> Response {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return StatusCode::NOT_FOUND.into_response();
    }
    match tokio::fs::read_to_string(folder.join(&name)).await {
        Ok(text) => ([(header::CONTENT_TYPE, kind(&name))], text).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// Prints what a URL has. Takes no more than 16 MiB of content, whatever the server says.
async fn fetch(url: &str) -> Result<()> {
    let options = DecompressionOptions::new().with_max_output_bytes(16 << 20);
    // `gzip` is undone by reqwest, which was built with it.
    let middleware = DualCompMiddleware::with_options(options).with_other_codings(["gzip"]);
    let client = ClientBuilder::new(reqwest::Client::new()).with(middleware).build();
    let response = client.get(url).send().await?.error_for_status()?;
    std::io::stdout().write_all(&response.bytes().await?)?;
    Ok(())
}
