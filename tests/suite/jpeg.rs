//! JPEG files among bytes, and alone as image files.

use dualcomp::{
    ChunkKind, Decoder, DecoderOptions, Encoder, EncoderOptions, FileFormat, ImageFileDecoder, Kind, Level, Limits,
    compress_image_file, compress_with, decompress_with,
};
use dualcomp_tests::jpegs::JPEGS;
use dualcomp_tests::text;

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Max];

fn file(name: &str) -> &'static [u8] {
    JPEGS.iter().find(|(known, _)| *known == name).unwrap().1
}

fn options(level: Level) -> EncoderOptions {
    EncoderOptions::default().with_level(level)
}

/// Spans of a stream that stand for files.
fn spans(stream: &[u8]) -> usize {
    let found = dualcomp::inspect(stream).unwrap();
    found.streams[0].chunks.iter().filter(|chunk| chunk.kind == Some(ChunkKind::FileSpan)).count()
}

#[test]
fn image_files_come_back() {
    for (name, file) in JPEGS {
        for level in LEVELS {
            let Some(stream) = compress_image_file(file, &options(level)).unwrap() else {
                assert_eq!(*name, "arithmetic");
                continue;
            };
            assert!(stream.len() < file.len(), "{name}");
            assert!(decompress_with(&stream, &Default::default(), None).unwrap() == *file, "{name}");
            assert_eq!(dualcomp::detect(&stream), Some(Kind::ImageFile));
            let found = &dualcomp::inspect(stream.as_slice()).unwrap().streams[0];
            assert_eq!((found.file, found.raw_len), (Some(FileFormat::Jpeg), file.len() as u64));
            let decoder = ImageFileDecoder::new(stream.as_slice(), Default::default()).unwrap();
            let image = decoder.info().image;
            assert_eq!((image.width, image.height, Some(image)), (75, 50, found.image));
            assert!(decoder.read_file().unwrap() == *file);
        }
    }
}

#[test]
fn the_header_of_an_image_file_is_enough_for_its_size() {
    let stream = compress_image_file(file("baseline"), &options(Level::Fast)).unwrap().unwrap();
    for len in 0..30 {
        let decoder = ImageFileDecoder::new(&stream[..len], Default::default());
        match decoder {
            Ok(decoder) => {
                assert_eq!(decoder.info().image.width, 75);
                assert!(decoder.read_file().unwrap_err().is_truncated());
                assert!(len >= 20);
            }
            Err(error) => assert!(error.is_truncated() && len < 25),
        }
    }
    let bytes = dualcomp::compress(b"bytes", &options(Level::Fast)).unwrap();
    assert!(ImageFileDecoder::new(bytes.as_slice(), Default::default()).is_err());
    let limits = Limits::default().with_max_pixels(75 * 50 - 1);
    assert!(ImageFileDecoder::new(stream.as_slice(), DecoderOptions::default().with_limits(limits)).is_err());
    assert!(dualcomp::decompress(&stream.repeat(2), &Default::default()).is_err(), "nothing may follow");
}

#[test]
fn thumbnails_are_found_inside_files() {
    let stream = compress_image_file(file("thumbnail"), &options(Level::Fast)).unwrap().unwrap();
    assert_eq!(spans(&stream), 2);
}

/// An archive of a kind: lines of text, JPEG files, zeros that fill a block, and noise.
fn archive() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, file) in JPEGS {
        bytes.extend(name.bytes());
        bytes.extend(text(700));
        bytes.extend_from_slice(file);
        bytes.extend([0; 300]);
    }
    bytes.resize(bytes.len() + (3 << 20), 0);
    bytes.extend_from_slice(file("progressive"));
    bytes.extend_from_slice(file("grey"));
    bytes
}

#[test]
fn files_are_found_among_bytes() {
    let bytes = archive();
    for level in [Level::Fast, Level::Default] {
        let stream = compress_with(&bytes, &options(level), None).unwrap();
        let plain = compress_with(&bytes, &options(level).with_find_files(false), None).unwrap();
        // All but the arithmetic and the truncated one, one of them with a thumbnail, and one behind the zeros: the
        // other there, which is longer, is a copy.
        assert_eq!((spans(&stream), spans(&plain)), (7 + 1 + 1, 0));
        assert_eq!(dualcomp::inspect(stream.as_slice()).unwrap().streams[0].raw_len, bytes.len() as u64);
        assert!(decompress_with(&stream, &Default::default(), None).unwrap() == bytes);
    }
}

