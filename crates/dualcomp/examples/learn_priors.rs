//! Learns one of the priors in `priors/` from a folder of samples: crops as `.png` or `.webp`, or any other files as
//! text, taken in the order of their names. With text and `network`, also `all-bytes.bin` beside OUT.
//!
//! `cargo run --release --features learn --example learn_priors -- network|wide|photo|deep|alone|wide-alone|linear FOLDER OUT [WEIGHTS]`

mod samples;

use std::path::Path;
use std::sync::Arc;
use std::{env, fs};

use dualcomp::learn::{COMMON, Contexts, Sample, learn};
use dualcomp::predictor::Predictor;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [kind, folder, out, weights @ ..] = arguments.as_slice() else {
        return Err("usage: learn_priors network|wide|photo|deep|alone|wide-alone|linear FOLDER OUT [WEIGHTS]".into());
    };
    let predictor: Option<Arc<dyn Predictor>> = match (kind.as_str(), weights) {
        ("network" | "wide" | "photo" | "deep", [path]) => {
            Some(Arc::new(dualcomp::Model::from_bytes(&fs::read(path)?)?))
        }
        ("network" | "wide" | "photo" | "deep", []) => Some(dualcomp::Model::embedded().clone()),
        ("alone" | "wide-alone" | "linear", []) => None,
        _ => return Err("a prior is of `network`, `wide`, `photo`, `deep`, `alone`, `wide-alone` or `linear`".into()),
    };
    let contexts = match kind.as_str() {
        "wide" | "wide-alone" => Contexts::Wide,
        "photo" | "linear" => Contexts::Photo,
        "deep" => Contexts::Deep,
        _ => Contexts::Usual,
    };
    let samples = samples::of_folder(folder)?;
    let bytes = matches!(samples.first(), Some(Sample::Bytes(_)));
    let prior = learn(samples.into_iter(), predictor, contexts)?;
    let (own, common) = prior.split_at(prior.len() - if bytes { COMMON } else { 0 });
    fs::write(out, own)?;
    if bytes && kind == "network" {
        fs::write(Path::new(out).with_file_name("all-bytes.bin"), common)?;
    }
    Ok(())
}
