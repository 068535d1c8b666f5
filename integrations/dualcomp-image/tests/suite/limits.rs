//! Limits hold before memory is taken.

use std::io::Cursor;

use dualcomp_image::{DciDecoder, DecoderOptions, register};
use image::error::{LimitErrorKind, UnsupportedErrorKind};
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::*;

/// A file that starts as one of 60000x60000 pixels, 8 bytes each, does. Tiles are 2048x2048.
fn huge() -> Vec<u8> {
    let content = [0xE0, 0xD4, 3, 0xE0, 0xD4, 3, 7, 0x80, 0x10, 0x80, 0x10];
    let sum = crc32fast::hash(&[&content[..], &[8]].concat()).to_le_bytes();
    let header = [0x89, b'D', b'C', b'I', 1, 0, 0, 0, 0, 0, 8, content.len() as u8 + 4];
    [&header[..], &sum, &content, &[0x04, 20]].concat()
}

fn open(data: &[u8], limits: Option<Limits>) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(data)).with_guessed_format()?;
    if let Some(limits) = limits {
        reader.limits(limits);
    }
    reader.decode()
}

fn limit<T>(result: image::ImageResult<T>) -> Option<LimitErrorKind> {
    match result {
        Err(ImageError::Limits(error)) => Some(error.kind()),
        _ => None,
    }
}

#[test]
fn a_huge_image_is_refused() {
    register();
    let data = huge();
    let (_folder, path) = file("huge.dci", &data);
    assert_eq!(limit(image::open(&path)), Some(LimitErrorKind::InsufficientMemory));
    assert_eq!(limit(image::load_from_memory(&data)), Some(LimitErrorKind::InsufficientMemory));
    assert_eq!(image::image_dimensions(&path).unwrap(), (60000, 60000));
    let decoder = DciDecoder::new(data.as_slice()).unwrap();
    assert_eq!((decoder.total_bytes(), decoder.color_type()), (28_800_000_000, ColorType::Rgba16));
    assert!(matches!(decoder.read_image(&mut [0; 8]), Err(ImageError::Parameter(_))));
    let few = DecoderOptions::default();
    assert_eq!(limit(DciDecoder::with_options(data.as_slice(), few)), Some(LimitErrorKind::DimensionError));
    // No room was ever asked for, not even without touching it.
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmPeak:")).unwrap();
        assert!(peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() < 20_000_000, "{peak}");
    }
}

#[test]
fn sides() {
    register();
    let data = encode(&picture(30, 20, ColorType::L8));
    let with = |width, height| {
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(width), Some(height));
        Some(limits)
    };
    assert!(open(&data, with(30, 20)).is_ok());
    assert_eq!(limit(open(&data, with(29, 20))), Some(LimitErrorKind::DimensionError));
    assert_eq!(limit(open(&data, with(30, 19))), Some(LimitErrorKind::DimensionError));
}

#[test]
fn memory() {
    register();
    let data = encode(&picture(30, 20, ColorType::L8));
    let with = |bytes| {
        let mut limits = Limits::no_limits();
        limits.max_alloc = bytes;
        Some(limits)
    };
    assert!(open(&data, with(None)).is_ok());
    assert!(open(&data, with(Some(32 << 20))).is_ok());
    // Enough for the pixels, but not for decoding them.
    assert_eq!(limit(open(&data, with(Some(1 << 20)))), Some(LimitErrorKind::InsufficientMemory));
    assert_eq!(limit(open(&data, with(Some(599)))), Some(LimitErrorKind::InsufficientMemory));
}

#[test]
fn limits_of_image_do_not_raise_those_of_the_caller() {
    let data = encode(&picture(30, 20, ColorType::L8));
    let with = |mebibytes: u64| {
        let own = dualcomp::Limits::default().with_max_memory_bytes(mebibytes << 20);
        DciDecoder::with_options(data.as_slice(), DecoderOptions::default().with_limits(own)).unwrap()
    };
    for limits in [Limits::default(), Limits::no_limits()] {
        assert_eq!(limit(with(1).set_limits(limits.clone())), Some(LimitErrorKind::InsufficientMemory));
        assert!(with(32).set_limits(limits).is_ok());
    }
    let mut low = Limits::no_limits();
    low.max_alloc = Some(1 << 20);
    assert_eq!(limit(with(32).set_limits(low)), Some(LimitErrorKind::InsufficientMemory));
}