/// Encodes in slices of this length, with a flush behind each if asked for.
fn sliced(bytes: &[u8], len: usize, flush: bool) -> Vec<u8> {
    let mut encoder = Encoder::with_predictor(options(Level::Fast), None);
    let (mut stream, mut room) = (Vec::new(), [0; 1 << 12]);
    for mut slice in bytes.chunks(len) {
        while !slice.is_empty() {
            let progress = encoder.encode(slice, &mut room).unwrap();
            slice = &slice[progress.consumed..];
            stream.extend_from_slice(&room[..progress.produced]);
        }
        if flush {
            loop {
                let progress = encoder.flush(&mut room).unwrap();
                stream.extend_from_slice(&room[..progress.produced]);
                if progress.status == dualcomp::Status::Done {
                    break;
                }
            }
        }
    }
    loop {
        let progress = encoder.finish(&mut room).unwrap();
        stream.extend_from_slice(&room[..progress.produced]);
        if progress.status == dualcomp::Status::Done {
            return stream;
        }
    }
}

#[test]
fn slices_make_no_difference_and_flushes_come_through() {
    let bytes = archive();
    let whole = sliced(&bytes, bytes.len(), false);
    assert!(sliced(&bytes, 1000, false) == whole);
    // What is flushed can be decoded, so that a file in two parts is not found.
    let len = bytes.len() / 2000;
    let flushed = sliced(&bytes, len, true);
    assert!(decompress_with(&flushed, &Default::default(), None).unwrap() == bytes);
    let mut decoder = Decoder::with_predictor(DecoderOptions::default(), None);
    let (mut out, mut room) = (Vec::new(), vec![0; 1 << 16]);
    for mut slice in whole.chunks(7) {
        loop {
            let progress = decoder.decode(slice, &mut room).unwrap();
            slice = &slice[progress.consumed..];
            out.extend_from_slice(&room[..progress.produced]);
            if progress.status != dualcomp::Status::NeedsOutput {
                break;
            }
        }
    }
    decoder.finish().unwrap();
    assert!(out == bytes);
}

#[test]
fn coefficients_count_as_memory() {
    let stream = compress_image_file(file("baseline"), &options(Level::Fast)).unwrap().unwrap();
    // Enough for the contexts of the bytes, but for those of a block beside.
    let limits = |bytes| DecoderOptions::default().with_limits(Limits::default().with_max_memory_bytes(bytes));
    let enough = (0..40).map(|bits| 1u64 << bits).find(|&bytes| decompress_with(&stream, &limits(bytes), None).is_ok());
    let enough = enough.unwrap();
    assert!(matches!(decompress_with(&stream, &limits(enough / 2), None), Err(dualcomp::Error::LimitsExceeded(_))));
    let short = Limits::default().with_max_output_bytes(file("baseline").len() as u64 - 1);
    assert!(decompress_with(&stream, &DecoderOptions::default().with_limits(short), None).is_err());
    let exact = Limits::default().with_max_output_bytes(file("baseline").len() as u64);
    assert!(decompress_with(&stream, &DecoderOptions::default().with_limits(exact), None).is_ok());
}

#[test]
fn damage_is_found() {
    let stream = compress_image_file(file("thumbnail"), &options(Level::Fast)).unwrap().unwrap();
    for at in (10..stream.len()).step_by(5) {
        let mut damaged = stream.clone();
        damaged[at] ^= 0x10;
        // Bits after the last decision of a payload have no effect.
        let back = decompress_with(&damaged, &Default::default(), None);
        assert!(back.is_err() || back.unwrap() == file("thumbnail"), "{at}");
        assert!(decompress_with(&stream[..at], &Default::default(), None).is_err(), "{at}");
    }
}

#[test]
fn image_opens_them_as_the_files_themselves() {
    dualcomp_image::register();
    let folder = tempfile::tempdir().unwrap();
    for (name, file) in JPEGS {
        let Some(stream) = compress_image_file(file, &options(Level::Fast)).unwrap() else { continue };
        let path = folder.path().join(format!("{name}.dci"));
        std::fs::write(&path, &stream).unwrap();
        assert_eq!(image::image_dimensions(&path).unwrap(), (75, 50));
        match image::load_from_memory(file) {
            Ok(picture) => assert!(image::open(&path).unwrap() == picture, "{name}"),
            Err(_) => assert!(image::open(&path).is_err(), "{name}"),
        }
    }
    let mut decoder = image::ImageReader::open(folder.path().join("thumbnail.dci")).unwrap().into_decoder().unwrap();
    let orientation = image::ImageDecoder::orientation(&mut decoder).unwrap();
    assert_eq!(orientation, image::metadata::Orientation::Rotate90);
}
