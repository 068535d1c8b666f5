//! Inputs that the fuzzed functions start from.

use std::io::Read;

use dualcomp::{ColorType, Dictionary, EncoderOptions, ImageInfo, Level, Metadata, compress_with, encode_image_with};
use flate2::read::{GzDecoder, ZlibDecoder};

use crate::deflated::DEFLATED;
use crate::jpegs::JPEGS;
use crate::targets::{original_file_at, with_original_file};
use crate::tiny::{ID, tiny};
use crate::{Numbers, picture, text};

/// The seeds of a target of [`crate::targets`].
///
/// # Panics
/// If a seed cannot be made.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let prefixed = |prefix: &[u8], all: Vec<Vec<u8>>| all.iter().map(|seed| [prefix, seed].concat()).collect();
    match target {
        "accept" => accept(),
        "chunks" => chunks(),
        "cost" => (0..=255).map(|number| vec![number, 9, 200, number, 7]).chain(streams()).chain(images()).collect(),
        "decode_bytes" => streams(),
        "decode_image" => images(),
        "deflate_file" => DEFLATED.iter().map(|(_, file)| file.to_vec()).collect(),
        "deflate_rebuild" => spans(),
        "dictionary" => dictionaries(),
        "image_header" => {
            vec![vec![30, 20, 2, 30, 20, 0x44, 11], vec![0xE0, 0xD4, 3, 0xE0, 0xD4, 3, 7, 0x80, 16, 0x80, 16]]
        }
        "jpeg_file" => JPEGS.iter().map(|(_, file)| file.to_vec()).collect(),
        "jpeg_rebuild" => prefixed(&[77, 3], rebuilds()),
        "network" => with_the_network(),
        "original_file" => vec![original_file()],
        "range_coder" => vec![vec![], Numbers::new(1).bytes(600), vec![0xFF; 300], [0, 0, 3].repeat(500)],
        "round_trip_bytes" => prefixed(&[1, 2], vec![vec![], text(300), vec![9; 500], Numbers::new(2).bytes(200)]),
        "round_trip_image" => prefixed(&[1, 2, 20, 15], vec![vec![], picture(20, 15, 3), Numbers::new(3).bytes(99)]),
        "slices" => prefixed(&[2, 6], streams()),
        _ => vec![],
    }
}

fn streams() -> Vec<Vec<u8>> {
    let inputs = [vec![], text(400), vec![5; 1000], Numbers::new(4).bytes(60), [text(100), vec![0; 300]].concat()];
    let mut all = Vec::new();
    for level in [Level::Fast, Level::Default] {
        let options = EncoderOptions::default().with_level(level);
        all.extend(inputs.iter().map(|input| compress_with(input, &options, tiny()).expect("it can be coded")));
    }
    all.push(all.concat());
    all
}

/// Files of dictionaries, and samples with streams that begin with them.
fn dictionaries() -> Vec<Vec<u8>> {
    let sample = &text(300)[..200];
    let of = |samples: &[&[u8]]| Dictionary::from_samples(samples).expect("it has a sample").with_model(ID);
    let mut all = vec![of(&[sample]).to_bytes(), of(&[b"one", b"two", &[7; 200]]).to_bytes()];
    for level in [Level::Fast, Level::Default] {
        let options = EncoderOptions::default().with_level(level).with_dictionary(of(&[sample]));
        for body in [text(400), vec![5; 100], Numbers::new(6).bytes(60), text(90)] {
            let stream = compress_with(&body, &options, tiny()).expect("it can be coded");
            all.push([&[200], sample, &stream].concat());
        }
    }
    all
}

fn images() -> Vec<Vec<u8>> {
    let mut all = vec![with_original_file()];
    for (color, level) in
        [(ColorType::L8, Level::Fast), (ColorType::Rgb8, Level::Default), (ColorType::Rgba16, Level::Default)]
    {
        let info = ImageInfo::new(14, 11, color);
        let metadata = Metadata::default().with_exif(b"II*\0".to_vec()).with_xmp(vec![]);
        let options = EncoderOptions::default().with_level(level).with_threads(1);
        for pixels in [picture(14, 11, color.bytes_per_pixel() as u32), vec![1; 14 * 11 * color.bytes_per_pixel()]] {
            all.push(encode_image_with(&pixels, &info, &metadata, &options, tiny()).expect("it can be coded"));
        }
    }
    // A mapped tile, and metadata that is coded.
    let deep: Vec<u8> = picture(14, 11, 3).iter().flat_map(|&value| [value, value]).collect();
    let (info, metadata) = (ImageInfo::new(14, 11, ColorType::Rgb16), Metadata::default().with_xmp(text(200)));
    let options = EncoderOptions::default().with_level(Level::Fast).with_threads(1);
    all.push(encode_image_with(&deep, &info, &metadata, &options, tiny()).expect("it can be coded"));
    all
}

/// The content of the chunk that makes the original file of a picture.
fn original_file() -> Vec<u8> {
    let stream = with_original_file();
    let chunk = &stream[original_file_at(&stream)..];
    // A type, two bytes of length, a checksum; a type, one byte of length, a checksum and a number end the image.
    chunk[7..chunk.len() - 7].to_vec()
}

