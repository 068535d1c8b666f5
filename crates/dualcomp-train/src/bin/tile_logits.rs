//! Writes what contexts and regression say of each decision of crops, for a network to be trained beside it:
//! `OUT.counts`, a byte for each sample, how many decisions it takes, and `OUT.logits`, a byte for each decision. CROPS is
//! made of pixels of 256 by 256, three bytes each, SAMPLES a folder of `.png` or `.webp`.
//!
//! `cargo run --release -p dualcomp-train --bin tile_logits -- CROPS SAMPLES OUT`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::{env, fs};

use dualcomp::predictor::Predictor;
use dualcomp_train::{Failure, logits_of_tiles, samples};

const SIDE: u32 = 256;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [crops, samples, out] = arguments.as_slice() else {
        return Err("usage: tile_logits CROPS SAMPLES OUT".into());
    };
    let crops = fs::read(crops)?;
    let samples = samples::of_folder(samples)?;
    let file = |name: &str| Ok::<_, Failure>(BufWriter::new(File::create(format!("{out}.{name}"))?));
    let (mut counts, mut logits) = (file("counts")?, file("logits")?);
    let tile = (SIDE * SIDE * 3) as usize;
    if crops.len() % tile > 0 {
        return Err("the last crop is cut off".into());
    }
    let tiles = crops.chunks_exact(tile);
    let vocabulary = dualcomp::Model::embedded().vocabulary().clone();
    let mut written = Ok(());
    logits_of_tiles(tiles, (SIDE, SIDE), samples.iter().cloned(), vocabulary, |of_samples, of_decisions| {
        let bytes: Vec<u8> = of_decisions.iter().map(|&logit| logit as u8).collect();
        let one = counts.write_all(of_samples).and_then(|()| logits.write_all(&bytes));
        if written.is_ok() {
            written = one;
        }
    })?;
    written?;
    counts.flush()?;
    logits.flush()?;
    Ok(())
}
