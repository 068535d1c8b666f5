//! From an image file to pixels, with all that it says.

use std::io::Cursor;

use dualcomp::{ColorType, ImageInfo};
use image::codecs::{bmp::BmpDecoder, png::PngDecoder, pnm::PnmDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::{ImageDecoder, Limits};

use super::{Audit, CUT, Format, bmp, png, pnm, tiff, webp};
use crate::picture::{Picture, bitmap};

/// Images of more pixels are kept as bytes: a decoder with default limits would refuse them.
const MAX_PIXELS: u64 = 1 << 28;

/// Metadata of more bytes would be refused by it, too.
const MAX_METADATA: u64 = 16 << 20;

/// What the format adds to each kind of metadata: checksum and code.
const FRAME: u64 = 5;

/// What the `image` crate may allocate beside the pixels.
pub(super) const WORKING_MEMORY: u64 = 512 << 20;

/// The pixels and the metadata of an image file; beside it what of the file they leave out.
///
/// # Errors
/// Says in words why there are no pixels to keep: the file is damaged, or holds something else than an image with 8 or
/// 16-bit integer samples.
pub(crate) fn read(file: &[u8], format: Format) -> Result<(Picture, Vec<String>), String> {
    let (picture, audit) = match format {
        Format::Png => read_png(file)?,
        Format::WebP => read_webp(file)?,
        Format::Tiff => {
            let audit = tiff::audit(file)?;
            let picture = match tiff::opacity::read(file)? {
                Some(picture) => picture,
                None => decode(readable(TiffDecoder::new(Cursor::new(file)))?)?,
            };
            tiff::fax::check(file, &picture)?;
            (picture, audit)
        }
        Format::Pnm => read_pnm(file)?,
        Format::Bmp => read_bmp(file)?,
    };
    let Audit { metadata, left_out } = audit;
    let bytes = metadata.bytes() + FRAME * metadata.kinds().count() as u64;
    if bytes > MAX_METADATA {
        return Err(format!("its metadata takes {bytes} bytes, and {MAX_METADATA} is the limit"));
    }
    Ok((Picture { metadata, ..picture }, left_out))
}

fn read_png(file: &[u8]) -> Result<(Picture, Audit), String> {
    let (audit, layout) = png::audit(file)?;
    if layout.color == 3 && layout.palette.len() < 1 << layout.depth && has_missing_colors(file, layout.palette.len())?
    {
        return Err("it has pixels of colours that it lacks".to_owned());
    }
    Ok((decode(readable(PngDecoder::new(Cursor::new(file)))?)?, audit))
}

/// Whether a pixel's index is beyond the palette: decoders make it black.
fn has_missing_colors(file: &[u8], colors: usize) -> Result<bool, String> {
    let mut decoder = ::png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(::png::Transformations::IDENTITY);
    let mut reader = readable(decoder.read_info())?;
    let (width, depth) = (reader.info().width as usize, reader.info().bit_depth as usize);
    // Bounded before it is taken: the audit has inflated so much already.
    let mut data = vec![0; reader.output_buffer_size().ok_or("it is too large")?];
    let row = readable(reader.next_frame(&mut data))?.line_size;
    let index = |row: &[u8], column: usize| {
        let bit = column * depth;
        row[bit / 8] >> (8 - depth - bit % 8) & ((1 << depth) - 1) as u8
    };
    Ok(data.chunks_exact(row).any(|row| (0..width).any(|column| usize::from(index(row, column)) >= colors)))
}

fn read_webp(file: &[u8]) -> Result<(Picture, Audit), String> {
    let found = webp::audit(file)?;
    let holds_more = is_webp(&found.shortened(file));
    let webp::WebP { mut audit, opacity, opaque, .. } = found;
    if holds_more {
        audit.leave_out("what follows its image data");
    }
    // The flags are hints: what the image data says of opacity counts, so it is asked for.
    let mut file = file.to_vec();
    for (at, bit) in opacity {
        file[at] |= 1 << bit;
    }
    let mut picture = decode(readable(WebPDecoder::new(Cursor::new(&file)))?)?;
    let (pixels, _) = picture.pixels.as_chunks::<4>();
    if picture.info.color == ColorType::Rgba8 && opaque && pixels.iter().all(|pixel| pixel[3] == pixels[0][3]) {
        picture.pixels = pixels.iter().flat_map(|&[red, green, blue, _]| [red, green, blue]).collect();
        picture.info.color = ColorType::Rgb8;
    }
    Ok((picture, audit))
}

/// Whether a file has an image. The audit has bounded its sides.
fn is_webp(file: &[u8]) -> bool {
    let decoder = WebPDecoder::new(Cursor::new(file));
    decoder.is_ok_and(|decoder| decode(decoder).is_ok())
}

fn read_pnm(file: &[u8]) -> Result<(Picture, Audit), String> {
    let pnm::Pnm { mut audit, bits } = pnm::audit(file)?;
    if let Some(bits) = bits {
        let picture = pnm::read_narrow(file, bits)?;
        audit.metadata.significant_bits.clone_from(&picture.metadata.significant_bits);
        return Ok((picture, audit));
    }
    let mut reader = Cursor::new(file);
    let picture = decode(readable(PnmDecoder::new(&mut reader))?)?;
    let (read, rest) = file.split_at_checked(reader.position() as usize).ok_or(CUT)?;
    if read.starts_with(b"P4") && !read.ends_with(&bitmap(&picture).collect::<Vec<_>>()) {
        audit.leave_out("what fills its rows up");
    }
    // Numbers in decimal end where space begins, other samples where they do.
    let plain = matches!(file.get(1), Some(b'1'..=b'3'));
    if !rest.iter().all(|byte| plain && byte.is_ascii_whitespace()) {
        audit.leave_out("what follows its first image");
    }
    Ok((picture, audit))
}

fn read_bmp(file: &[u8]) -> Result<(Picture, Audit), String> {
    let bmp::Bmp { mut audit, opacity } = bmp::audit(file)?;
    let picture = decode(readable(BmpDecoder::new(Cursor::new(file)))?)?;
    if picture.info.color.has_alpha() != opacity {
        audit.leave_out("its opacity");
        audit.metadata.significant_bits = None;
    }
    Ok((picture, audit))
}

fn decode(mut decoder: impl ImageDecoder) -> Result<Picture, String> {
    let (width, height) = decoder.dimensions();
    check_pixels(width, height)?;
    let color = color(decoder.color_type()).ok_or("its samples are not integers")?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(decoder.total_bytes() + WORKING_MEMORY);
    readable(decoder.set_limits(limits))?;
    // At most 2^28 pixels of 8 bytes: that fits a 64-bit usize, and elsewhere fails here.
    let length = usize::try_from(decoder.total_bytes()).map_err(|error| error.to_string())?;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(length).map_err(|error| error.to_string())?;
    pixels.resize(length, 0);
    readable(decoder.read_image(&mut pixels))?;
    Ok(Picture { info: ImageInfo::new(width, height, color), metadata: Default::default(), pixels })
}

/// Whether an image has pixels, and no more than a decoder would take.
pub(super) fn check_pixels(width: u32, height: u32) -> Result<(), String> {
    match u64::from(width) * u64::from(height) {
        0 => Err(format!("it has no pixels: {width} x {height}")),
        1..=MAX_PIXELS => Ok(()),
        _ => Err(format!("it has {width} x {height} pixels, and {MAX_PIXELS} is the limit")),
    }
}

pub(super) fn readable<T>(result: Result<T, impl std::error::Error>) -> Result<T, String> {
    result.map_err(|error| format!("it is not readable: {error}"))
}

pub(super) fn color(color: image::ColorType) -> Option<ColorType> {
    Some(match color {
        image::ColorType::L8 => ColorType::L8,
        image::ColorType::La8 => ColorType::La8,
        image::ColorType::Rgb8 => ColorType::Rgb8,
        image::ColorType::Rgba8 => ColorType::Rgba8,
        image::ColorType::L16 => ColorType::L16,
        image::ColorType::La16 => ColorType::La16,
        image::ColorType::Rgb16 => ColorType::Rgb16,
        image::ColorType::Rgba16 => ColorType::Rgba16,
        _ => return None,
    })
}
