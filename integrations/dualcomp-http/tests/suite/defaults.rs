//! What a server makes by default is what peers read by default.

use std::convert::Infallible;

use bytes::Bytes;
use dualcomp_http::decompression::DecompressionBody;
use dualcomp_http::predicate::DefaultPredicate;
use dualcomp_http::{Coding, CompressionLayer, DecompressionLayer, Level, RequestDecompressionLayer};
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use tower::{Layer, ServiceExt, service_fn};

/// Shrinks so well that what is received allows no work of its own.
fn json(len: usize) -> Bytes {
    let mut seed = 1u32;
    let mut next = |below| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % below
    };
    let mut text = String::new();
    while text.len() < len {
        let (id, day, state) = (next(1_000_000), next(28), ["open", "closed"][next(2) as usize]);
        text += &format!(
            "{{\"id\": {id}, \"state\": \"{state}\", \"created\": \"2026-03-{day:02}\", \"tags\": [\"a\", \"b\"]}},\n"
        );
    }
    text.truncate(len);
    text.into()
}

/// The answer as it is on the wire.
async fn coded(level: Level, content: &Bytes) -> Response<Full<Bytes>> {
    let handler = service_fn(async |_: Request<Empty<Bytes>>| {
        let response = Response::builder().header("content-type", "application/json");
        Ok::<_, Infallible>(response.body(Full::new(content.clone())).unwrap())
    });
    let predicate = DefaultPredicate::new().with_sizes(256..=1 << 20);
    let server = CompressionLayer::new().with_level(level).with_predicate(predicate).layer(handler);
    let codings: Vec<_> = Coding::supported().iter().map(Coding::to_string).collect();
    let request = Request::get("/").header("accept-encoding", codings.join(", ")).body(Empty::new()).unwrap();
    let (parts, body) = server.oneshot(request).await.unwrap().into_parts();
    Response::from_parts(parts, Full::new(body.collect().await.unwrap().to_bytes()))
}

#[tokio::test]
async fn clients_and_servers_read_what_servers_make() {
    for (level, len) in [
        (Level::Fast, 256 << 10),
        (Level::Default, 256 << 10),
        (Level::Max, 256 << 10),
        (Level::Fast, 1 << 20),
        (Level::Default, 1 << 20),
    ] {
        let content = json(len);
        let (parts, body) = coded(level, &content).await.into_parts();
        let response = Response::from_parts(parts.clone(), body.clone());
        let wire = service_fn(async |_: Request<Empty<Bytes>>| Ok::<_, Infallible>(response.clone()));
        let client = DecompressionLayer::new().layer(wire);
        let received = client.oneshot(Request::new(Empty::new())).await.unwrap();
        assert!(!received.headers().contains_key("content-encoding"));
        assert!(received.into_body().collect().await.unwrap().to_bytes() == content, "{level:?} {len}");

        let handler = service_fn(async |request: Request<DecompressionBody<Full<Bytes>>>| {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            Ok::<_, Infallible>(Response::new(Full::new(body)))
        });
        let request = Request::post("/").header("content-encoding", parts.headers["content-encoding"].clone());
        let server = RequestDecompressionLayer::new().layer(handler);
        let echoed = server.oneshot(request.body(body).unwrap()).await.unwrap().into_body();
        assert!(echoed.collect().await.unwrap().to_bytes() == content, "{level:?} {len}");
    }
}

#[test]
fn services_give_out_what_is_inside() {
    use dualcomp_http::dictionary::{DictionaryClientLayer, DictionaryLayer, DictionaryStore};
    use dualcomp_http::{CompressionLayer, DecompressionLayer, DecompressionOptions, RequestDecompressionLayer};
    use tower::Layer;

    macro_rules! check {
        ($($layer:expr),*) => {$({
            let mut service = $layer.layer(7);
            *service.get_mut() += 1;
            assert_eq!((*service.get_ref(), service.into_inner()), (8, 8));
        })*};
    }
    let options = || DecompressionOptions::new().with_predictor(None);
    let ours = || CompressionLayer::new().with_predictor(None);
    check!(
        ours(),
        ours().with_fallback(tower_http::compression::CompressionLayer::new()),
        DecompressionLayer::with_options(options()),
        RequestDecompressionLayer::with_options(options()),
        DictionaryLayer::new(dualcomp::Dictionary::from_raw(b"d").unwrap(), "/d", "/*"),
        DictionaryClientLayer::new(DictionaryStore::new(), options())
    );
    let mut files = dualcomp_http::files::Precompressed::new("nowhere", 7);
    *files.get_mut() += 1;
    assert_eq!((*files.get_ref(), files.into_inner()), (8, 8));
}
