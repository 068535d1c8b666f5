//! A client that asks for DualComp's coding, and for gzip from servers that do not know it.
//!
//! ```sh
//! cargo run --release -p dualcomp-http --features client --example client -- http://127.0.0.1:3000/
//! ```

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use dualcomp_http::{DecompressionOptions, DualCompMiddleware};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

/// A client that takes no more than a mebibyte of content.
pub(crate) fn client() -> ClientWithMiddleware {
    let options = DecompressionOptions::new().with_max_output_bytes(1 << 20);
    let middleware = DualCompMiddleware::with_options(options).with_other_codings(["gzip"]);
    ClientBuilder::new(reqwest::Client::new()).with(middleware).build()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for url in std::env::args().skip(1) {
        let response = client().get(url).send().await?.error_for_status()?;
        println!("{}: {:?}", response.url(), response.headers().get("content-type"));
        println!("{} bytes of content", response.bytes().await?.len());
    }
    Ok(())
}
