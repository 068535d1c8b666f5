//! A server that compresses for clients that know DualComp, and by gzip and brotli for all others.
//!
//! ```sh
//! cargo run --release -p dualcomp-http --features fallback --example axum_server
//! curl -s --compressed -D - -o page.html http://127.0.0.1:3000/            # br or gzip
//! curl -s -H 'accept-encoding: dualcomp-1' http://127.0.0.1:3000/ | dualcomp decompress - -o page.html
//! curl -s -H 'accept: image/vnd.dualcomp' -o picture.dci http://127.0.0.1:3000/picture
//! ```

use std::sync::OnceLock;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use dualcomp::{ColorType, ImageInfo, Metadata};
use dualcomp_http::predicate::{DefaultPredicate, NotForSecrets, Predicate};
use dualcomp_http::{CompressionLayer, RequestDecompressionLayer, image as dci};

/// The routes with their layers.
pub(crate) fn app() -> Router {
    let ours = CompressionLayer::new()
        .with_predicate(DefaultPredicate::new().and(NotForSecrets))
        // What the layer of tower-http offers in this build.
        .with_other_codings(["br", "gzip"]);
    Router::new()
        .route("/", get(page))
        .route("/picture", get(picture))
        .route("/echo", post(|text: String| async move { text }))
        .layer(ours.with_fallback(tower_http::compression::CompressionLayer::new()))
        // Undoes gzip, which ours then lets through.
        .layer(tower_http::decompression::RequestDecompressionLayer::new())
        .layer(RequestDecompressionLayer::new().with_other_codings(["gzip"]))
}

async fn page() -> Response {
    let rows: String = (1..=200).map(|n| format!("<tr><td>{n}</td><td>{}</td></tr>\n", n * n)).collect();
    let page = format!("<!DOCTYPE html>\n<title>Squares</title>\n<table>\n{rows}</table>\n");
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::ETAG, "\"squares-1\"")], page).into_response()
}

/// A PNG file, or for who asks for it the same picture as `.dci`. It is made once: encoding is dear, sending is not.
async fn picture(headers: HeaderMap) -> Result<Response, StatusCode> {
    static PNG: OnceLock<Vec<u8>> = OnceLock::new();
    static DCI: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let by_accept = (header::VARY, "accept");
    let png = PNG.get_or_init(draw);
    if !dci::accepts_dci(&headers) {
        return Ok(([(header::CONTENT_TYPE, "image/png"), by_accept], png.as_slice()).into_response());
    }
    let made = tokio::task::spawn_blocking(|| DCI.get_or_init(|| transcode(png))).await;
    match made {
        Ok(Some(made)) => Ok(([(header::CONTENT_TYPE, dci::MEDIA_TYPE), by_accept], made.as_slice()).into_response()),
        _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// The pixels of a PNG file as `.dci`.
fn transcode(png: &[u8]) -> Option<Vec<u8>> {
    let picture = image::load_from_memory(png).ok()?.into_rgb8();
    let info = ImageInfo::new(picture.width(), picture.height(), ColorType::Rgb8);
    dualcomp::encode_image(&picture, &info, &Metadata::default(), &Default::default()).ok()
}

/// A file that a real server has.
#[allow(clippy::disallowed_methods, reason = "any picture will do")]
fn draw() -> Vec<u8> {
    let wave = |at: u32| (127.0 + 120.0 * (f64::from(at) / 20.0).sin()) as u8;
    let picture = image::RgbImage::from_fn(160, 120, |x, y| image::Rgb([wave(x), wave(y), wave(x + y)]));
    let mut file = std::io::Cursor::new(Vec::new());
    // Writing a small picture to memory does not fail.
    picture.write_to(&mut file, image::ImageFormat::Png).map(|()| file.into_inner()).unwrap_or_default()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app()).await
}
