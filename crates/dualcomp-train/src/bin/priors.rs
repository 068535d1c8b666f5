//! Learns one of the priors in `priors/` from a folder of samples: crops as `.png` or `.webp`, or any other files as
//! text, taken in the order of their names. With text and `network`, also `all-bytes.bin` beside OUT. Weights and pretrained
//! contexts are those of the codec unless others are given.
//!
//! `cargo run --release -p dualcomp-train --bin priors -- network|wide|photo|deep|alone|wide-alone|linear|drawn FOLDER OUT [WEIGHTS] [--pretrained FILE]`

use std::path::Path;
use std::sync::Arc;
use std::{env, fs};

use dualcomp::predictor::Predictor;
use dualcomp_train::{BY_BYTE_NUMBERS, Contexts, Failure, Sample, learn, samples};

fn main() -> Result<(), Failure> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let mut pretrained: Option<&'static [u8]> = None;
    if let Some(at) = arguments.iter().position(|argument| argument == "--pretrained") {
        let file = arguments.drain(at..).nth(1).ok_or("--pretrained is followed by a file")?;
        pretrained = Some(fs::read(file)?.leak());
    }
    let [kind, folder, out, weights @ ..] = arguments.as_slice() else {
        return Err(
            "usage: priors network|wide|photo|deep|alone|wide-alone|linear|drawn FOLDER OUT [WEIGHTS] [--pretrained FILE]"
                .into(),
        );
    };
    let predictor: Option<Arc<dyn Predictor>> = match (kind.as_str(), weights) {
        ("network" | "wide" | "photo" | "deep", [path]) => {
            Some(Arc::new(dualcomp::Model::from_bytes(&fs::read(path)?)?))
        }
        ("network" | "wide" | "photo" | "deep", []) => Some(dualcomp::Model::embedded().clone()),
        ("alone" | "wide-alone" | "linear" | "drawn", []) => None,
        _ => {
            return Err(
                "a prior is of `network`, `wide`, `photo`, `deep`, `alone`, `wide-alone`, `linear` or `drawn`".into()
            );
        }
    };
    let contexts = match kind.as_str() {
        "wide" | "wide-alone" => Contexts::Wide,
        "photo" | "linear" => Contexts::Photo,
        "deep" => Contexts::Deep,
        "drawn" => Contexts::Drawn,
        _ => Contexts::Usual,
    };
    let samples = samples::of_folder(folder)?;
    let bytes = matches!(samples.first(), Some(Sample::Bytes(_)));
    let prior = learn(samples.into_iter(), predictor.as_deref(), contexts, pretrained)?;
    let (own, common) = prior.split_at(prior.len() - if bytes { BY_BYTE_NUMBERS } else { 0 });
    fs::write(out, own)?;
    if bytes && kind == "network" {
        fs::write(Path::new(out).with_file_name("all-bytes.bin"), common)?;
    }
    Ok(())
}
