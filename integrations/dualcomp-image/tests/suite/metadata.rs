//! What comes with the pixels.

use std::io::Cursor;

use dualcomp_image::{DciDecoder, DciEncoder, Metadata, SaveDci, metadata_of, register};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageResult};

use super::*;

/// EXIF with an orientation and nothing else.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
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
    let mut at_once = Vec::new();
    let encoder = DciEncoder::new(&mut at_once).with_icc(vec![0; 132]).with_exif(exif(3));
    let encoder = encoder.with_xmp(b"<x/>".to_vec()).with_iptc(vec![0x1C, 2]);
    picture(5, 5, ColorType::L8).write_with_encoder(encoder).unwrap();
    assert_eq!(at_once, data);
    assert_eq!(metadata_of(&mut decoder).unwrap(), expected);
    let boxed: Box<dyn ImageDecoder> = Box::new(decoder);
    assert_eq!(DynamicImage::from_decoder(boxed).unwrap(), picture(5, 5, ColorType::L8));
}

/// What the decoder of some format may say.
#[derive(Clone, Default)]
struct Says {
    exif: Option<Vec<u8>>,
    iptc: Option<Vec<u8>>,
    orientation: Option<Orientation>,
}

impl ImageDecoder for Says {
    fn dimensions(&self) -> (u32, u32) {
        (1, 1)
    }

    fn color_type(&self) -> ColorType {
        ColorType::L8
    }

    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.exif.clone())
    }

    fn iptc_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.iptc.clone())
    }

    fn orientation(&mut self) -> ImageResult<Orientation> {
        Ok(self.orientation.unwrap_or(Orientation::NoTransforms))
    }

    fn read_image(self, _: &mut [u8]) -> ImageResult<()> {
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, buf: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buf)
    }
}

/// As WebP files have it.
#[test]
fn exif_begins_with_its_tiff_header() {
    let prefixed = [&b"Exif\0\0"[..], &exif(6)].concat();
    for given in [prefixed, exif(6)] {
        let mut decoder = Says { exif: Some(given), ..Says::default() };
        assert_eq!(metadata_of(&mut decoder).unwrap().exif, Some(exif(6)));
    }
}

/// As decoders of TIFF files do.
#[test]
fn an_orientation_without_exif_is_kept() {
    for number in 1..=8 {
        let orientation = Orientation::from_exif(number).unwrap();
        let mut decoder = Says { orientation: Some(orientation), ..Says::default() };
        let metadata = metadata_of(&mut decoder).unwrap();
        assert_eq!(metadata.exif, (number > 1).then(|| exif(number)));
        let data = encode_with(&picture(5, 5, ColorType::L8), |encoder| encoder.with_metadata(metadata));
        assert_eq!(DciDecoder::new(data.as_slice()).unwrap().orientation().unwrap(), orientation);
    }
    // What the EXIF says comes before.
    let mut decoder = Says { exif: Some(exif(3)), orientation: Some(Orientation::FlipVertical), ..Says::default() };
    assert_eq!(metadata_of(&mut decoder).unwrap().exif, Some(exif(3)));
}

/// As in PNG files by ImageMagick.
#[test]
fn iptc_as_a_text_becomes_bytes() {
    let of = |iptc: &[u8]| metadata_of(&mut Says { iptc: Some(iptc.to_vec()), ..Says::default() }).unwrap().iptc;
    assert_eq!(of(b"\niptc\n       6\n1c0205\n0001Af\n"), Some(vec![0x1C, 2, 5, 0, 1, 0xAF]));
    assert_eq!(of(&[0x1C, 2, 5]), Some(vec![0x1C, 2, 5]));
    for damaged in ["\n", "\niptc\n", "\niptc\n7\n1c0205\n", "\niptc\n3\n1c020\n", "\niptc\n1\n1x\n"] {
        assert_eq!(of(damaged.as_bytes()), None, "{damaged:?}");
    }
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
