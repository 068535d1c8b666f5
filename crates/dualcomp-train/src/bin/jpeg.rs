//! Learns a prior for the coefficients of JPEG files from a folder of such files, taken in the order of their names.
//!
//! `cargo run --release -p dualcomp-train --features learn --bin jpeg -- fast|full FOLDER OUT`

use std::path::PathBuf;
use std::{env, fs};

use dualcomp::__unstable::{JpegPlane, jpeg};
use dualcomp_jpeg::{Limits, parse};
use dualcomp_train::Failure;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [kind @ ("fast" | "full"), folder, out] = &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        return Err("usage: jpeg fast|full FOLDER OUT".into());
    };
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Failure>>()?;
    paths.sort();
    let mut pictures = Vec::new();
    for path in paths {
        let (coefficients, _) = parse(&fs::read(&path)?, &Limits::default())?;
        let planes = coefficients.components.into_iter().map(|component| JpegPlane {
            sampling: (component.h, component.v),
            blocks_wide: component.blocks_wide as usize,
            blocks_high: component.blocks_high as usize,
            quantization: component.quantization,
            coefficients: component.coefficients,
        });
        pictures.push(planes.collect());
    }
    fs::write(out, jpeg(pictures, *kind == "fast"))?;
    Ok(())
}
