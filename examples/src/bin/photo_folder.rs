//! Converts the images of a folder to `.dci`, and back to PNG, and says what was saved.
//!
//! ```sh
//! cargo run --release -p dualcomp-examples --bin photo_folder -- to-dci photos archive
//! cargo run --release -p dualcomp-examples --bin photo_folder -- to-png archive photos-again
//! ```
//!
//! The originals stay, and nothing is overwritten: `a.png` becomes `a.png.dci`, beside `a.bmp.dci`. Each `.dci` was decoded
//! and compared before it counts as saved. Pixels, colour profile and EXIF come back; the PNG files are not the same bytes
//! as before.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dualcomp_image::{DciEncoder, Metadata, metadata_of};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageReader, Limits};

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
    let mut content = Vec::new();
    picture.write_with_encoder(DciEncoder::new(&mut content).with_metadata(metadata))?;
    let target = target(path, folder, "dci");
    write_new(&target, &content)?;
    if image::open(&target)? != picture {
        return Err("came back with other pixels".into());
    }
    Ok(target)
}

fn save_png(path: &Path, folder: &Path) -> Result<PathBuf> {
    let (picture, metadata) = read(path)?;
    let mut content = Vec::new();
    let mut encoder = PngEncoder::new_with_quality(&mut content, CompressionType::Best, FilterType::Adaptive);
    if let Some(profile) = metadata.icc {
        encoder.set_icc_profile(profile)?;
    }
    if let Some(exif) = metadata.exif {
        encoder.set_exif_metadata(exif)?;
    }
    picture.write_with_encoder(encoder)?;
    // The name it had before, if it was that of a PNG file.
    let target = target(&path.with_extension(""), folder, "png");
    write_new(&target, &content)?;
    Ok(target)
}

fn read(path: &Path) -> Result<(DynamicImage, Metadata)> {
    let mut decoder = ImageReader::open(path)?.with_guessed_format()?.into_decoder()?;
    let metadata = metadata_of(&mut decoder)?;
    let mut limits = Limits::default();
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    Ok((DynamicImage::from_decoder(decoder)?, metadata))
}

/// Where a file goes: its whole name, and the extension behind it unless it ends so.
fn target(path: &Path, folder: &Path, extension: &str) -> PathBuf {
    let mut name = OsString::from(path.file_name().unwrap_or_default());
    if path.extension().is_none_or(|old| !old.eq_ignore_ascii_case(extension)) {
        name.push(".");
        name.push(extension);
    }
    folder.join(name)
}

/// Writes a file whose name is free.
fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    Ok(File::create_new(path)?.write_all(content)?)
}

fn change(before: u64, after: u64) -> String {
    let saved = 100.0 - 100.0 * after as f64 / before.max(1) as f64;
    let word = if saved < 0.0 { "more" } else { "saved" };
    format!("{before} bytes became {after}, {:.1} % {word}", saved.abs())
}
