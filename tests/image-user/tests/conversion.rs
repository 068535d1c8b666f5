//! PNG, DCI and PNG again: pixels, colour profile and orientation are as before.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::Command;

use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageReader};

/// A TIFF header and one field: orientation, turned by 90 degrees.
const TURNED: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
const PROFILE: &[u8] = b"no colour profile, but it is kept as it is";

fn convert(from: &Path, to: &Path) {
    assert!(Command::new(env!("CARGO_BIN_EXE_dualcomp-image-user")).arg(from).arg(to).status().unwrap().success());
}

fn pictures() -> Vec<DynamicImage> {
    let grey = image::GrayImage::from_fn(37, 23, |x, y| image::Luma([(x * y) as u8]));
    let color = image::RgbImage::from_fn(61, 40, |x, y| image::Rgb([x as u8, (x + y) as u8, (y * 3) as u8]));
    let deep = image::ImageBuffer::from_fn(20, 30, |x, y| image::Rgba([x as u16 * 999, 7, y as u16 * 1500, 65535]));
    vec![grey.into(), color.into(), DynamicImage::ImageRgba16(deep)]
}

#[test]
fn everything_comes_back() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (number, picture) in pictures().into_iter().enumerate() {
        let path = |name: &str| folder.join(format!("{number}-{name}"));
        let (png, dci, back) = (path("first.png"), path("middle.dci"), path("back.png"));
        let mut encoder = PngEncoder::new(BufWriter::new(File::create(&png).unwrap()));
        encoder.set_icc_profile(PROFILE.to_vec()).unwrap();
        encoder.set_exif_metadata(TURNED.to_vec()).unwrap();
        picture.write_with_encoder(encoder).unwrap();
        convert(&png, &dci);
        convert(&dci, &back);
        let mut decoder = ImageReader::open(&back).unwrap().into_decoder().unwrap();
        assert_eq!(decoder.icc_profile().unwrap().as_deref(), Some(PROFILE));
        assert_eq!(decoder.orientation().unwrap(), Orientation::Rotate90);
        assert!(DynamicImage::from_decoder(decoder).unwrap() == picture);
    }
}
