//! Writes what the contexts say of each decision of documents, for a network to be trained beside it: `OUT.tokens`, 16 bits
//! each with a start mark before each document, and `OUT.logits`, a byte for each decision of each token.
//!
//! `cargo run --release -p dualcomp-train --bin document_logits -- DOCUMENTS SAMPLES PRETRAINED OUT [wide]`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::{env, fs};

use dualcomp::predictor::Predictor;
use dualcomp_train::{Failure, logits_of_documents, samples};

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (documents, samples, pretrained, out, wide) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        [documents, samples, pretrained, out] => (documents, samples, pretrained, out, false),
        [documents, samples, pretrained, out, "wide"] => (documents, samples, pretrained, out, true),
        _ => return Err("usage: document_logits DOCUMENTS SAMPLES PRETRAINED OUT [wide]".into()),
    };
    let text = fs::read(documents)?;
    let documents: Vec<&[u8]> = text.split(|&b| b == 0).filter(|d| !d.is_empty()).collect();
    let samples = samples::of_folder(samples)?;
    let vocabulary = dualcomp::Model::embedded().vocabulary();
    let mark = (vocabulary.start() as u16).to_le_bytes();
    let (mut tokens, mut logits) = (
        BufWriter::new(File::create(format!("{out}.tokens"))?),
        BufWriter::new(File::create(format!("{out}.logits"))?),
    );
    let mut written = Ok(());
    logits_of_documents(
        &documents,
        samples.into_iter(),
        vocabulary.clone(),
        fs::read(pretrained)?,
        wide,
        |ids, of| {
            let ids: Vec<u8> = ids.iter().flat_map(|&id| (id as u16).to_le_bytes()).collect();
            let bytes: Vec<u8> = of.iter().map(|&logit| logit as u8).collect();
            let one =
                tokens.write_all(&mark).and_then(|()| tokens.write_all(&ids)).and_then(|()| logits.write_all(&bytes));
            if written.is_ok() {
                written = one;
            }
        },
    )?;
    written?;
    tokens.flush()?;
    logits.flush()?;
    Ok(())
}
