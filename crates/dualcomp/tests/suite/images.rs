//! Images of all kinds and sizes.

use std::io::Read;

use dualcomp::{
    ChunkKind, ColorType, DecoderOptions, EncoderOptions, Image, ImageDecoder, ImageInfo, Metadata, inspect,
};
use proptest::prelude::*;

use super::*;

pub(crate) fn encode(pixels: &[u8], info: &ImageInfo, metadata: &Metadata, threads: usize) -> Vec<u8> {
    let options = EncoderOptions::default().with_threads(threads);
    dualcomp::encode_image_with(pixels, info, metadata, &options, NO_MODEL).unwrap()
}

pub(crate) fn decode(data: &[u8]) -> Result<Image> {
    dualcomp::decode_image_with(data, &DecoderOptions::default(), NO_MODEL)
}

/// A gradient with some noise on it; 16-bit samples in native byte order.
pub(crate) fn picture(info: &ImageInfo) -> Vec<u8> {
    let channels = info.color.channels();
    let mut grain = noise(info.width as usize * info.height as usize * channels).into_iter();
    let mut pixels = Vec::new();
    for y in 0..info.height {
        for x in 0..info.width {
            for channel in 0..channels as u32 {
                let value = (3 * x + 5 * y + 40 * channel) * 50 + u32::from(grain.next().unwrap() % 8) * 30;
                let value = value as u16;
                match info.color.bytes_per_sample() {
                    1 => pixels.push((value >> 8) as u8),
                    _ => pixels.extend(value.to_ne_bytes()),
                }
            }
        }
    }
    pixels
}

#[test]
fn every_colour_type_round_trips_at_odd_sizes() {
    for color in ColorType::ALL {
        for (width, height) in [(1, 1), (1, 7), (7, 1), (2, 3), (31, 17), (5, 200)] {
            let info = ImageInfo::new(width, height, color);
            let pixels = picture(&info);
            let image = decode(&encode(&pixels, &info, &Metadata::default(), 1)).unwrap();
            assert_eq!((image.info, image.metadata), (info, Metadata::default()));
            assert!(image.pixels == pixels, "{info:?}");
        }
    }
}

/// An icon: a few strokes of deep colours, with opacity, drawn again and again.
#[test]
fn deep_pictures_that_repeat_are_coded_as_bytes() {
    let info = ImageInfo::new(300, 200, ColorType::Rgba16);
    let stroke = noise(40 * 8);
    let mut grain = noise(300 * 200).into_iter();
    let strokes = std::iter::repeat_with(|| usize::from(grain.next().unwrap() % 23)).flat_map(|from| {
        let len = 8 + from % 9;
        stroke[8 * from..8 * (from + len)].to_vec()
    });
    let pixels: Vec<u8> = strokes.take(300 * 200 * 8).collect();
    let stream = encode(&pixels, &info, &Metadata::default(), 1);
    assert!(decode(&stream).unwrap().pixels == pixels);
    let found = inspect(stream.as_slice()).unwrap();
    let tiles: Vec<_> = found.streams[0].chunks.iter().filter(|chunk| chunk.raw_len > 0).collect();
    assert!(tiles.iter().all(|chunk| chunk.kind == Some(ChunkKind::TileBytes)), "{tiles:?}");
    assert!(stream.len() < pixels.len() / 20, "{}", stream.len());
}

#[test]
fn threads_do_not_change_a_stream() {
    let info = ImageInfo::new(600, 250, ColorType::La8);
    let pixels = picture(&info);
    let one = encode(&pixels, &info, &Metadata::default(), 1);
    assert!(inspect(one.as_slice()).unwrap().streams[0].chunks.len() > 2);
    for threads in [0, 5] {
        assert!(encode(&pixels, &info, &Metadata::default(), threads) == one);
        let options = DecoderOptions::default().with_threads(threads);
        assert!(dualcomp::decode_image_with(&one, &options, NO_MODEL).unwrap().pixels == pixels);
    }
}

#[test]
fn plain_tiles_are_fills_and_noise_is_stored() {
    let info = ImageInfo::new(1024, 256, ColorType::La16);
    let mut pixels = [7, 1, 0, 9].repeat(1024 * 256);
    // The right half becomes noise.
    for (row, grain) in pixels.chunks_mut(4 * 1024).zip(noise(2048 * 256).chunks(2048)) {
        row[2048..].copy_from_slice(grain);
    }
    let data = encode(&pixels, &info, &Metadata::default(), 1);
    let found = inspect(data.as_slice()).unwrap().streams.swap_remove(0);
    assert_eq!(found.image, Some(info));
    assert_eq!(found.raw_len, pixels.len() as u64);
    let kinds: Vec<_> = found.chunks.iter().map(|chunk| (chunk.kind.unwrap(), chunk.raw_len)).collect();
    let half = pixels.len() as u64 / 2;
    assert_eq!(
        kinds,
        [(ChunkKind::ImageHeader, 0), (ChunkKind::Fill, half), (ChunkKind::Stored, half), (ChunkKind::End, 0)]
    );
    assert!(decode(&data).unwrap().pixels == pixels);
}

