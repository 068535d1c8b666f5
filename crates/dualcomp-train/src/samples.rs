//! Samples from a folder: crops as `.png` or `.webp`, or any other files as text.

use std::fs;
use std::path::PathBuf;

use dualcomp::ColorType;

use crate::{Failure, Sample};

/// All of a folder, in the order of their names.
///
/// # Errors
/// If a file cannot be read, or a picture not decoded.
pub fn of_folder(folder: &str) -> Result<Vec<Sample>, Failure> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<_, Failure>>()?;
    paths.sort();
    paths.into_iter().map(sample).collect()
}

fn sample(path: PathBuf) -> Result<Sample, Failure> {
    if !path.extension().is_some_and(|e| e == "png" || e == "webp") {
        return Ok(Sample::Bytes(fs::read(path)?));
    }
    let image = image::open(path)?.into_rgb8();
    let (width, height) = image.dimensions();
    Ok(Sample::Tile { raw: image.into_raw(), width, height, color: ColorType::Rgb8 })
}
