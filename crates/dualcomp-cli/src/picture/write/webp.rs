//! Lossless WebP files.

use dualcomp::{ColorType, MetadataKind};
use image_webp::WebPEncoder;

use super::LeftOut;
use crate::picture::Picture;

/// Pixels of a side (RFC 9649, section 3.4).
const MAX_SIDE: u32 = 1 << 14;

/// A WebP file, which has a place for a profile, EXIF and XMP.
pub(super) fn encode(picture: &Picture, left_out: &mut LeftOut) -> Result<Vec<u8>, String> {
    let (width, height) = (picture.info.width, picture.info.height);
    if width.max(height) > MAX_SIDE {
        return Err(format!("WebP holds at most {MAX_SIDE} pixels a side; PNG can hold {width} x {height}"));
    }
    let mut file = Vec::new();
    let mut encoder = WebPEncoder::new(&mut file);
    let metadata = &picture.metadata;
    if let Some(icc) = &metadata.icc {
        encoder.set_icc_profile(icc.clone());
        left_out.kept(MetadataKind::Icc);
    }
    if let Some(exif) = &metadata.exif {
        encoder.set_exif_metadata(exif.clone());
        left_out.kept(MetadataKind::Exif);
    }
    if let Some(xmp) = &metadata.xmp {
        encoder.set_xmp_metadata(xmp.clone());
        left_out.kept(MetadataKind::Xmp);
    }
    let color = match picture.info.color {
        ColorType::L8 => image_webp::ColorType::L8,
        ColorType::La8 => image_webp::ColorType::La8,
        ColorType::Rgb8 => image_webp::ColorType::Rgb8,
        _ => image_webp::ColorType::Rgba8,
    };
    encoder.encode(&picture.pixels, width, height, color).map_err(|error| error.to_string())?;
    Ok(file)
}
