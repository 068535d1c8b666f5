//! An axum server on a socket, and a client that shows what was on the wire.

use std::net::SocketAddr;

use async_compression::tokio::bufread::GzipEncoder;
use axum::Router;
use axum::body::{Body, Bytes};
use dualcomp::{EncoderOptions, Level};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::io::AsyncReadExt;

/// Serves until the test's runtime ends.
pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

/// A response as it came, nothing undone.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn coding(&self) -> Option<&str> {
        self.header("content-encoding")
    }

    pub(crate) fn vary(&self) -> Vec<String> {
        self.headers.get_all("vary").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn decoded(&self) -> Vec<u8> {
        dualcomp::decompress(&self.body, &Default::default()).unwrap()
    }
}

pub(crate) async fn send(address: SocketAddr, method: Method, path: &str, fields: &[(&str, &str)]) -> Received {
    let mut request = Request::builder().method(method).uri(format!("http://{address}{path}"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    send_body(request.body(Body::empty()).unwrap()).await.unwrap()
}

pub(crate) async fn send_body(request: Request<Body>) -> Result<Received, Box<dyn std::error::Error + Send + Sync>> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let (parts, body) = client.request(request).await?.into_parts();
    let collected = body.collect().await?;
    let trailers = collected.trailers().cloned();
    Ok(Received { status: parts.status, headers: parts.headers, body: collected.to_bytes(), trailers })
}

pub(crate) async fn get(address: SocketAddr, path: &str, accept_encoding: &str) -> Received {
    send(address, Method::GET, path, &[("accept-encoding", accept_encoding)]).await
}

pub(crate) fn coded(data: &[u8]) -> Vec<u8> {
    dualcomp::compress(data, &EncoderOptions::default().with_level(Level::Fast)).unwrap()
}

pub(crate) async fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    GzipEncoder::new(data).read_to_end(&mut out).await.unwrap();
    out
}

/// A stream of one block that claims 4 MiB, has nothing, and would take seconds to be found out.
pub(crate) fn claim() -> Vec<u8> {
    let header = [0x89, b'D', b'C', b'B', 1, 0, 0, 0, 0, 14];
    [&header[..], &[0x42, 9, 0, 0, 0, 0], &[0x80, 0x80, 0x80, 2], &[1]].concat()
}

/// A stream of so many zeros, in as few bytes as the format can say it: docs/spec/format.md, sections 2 to 4.
pub(crate) fn bomb(size: u64) -> Vec<u8> {
    let mut content = Vec::new();
    let mut rest = size;
    while rest >= 0x80 {
        content.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    content.extend([rest as u8, 0]);
    let header = [0x89, b'D', b'C', b'B', 1, 0, 0, 0, 0, 14];
    let sum = crc32fast::hash(&[&content[..], &[0x44]].concat()).to_le_bytes();
    [&header[..], &[0x44, content.len() as u8 + 4], &sum, &content].concat()
}
