//! Making `image` know the format.

use std::sync::OnceLock;

use image::hooks::{register_decoding_hook, register_format_detection_hook};

use crate::decoder::DciDecoder;

const EXTENSION: &str = "dci";
/// What every file starts with.
const SIGNATURE: &[u8] = b"\x89DCI";

/// Lets `image` open `.dci`, for the whole process. May be called any number of times, from any thread, but not
/// from inside a decoding hook, where `image` holds a lock that this needs.
///
/// Returns whether `.dci` is now opened by this crate. It is not if something else had registered the extension
/// before; then nothing is changed, and [`DciDecoder`] still works by itself.
pub fn register() -> bool {
    static OURS: OnceLock<bool> = OnceLock::new();
    *OURS.get_or_init(|| {
        // The hook runs under a lock, and before any limits are set: it must do no more than read the header.
        let ours = register_decoding_hook(EXTENSION.into(), Box::new(|reader| Ok(Box::new(DciDecoder::new(reader)?))));
        if ours {
            register_format_detection_hook(EXTENSION.into(), SIGNATURE, None);
        }
        ours
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_images() {
        assert_eq!(dualcomp::detect(SIGNATURE), Some(dualcomp::Kind::Image));
    }
}