#[test]
fn very_wide_images_decode_within_the_default_limits() {
    for (width, height) in [(1 << 20, 1), (500_000, 2), (1 << 17, 8), (1 << 17, 1), (1, 1 << 20)] {
        let info = ImageInfo::new(width, height, ColorType::L8);
        let mut pixels = vec![9; (width * height) as usize];
        for _ in 0..2 {
            let data = encode(&pixels, &info, &Metadata::default(), 1);
            assert!(decode(&data).unwrap().pixels == pixels, "{width} x {height}");
            pixels[7] = 0;
        }
    }
}

#[test]
fn metadata_comes_back() {
    let info = ImageInfo::new(2, 1, ColorType::L8);
    for present in 0..16u8 {
        let field = |bit: u8, content: &[u8]| (present >> bit & 1 == 1).then(|| content.to_vec());
        let metadata = Metadata::default()
            .with_icc(field(0, b"profile"))
            .with_exif(field(1, b"MM\0*"))
            .with_xmp(field(2, b""))
            .with_iptc(field(3, &[0; 70_000]));
        let data = encode(&[1, 2], &info, &metadata, 1);
        let decoder = ImageDecoder::with_predictor(data.as_slice(), Default::default(), NO_MODEL).unwrap();
        assert_eq!(decoder.metadata(), &metadata);
        assert_eq!(metadata.is_empty(), present == 0);
        assert_eq!(decode(&data).unwrap().metadata, metadata);
    }
}

#[test]
fn long_metadata_is_coded() {
    let info = ImageInfo::new(1, 1, ColorType::L8);
    let xmp = b"<rdf:li xml:lang='x-default'>A long description of a picture</rdf:li>\n".repeat(20);
    let metadata = Metadata::default().with_xmp(xmp.clone());
    let data = encode(&[7], &info, &metadata, 1);
    assert!(data.len() < xmp.len() / 4, "{}", data.len());
    assert_eq!(decode(&data).unwrap().metadata, metadata);
    let found = dualcomp::inspect(data.as_slice()).unwrap();
    assert_eq!(found.streams[0].chunks[1].metadata, Some(dualcomp::MetadataKind::Xmp));
    // Its length is counted before anything is decoded.
    let limits = dualcomp::Limits::default().with_max_metadata_bytes(xmp.len() as u64);
    let options = DecoderOptions::default().with_limits(limits);
    assert!(matches!(dualcomp::decode_image_with(&data, &options, NO_MODEL), Err(Error::LimitsExceeded(_))));
    // The code, then the length that it claims, a checksum, the payload; the checksum before them is made right.
    let chunk = &found.streams[0].chunks[1];
    let (start, end) = (chunk.offset as usize, (chunk.offset + chunk.coded_len) as usize);
    // Behind the type and the length of the body, a number.
    let body = start + 2 + usize::from(data[start + 1] >= 0x80);
    assert_eq!(data[body + 4], 0x80 | 3);
    for at in [5, 6, 8, (end - body) / 2] {
        let mut damaged = data.clone();
        damaged[body + at] ^= 0x11;
        let sum = crc32fast::hash(&damaged[body + 4..end]).to_le_bytes();
        damaged[body..body + 4].copy_from_slice(&sum);
        let error = ImageDecoder::with_predictor(damaged.as_slice(), Default::default(), NO_MODEL).unwrap_err();
        assert!(matches!(error, Error::Format(_) | Error::LimitsExceeded(_)), "{at}: {error}");
    }
}

#[test]
fn coded_metadata_is_a_mebibyte_at_most() {
    let info = ImageInfo::new(1, 1, ColorType::L8);
    let long = b"a profile, ".repeat(60_000);
    let chunk_of = |metadata: &Metadata| {
        let data = encode(&[7], &info, metadata, 1);
        let chunks = inspect(data.as_slice()).unwrap().streams.swap_remove(0).chunks;
        let (start, end) = (chunks[1].offset as usize, chunks[2].offset as usize);
        (data[..start].to_vec(), data[start..end].to_vec(), data[end..].to_vec())
    };
    let icc = Metadata::default().with_icc(Some(long.clone()));
    let (before, first, after) = chunk_of(&icc);
    let (_, second, _) = chunk_of(&Metadata::default().with_xmp(long.clone()));
    assert!(first.len() < 10_000 && second.len() < 10_000);
    // The second one stays as it is.
    let both = icc.with_xmp(long);
    let data = encode(&[7], &info, &both, 1);
    assert!((650_000..700_000).contains(&data.len()));
    assert_eq!(decode(&data).unwrap().metadata, both);
    let Err(Error::Format(error)) = decode(&[before, first, second, after].concat()) else { panic!("two coded ones") };
    assert!(error.to_string().contains("coded metadata is too long"), "{error}");
}

