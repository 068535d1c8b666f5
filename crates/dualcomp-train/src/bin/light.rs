//! Learns the prior of the light form from a folder of texts, taken in the order of their names. Pretrained contexts are those
//! of the codec unless others are given.
//!
//! `cargo run --release -p dualcomp-train --features learn --bin light -- FOLDER OUT [PRETRAINED]`

use std::{env, fs};

use dualcomp_train::{Failure, Sample, learn_light, samples};

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, out, pretrained @ ..] = &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        return Err("usage: light FOLDER OUT [PRETRAINED]".into());
    };
    let pretrained: Option<&'static [u8]> = match pretrained.first() {
        Some(path) => Some(fs::read(path)?.leak()),
        None => None,
    };
    let documents = samples::of_folder(folder)?.into_iter().map(|sample| match sample {
        Sample::Bytes(raw) => Ok(raw),
        Sample::Tile { .. } => Err("a folder of texts has no images"),
    });
    fs::write(out, learn_light(&documents.collect::<Result<Vec<_>, _>>()?, pretrained)?)?;
    Ok(())
}
