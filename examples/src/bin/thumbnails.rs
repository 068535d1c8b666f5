//! A server that shows a folder of `.dci` images in a browser, as thumbnails and in full.
//!
//! ```sh
//! cargo run --release -p dualcomp-examples --features http --bin thumbnails -- archive 127.0.0.1:3000
//! ```
//!
//! Browsers get PNG. Who asks for `image/vnd.dualcomp` gets a full image as the file it is.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::collections::HashMap;
use std::error::Error;
use std::io::Cursor;
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use dualcomp_http::image::{MEDIA_TYPE, accepts_dci};
use image::ImageFormat;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The longer side of a thumbnail, in pixels.
const SIDE: u32 = 200;
/// Thumbnails to keep. Decoding is dear, so that each is made once; when there are too many, all are forgotten.
const KEPT: usize = 1000;

struct Gallery {
    folder: PathBuf,
    made: Mutex<HashMap<String, Bytes>>,
    /// An image uses all cores, and memory for its pixels: one after the other.
    decoding: Semaphore,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, address] = &arguments[..] else {
        return Err("usage: thumbnails FOLDER ADDRESS".into());
    };
    dualcomp_image::register();
    let gallery = Gallery { folder: PathBuf::from(folder), made: Mutex::default(), decoding: Semaphore::new(1) };
    let app = Router::new()
        .route("/", get(index))
        .route("/thumbnail/{name}", get(thumbnail))
        .route("/image/{name}", get(full))
        .with_state(Arc::new(gallery));
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// A page of all images. Names that HTML or a URL would read as something else are left out.
async fn index(State(gallery): State<Arc<Gallery>>) -> Result<Html<String>, StatusCode> {
    let entries = std::fs::read_dir(&gallery.folder).map_err(|_| StatusCode::NOT_FOUND)?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".dci") && plain(name)).collect();
    names.sort();
    let link = |name: &String| format!(r#"<a href="image/{name}"><img src="thumbnail/{name}" alt="{name}"></a>"#);
    let links: Vec<String> = names.iter().map(link).collect();
    Ok(Html(format!("<!DOCTYPE html>\n<title>Images</title>\n{}\n", links.join("\n"))))
}

async fn thumbnail(State(gallery): State<Arc<Gallery>>, Path(name): Path<String>) -> Result<Response, StatusCode> {
    let kept = gallery.made.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
    let png = match kept {
        Some(png) => png,
        None => {
            let png = decode(&gallery, &name, Some(SIDE)).await?;
            let mut made = gallery.made.lock().unwrap_or_else(PoisonError::into_inner);
            if made.len() >= KEPT {
                made.clear();
            }
            made.insert(name, png.clone());
            png
        }
    };
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

async fn full(
    State(gallery): State<Arc<Gallery>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let (kind, content) = if accepts_dci(&headers) {
        let file = tokio::fs::read(path(&gallery, &name)?).await;
        (MEDIA_TYPE, file.map_err(|_| StatusCode::NOT_FOUND)?.into())
    } else {
        ("image/png", decode(&gallery, &name, None).await?)
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::VARY, "accept")], content).into_response())
}

/// An image as PNG, made smaller if a side is given.
async fn decode(gallery: &Gallery, name: &str, side: Option<u32>) -> Result<Bytes, StatusCode> {
    let path = path(gallery, name)?;
    let _turn = gallery.decoding.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let made = tokio::task::spawn_blocking(move || to_png(&path, side)).await;
    made.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.map_err(|error| match error {
        image::ImageError::IoError(error) if error.kind() == std::io::ErrorKind::NotFound => StatusCode::NOT_FOUND,
        // Damaged, or beyond the limits that `image` sets by default.
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    })
}

fn to_png(path: &FilePath, side: Option<u32>) -> image::ImageResult<Bytes> {
    let mut picture = image::open(path)?;
    if let Some(side) = side.filter(|&side| picture.width().max(picture.height()) > side) {
        picture = picture.thumbnail(side, side);
    }
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner().into())
}

/// Where an image is; names that lead out of the folder are not found.
fn path(gallery: &Gallery, name: &str) -> Result<PathBuf, StatusCode> {
    let inside = name.ends_with(".dci") && plain(name);
    inside.then(|| gallery.folder.join(name)).ok_or(StatusCode::NOT_FOUND)
}

fn plain(name: &str) -> bool {
    !name.starts_with('.') && name.chars().all(|letter| letter.is_alphanumeric() || "._-".contains(letter))
}
