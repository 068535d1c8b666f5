//! The tasks themselves. Each calls `progress` with what is done and what there is to do.

use std::error::Error;
use std::io::{Cursor, Read, Write};

use dualcomp::{DecoderOptions, EncoderOptions, ImageFileDecoder, ImageInfo, Limits};
use dualcomp_image::{DciDecoder, metadata_of};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::{ColorType, DynamicImage, ImageDecoder, ImageEncoder};

type Result = std::result::Result<Vec<u8>, Box<dyn Error>>;

/// How much is handed on at a time.
const STEP: usize = 1 << 16;
/// Bytes that a few of a stream may become: the page has them all in memory.
const MAX_OUTPUT: u64 = 512 << 20;

pub(crate) fn compress(bytes: &[u8], progress: impl Fn(u64, u64)) -> Result {
    let options = EncoderOptions::default().with_size_hint(bytes.len() as u64);
    let mut encoder = dualcomp::write::Encoder::new(Vec::new(), options);
    for (at, part) in bytes.chunks(STEP).enumerate() {
        encoder.write_all(part)?;
        progress((at * STEP + part.len()) as u64, bytes.len() as u64);
    }
    Ok(encoder.finish()?)
}

pub(crate) fn decompress(stream: &[u8], progress: impl Fn(u64, u64)) -> Result {
    let options = DecoderOptions::default().with_limits(Limits::default().with_max_output_bytes(MAX_OUTPUT));
    let mut decoder = dualcomp::read::Decoder::new(stream, options);
    let (mut out, mut part) = (Vec::new(), vec![0; STEP]);
    // What it comes to is said only at its end.
    let total = dualcomp::inspect(stream).map_or(0, |found| found.streams.iter().map(|stream| stream.raw_len).sum());
    while let count @ 1.. = decoder.read(&mut part)? {
        out.extend_from_slice(&part[..count]);
        progress(out.len() as u64, total);
    }
    Ok(out)
}

pub(crate) fn png_to_dci(file: &[u8], progress: impl Fn(u64, u64)) -> Result {
    let mut decoder = PngDecoder::new(Cursor::new(file))?;
    let metadata = metadata_of(&mut decoder)?;
    let (width, height) = decoder.dimensions();
    let color = match decoder.color_type() {
        ColorType::L8 => dualcomp::ColorType::L8,
        ColorType::La8 => dualcomp::ColorType::La8,
        ColorType::Rgb8 => dualcomp::ColorType::Rgb8,
        ColorType::Rgba8 => dualcomp::ColorType::Rgba8,
        ColorType::L16 => dualcomp::ColorType::L16,
        ColorType::La16 => dualcomp::ColorType::La16,
        ColorType::Rgb16 => dualcomp::ColorType::Rgb16,
        ColorType::Rgba16 => dualcomp::ColorType::Rgba16,
        other => return Err(format!("pixels of the kind {other:?} are not supported").into()),
    };
    let info = ImageInfo::new(width, height, color);
    let picture = DynamicImage::from_decoder(decoder)?;
    let options = EncoderOptions::default();
    let encoder = dualcomp::ImageEncoder::new(options);
    Ok(encoder.encode(picture.as_bytes(), &info, &metadata, progress)?.data)
}

/// A JPEG file to the last byte, as `.dci`; an error where that cannot be.
pub(crate) fn jpeg_to_dci(file: &[u8]) -> Result {
    let made = dualcomp::compress_image_file(file, &EncoderOptions::default())?;
    Ok(made.ok_or("this JPEG file has coefficients that are not taken apart")?)
}

/// The JPEG file that a `.dci` holds; else its pixels as PNG, as small as this encoder makes it, since the page compares
/// sizes.
pub(crate) fn dci_to_picture(file: &[u8], progress: impl Fn(u64, u64)) -> Result {
    if let Ok(decoder) = ImageFileDecoder::new(file, Default::default()) {
        return Ok(decoder.read_file()?);
    }
    let mut decoder = DciDecoder::new(file)?;
    let metadata = metadata_of(&mut decoder)?;
    let ((width, height), color) = (decoder.dimensions(), decoder.color_type());
    let mut limits = image::Limits::default();
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let mut pixels = vec![0; usize::try_from(decoder.total_bytes())?];
    decoder.read_image_with_progress(&mut pixels, progress)?;
    let mut out = Vec::new();
    let mut encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Best, FilterType::Adaptive);
    if let Some(profile) = metadata.icc {
        encoder.set_icc_profile(profile)?;
    }
    if let Some(exif) = metadata.exif {
        encoder.set_exif_metadata(exif)?;
    }
    encoder.write_image(&pixels, width, height, color.into())?;
    Ok(out)
}
