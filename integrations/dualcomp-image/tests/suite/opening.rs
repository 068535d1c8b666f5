//! Every way to open an image.

use std::io::Cursor;

use dualcomp_image::{DciDecoder, register};
use image::{ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageReader};

use super::*;

#[test]
fn every_colour_type_and_odd_sizes() {
    register();
    for color in COLORS {
        for (width, height) in [(1, 1), (1, 9), (13, 1), (31, 17), (64, 64)] {
            let picture = picture(width, height, color);
            let data = encode(&picture);
            let back = image::load_from_memory(&data).unwrap();
            assert_eq!((back.color(), back == picture), (color, true), "{width}x{height} {color:?}");
            let mut decoder =
                ImageReader::new(Cursor::new(&data)).with_guessed_format().unwrap().into_decoder().unwrap();
            assert_eq!((decoder.dimensions(), decoder.color_type()), ((width, height), color));
            assert_eq!(decoder.original_color_type(), ExtendedColorType::from(color));
            assert_eq!(decoder.total_bytes(), picture.as_bytes().len() as u64);
            assert_eq!((decoder.icc_profile().unwrap(), decoder.exif_metadata().unwrap()), (None, None));
        }
    }
}

#[test]
fn by_path() {
    assert!(register());
    let picture = picture(40, 30, ColorType::Rgb8);
    for name in ["a.dci", "A.DCI", "a.b.Dci"] {
        let (_folder, path) = file(name, &encode(&picture));
        assert_eq!(image::open(&path).unwrap(), picture);
        assert_eq!(image::image_dimensions(&path).unwrap(), (40, 30));
        assert_eq!(reader(&path).decode().unwrap(), picture);
    }
}

#[test]
fn by_content() {
    register();
    let picture = picture(20, 20, ColorType::La8);
    for name in ["none", "wrong.png", "other.xyz"] {
        let (_folder, path) = file(name, &encode(&picture));
        assert!(image::open(&path).is_err());
        assert_eq!(reader(&path).with_guessed_format().unwrap().decode().unwrap(), picture);
    }
}

#[test]
fn dimensions_need_no_pixels() {
    register();
    let data = encode(&picture(300, 200, ColorType::Rgb8));
    let (_folder, path) = file("cut.dci", &data[..60]);
    assert_eq!(image::image_dimensions(&path).unwrap(), (300, 200));
    assert!(matches!(image::open(&path), Err(ImageError::Decoding(_))));
}

#[test]
fn other_formats_are_as_before() {
    register();
    let picture = picture(9, 9, ColorType::Rgba8);
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    assert_eq!(image::load_from_memory(png.get_ref()).unwrap(), picture);
    let (_folder, path) = file("really_png.dci", png.get_ref());
    assert!(matches!(image::open(&path), Err(ImageError::Decoding(_))));
    assert_eq!(reader(&path).with_guessed_format().unwrap().decode().unwrap(), picture);
}

#[test]
fn a_slow_reader() {
    register();
    let picture = picture(33, 21, ColorType::Rgb16);
    let data = encode(&picture);
    let reader = ImageReader::new(Slow::new(data.clone())).with_guessed_format().unwrap();
    assert_eq!(reader.decode().unwrap(), picture);
    assert_eq!(DynamicImage::from_decoder(DciDecoder::new(Slow::new(data)).unwrap()).unwrap(), picture);
}

/// Found by its first bytes, however few of them come at a time.
#[cfg(not(feature = "jpeg"))]
#[test]
fn a_jpeg_file_inside_says_which_feature_it_needs() {
    register();
    let stream = b"\x89DCF\x01\0\0\0\0\x10".to_vec();
    let error = ImageReader::new(Slow::new(stream)).with_guessed_format().unwrap().decode().unwrap_err();
    assert!(matches!(error, ImageError::Unsupported(_)), "{error:?}");
    assert!(error.to_string().contains("`jpeg`"), "{error}");
}

#[test]
fn a_failing_reader_is_an_io_error() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let start = encode(&picture(20, 20, ColorType::L8));
    for len in [0, 5, 60] {
        let result = DciDecoder::new(start[..len].chain(Failing)).and_then(DynamicImage::from_decoder);
        assert!(matches!(result, Err(ImageError::IoError(error)) if error.kind() == std::io::ErrorKind::BrokenPipe));
    }
}

#[test]
fn registering_again_is_harmless() {
    let all: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(register)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(all, [true; 8]);
    assert!(image::hooks::decoding_hook_registered("dci".as_ref()));
}

/// `image` holds its registry's lock while a decoder is made.
#[test]
fn opening_while_others_register() {
    register();
    let picture = picture(16, 16, ColorType::Rgb8);
    let data = encode(&picture);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(image::load_from_memory(&data).unwrap(), picture);
                }
            });
        }
        scope.spawn(|| {
            for i in 0..200 {
                let refuse = || Err(ImageError::IoError(std::io::ErrorKind::Unsupported.into()));
                image::hooks::register_decoding_hook(format!("other{i}").into(), Box::new(move |_| refuse()));
            }
        });
    });
}
