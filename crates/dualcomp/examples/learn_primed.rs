//! Learns `priors/primed.bin`: what usually follows the contexts of texts, from a file of documents that each end in a
//! zero byte.
//!
//! `cargo run --release --features learn --example learn_primed -- DOCUMENTS OUT BYTES`

use std::{env, fs};

use dualcomp::predictor::Predictor;

type Failure = Box<dyn std::error::Error>;

/// Bytes of a bucket.
const BUCKET: usize = 32;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [documents, out, bytes] = arguments.as_slice() else {
        return Err("usage: learn_primed DOCUMENTS OUT BYTES".into());
    };
    let text = fs::read(documents)?;
    let documents: Vec<&[u8]> = text.split(|&b| b == 0).filter(|d| !d.is_empty()).collect();
    let vocabulary = dualcomp::Model::embedded().vocabulary();
    fs::write(out, dualcomp::learn::pretrained(&documents, vocabulary, bytes.parse::<usize>()? / BUCKET))?;
    Ok(())
}
