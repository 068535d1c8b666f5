//! Limits hold before memory is taken.

use dualcomp::{ColorType, DecoderOptions, ImageDecoder, ImageFileDecoder, LimitKind, Limits};

use super::malformed::{checked, fill, number};
use super::*;

fn limit<T>(result: Result<T>) -> Option<LimitKind> {
    match result {
        Err(Error::LimitsExceeded(error)) => Some(error.kind()),
        _ => None,
    }
}

fn with(limits: Limits) -> DecoderOptions {
    DecoderOptions::default().with_limits(limits)
}

#[test]
fn output_is_limited_over_all_streams() {
    let streams = [compress(&[b'a'; 600]), compress(&text(500))].concat();
    let exact = with(Limits::default().with_max_output_bytes(1100));
    assert_eq!(dualcomp::decompress_with(&streams, &exact, NO_MODEL).unwrap().len(), 1100);
    let less = with(Limits::default().with_max_output_bytes(1099));
    let (out, result) = decode_sliced(&streams, &[100], &[100], less);
    assert_eq!((out.len(), limit(result)), (600, Some(LimitKind::OutputBytes)));
}

#[test]
fn a_result_in_memory_is_limited_as_memory_is() {
    let stream = compress(&vec![0; 1 << 20]);
    let options = with(Limits::default().with_max_memory_bytes(1 << 16));
    let result = dualcomp::decompress_with(&stream, &options, NO_MODEL);
    assert_eq!(limit(result), Some(LimitKind::OutputBytes));
    // A decoder hands it on and needs none.
    let (out, result) = decode_sliced(&stream, &[100], &[4096], options);
    assert_eq!((out.len(), result.unwrap()), (1 << 20, stream.len()));
}

#[test]
fn a_coder_needs_memory() {
    let options = with(Limits::default().with_max_memory_bytes(1 << 20));
    let result = dualcomp::decompress_with(&compress(&text(1000)), &options, NO_MODEL);
    assert_eq!(limit(result), Some(LimitKind::MemoryBytes));
}

/// The start of an image file of 64 by 64 pixels that says it is so many zeros.
fn zeros_as_a_file(len: u64) -> Vec<u8> {
    [&[0x89, b'D', b'C', b'F', 1, 0, 0, 0, 0, 16][..], &checked(15, &[1, 64, 64, 2]), &fill(0, len)].concat()
}

#[test]
fn an_image_file_is_limited_as_memory_is() {
    let read = |len, set: fn(Limits) -> Limits| {
        let stream = zeros_as_a_file(len);
        let given = with(set(Limits::default()));
        let at_once = ImageFileDecoder::with_predictor(stream.as_slice(), given, NO_MODEL).unwrap();
        let mut later = ImageFileDecoder::new(stream.as_slice(), Default::default()).unwrap();
        later.set_limits(set(Limits::default())).unwrap();
        [at_once, later].map(|decoder| limit(decoder.read_file()))
    };
    // Three of such fills take 67 bytes.
    assert_eq!(read(1 << 30, |limits| limits.with_max_memory_bytes(1 << 29)), [Some(LimitKind::OutputBytes); 2]);
    assert_eq!(read(1025, |limits| limits.with_max_memory_bytes(1024)), [Some(LimitKind::OutputBytes); 2]);
    assert_eq!(read(1025, |limits| limits.with_max_output_bytes(1024)), [Some(LimitKind::OutputBytes); 2]);
    // The stream has no end.
    assert_eq!(read(1024, |limits| limits.with_max_memory_bytes(1024)), [None; 2]);
    let stream = zeros_as_a_file(1);
    let mut decoder = ImageFileDecoder::new(stream.as_slice(), Default::default()).unwrap();
    assert_eq!(limit(decoder.set_limits(Limits::default().with_max_pixels(64 * 64 - 1))), Some(LimitKind::Pixels));
}

/// A stream of one block that claims so many bytes and has none.
fn claim(len: u64) -> Vec<u8> {
    let body = [&[0; 4], &number(len)[..], &[1]].concat();
    [&[0x89, b'D', b'C', b'B', 1, 0, 0, 0, 0, 14, 0x42, body.len() as u8][..], &body].concat()
}

