//! BMP files.

use dualcomp::{MetadataKind, ResolutionUnit};
use image::ImageEncoder;
use image::codecs::bmp::BmpEncoder;

use super::{LeftOut, extended};
use crate::picture::Picture;

/// Where a BMP file has its pixels a metre.
const RESOLUTION: std::ops::Range<usize> = 38..46;

/// A BMP file, which has a place for a resolution.
pub(super) fn encode(picture: &Picture, left_out: &mut LeftOut) -> Result<Vec<u8>, String> {
    let mut file = Vec::new();
    let (width, height) = (picture.info.width, picture.info.height);
    BmpEncoder::new(&mut file)
        .write_image(&picture.pixels, width, height, extended(picture.info.color))
        .map_err(|error| error.to_string())?;
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
