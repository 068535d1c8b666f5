//! The examples do what they say.

use dualcomp_http::Coding;
use dualcomp_http::image::MEDIA_TYPE;
use http::{Method, Request, StatusCode};

use crate::server::{coded, get, gzip, send, send_body, serve};

#[allow(dead_code, reason = "its main runs for ever")]
#[path = "../../examples/axum_server.rs"]
mod axum_server;

#[allow(dead_code, reason = "its main needs arguments")]
#[path = "../../examples/client.rs"]
mod client;

#[tokio::test]
async fn the_client_reads_what_the_server_sends() {
    let address = serve(axum_server::app()).await;
    let response = client::client().get(format!("http://{address}/")).send().await.unwrap();
    // The client has undone a coding: the length went with it.
    assert_eq!(response.content_length(), None);
    assert_eq!(response.headers()["etag"], "W/\"squares-1\"");
    assert!(response.text().await.unwrap().ends_with("<tr><td>200</td><td>40000</td></tr>\n</table>\n"));
    // The answer to a request without a coding comes with one.
    let response = client::client().post(format!("http://{address}/echo")).body("x".repeat(999)).send().await.unwrap();
    assert_eq!(response.bytes().await.unwrap(), "x".repeat(999));
}

#[tokio::test]
async fn the_handler_gets_no_coding_that_it_does_not_know() {
    let address = serve(axum_server::app()).await;
    let content = "x".repeat(999);
    let bodies = [("dualcomp-1", coded(content.as_bytes())), ("gzip", gzip(content.as_bytes()).await)];
    for (coding, body) in bodies.into_iter().chain([("br", vec![1, 2, 3])]) {
        let request = Request::post(format!("http://{address}/echo")).header("content-encoding", coding);
        let received = send_body(request.body(body.into()).unwrap()).await.unwrap();
        let is_known = coding != "br";
        assert_eq!(received.status == StatusCode::OK, is_known, "{coding}");
        assert_eq!(received.body == content, is_known);
    }
}

#[tokio::test]
async fn curl_without_our_coding_gets_br_or_gzip() {
    let address = serve(axum_server::app()).await;
    // What `curl --compressed` sends, by how it was built.
    for (line, coding) in [("deflate, gzip, br, zstd", "br"), ("deflate, gzip", "gzip")] {
        let received = get(address, "/", line).await;
        assert_eq!((received.coding(), received.vary()), (Some(coding), vec!["accept-encoding".to_owned()]));
    }
    assert_eq!(get(address, "/", &Coding::supported()[0].to_string()).await.header("etag"), Some("W/\"squares-1\""));
}

#[tokio::test]
async fn a_picture_is_png_or_dci() {
    let address = serve(axum_server::app()).await;
    let ask = async |accept| {
        let fields = [("accept", accept), ("accept-encoding", "dualcomp-1, gzip")];
        send(address, Method::GET, "/picture", &fields).await
    };
    let png = ask("image/avif,image/png,image/*;q=0.8,*/*;q=0.5").await;
    assert_eq!(png.header("content-type"), Some("image/png"));
    let dci = ask("image/vnd.dualcomp, image/png;q=0.9").await;
    assert_eq!(dci.header("content-type"), Some(MEDIA_TYPE));
    for received in [&png, &dci] {
        assert_eq!((received.coding(), received.vary()), (None, vec!["accept".to_owned()]));
        assert_eq!(received.header("content-length"), Some(&received.body.len().to_string()[..]));
    }
    let pixels = image::load_from_memory(&png.body).unwrap().into_rgb8();
    assert_eq!(dualcomp::decode_image(&dci.body, &Default::default()).unwrap().pixels, pixels.into_raw());
    assert!(dci.body.len() < png.body.len());
}