#[test]
fn claims_are_refused_before_they_are_decoded() {
    let limits = Limits::default().with_max_ratio(1000);
    let decode = |data: &[u8]| dualcomp::decompress_with(data, &with(limits.clone()), NO_MODEL);
    assert_eq!(limit(decode(&claim(4 << 20))), Some(LimitKind::Ratio));
    let free = (256 << 10) + 1000 * claim(256 << 10).len() as u64;
    assert_eq!(limit(decode(&claim(free + 1))), Some(LimitKind::Ratio));
    assert_eq!(kind(decode(&claim(free))), Some(FormatErrorKind::Checksum));
    // A run is as long as the limit for the output allows.
    assert_eq!(decode(&compress(&vec![7; 4 << 20])).unwrap().len(), 4 << 20);
}

#[test]
fn the_ratio_is_that_of_all_streams() {
    let stream = compress(&text(40_000));
    let limits = Limits::default().with_max_ratio(1);
    let (out, result) = decode_sliced(&stream.repeat(20), &[1000], &[1000], with(limits));
    assert_eq!((out.len() % 40_000, limit(result)), (0, Some(LimitKind::Ratio)));
    // What is free.
    assert!(out.len() >= 240_000, "{}", out.len());
}

/// The start of an image of this size, up to where its first tile would be.
fn image(sides: &[u8]) -> Vec<u8> {
    let content = [sides, &[7, 0x80, 1, 0x80, 1]].concat();
    let sum = crc32fast::hash(&[&content[..], &[8]].concat()).to_le_bytes();
    let header = [0x89, b'D', b'C', b'I', 1, 0, 0, 0, 0, 0, 8, content.len() as u8 + 4];
    [&header[..], &sum, &content, &[0x44, 20]].concat()
}

#[test]
fn huge_images_are_refused_by_their_header() {
    let side = [0xFF, 0xFF, 0xFF, 0xFF, 7];
    let data = image(&[side, side].concat());
    let decode = |limits| ImageDecoder::with_predictor(data.as_slice(), with(limits), NO_MODEL);
    assert_eq!(limit(decode(Limits::default())), Some(LimitKind::Pixels));
    let decoder = decode(Limits::default().with_max_pixels(u64::MAX)).unwrap();
    let info = decoder.info();
    assert_eq!((info.width, info.height, info.color), (i32::MAX as u32, i32::MAX as u32, ColorType::Rgba16));
    assert_eq!(info.bytes(), None);
    assert!(matches!(decoder.read_pixels(&mut [0; 8]), Err(Error::Parameter(_))));
    let options = with(Limits::default().with_max_pixels(u64::MAX));
    let result = dualcomp::decode_image_with(&data, &options, NO_MODEL);
    assert_eq!(limit(result), Some(LimitKind::MemoryBytes));
}

#[test]
fn metadata_is_limited_before_it_is_read() {
    let info = dualcomp::ImageInfo::new(1, 1, ColorType::L8);
    let metadata = dualcomp::Metadata::default().with_icc(vec![1; 1000]).with_exif(vec![2; 1000]);
    let data = dualcomp::encode_image_with(&[0], &info, &metadata, &Default::default(), NO_MODEL).unwrap();
    let decode = |bytes| {
        let options = with(Limits::default().with_max_metadata_bytes(bytes));
        dualcomp::decode_image_with(&data, &options, NO_MODEL)
    };
    assert_eq!(decode(2100).unwrap().metadata, metadata);
    assert_eq!(limit(decode(1999)), Some(LimitKind::MetadataBytes));
}

#[test]
fn little_memory_means_fewer_threads_and_then_an_error() {
    let info = dualcomp::ImageInfo::new(1024, 512, ColorType::L8);
    let pixels: Vec<u8> = (0..1024 * 512).map(|i| (i * 3) as u8).collect();
    let data = dualcomp::encode_image_with(&pixels, &info, &Default::default(), &Default::default(), NO_MODEL).unwrap();
    let decode = |mib: u64| {
        let options = with(Limits::default().with_max_memory_bytes(mib << 20)).with_threads(4);
        dualcomp::decode_image_with(&data, &options, NO_MODEL)
    };
    assert!(decode(512).unwrap().pixels == pixels);
    assert!(decode(48).unwrap().pixels == pixels);
    assert_eq!(limit(decode(8)), Some(LimitKind::MemoryBytes));
}
