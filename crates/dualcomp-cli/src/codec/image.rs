//! Images, and the files that they come from.

use std::io::{BufRead, Read};

use dualcomp::{ImageDecoder, ImageEncoder, KeepFile};

use super::model;
use super::settings::{Settings, decoder_options, encoder_options};
use crate::picture::Picture;
use crate::terminal::Failure;

/// Bytes of memory that an image, its samples, its rows and the file made of them may take for each byte of the pixels, beside what
/// limits allow by default: at most five for the image, and four times the file.
const FOR_PIXELS_AND_FILE: u64 = 16;

/// Bytes of a file that is kept beside pixels at most, and how many more for each byte of these: what is behind its end may be
/// anything.
const MAX_OF_FILE: u64 = 64 << 20;
const FOR_BYTE_OF_PIXELS: u64 = 2;

/// Compresses an image file to the last byte; nothing if it is of no kind that can be kept so.
pub(crate) fn encode_image_file(file: &[u8], settings: &Settings) -> Result<Option<Vec<u8>>, Failure> {
    Ok(dualcomp::compress_image_file(file, &encoder_options(settings))?)
}

/// Compresses an image, with the file that it comes from where that is wanted; says whether that was kept. Calls `progress`
/// with the pixels that are coded.
pub(crate) fn encode_picture(
    picture: &Picture,
    file: Option<(&[u8], KeepFile)>,
    settings: &Settings,
    progress: impl Fn(u64),
) -> Result<(Vec<u8>, bool), Failure> {
    let options = encoder_options(settings);
    let Picture { info, metadata, pixels } = picture;
    let told = |done, _| progress(done);
    let mut encoder = ImageEncoder::new(options);
    if let Some(model) = model::named() {
        encoder = encoder.with_predictor(Some(model));
    }
    let most = MAX_OF_FILE + FOR_BYTE_OF_PIXELS * pixels.len() as u64;
    if let Some((file, keep)) = file.filter(|(file, _)| file.len() as u64 <= most) {
        encoder = encoder.with_original_file(file, keep);
    }
    let coded = encoder.encode(pixels, info, metadata, told)?;
    Ok((coded.data, coded.keeps_file))
}

/// Decompresses an image, which must be all there is, and the file that it comes from if `wants_file` and that was kept.
/// Calls `progress` with the pixels that are decoded and those of the image.
pub(crate) fn decode_picture(
    mut input: impl BufRead,
    wants_file: bool,
    threads: usize,
    mut progress: impl FnMut(u64, u64),
) -> Result<(Picture, Option<Vec<u8>>), Failure> {
    let mut decoder = match model::named_by(input.fill_buf()?) {
        Some(model) => ImageDecoder::with_predictor(&mut input, decoder_options(threads), Some(model))?,
        None => ImageDecoder::new(&mut input, decoder_options(threads))?,
    };
    let (info, metadata) = (decoder.info(), decoder.metadata().clone());
    progress(0, info.pixels());
    let (pixels, file) = match wants_file {
        true => {
            // As much for an image of many pixels as these need: what was compressed comes back.
            let memory = info.bytes().unwrap_or(u64::MAX).saturating_mul(FOR_PIXELS_AND_FILE);
            let limits = decoder.limits().clone();
            let memory = limits.max_memory_bytes.saturating_add(memory);
            decoder.set_limits(limits.with_max_memory_bytes(memory))?;
            decoder.read_with_file(progress)?
        }
        false => (pixels_of(decoder, progress)?, None),
    };
    if !input.fill_buf()?.is_empty() {
        return Err("something else follows the end of the image".to_owned().into());
    }
    Ok((Picture { info, metadata, pixels }, file))
}

fn pixels_of(decoder: ImageDecoder<impl Read>, progress: impl FnMut(u64, u64)) -> Result<Vec<u8>, Failure> {
    let info = decoder.info();
    let length = info.bytes().and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or_else(|| "more pixels than memory can hold".to_owned())?;
    // Pages of zeros are there only once they are written to: a header alone takes no memory.
    let pixels = bytemuck::allocation::try_zeroed_vec(length);
    let mut pixels = pixels.map_err(|()| "more pixels than memory can hold".to_owned())?;
    decoder.read_area(&info.area(), &mut pixels, progress)?;
    Ok(pixels)
}
