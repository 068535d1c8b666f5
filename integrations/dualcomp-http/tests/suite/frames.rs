//! The frames that bodies are given out in.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use dualcomp::{Encoder, EncoderOptions, Level, Status};
use dualcomp_http::predicate::DefaultPredicate;
use dualcomp_http::{CompressionLayer, DecompressionLayer};
use futures::StreamExt;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};

use crate::clients::{US, options};

/// A stream with a block for each byte.
fn tiny_blocks(count: usize) -> Vec<u8> {
    let mut encoder = Encoder::new(EncoderOptions::default().with_level(Level::Fast));
    let (mut room, mut out) = (vec![0; 1 << 10], Vec::new());
    for _ in 0..count {
        let progress = encoder.encode(b"a", &mut room).unwrap();
        out.extend_from_slice(&room[..progress.produced]);
        loop {
            let progress = encoder.flush(&mut room).unwrap();
            out.extend_from_slice(&room[..progress.produced]);
            if progress.status == Status::Done {
                break;
            }
        }
    }
    loop {
        let progress = encoder.finish(&mut room).unwrap();
        out.extend_from_slice(&room[..progress.produced]);
        if progress.status == Status::Done {
            return out;
        }
    }
}

/// All frames of a body, kept, and in how many pieces of memory they are.
async fn pieces(mut body: impl http_body::Body<Data = Bytes, Error: std::fmt::Debug> + Unpin) -> (Vec<Bytes>, usize) {
    let mut frames: Vec<Bytes> = Vec::new();
    while let Some(frame) = body.frame().await {
        frames.push(frame.unwrap().into_data().unwrap());
    }
    let apart = frames.windows(2).filter(|two| two[0].as_ptr_range().end != two[1].as_ptr()).count();
    (frames, apart + 1)
}

#[tokio::test]
async fn decoded_frames_share_their_memory() {
    let stream = Bytes::from(tiny_blocks(2000));
    let server = service_fn(move |_: Request<Body>| {
        let response = Response::builder().header("content-encoding", US).body(Full::new(stream.clone()));
        std::future::ready(Ok::<_, Infallible>(response.unwrap()))
    });
    let client = DecompressionLayer::with_options(options()).layer(server);
    let response = client.oneshot(Request::new(Body::empty())).await.unwrap();
    let (frames, pieces) = pieces(response.into_body()).await;
    assert_eq!(frames.concat(), vec![b'a'; 2000]);
    assert!(pieces < 4, "{pieces} pieces of memory for {} frames", frames.len());
}

#[tokio::test]
async fn coded_frames_share_their_memory() {
    let handler = service_fn(|_: Request<Body>| {
        let parts = futures::stream::iter(0..500).then(|i| async move {
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(Bytes::from(format!("{i}\n")))
        });
        let response = Response::builder().header("content-type", "text/plain").body(Body::from_stream(parts));
        std::future::ready(Ok::<_, Infallible>(response.unwrap()))
    });
    let predicate = DefaultPredicate::new().with_streams(true);
    let service = CompressionLayer::new().with_level(Level::Fast).with_predicate(predicate).layer(handler);
    let request = Request::get("/").header("accept-encoding", US).body(Body::empty()).unwrap();
    let response = service.oneshot(request).await.unwrap();
    let (frames, pieces) = pieces(response.into_body()).await;
    let content: String = (0..500).map(|i| format!("{i}\n")).collect();
    assert_eq!(dualcomp::decompress(&frames.concat(), &Default::default()).unwrap(), content.as_bytes());
    assert!(pieces <= frames.concat().len() / 4096 + 2, "{pieces} pieces of memory for {} frames", frames.len());
}
