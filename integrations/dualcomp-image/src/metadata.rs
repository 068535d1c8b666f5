//! What a decoder knows besides the pixels.

use dualcomp::Metadata;
use image::{ImageDecoder, ImageResult};

/// The colour profile, EXIF, XMP and IPTC that a decoder of any format finds. To be asked before the pixels are
/// decoded.
///
/// # Errors
/// Those of the decoder.
pub fn metadata_of(decoder: &mut (impl ImageDecoder + ?Sized)) -> ImageResult<Metadata> {
    Ok(Metadata {
        icc: decoder.icc_profile()?,
        exif: decoder.exif_metadata()?,
        xmp: decoder.xmp_metadata()?,
        iptc: decoder.iptc_metadata()?,
    })
}
