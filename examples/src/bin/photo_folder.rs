//! Converts the images of a folder to `.dci`, and back to PNG, and says what was saved.
//!
//! ```sh
//! cargo run --release -p dualcomp-examples --bin photo_folder -- to-dci photos archive
//! cargo run --release -p dualcomp-examples --bin photo_folder -- to-png archive photos-again
//! ```
//!
//! The originals stay. Each `.dci` was decoded and compared before it counts as saved. Pixels, colour profile and EXIF
//! come back; the PNG files are not the same bytes as before.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dualcomp_image::{Metadata, SaveDci, metadata_of};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageEncoder, ImageReader};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Formats that have no loss: what a lossy file became again as pixels, `.dci` would only make larger.
const SOURCES: [&str; 6] = ["bmp", "pgm", "png", "ppm", "tif", "tiff"];

fn main() -> ExitCode {
    dualcomp_image::register();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["to-dci", from, to] => convert(Path::new(from), Path::new(to), &SOURCES, save_dci),
        ["to-png", from, to] => convert(Path::new(from), Path::new(to), &["dci"], save_png),
        _ => Err("usage: photo_folder to-dci FROM TO, or photo_folder to-png FROM TO".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Converts every file of the folder that has one of these extensions; returns whether all went well.
fn convert(from: &Path, to: &Path, extensions: &[&str], save: fn(&Path, &Path) -> Result<PathBuf>) -> Result<bool> {
    fs::create_dir_all(to)?;
    let (mut files, mut failed, mut before, mut after) = (0, 0, 0, 0);
    for path in sources(from, extensions)? {
        let sizes = save(&path, to).and_then(|made| Ok((fs::metadata(&path)?.len(), fs::metadata(made)?.len())));
        match sizes {
            Ok((old, new)) => {
                println!("{}: {}", path.display(), change(old, new));
                (files, before, after) = (files + 1, before + old, after + new);
            }
            // One bad file does not keep the others from being converted.
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                failed += 1;
            }
        }
    }
    println!("{files} files: {}", change(before, after));
    Ok(failed == 0)
}

fn sources(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let extension = |path: &PathBuf| path.extension().map(|name| name.to_ascii_lowercase());
    paths.retain(|path| extension(path).is_some_and(|name| extensions.iter().any(|other| name == *other)));
    paths.sort();
    Ok(paths)
}

fn save_dci(path: &Path, folder: &Path) -> Result<PathBuf> {
    let (picture, metadata) = read(path)?;
    let target = target(path, folder, "dci");
    picture.save_dci_with_metadata(&target, metadata)?;
    if image::open(&target)? != picture {
        return Err("came back with other pixels".into());
    }
    Ok(target)
}

fn save_png(path: &Path, folder: &Path) -> Result<PathBuf> {
    let (picture, metadata) = read(path)?;
    let target = target(path, folder, "png");
    let file = BufWriter::new(File::create(&target)?);
    let mut encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    if let Some(profile) = metadata.icc {
        encoder.set_icc_profile(profile)?;
    }
    if let Some(exif) = metadata.exif {
        encoder.set_exif_metadata(exif)?;
    }
    picture.write_with_encoder(encoder)?;
    Ok(target)
}

fn read(path: &Path) -> Result<(DynamicImage, Metadata)> {
    let mut decoder = ImageReader::open(path)?.with_guessed_format()?.into_decoder()?;
    let metadata = metadata_of(&mut decoder)?;
    Ok((DynamicImage::from_decoder(decoder)?, metadata))
}

fn target(path: &Path, folder: &Path, extension: &str) -> PathBuf {
    folder.join(path.file_stem().unwrap_or_default()).with_extension(extension)
}

fn change(before: u64, after: u64) -> String {
    let saved = 100.0 - 100.0 * after as f64 / before.max(1) as f64;
    let word = if saved < 0.0 { "more" } else { "saved" };
    format!("{before} bytes became {after}, {:.1} % {word}", saved.abs())
}
