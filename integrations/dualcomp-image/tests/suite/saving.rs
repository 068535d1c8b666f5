//! Every way to save one.

use dualcomp_image::{DciEncoder, Level, Metadata, SaveDci, register};
use image::error::{ParameterErrorKind, UnsupportedErrorKind};
use image::{ColorType, DynamicImage, ExtendedColorType, ImageEncoder, ImageError};

use super::*;

#[test]
fn saving_and_opening() {
    register();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dci");
    for color in COLORS {
        let picture = picture(23, 19, color);
        picture.save_dci(&path).unwrap();
        assert_eq!(image::open(&path).unwrap(), picture);
    }
    let buffer = picture(23, 19, ColorType::Rgb8).into_rgb8();
    buffer.save_dci(&path).unwrap();
    assert_eq!(image::open(&path).unwrap().into_rgb8(), buffer);
    let borrowed = image::ImageBuffer::<image::Luma<u16>, &[u16]>::from_raw(2, 2, &[1, 2, 3, 4]).unwrap();
    borrowed.save_dci(&path).unwrap();
    assert_eq!(image::open(&path).unwrap().into_luma16().as_raw(), &[1, 2, 3, 4]);
}

#[test]
fn levels_and_threads() {
    register();
    let picture = picture(700, 300, ColorType::L8);
    let encode = |level, threads| {
        let mut file = Vec::new();
        let encoder = DciEncoder::new(&mut file).with_level(level).with_threads(threads);
        picture.write_with_encoder(encoder).unwrap();
        assert!(image::load_from_memory(&file).unwrap() == picture);
        file
    };
    let fast = encode(Level::Fast, 1);
    assert!(fast == encode(Level::Fast, 3));
    // No model is named, so any build can decode it.
    assert_eq!(fast[5..9], [0; 4]);
}

#[test]
fn sixteen_bits_are_big_endian_in_the_file() {
    register();
    let picture: DynamicImage =
        image::ImageBuffer::<image::Luma<u16>, _>::from_pixel(2, 2, image::Luma([0x1234])).into();
    let data = encode(&picture);
    // One colour: the pixel is the end of the file.
    assert!(data.ends_with(&[0x12, 0x34]));
    assert_eq!(image::load_from_memory(&data).unwrap(), picture);
}

#[test]
fn floating_point_is_refused_and_nothing_is_written() {
    let (_folder, path) = file("kept.dci", b"kept");
    for picture in [DynamicImage::new_rgb32f(2, 2), DynamicImage::new_rgba32f(2, 2)] {
        for result in [picture.save_dci(&path), picture.write_with_encoder(DciEncoder::new(std::io::sink()))] {
            let Err(ImageError::Unsupported(error)) = result else { panic!("{result:?}") };
            assert_eq!(error.kind(), UnsupportedErrorKind::Color(picture.color().into()));
        }
    }
    let result = DciEncoder::new(std::io::sink()).write_image(&[0], 8, 1, ExtendedColorType::L1);
    assert!(matches!(result, Err(ImageError::Unsupported(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"kept");
}

#[test]
fn wrong_sizes_are_errors() {
    for (len, width, height) in [(0, 0, 0), (0, 5, 0), (11, 2, 2), (13, 2, 2), (12, u32::MAX, u32::MAX)] {
        let result =
            DciEncoder::new(std::io::sink()).write_image(&vec![0; len], width, height, ExtendedColorType::Rgb8);
        let Err(ImageError::Parameter(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.kind(), ParameterErrorKind::DimensionMismatch);
    }
}

#[test]
fn metadata_of_another_colour_type_is_an_error() {
    let (_folder, path) = file("kept.dci", b"kept");
    let picture = picture(4, 4, ColorType::L8);
    let mut bits = Metadata::default();
    bits.significant_bits = Some(vec![5, 6, 5]);
    let mut background = Metadata::default();
    background.background = Some(vec![1, 2, 3]);
    let mut text = Metadata::default();
    text.text = Some(b"no zero behind it".to_vec());
    for metadata in [bits, background, text] {
        let Err(ImageError::Parameter(error)) = picture.save_dci_with_metadata(&path, metadata) else {
            panic!("it does not fit");
        };
        let ParameterErrorKind::Generic(detail) = error.kind() else { panic!("the sides are right") };
        assert!(detail.contains("the metadata") || detail.contains("the texts"), "{detail}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"kept");
}

#[test]
fn a_path_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let picture = picture(2, 2, ColorType::L8);
    assert!(matches!(picture.save_dci(folder.path()), Err(ImageError::IoError(_))));
    assert!(matches!(picture.save_dci(folder.path().join("no/such/folder.dci")), Err(ImageError::IoError(_))));
}

/// A device is always full; it must stay.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full.dci");
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    assert!(matches!(picture(2, 2, ColorType::L8).save_dci(&path), Err(ImageError::IoError(_))));
    assert!(path.symlink_metadata().is_ok());
}

/// What `image` cannot do, so that the documentation stays true.
#[test]
fn image_has_no_hook_for_saving() {
    register();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dci");
    assert!(matches!(picture(2, 2, ColorType::L8).save(&path), Err(ImageError::Unsupported(_))));
    assert!(!path.exists());
}