#[test]
fn metadata_of_an_unknown_code_is_skipped_only_where_it_may_be() {
    let info = ImageInfo::new(1, 1, ColorType::L8);
    let metadata = Metadata::default().with_icc(Some(b"profile".to_vec()));
    let whole = encode(&[7], &info, &metadata, 1);
    let chunks = inspect(&whole[..]).unwrap().streams.swap_remove(0).chunks;
    let [header, _, tile, end] = chunks.iter().map(|chunk| chunk.offset as usize).collect::<Vec<_>>()[..] else {
        panic!("header, metadata, tile, end")
    };
    for (kind, skipped) in [(9, false), (9 | 0x80, true)] {
        let content = b"\x11news";
        let sum = crc32fast::hash(&[content, &[kind][..]].concat()).to_le_bytes();
        let chunk = [&[kind, 4 + content.len() as u8], &sum[..], content].concat();
        // What the end says of the others: their checksums stand behind type and length.
        let sums = [&whole[header + 2..][..4], &chunk[2..6], &whole[tile + 2..][..4]].concat();
        let sum = crc32fast::hash(&[&sums[..], &[0x4A]].concat()).to_le_bytes();
        let data = [&whole[..header + 11], &chunk, &whole[tile..end], &[0x4A, 5], &sum, &[3]].concat();
        match decode(&data) {
            Ok(image) => assert!(skipped && image.pixels == [7] && image.metadata.is_empty()),
            Err(Error::Format(error)) => assert!(!skipped && error.kind() == FormatErrorKind::UnknownChunk),
            Err(error) => panic!("{error}"),
        }
        let found = dualcomp::inspect(data.as_slice()).unwrap();
        assert_eq!(found.streams[0].chunks[1].metadata, None);
    }
    let metadata = Metadata::default().with_xmp(b"<x/>".to_vec());
    let found = dualcomp::inspect(encode(&[7], &info, &metadata, 1).as_slice()).unwrap();
    assert_eq!(found.streams[0].chunks[1].metadata, Some(dualcomp::MetadataKind::Xmp));
}

#[test]
fn progress_ends_with_all_pixels() {
    let info = ImageInfo::new(900, 700, ColorType::L8);
    let (pixels, mut calls) = (picture(&info), Vec::new());
    let options = dualcomp::EncoderOptions::default().with_level(dualcomp::Level::Fast);
    let told = |done, all| calls.push((done, all));
    let encoder = dualcomp::ImageEncoder::new(options.clone());
    let data = encoder.encode(&pixels, &info, &Metadata::default(), told).unwrap().data;
    assert_eq!(data, dualcomp::encode_image(&pixels, &info, &Metadata::default(), &options).unwrap());
    assert!(calls.len() > 1 && calls.iter().all(|&(_, all)| all == info.pixels()));
    assert!(calls.is_sorted() && calls.last() == Some(&(info.pixels(), info.pixels())));
}

#[test]
fn a_reader_is_left_after_the_image() {
    let info = ImageInfo::new(3, 3, ColorType::Rgb8);
    let pixels = picture(&info);
    let mut data = encode(&pixels, &info, &Metadata::default(), 1);
    let len = data.len();
    data.extend(b"what follows");
    let mut reader = data.as_slice();
    let decoder = ImageDecoder::with_predictor(&mut reader, Default::default(), NO_MODEL).unwrap();
    let mut out = vec![0; pixels.len()];
    decoder.read_pixels(&mut out).unwrap();
    assert_eq!(out, pixels);
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"what follows");
    match decode(&data).unwrap_err() {
        Error::Format(error) => {
            assert_eq!((error.kind(), error.offset()), (FormatErrorKind::TrailingData, Some(len as u64)))
        }
        error => panic!("{error}"),
    }
}

#[test]
fn parameters_must_fit_together() {
    let encode = |pixels: &[u8], width, height, color| {
        let info = ImageInfo::new(width, height, color);
        dualcomp::encode_image_with(pixels, &info, &Metadata::default(), &Default::default(), NO_MODEL)
    };
    for (len, width, height, color) in [
        (0, 0, 1, ColorType::L8),
        (0, 1, 0, ColorType::L8),
        (3, 1, 1, ColorType::Rgba8),
        (5, 1, 1, ColorType::Rgba8),
        (1, 1, 1, ColorType::L16),
        (0, u32::MAX, u32::MAX, ColorType::Rgba16),
        (0, 1 << 31, 1, ColorType::L8),
    ] {
        assert!(matches!(encode(&vec![0; len], width, height, color), Err(Error::Parameter(_))));
    }
    let data = encode(&[1, 2], 2, 1, ColorType::L8).unwrap();
    for len in [0, 1, 3] {
        let decoder = ImageDecoder::with_predictor(data.as_slice(), Default::default(), NO_MODEL).unwrap();
        assert!(matches!(decoder.read_pixels(&mut vec![0; len]), Err(Error::Parameter(_))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn images_round_trip(width in 1..40u32, height in 1..40u32, color in 0..8usize, seed in any::<u8>(), plain in any::<bool>()) {
        let info = ImageInfo::new(width, height, ColorType::ALL[color]);
        let mut pixels = picture(&info);
        for byte in &mut pixels {
            *byte = if plain { seed } else { byte.wrapping_add(seed) };
        }
        let data = encode(&pixels, &info, &Metadata::default(), 2);
        prop_assert!(decode(&data).unwrap().pixels == pixels);
    }
}
