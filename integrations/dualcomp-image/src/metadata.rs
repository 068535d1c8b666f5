//! What a decoder knows besides the pixels.

use dualcomp::Metadata;
use image::metadata::Orientation;
use image::{ImageDecoder, ImageResult};

/// The colour profile, EXIF, XMP and IPTC that a decoder of any format gives. To be asked before the pixels are
/// decoded.
///
/// These four are all that decoders of `image` have a way to say. What else is in a file is not among them: resolution,
/// gamma, chromaticities, CICP, light levels, significant bits, texts, times, backgrounds.
/// [`DciDecoder::metadata`](crate::DciDecoder::metadata) gives all that a `.dci` has of these.
///
/// They are kept byte for byte, but for three cases:
/// - `Exif\0\0` before EXIF, as in some WebP files, is left out: [`Metadata::exif`] begins with its TIFF header.
/// - Where a decoder has no EXIF and knows an orientation all the same, as that of TIFF files does, EXIF is made that
///   says the orientation and nothing else.
/// - `image` gives the IPTC of PNG files as a text of hexadecimal digits. The bytes are kept, not the text; if it is
///   damaged, there is no IPTC.
///
/// # Errors
/// Those of the decoder.
pub fn metadata_of(decoder: &mut (impl ImageDecoder + ?Sized)) -> ImageResult<Metadata> {
    let exif = match decoder.exif_metadata()? {
        Some(exif) => Some(from_tiff_header(exif)),
        None => Some(decoder.orientation()?).filter(|&it| it != Orientation::NoTransforms).map(exif_of),
    };
    Ok(Metadata::default()
        .with_icc(decoder.icc_profile()?)
        .with_exif(exif)
        .with_xmp(decoder.xmp_metadata()?)
        .with_iptc(decoder.iptc_metadata()?.and_then(iptc_bytes)))
}

fn from_tiff_header(exif: Vec<u8>) -> Vec<u8> {
    match exif.strip_prefix(b"Exif\0\0") {
        Some(tiff) => tiff.to_vec(),
        None => exif,
    }
}

/// EXIF of one entry: tag 0x0112, one short.
fn exif_of(orientation: Orientation) -> Vec<u8> {
    let entry = [0x12, 1, 3, 0, 1, 0, 0, 0, orientation.to_exif(), 0, 0, 0];
    [&b"II*\0\x08\0\0\0\x01\0"[..], &entry, &[0; 4]].concat()
}

/// IPTC begins with 0x1C, or as image resources with `8BIM`; a raw profile with an empty line.
fn iptc_bytes(found: Vec<u8>) -> Option<Vec<u8>> {
    match found.strip_prefix(b"\n") {
        Some(profile) => raw_profile(profile),
        None => Some(found),
    }
}

/// The bytes of a raw profile, as ImageMagick writes them in PNG files: lines of a name, of their number, and of two
/// hexadecimal digits for each.
fn raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|&byte| byte == b'\n').skip(1);
    let len: usize = std::str::from_utf8(lines.next()?).ok()?.trim().parse().ok()?;
    let digits = lines.flatten().filter(|byte| !byte.is_ascii_whitespace());
    let digits: Vec<u8> = digits.map(|&byte| Some(char::from(byte).to_digit(16)? as u8)).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let whole = rest.is_empty() && pairs.len() == len;
    whole.then(|| pairs.iter().map(|[upper, lower]| upper << 4 | lower).collect())
}
