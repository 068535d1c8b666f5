//! What a decoder knows besides the pixels.

use dualcomp::Metadata;
use image::{ImageDecoder, ImageResult};

/// The colour profile, EXIF, XMP and IPTC that a decoder of any format finds. To be asked before the pixels are
/// decoded.
///
/// # Errors
/// Those of the decoder.
pub fn metadata_of(decoder: &mut (impl ImageDecoder + ?Sized)) -> ImageResult<Metadata> {
    Ok(Metadata::default()
        .with_icc(decoder.icc_profile()?)
        .with_exif(decoder.exif_metadata()?)
        .with_xmp(decoder.xmp_metadata()?)
        .with_iptc(decoder.iptc_metadata()?))
}
