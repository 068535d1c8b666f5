//! What comes with the pixels.

use std::io::Cursor;

use dualcomp_image::{DciDecoder, DciEncoder, Metadata, SaveDci, metadata_of, register};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageEncoder, ImageError};

use super::*;

/// EXIF with an orientation and nothing else.
fn exif(orientation: u8) -> Vec<u8> {
    let entry = [0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0];
    [&b"II*\0\x08\0\0\0\x01\0"[..], &entry, &[0; 4]].concat()
}

#[test]
fn from_png_and_back() {
    register();
    let picture = picture(21, 34, ColorType::Rgb16);
    let icc: Vec<u8> = (0..3000u32).map(|i| ((i * i) >> 5) as u8).collect();
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_icc_profile(icc.clone()).unwrap();
    encoder.set_exif_metadata(exif(6)).unwrap();
    picture.write_with_encoder(encoder).unwrap();

    // PNG to DCI.
    let mut decoder = PngDecoder::new(Cursor::new(&png)).unwrap();
    let metadata = metadata_of(&mut decoder).unwrap();
    let (_folder, path) = file("a.dci", b"");
    DynamicImage::from_decoder(decoder).unwrap().save_dci_with_metadata(&path, metadata).unwrap();

    // DCI to PNG.
    let mut decoder = reader(&path).into_decoder().unwrap();
    assert_eq!(decoder.orientation().unwrap(), Orientation::Rotate90);
    let metadata = metadata_of(&mut decoder).unwrap();
    let mut again = Vec::new();
    let mut encoder = PngEncoder::new(&mut again);
    encoder.set_icc_profile(metadata.icc.unwrap()).unwrap();
    encoder.set_exif_metadata(metadata.exif.unwrap()).unwrap();
    DynamicImage::from_decoder(decoder).unwrap().write_with_encoder(encoder).unwrap();

    let mut decoder = PngDecoder::new(Cursor::new(&again)).unwrap();
    assert_eq!(decoder.orientation().unwrap(), Orientation::Rotate90);
    assert_eq!(decoder.icc_profile().unwrap(), Some(icc));
    assert_eq!(decoder.exif_metadata().unwrap(), Some(exif(6)));
    assert_eq!(DynamicImage::from_decoder(decoder).unwrap(), picture);
}

#[test]
fn all_kinds() {
    register();
    let mut data = Vec::new();
    let mut encoder = DciEncoder::new(&mut data).with_xmp(b"<x/>".to_vec()).with_iptc(vec![0x1C, 2]);
    encoder.set_icc_profile(vec![0; 132]).unwrap();
    encoder.set_exif_metadata(exif(3)).unwrap();
    picture(5, 5, ColorType::L8).write_with_encoder(encoder).unwrap();
    let mut decoder = DciDecoder::new(data.as_slice()).unwrap();
    assert_eq!(decoder.orientation().unwrap(), Orientation::Rotate180);
    let expected = Metadata::default()
        .with_icc(vec![0; 132])
        .with_exif(exif(3))
        .with_xmp(b"<x/>".to_vec())
        .with_iptc(vec![0x1C, 2]);
    assert_eq!(decoder.metadata(), &expected);
    assert_eq!(metadata_of(&mut decoder).unwrap(), expected);
    let boxed: Box<dyn ImageDecoder> = Box::new(decoder);
    assert_eq!(DynamicImage::from_decoder(boxed).unwrap(), picture(5, 5, ColorType::L8));
}

#[test]
fn none_and_nonsense() {
    let decoder = |metadata| {
        let mut data = Vec::new();
        picture(5, 5, ColorType::L8).write_with_encoder(DciEncoder::new(&mut data).with_metadata(metadata)).unwrap();
        DciDecoder::new(Cursor::new(data)).unwrap()
    };
    assert_eq!(decoder(Metadata::default()).orientation().unwrap(), Orientation::NoTransforms);
    for exif in [vec![], vec![1], exif(9), exif(6)[..12].to_vec()] {
        let mut decoder = decoder(Metadata::default().with_exif(exif.clone()));
        assert_eq!(decoder.orientation().unwrap(), Orientation::NoTransforms);
        assert_eq!(decoder.exif_metadata().unwrap(), Some(exif));
    }
}

#[test]
fn more_than_opens_is_not_written() {
    register();
    let encode = |len| {
        let mut data = Vec::new();
        let encoder = DciEncoder::new(&mut data).with_xmp(vec![7; len]);
        picture(2, 2, ColorType::L8).write_with_encoder(encoder).map(|()| data)
    };
    let most = (16 << 20) - 5;
    assert!(image::load_from_memory(&encode(most).unwrap()).is_ok());
    assert!(matches!(encode(most + 1), Err(ImageError::Unsupported(_))));
}
