//! Writing decoded images as image files.

use std::io::Cursor;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::{bmp::BmpEncoder, tiff::TiffEncoder, webp::WebPEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::Picture;
use crate::codec::ColorType;

/// An image file format that keeps pixels exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    Png,
    WebP,
    /// PGM, PPM or PAM, whichever has the colours.
    Pnm,
    Tiff,
    Bmp,
}

impl OutputFormat {
    /// The format a path's extension stands for; PNG where it has none.
    ///
    /// # Errors
    /// Names the extensions there are.
    pub(crate) fn from_path(path: &Path) -> Result<Self, String> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("" | "png") => Ok(Self::Png),
            Some("webp") => Ok(Self::WebP),
            Some("pnm" | "pgm" | "ppm" | "pam") => Ok(Self::Pnm),
            Some("tif" | "tiff") => Ok(Self::Tiff),
            Some("bmp") => Ok(Self::Bmp),
            _ => Err(format!("{}: an image is written as .png, .webp, .pnm, .tiff or .bmp", path.display())),
        }
    }
}

/// Makes an image file; beside it come the names of the metadata the format has no place for.
///
/// # Errors
/// Says in words why the format cannot hold these pixels.
pub(crate) fn encode(picture: &Picture, format: OutputFormat) -> Result<(Vec<u8>, Vec<&'static str>), String> {
    let mut file = Vec::new();
    let mut left_out = Vec::new();
    let color = picture.info.color;
    let kept = match format {
        OutputFormat::Png => true,
        OutputFormat::WebP => !picture.is_16_bit(),
        OutputFormat::Pnm => true,
        OutputFormat::Tiff => !matches!(color, ColorType::La8 | ColorType::La16),
        OutputFormat::Bmp => matches!(color, ColorType::L8 | ColorType::Rgb8 | ColorType::Rgba8),
    };
    if !kept {
        return Err(format!("{format:?} cannot hold {color:?} pixels; PNG can"));
    }
    match format {
        OutputFormat::Png => {
            run(PngEncoder::new(&mut file), picture, &mut left_out)?;
            // The `image` crate writes no XMP; an iTXt chunk may stand anywhere after IHDR.
            // Its text is UTF-8, as every packet from a PNG file is.
            if let Some(xmp) = &picture.metadata.xmp
                && std::str::from_utf8(xmp).is_ok()
            {
                insert_chunk(&mut file, xmp_chunk(xmp));
                left_out.retain(|&name| name != "XMP");
            }
        }
        OutputFormat::WebP => run(WebPEncoder::new_lossless(&mut file), picture, &mut left_out)?,
        OutputFormat::Pnm => {
            file = pnm(picture);
            left_out.extend(present(picture));
        }
        OutputFormat::Tiff => {
            let mut cursor = Cursor::new(&mut file);
            run(TiffEncoder::new(&mut cursor), picture, &mut left_out)?;
        }
        OutputFormat::Bmp => run(BmpEncoder::new(&mut file), picture, &mut left_out)?,
    }
    Ok((file, left_out))
}

/// The smallest PNG file the `image` crate makes of the pixels, without metadata.
///
/// # Errors
/// Those of the `image` crate, in words.
pub(crate) fn best_png(picture: &Picture) -> Result<Vec<u8>, String> {
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Best, FilterType::Adaptive)
        .write_image(&picture.pixels, picture.info.width, picture.info.height, extended(picture.info.color))
        .map_err(|error| error.to_string())?;
    Ok(file)
}

fn run(mut encoder: impl ImageEncoder, picture: &Picture, left_out: &mut Vec<&'static str>) -> Result<(), String> {
    let metadata = &picture.metadata;
    if let Some(icc) = &metadata.icc
        && encoder.set_icc_profile(icc.clone()).is_err()
    {
        left_out.push("ICC profile");
    }
    if let Some(exif) = &metadata.exif
        && encoder.set_exif_metadata(exif.clone()).is_err()
    {
        left_out.push("EXIF");
    }
    left_out.extend(present(picture).filter(|&name| name == "XMP" || name == "IPTC"));
    let (width, height) = (picture.info.width, picture.info.height);
    encoder.write_image(&picture.pixels, width, height, extended(picture.info.color)).map_err(|error| error.to_string())
}

/// The names of the metadata that a picture has.
fn present(picture: &Picture) -> impl Iterator<Item = &'static str> {
    let metadata = &picture.metadata;
    [
        metadata.icc.as_ref().map(|_| "ICC profile"),
        metadata.exif.as_ref().map(|_| "EXIF"),
        metadata.xmp.as_ref().map(|_| "XMP"),
        metadata.iptc.as_ref().map(|_| "IPTC"),
    ]
    .into_iter()
    .flatten()
}

/// A PGM or PPM file where there is no alpha, a PAM file where there is; by hand, since the `image`
/// crate's encoder does not take every 16-bit colour type.
fn pnm(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.info.width, picture.info.height);
    let wide = picture.is_16_bit();
    let maximum = if wide { 65535 } else { 255 };
    let arbitrary = |depth: u8, tuple: &str| {
        format!("P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL {maximum}\nTUPLTYPE {tuple}\nENDHDR\n")
    };
    let mut file = match picture.info.color.channels() {
        1 => format!("P5\n{width} {height}\n{maximum}\n"),
        2 => arbitrary(2, "GRAYSCALE_ALPHA"),
        3 => format!("P6\n{width} {height}\n{maximum}\n"),
        _ => arbitrary(4, "RGB_ALPHA"),
    }
    .into_bytes();
    if wide {
        let (samples, _) = picture.pixels.as_chunks::<2>();
        file.extend(samples.iter().flat_map(|sample| u16::from_ne_bytes(*sample).to_be_bytes()));
    } else {
        file.extend_from_slice(&picture.pixels);
    }
    file
}

/// The body of the iTXt chunk for an XMP packet: keyword, no compression, no language, text.
fn xmp_chunk(xmp: &[u8]) -> Vec<u8> {
    let mut chunk = b"iTXtXML:com.adobe.xmp\0\0\0\0\0".to_vec();
    chunk.extend_from_slice(xmp);
    chunk
}

/// Inserts a chunk (its type and data) behind the header chunk of a PNG file.
fn insert_chunk(file: &mut Vec<u8>, chunk: Vec<u8>) {
    /// Signature, and the IHDR chunk of 13 bytes with its length, type and checksum.
    const HEADER: usize = 8 + 4 + 4 + 13 + 4;
    // The codec's limits keep metadata far below 2^31 bytes.
    let length = (chunk.len() - 4) as u32;
    let checksum = crc32fast::hash(&chunk);
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(chunk);
    bytes.extend(checksum.to_be_bytes());
    file.splice(HEADER..HEADER, bytes);
}

fn extended(color: ColorType) -> ExtendedColorType {
    match color {
        ColorType::L8 => ExtendedColorType::L8,
        ColorType::La8 => ExtendedColorType::La8,
        ColorType::Rgb8 => ExtendedColorType::Rgb8,
        ColorType::Rgba8 => ExtendedColorType::Rgba8,
        ColorType::L16 => ExtendedColorType::L16,
        ColorType::La16 => ExtendedColorType::La16,
        ColorType::Rgb16 => ExtendedColorType::Rgb16,
        ColorType::Rgba16 => ExtendedColorType::Rgba16,
    }
}