/// Streams of both kinds by the released model.
fn with_the_network() -> Vec<Vec<u8>> {
    let text = text(200);
    let short = [Level::Default, Level::Default, Level::Max]
        .map(|level| EncoderOptions::default().with_level(level).with_threads(1));
    let mut all: Vec<_> =
        short.iter().map(|options| dualcomp::compress(&text, options).expect("it can be coded")).collect();
    for (options, color) in short.iter().zip([ColorType::Rgb8, ColorType::Rgb8, ColorType::Rgba8]) {
        let (info, pixels) = (ImageInfo::new(20, 18, color), picture(20, 18, color.bytes_per_pixel() as u32));
        all.push(dualcomp::encode_image(&pixels, &info, &Metadata::default(), options).expect("it can be coded"));
    }
    all
}

/// A parameter, and chunks: type, length of the content, content.
fn chunks() -> Vec<Vec<u8>> {
    let noise = Numbers::new(5).bytes(90);
    let image = [2, 8, 5, 9, 3, 2, 5, 3];
    vec![
        [&[4, 0x44, 4][..], &[0x80, 4, 7], &[0x41, 3, 1, 2, 3]].concat(),
        [&[2, 2, 96, 0x80, 2, 3][..], &noise].concat(),
        [&[2, 3, 96, 0x80, 2, 1][..], &noise].concat(),
        // A window, and copies of what is stored and of each other, up to a fill.
        [&[2, 22, 1, 16, 23, 6, 20, 90, 7, 5, 60, 100, 1, 40][..], &noise[..40], &[23, 3, 15, 120, 127, 4, 2, 100, 9]]
            .concat(),
        [&image[..], &[9, 3, 1, 4, 4, 4, 4, 45, 1, 2, 3, 0x44, 4, 27, 1, 2, 3]].concat(),
        [&image[..], &[2, 40], &noise[..40], &[0x43, 40], &noise[..40]].concat(),
        [&image[..], &[0xAA, 2, 1, 1, 3, 40], &noise[..40], &[0x41, 27], &noise[..27]].concat(),
    ]
}

/// What rebuilds JPEG files.
fn rebuilds() -> Vec<Vec<u8>> {
    let parsed = JPEGS.iter().filter_map(|(_, file)| dualcomp_jpeg::parse(file, &Default::default()).ok());
    let bytes = parsed.map(|(_, made)| {
        let mut bytes = Vec::new();
        made.write_to(&mut bytes);
        bytes
    });
    bytes.collect()
}

/// Texts with the payloads of spans that make files of them, as [`crate::targets::deflate_rebuild`] takes them.
fn spans() -> Vec<Vec<u8>> {
    let options = EncoderOptions::default().with_level(Level::Fast);
    let mut all = Vec::new();
    for (name, file) in DEFLATED {
        let stream = compress_with(file, &options, None).expect("it can be coded");
        let Some(payload) = last_payload(&stream) else { continue };
        let (method, text, file_len) = match name.rsplit_once('.') {
            Some((_, "png")) => (1, (0..60).map(|row| row % 5).collect(), 60 * (1 + 3 * 90)),
            // What stands before the stream is not of the span.
            Some((_, "zz")) => (0, inflated(ZlibDecoder::new(*file)), file.len() - 2),
            Some((_, "gz")) => (0, inflated(GzDecoder::new(*file)), file.len() - 10),
            _ => continue,
        };
        let lens = [text.len() as u16, file_len as u16].map(u16::to_le_bytes);
        all.push([&[method], lens.as_flattened(), &text, payload].concat());
    }
    all
}

fn inflated(mut reader: impl Read) -> Vec<u8> {
    let mut text = Vec::new();
    reader.read_to_end(&mut text).expect("it is a whole stream");
    text
}

/// The payload of the last span before the first block of a stream.
fn last_payload(stream: &[u8]) -> Option<&[u8]> {
    let take = |rest: &mut &[u8]| {
        let len = rest.iter().position(|&byte| byte < 0x80)?;
        let (number, behind) = rest.split_at(len + 1);
        *rest = behind;
        Some(number.iter().rev().fold(0, |value, &byte| value << 7 | usize::from(byte & 0x7F)))
    };
    let (mut rest, mut found) = (stream.get(10..)?, None);
    while let Some((&kind, behind)) = rest.split_first() {
        rest = behind;
        let len = take(&mut rest)?;
        let (mut body, behind) = rest.split_at_checked(len)?;
        rest = behind;
        // Spans come before the blocks that they begin in.
        if kind & 63 == 14 {
            body = body.get(4..)?;
            for _ in 0..3 {
                take(&mut body)?;
            }
            found = body.get(1..);
        }
    }
    found
}

fn accept() -> Vec<Vec<u8>> {
    [
        "dualcomp-1",
        "gzip, br;q=0.5, DUALCOMP-1-54696e79",
        "dualcomp-1-54696e79;q=0.5, dualcomp-1\nidentity;q=0.1",
        "*;q=0, dualcomp-1;q=0.001",
        "gzip;q=1.0\nx-gzip;q=0.3, dualcomp-1 ; q=1.",
        "dualcomp-1;q=0, dualcomp-1",
    ]
    .map(|line| line.as_bytes().to_vec())
    .into()
}
