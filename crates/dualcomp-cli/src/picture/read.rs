//! Reading image files whose pixels a `.dci` file can keep exactly.

use image::codecs::{bmp, png, pnm, tiff, webp};
use image::{ColorType, ExtendedColorType, ImageDecoder, ImageFormat, Limits};

use super::{Picture, checks};
use crate::codec::{self, Metadata};
use crate::source::Rewind;

/// Images of more pixels are kept as bytes: a decoder with default limits would refuse them.
const MAX_PIXELS: u64 = 1 << 28;

/// Metadata of more bytes would be refused by it, too.
const MAX_METADATA: usize = 16 << 20;

/// What the `image` crate may allocate beside the pixels.
const WORKING_MEMORY: u64 = 512 << 20;

/// The format of an image file, told by its first bytes (32 are enough).
pub(crate) fn file_format(prefix: &[u8]) -> Option<ImageFormat> {
    let format = image::guess_format(prefix).ok()?;
    match format {
        ImageFormat::Png | ImageFormat::WebP | ImageFormat::Tiff => Some(format),
        // Two letters are a weak signature: plain text can begin with them.
        ImageFormat::Pnm => matches!(prefix.get(2)?, b'#' | b' ' | b'\t'..=b'\r').then_some(format),
        ImageFormat::Bmp => (prefix.get(6..10)? == [0; 4]).then_some(format),
        _ => None,
    }
}

/// Reads the pixels and the metadata of an image file.
///
/// # Errors
/// Says in words why the file's pixels cannot be kept: it is damaged, or holds something else than
/// one image with 8 or 16-bit integer samples.
pub(crate) fn read(reader: &mut dyn Rewind, format: ImageFormat) -> Result<Picture, String> {
    match format {
        ImageFormat::Png => {
            let decoder = readable(png::PngDecoder::new(reader))?;
            if readable(decoder.is_apng())? {
                return Err("it is an animation".to_owned());
            }
            decode(decoder)
        }
        ImageFormat::WebP => {
            checks::webp(reader)?;
            readable(reader.rewind())?;
            decode(readable(webp::WebPDecoder::new(reader))?)
        }
        ImageFormat::Tiff => {
            checks::tiff(reader)?;
            readable(reader.rewind())?;
            decode(readable(tiff::TiffDecoder::new(reader))?)
        }
        ImageFormat::Pnm => {
            let decoder = readable(pnm::PnmDecoder::new(&mut *reader))?;
            let maximum = decoder.header().maximal_sample();
            if !matches!(maximum, 1 | 255 | 65535) {
                return Err(format!("its samples run to {maximum}, not to 255 or 65535"));
            }
            let picture = decode(decoder)?;
            match readable(checks::at_end(reader))? {
                true => Ok(picture),
                false => Err("more follows its first image".to_owned()),
            }
        }
        ImageFormat::Bmp => decode(readable(bmp::BmpDecoder::new(reader))?),
        _ => Err("its format is not read".to_owned()),
    }
}

fn decode(mut decoder: impl ImageDecoder) -> Result<Picture, String> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MAX_PIXELS {
        return Err(format!("{width} x {height} pixels are none or too many"));
    }
    if matches!(decoder.original_color_type(), ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16) {
        return Err("its colours are CMYK".to_owned());
    }
    let color = color(decoder.color_type()).ok_or("its samples are not integers")?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(decoder.total_bytes() + WORKING_MEMORY);
    readable(decoder.set_limits(limits))?;
    let metadata = Metadata::default()
        .with_icc(readable(decoder.icc_profile())?)
        .with_exif(readable(decoder.exif_metadata())?)
        .with_xmp(readable(decoder.xmp_metadata())?);
    let parts = [&metadata.icc, &metadata.exif, &metadata.xmp];
    if parts.into_iter().flatten().map(Vec::len).sum::<usize>() > MAX_METADATA {
        return Err("its metadata is too large".to_owned());
    }
    // At most 2^28 pixels of 8 bytes: that fits a 64-bit usize, and elsewhere fails here.
    let length = usize::try_from(decoder.total_bytes()).map_err(|error| error.to_string())?;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(length).map_err(|error| error.to_string())?;
    pixels.resize(length, 0);
    readable(decoder.read_image(&mut pixels))?;
    Ok(Picture { info: codec::image_info(width, height, color), metadata, pixels })
}

fn readable<T>(result: Result<T, impl std::error::Error>) -> Result<T, String> {
    result.map_err(|error| format!("it is not readable: {error}"))
}

fn color(color: ColorType) -> Option<codec::ColorType> {
    Some(match color {
        ColorType::L8 => codec::ColorType::L8,
        ColorType::La8 => codec::ColorType::La8,
        ColorType::Rgb8 => codec::ColorType::Rgb8,
        ColorType::Rgba8 => codec::ColorType::Rgba8,
        ColorType::L16 => codec::ColorType::L16,
        ColorType::La16 => codec::ColorType::La16,
        ColorType::Rgb16 => codec::ColorType::Rgb16,
        ColorType::Rgba16 => codec::ColorType::Rgba16,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn text_that_begins_like_an_image_is_no_image() {
        assert_eq!(file_format(b"BMW, a maker of cars in Munich"), None);
        assert_eq!(file_format(b"P5x"), None);
        assert_eq!(file_format(b"P5 1 1 255 "), Some(ImageFormat::Pnm));
        assert_eq!(file_format(b""), None);
    }

    #[test]
    fn a_pnm_is_kept_only_at_full_depth_and_alone() {
        let read = |file: &[u8]| read(&mut Cursor::new(file), ImageFormat::Pnm);
        assert_eq!(read(b"P5 2 1 255 ab").map(|p| p.pixels), Ok(b"ab".to_vec()));
        assert!(read(b"P5 2 1 100 ab").is_err());
        assert!(read(b"P5 2 1 255 abP5 2 1 255 cd").is_err());
        assert!(read(b"P5 2 1 255 a").is_err());
    }
}
