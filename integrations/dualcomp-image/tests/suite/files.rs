//! JPEG files inside.

use std::io::Cursor;

use dualcomp::EncoderOptions;
use dualcomp_image::{DciFileDecoder, Level, metadata_of, register};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::error::{LimitErrorKind, ParameterErrorKind};
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageEncoder, ImageError, ImageResult, Limits};

use super::*;

const WIDTH: u8 = 96;
const HEIGHT: u8 = 64;

/// A JPEG file with a colour profile and an orientation, and the `.dci` that holds it.
fn jpeg() -> (Vec<u8>, Vec<u8>) {
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 90);
    encoder.set_icc_profile(vec![7; 200]).expect("integers can be encoded");
    encoder.set_exif_metadata(metadata::exif(6)).expect("integers can be encoded");
    picture(WIDTH.into(), HEIGHT.into(), ColorType::Rgb8).write_with_encoder(encoder).expect("integers can be encoded");
    let stream = dualcomp::compress_image_file(&file, &EncoderOptions::default().with_level(Level::Fast));
    (file, stream.expect("it is coded").expect("it is shorter"))
}

fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(&[content, &[kind]].concat()).to_le_bytes();
    [&[kind, content.len() as u8 + 4][..], &sum, content].concat()
}

/// How a `.dci` begins that holds a JPEG file of this size, in colour.
fn start(width: u8, height: u8) -> Vec<u8> {
    [&b"\x89DCF\x01\0\0\0\0\x10"[..], &chunk(15, &[1, width, height, 2])].concat()
}

/// The `.dci` of [`jpeg`] with another start.
fn begun_with(start: &[u8], stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    // The header says which tables.
    stream[10..start.len()].copy_from_slice(&start[10..]);
    stream
}

fn room(decoder: &impl ImageDecoder) -> Vec<u8> {
    vec![0; decoder.total_bytes() as usize]
}

fn memory_is_short<T>(result: ImageResult<T>) -> bool {
    matches!(result, Err(ImageError::Limits(error)) if error.kind() == LimitErrorKind::InsufficientMemory)
}

#[test]
fn they_open_as_the_files_themselves() {
    register();
    let (file, stream) = jpeg();
    let expected = image::load_from_memory(&file).unwrap();
    assert_eq!(image::load_from_memory(&stream).unwrap(), expected);
    let (_folder, path) = super::file("photo.dci", &stream);
    assert_eq!(image::open(&path).unwrap(), expected);
    assert_eq!(image::image_dimensions(&path).unwrap(), (WIDTH.into(), HEIGHT.into()));
    let slow = ImageReader::new(Slow::new(stream)).with_guessed_format().unwrap();
    assert_eq!(slow.decode().unwrap(), expected);
}

#[test]
fn the_header_is_enough_for_the_size() {
    let (_, stream) = jpeg();
    let decoder = DciFileDecoder::new(&stream[..start(WIDTH, HEIGHT).len()]).unwrap();
    assert_eq!((decoder.dimensions(), decoder.color_type()), ((WIDTH.into(), HEIGHT.into()), ColorType::Rgb8));
}

#[test]
fn metadata_is_that_of_the_file() {
    let (file, stream) = jpeg();
    let mut decoder = DciFileDecoder::new(stream.as_slice()).unwrap();
    assert_eq!(decoder.orientation().unwrap(), Orientation::Rotate90);
    let found = metadata_of(&mut decoder).unwrap();
    assert_eq!(found, metadata_of(&mut JpegDecoder::new(Cursor::new(file)).unwrap()).unwrap());
    assert_eq!((found.icc, found.exif), (Some(vec![7; 200]), Some(metadata::exif(6))));
    // What was decoded serves for the pixels too.
    let mut pixels = room(&decoder);
    decoder.read_image(&mut pixels).unwrap();
    assert!(pixels == image::load_from_memory(&jpeg().0).unwrap().as_bytes());
}

#[test]
fn limits_hold() {
    let (_, stream) = jpeg();
    let mut decoder = DciFileDecoder::new(stream.as_slice()).unwrap();
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(u32::from(WIDTH) - 1);
    assert!(matches!(decoder.set_limits(limits), Err(ImageError::Limits(_))));
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(1 << 10);
    decoder.set_limits(limits).unwrap();
    assert!(memory_is_short(decoder.exif_metadata()));
    // The same again, and no other error.
    assert!(memory_is_short(decoder.icc_profile()));
    let mut pixels = room(&decoder);
    assert!(memory_is_short(decoder.read_image(&mut pixels)));
}

/// Files of three times 2^30 zeros, in 67 bytes.
#[test]
fn a_few_bytes_do_not_become_gibibytes() {
    register();
    let fill = chunk(4, &[0x80, 0x80, 0x80, 0x80, 4, 0]);
    let stream = [start(64, 64), fill.repeat(3)].concat();
    assert!(memory_is_short(image::load_from_memory(&stream)));
    let mut decoder = DciFileDecoder::new(stream.as_slice()).unwrap();
    assert!(memory_is_short(decoder.exif_metadata()));
    let mut decoder = DciFileDecoder::new(stream.as_slice()).unwrap();
    decoder.set_limits(Limits::default()).unwrap();
    assert!(memory_is_short(decoder.exif_metadata()));
}

#[test]
fn a_wrong_length_is_found_before_the_file_is_decoded() {
    let (_, stream) = jpeg();
    // So little of it cannot be decoded.
    let cut = &stream[..start(WIDTH, HEIGHT).len()];
    for len in [0, 5, usize::from(WIDTH) * usize::from(HEIGHT) * 3 + 1] {
        let Err(ImageError::Parameter(error)) = DciFileDecoder::new(cut).unwrap().read_image(&mut vec![0; len]) else {
            panic!("{len} is no length for it");
        };
        assert_eq!(error.kind(), ParameterErrorKind::DimensionMismatch);
    }
}

#[test]
fn what_fails_once_fails_again() {
    let (_, stream) = jpeg();
    let mut decoder = DciFileDecoder::new(&stream[..stream.len() - 1]).unwrap();
    let first = decoder.icc_profile().unwrap_err();
    let second = decoder.exif_metadata().unwrap_err();
    let mut pixels = room(&decoder);
    let third = decoder.read_image(&mut pixels).unwrap_err();
    for error in [&first, &second, &third] {
        assert!(matches!(error, ImageError::Decoding(_)), "{error:?}");
        assert_eq!(error.to_string(), first.to_string());
    }
}

#[test]
fn a_file_that_shows_something_else_is_an_error() {
    let (_, stream) = jpeg();
    assert!(begun_with(&start(WIDTH, HEIGHT), &stream) == stream);
    let other = begun_with(&start(WIDTH, HEIGHT - 1), &stream);
    let mut decoder = DciFileDecoder::new(other.as_slice()).unwrap();
    for _ in 0..2 {
        let error = decoder.exif_metadata().unwrap_err();
        assert!(matches!(error, ImageError::Decoding(_)), "{error:?}");
    }
}
