//! Clients of reqwest.

use axum::Router;
use axum::routing::get as on_get;
use dualcomp_http::{DualCompMiddleware, LimitExceeded};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use crate::clients::{US, options, server, text};
use crate::server::serve;

fn reqwest_client() -> ClientWithMiddleware {
    let middleware = DualCompMiddleware::with_options(options()).with_other_codings(["gzip"]);
    ClientBuilder::new(reqwest::Client::new()).with(middleware).build()
}

#[tokio::test]
async fn reqwest_decodes_beside_its_own() {
    let address = server().await;
    for path in ["/ours", "/gzip", "/layer", "/plain"] {
        let response = reqwest_client().get(format!("http://{address}{path}")).send().await.unwrap();
        assert_eq!(response.url().path(), path);
        assert_eq!(response.headers().get("content-encoding"), None, "{path}");
        if path != "/layer" {
            assert_eq!(response.headers()["x-asked"], "dualcomp-1, gzip");
        }
        assert_eq!(response.text().await.unwrap(), text(), "{path}");
    }
    let response = reqwest_client().get(format!("http://{address}/moved")).send().await.unwrap();
    assert_eq!((response.url().path(), response.remote_addr()), ("/ours", Some(address)));
    assert_eq!(response.text().await.unwrap(), text());
}

#[tokio::test]
async fn reqwest_reports_what_is_wrong() {
    let address = server().await;
    for path in ["/cut", "/longer", "/bomb", "/claim"] {
        let response = reqwest_client().get(format!("http://{address}{path}")).send().await.unwrap();
        let error = response.bytes().await.unwrap_err();
        let mut chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        assert_eq!(chain.any(|error| error.is::<LimitExceeded>()), ["/bomb", "/claim"].contains(&path));
    }
    let response = reqwest_client().head(format!("http://{address}/ours")).send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], US);
}

#[tokio::test]
async fn reqwest_takes_a_coded_body_of_no_length_for_empty() {
    let app = Router::new().route("/", on_get(|| async { ([("content-encoding", US)], "") }));
    let address = serve(app).await;
    let response = reqwest_client().get(format!("http://{address}/")).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "");
}