/// The figures of the documentation, in MiB.
#[test]
fn tiles_need_what_is_documented() {
    let number = |side: u32| [side as u8 | 0x80, (side >> 7) as u8];
    // An image of one tile of 16-bit colour with opacity, or of 8-bit grey.
    let needed = |width, height, code| {
        let sides = [number(width), number(height)].concat();
        let content = [&sides[..], &[code], &sides].concat();
        let sum = crc32fast::hash(&[&content[..], &[8]].concat()).to_le_bytes();
        let header = [0x89, b'D', b'C', b'I', 1, 0, 0, 0, 0, 0, 8, content.len() as u8 + 4];
        let data = [&header[..], &sum, &content, &[0x44, 20]].concat();
        let fits = |mebibytes: u64| {
            let mut limits = Limits::no_limits();
            limits.max_alloc = Some(mebibytes << 20);
            DciDecoder::new(data.as_slice()).unwrap().set_limits(limits).is_ok()
        };
        (1..).find(|&mebibytes| fits(mebibytes)).unwrap()
    };
    assert_eq!([needed(512, 512, 0), needed(512, 512, 7)], [44, 57]);
    assert_eq!([needed(1024, 1024, 0), needed(2048, 512, 7)], [76, 153]);
}

#[test]
fn metadata_counts_as_memory() {
    let mut data = Vec::new();
    let encoder = dualcomp_image::DciEncoder::new(&mut data).with_xmp(vec![1; 8 << 20]);
    picture(30, 20, ColorType::L8).write_with_encoder(encoder).unwrap();
    let mut limits = Limits::default();
    for (bytes, fits) in [(9 << 20, false), (20 << 20, true)] {
        limits.max_alloc = Some(bytes);
        assert_eq!(DciDecoder::new(data.as_slice()).unwrap().set_limits(limits.clone()).is_ok(), fits);
    }
}

#[test]
fn other_versions_are_unsupported() {
    register();
    let mut data = encode(&picture(30, 20, ColorType::L8));
    data[4] = 2;
    let Err(ImageError::Unsupported(error)) = image::load_from_memory(&data) else { panic!("it is version 2") };
    assert!(matches!(error.kind(), UnsupportedErrorKind::GenericFeature(_)));
}

#[test]
fn coded_metadata_waits_for_limits() {
    register();
    let text: String = (0..90_000).map(|n| format!("{n} of {}\n", n * 7919 % 10_007)).collect();
    let mut data = Vec::new();
    let encoder = dualcomp_image::DciEncoder::new(&mut data).with_xmp(text.as_bytes()[..1_000_000].to_vec());
    picture(30, 20, ColorType::L8).write_with_encoder(encoder).unwrap();
    assert!(data.len() < 800_000);
    // Of a file that is cut in its metadata the size is known.
    let decoder = |data| ImageReader::new(Cursor::new(data)).with_guessed_format().unwrap().into_decoder();
    let mut cut = decoder(&data[..40]).unwrap();
    assert_eq!(cut.dimensions(), (30, 20));
    assert!(cut.xmp_metadata().is_err() && cut.xmp_metadata().is_err());
    assert!(decoder(&data[..40]).unwrap().read_image(&mut [0; 600]).is_err());
    // Enough for decoding the pixels, but not the metadata.
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(12 << 20);
    let mut low = decoder(&data).unwrap();
    low.set_limits(limits).unwrap();
    for _ in 0..2 {
        assert!(low.xmp_metadata().is_err());
    }
    assert!(low.read_image(&mut [0; 600]).is_err());
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(12 << 20);
    assert_eq!(limit(open(&data, Some(limits))), Some(LimitErrorKind::InsufficientMemory));
    let mut whole = decoder(&data).unwrap();
    whole.set_limits(Limits::default()).unwrap();
    assert_eq!(whole.xmp_metadata().unwrap().unwrap(), &text.as_bytes()[..1_000_000]);
    assert_eq!(DynamicImage::from_decoder(whole).unwrap(), picture(30, 20, ColorType::L8));
}
