//! Making `image` know the format.

use std::io::{Read, Seek, SeekFrom};
use std::sync::OnceLock;

use image::hooks::{GenericReader, register_decoding_hook, register_format_detection_hook};
use image::{ImageDecoder, ImageResult};

use crate::decoder::DciDecoder;

const EXTENSION: &str = "dci";
/// What every file of pixels starts with.
const SIGNATURE: &[u8] = b"\x89DCI";
/// What every file starts with that holds an image file.
const FILE_SIGNATURE: &[u8] = b"\x89DCF";

/// Lets `image` open `.dci`, for the whole process. May be called any number of times, from any thread, but not
/// from inside a decoding hook, where `image` holds a lock that this needs.
///
/// Returns whether `.dci` is now opened by this crate. It is not if something else had registered the extension
/// before; then nothing is changed, and [`DciDecoder`] still works by itself.
pub fn register() -> bool {
    static OURS: OnceLock<bool> = OnceLock::new();
    *OURS.get_or_init(|| {
        // The hook runs under a lock, and before any limits are set: it must do no more than read
        // the header.
        let ours = register_decoding_hook(EXTENSION.into(), Box::new(open));
        if ours {
            register_format_detection_hook(EXTENSION.into(), SIGNATURE, None);
            register_format_detection_hook(EXTENSION.into(), FILE_SIGNATURE, None);
        }
        ours
    })
}

/// Reads the header of a file of either kind.
fn open(mut reader: GenericReader<'_>) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    // What the reader has at hand may be less than the signature.
    let mut start = Vec::with_capacity(FILE_SIGNATURE.len());
    reader.by_ref().take(FILE_SIGNATURE.len() as u64).read_to_end(&mut start)?;
    reader.seek(SeekFrom::Current(-(start.len() as i64)))?;
    if start != FILE_SIGNATURE {
        return Ok(Box::new(DciDecoder::open(reader)?));
    }
    #[cfg(feature = "jpeg")]
    return Ok(Box::new(crate::file_decoder::DciFileDecoder::new(reader)?));
    #[cfg(not(feature = "jpeg"))]
    Err(crate::error::unsupported(image::error::UnsupportedErrorKind::GenericFeature(
        "a JPEG file inside, for which the feature `jpeg` is needed".to_owned(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_images() {
        assert_eq!(dualcomp::detect(SIGNATURE), Some(dualcomp::Kind::Image));
        assert_eq!(dualcomp::detect(FILE_SIGNATURE), Some(dualcomp::Kind::ImageFile));
    }
}
