//! In a process of its own: somebody else has registered the extension.

use image::{ImageError, ImageResult};

#[test]
fn an_extension_that_is_taken_stays_so() {
    let refuse = || -> ImageResult<_> { Err(ImageError::IoError(std::io::ErrorKind::Unsupported.into())) };
    assert!(image::hooks::register_decoding_hook("dci".into(), Box::new(move |_| refuse())));
    assert!(!dualcomp_image::register());
    assert!(!dualcomp_image::register());

    let mut file = Vec::new();
    let picture = image::DynamicImage::new_luma8(3, 3);
    picture.write_with_encoder(dualcomp_image::DciEncoder::new(&mut file)).unwrap();
    // Nor are its first bytes known.
    assert!(image::load_from_memory(&file).is_err());
    let decoder = dualcomp_image::DciDecoder::new(file.as_slice()).unwrap();
    assert_eq!(image::DynamicImage::from_decoder(decoder).unwrap(), picture);
}
