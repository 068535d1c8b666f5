//! BMP files.

use dualcomp::{Metadata, MetadataKind, ResolutionUnit};
use image::ImageEncoder;
use image::codecs::bmp::BmpEncoder;

use super::{LeftOut, extended};
use crate::picture::Picture;
use crate::source::{INTENTS, SRGB};

/// Where a BMP file has its pixels a metre.
const RESOLUTION: std::ops::Range<usize> = 38..46;

/// Where headers of 108 bytes and more have the name of the colour space.
const SPACE: std::ops::Range<usize> = 70..74;

/// Where those of 124 bytes have the rendering intent.
const INTENT: std::ops::Range<usize> = 122..126;

/// Bytes of the header of the file, which that of the bitmap follows.
const FILE_HEADER: usize = 14;

/// A BMP file, which has a place for a resolution and says whether the colours are sRGB.
pub(super) fn encode(picture: &Picture, left_out: &mut LeftOut) -> Result<Vec<u8>, String> {
    let mut file = Vec::new();
    let (width, height) = (picture.info.width, picture.info.height);
    BmpEncoder::new(&mut file)
        .write_image(&picture.pixels, width, height, extended(picture.info.color))
        .map_err(|error| error.to_string())?;
    if let Some(intent) = srgb(&picture.metadata) {
        file = with_srgb(&file, intent);
        // Both are of sRGB, of which the file says one.
        left_out.kept(if intent == 0 { MetadataKind::Cicp } else { MetadataKind::SrgbIntent });
    } else if picture.info.color.has_alpha() {
        // The encoder calls all colours with opacity sRGB: here those that Windows takes for granted.
        file[SPACE].copy_from_slice(b" niW");
    }
    if let Some(resolution) = picture.metadata.resolution
        && resolution.unit == ResolutionUnit::Metre
        && resolution.x[1] == 1
        && resolution.y[1] == 1
    {
        let bytes = [resolution.x[0], resolution.y[0]].map(u32::to_le_bytes);
        file[RESOLUTION].copy_from_slice(bytes.as_flattened());
        left_out.kept(MetadataKind::Resolution);
    }
    Ok(file)
}

/// The intent to write where the colours are sRGB and nothing else; 0 where there is none.
fn srgb(metadata: &Metadata) -> Option<u32> {
    if metadata.icc.is_some() || metadata.cicp.is_some_and(|cicp| cicp != SRGB) {
        return None;
    }
    match metadata.srgb_intent {
        Some(intent) => INTENTS.iter().find(|&&(_, known)| known == intent).map(|&(intent, _)| intent),
        None => metadata.cicp.map(|_| 0),
    }
}

/// The file with a header that says that its colours are sRGB, and has a place for the intent if there is one.
fn with_srgb(file: &[u8], intent: u32) -> Vec<u8> {
    let word = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
    let header = if intent == 0 { 108 } else { 124 };
    let end = FILE_HEADER + word(14) as usize;
    let mut out = file[..end].to_vec();
    out.resize(FILE_HEADER + header, 0);
    // The limits of a decoder keep all lengths far below 2^32.
    let more = (out.len() - end) as u32;
    // The length of the file, where its pixels begin, the length of the header.
    for at in [2, 10, 14] {
        out[at..at + 4].copy_from_slice(&(word(at) + more).to_le_bytes());
    }
    out[SPACE].copy_from_slice(b"BGRs");
    if let Some(place) = out.get_mut(INTENT) {
        place.copy_from_slice(&intent.to_le_bytes());
    }
    out.extend(&file[end..]);
    out
}
