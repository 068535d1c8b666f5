//! Learns one of the priors in `priors/` from a folder of samples: crops as `.png` or `.webp`, or any other files as
//! text, taken in the order of their names. With text and `network`, also `all-bytes.bin` beside OUT.
//!
//! `cargo run --release --features learn --example learn_priors -- network|wide|alone FOLDER OUT [WEIGHTS]`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use dualcomp::ColorType;
use dualcomp::learn::{COMMON, Sample, learn};
use dualcomp::predictor::Predictor;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [kind, folder, out, weights @ ..] = arguments.as_slice() else {
        return Err("usage: learn_priors network|wide|alone FOLDER OUT [WEIGHTS]".into());
    };
    let predictor: Option<Arc<dyn Predictor>> = match (kind.as_str(), weights) {
        ("network" | "wide", [path]) => Some(Arc::new(dualcomp::Model::from_bytes(&fs::read(path)?)?)),
        ("network" | "wide", []) => Some(dualcomp::Model::embedded()?.clone()),
        ("alone", []) => None,
        _ => return Err("a prior is of `network`, `wide` or `alone`".into()),
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<_, Failure>>()?;
    paths.sort();
    let samples: Vec<Sample> = paths.into_iter().map(sample).collect::<Result<_, _>>()?;
    let bytes = matches!(samples.first(), Some(Sample::Bytes(_)));
    let prior = learn(samples.into_iter(), predictor, kind == "wide")?;
    let (own, common) = prior.split_at(prior.len() - if bytes { COMMON } else { 0 });
    fs::write(out, own)?;
    if bytes && kind == "network" {
        fs::write(Path::new(out).with_file_name("all-bytes.bin"), common)?;
    }
    Ok(())
}

fn sample(path: PathBuf) -> Result<Sample, Failure> {
    if !path.extension().is_some_and(|e| e == "png" || e == "webp") {
        return Ok(Sample::Bytes(fs::read(path)?));
    }
    let image = image::open(path)?.into_rgb8();
    let (width, height) = image.dimensions();
    Ok(Sample::Tile { raw: image.into_raw(), width, height, color: ColorType::Rgb8 })
}
