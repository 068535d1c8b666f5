//! Learns `priors/pretrained.bin`: what usually follows the contexts of texts, from a file of documents that each end in a
//! zero byte.
//!
//! `cargo run --release -p dualcomp-train --bin pretrained -- DOCUMENTS OUT BYTES [WEIGHTS]`, whose vocabulary counts

use std::{env, fs};

use dualcomp::predictor::Predictor;
use dualcomp_train::{Failure, pretrained};

/// Bytes of a bucket.
const BUCKET: usize = 32;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [documents, out, bytes, weights @ ..] = arguments.as_slice() else {
        return Err("usage: pretrained DOCUMENTS OUT BYTES [WEIGHTS]".into());
    };
    let vocabulary = match weights {
        [] => dualcomp::Model::embedded().vocabulary().clone(),
        [path, ..] => dualcomp::Model::from_bytes(&fs::read(path)?)?.vocabulary().clone(),
    };
    let text = fs::read(documents)?;
    let documents: Vec<&[u8]> = text.split(|&b| b == 0).filter(|d| !d.is_empty()).collect();
    fs::write(out, pretrained(&documents, &vocabulary, bytes.parse::<usize>()? / BUCKET))?;
    Ok(())
}
