//! Deflate streams among bytes: gzip, zlib and zip files, and the image data of PNG files.

use dualcomp::{
    ChunkKind, DecoderOptions, EncoderOptions, Error, Level, LimitKind, Limits, compress_with, decompress_with,
};
use dualcomp_tests::deflated::DEFLATED;
use dualcomp_tests::{Numbers, text};

fn file(name: &str) -> &'static [u8] {
    DEFLATED.iter().find(|(known, _)| *known == name).unwrap().1
}

fn options() -> EncoderOptions {
    EncoderOptions::default().with_level(Level::Fast)
}

fn coded(bytes: &[u8]) -> Vec<u8> {
    let stream = compress_with(bytes, &options(), None).unwrap();
    assert!(decompress_with(&stream, &Default::default(), None).unwrap() == bytes);
    stream
}

/// Spans of a stream that stand for files.
fn spans(stream: &[u8]) -> usize {
    let found = dualcomp::inspect(stream).unwrap();
    found.streams[0].chunks.iter().filter(|chunk| chunk.kind == Some(ChunkKind::FileSpan)).count()
}

#[test]
fn streams_of_all_encoders_come_back_smaller() {
    for (name, file) in DEFLATED {
        let stream = coded(file);
        // Two streams, or a stream and its rows.
        let expected = if ["two.zip", "filtered.png"].contains(name) { 2 } else { 1 };
        assert_eq!(spans(&stream), expected, "{name}");
        // What zlib and gzip make costs next to nothing; others choose in ways of their own.
        let most = match *name {
            "filtered.png" => file.len() * 4 / 5,
            "zopfli.gz" | "seven.gz" | "optimal.gz" => file.len() * 5 / 6,
            _ => file.len() * 3 / 5,
        };
        assert!(stream.len() < most, "{name}: {} of {}", stream.len(), file.len());
        let plain = compress_with(file, &options().with_find_files(false), None).unwrap();
        assert_eq!(spans(&plain), 0);
    }
}

#[test]
fn streams_are_found_among_bytes_and_in_each_other() {
    let mut bytes = Vec::new();
    for (name, file) in DEFLATED {
        bytes.extend(name.bytes());
        bytes.extend(text(500));
        bytes.extend_from_slice(file);
    }
    let all = spans(&coded(&bytes));
    assert_eq!(all, DEFLATED.len() + 2);
    // A stored stream around them, as of a server that compresses what is compressed.
    assert!(bytes.len() < 1 << 16, "one block is enough");
    let outer = stored(&bytes);
    assert_eq!(spans(&coded(&outer)), all + 1);
}

#[test]
fn what_is_damaged_or_cut_off_stays_bytes() {
    for (name, file) in DEFLATED {
        for at in (0..file.len()).step_by(file.len() / 8 + 1) {
            let mut damaged = file.to_vec();
            damaged[at] ^= 4;
            coded(&damaged);
            coded(&file[..at]);
        }
        // The directory of a zip file stands behind its streams.
        let found = if *name == "two.zip" { 2 } else { 0 };
        assert_eq!(spans(&coded(&file[..file.len() - 5])), found, "{name}");
    }
    // Beginnings of all kinds of files, and noise.
    let noise = Numbers::new(21).bytes(40_000);
    let starts: [&[u8]; 5] =
        [&[0x1F, 0x8B, 8], b"PK\x03\x04", b"\x89PNG\r\n\x1A\n", &[0x78, 0x9C], &[0xFF, 0xD8, 0xFF]];
    let mixed: Vec<u8> =
        noise.chunks(97).zip(starts.iter().cycle()).flat_map(|(noise, start)| [start, noise].concat()).collect();
    assert_eq!(spans(&coded(&mixed)), 0);
}

#[test]
fn text_counts_as_memory_and_work_but_not_as_output() {
    let file = file("named.gz");
    let stream = coded(file);
    let decode = |limits: Limits| decompress_with(&stream, &DecoderOptions::default().with_limits(limits), None);
    let kind = |result| match result {
        Err(Error::LimitsExceeded(error)) => Some(error.kind()),
        _ => None,
    };
    assert!(decode(Limits::default().with_max_output_bytes(file.len() as u64)).is_ok());
    let short = Limits::default().with_max_output_bytes(file.len() as u64 - 1);
    assert_eq!(kind(decode(short)), Some(LimitKind::OutputBytes));
    let enough =
        (0..40).map(|bits| 1 << bits).find(|&bytes| decode(Limits::default().with_max_memory_bytes(bytes)).is_ok());
    assert!(enough.is_some_and(|bytes| bytes >= 4 << 20), "a block of the stream has tokens");
    let cheap = Limits::default().with_max_work(12_000, 0);
    assert_eq!(kind(decode(cheap)), Some(LimitKind::Work));
    assert!(decode(Limits::default().with_max_work(40_000, 0)).is_ok());
}

#[test]
fn damage_to_payloads_gives_no_other_file() {
    for name in ["zopfli.gz", "filtered.png"] {
        let stream = coded(file(name));
        for at in (10..stream.len()).step_by(13) {
            let mut damaged = stream.clone();
            damaged[at] ^= 0x10;
            // The last bits of a payload may mean nothing.
            if let Ok(back) = decompress_with(&damaged, &Default::default(), None) {
                assert!(back == file(name), "{name} {at}");
            }
        }
    }
}

/// A PNG file of these parts of image data.
fn png(header: [u8; 5], width: u32, height: u32, zlib: &[u8]) -> Vec<u8> {
    let chunk = |kind: &[u8], content: &[u8]| {
        let named = [kind, content].concat();
        let (len, sum) = (content.len() as u32, crc32fast::hash(&named));
        [&len.to_be_bytes()[..], &named, &sum.to_be_bytes()].concat()
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &header].concat();
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    file.extend(chunk(b"IHDR", &head));
    for part in zlib.chunks(700) {
        file.extend(chunk(b"IDAT", part));
    }
    file.extend(chunk(b"IEND", &[]));
    file
}

/// Bytes as a zlib stream of one stored block.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let (mut low, mut high) = (1u32, 0u32);
    for &byte in bytes {
        low = (low + u32::from(byte)) % 65521;
        high = (high + low) % 65521;
    }
    let len = bytes.len() as u16;
    [&[0x78, 1, 1][..], &len.to_le_bytes(), &(!len).to_le_bytes(), bytes, &(high << 16 | low).to_be_bytes()].concat()
}

#[test]
fn rows_of_all_colour_types_become_pixels() {
    let (width, height) = (41, 30);
    let mut numbers = Numbers::new(33);
    for (color, channels, depths) in
        [(0, 1, &[1, 2, 4, 8, 16][..]), (2, 3, &[8, 16]), (3, 1, &[1, 2, 4, 8]), (4, 2, &[8, 16]), (6, 4, &[8, 16])]
    {
        for &depth in depths {
            let bits = width * channels * usize::from(depth);
            let len = bits.div_ceil(8);
            let mut rows = Vec::new();
            for row in 0..height {
                rows.push(row as u8 % 5);
                let at = rows.len();
                rows.extend((0..len).map(|place| (row / 3 + place % 7) as u8 + numbers.below(2) as u8));
                if row % 5 == 0 && bits % 8 > 0 {
                    *rows.last_mut().unwrap() &= 0xFF << (8 - bits % 8);
                }
                assert_eq!(rows.len() - at, len);
            }
            let file = png([depth, color, 0, 0, 0], width as u32, height as u32, &stored(&rows));
            // Filtered rows of fewer than eight bits may end in bits that no pixel has: then they stay bytes.
            let found = spans(&coded(&file));
            assert!(found == 2 || found == 1 && bits % 8 > 0, "{color} {depth}: {found}");
            // Interlaced rows, and those of another size, stay bytes.
            assert_eq!(spans(&coded(&png([depth, color, 0, 0, 1], width as u32, height as u32, &stored(&rows)))), 1);
            assert_eq!(spans(&coded(&png([depth, color, 0, 0, 0], width as u32, 31, &stored(&rows)))), 1);
        }
    }
}

#[test]
fn rows_that_pixels_make_longer_stay_a_file() {
    let row: Vec<u8> = std::iter::once(0).chain((0..70_000).map(|place| (place % 251) as u8)).collect();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut zlib, &row).unwrap();
    let file = png([8, 0, 0, 0, 0], 70_000, 1, &zlib.finish().unwrap());
    let stream = coded(&file);
    assert!(stream.len() < file.len() + 20, "{} of {}", stream.len(), file.len());
}

#[test]
fn pixels_of_spans_need_what_images_need() {
    let stream = coded(file("filtered.png"));
    let decode = |limits: Limits| decompress_with(&stream, &DecoderOptions::default().with_limits(limits), None);
    assert!(decode(Limits::default().with_max_pixels(90 * 60)).is_ok());
    for limits in [
        Limits::default().with_max_pixels(90 * 60 - 1),
        Limits::default().with_max_memory_bytes(5 << 20),
        Limits::default().with_max_work(20_000, 0),
    ] {
        assert!(matches!(decode(limits), Err(Error::LimitsExceeded(_))));
    }
    // The network is named inside the span, and by a decoder without it refused.
    let mut numbers = Numbers::new(7);
    let row = |row: u32| std::iter::once(0).chain((0..270).map(move |at| (at / 3 + row) as u8));
    let rows: Vec<u8> = (0..60).flat_map(row).map(|byte| byte + (byte > 0) as u8 * numbers.below(8) as u8).collect();
    let file = png([8, 2, 0, 0, 0], 90, 60, &stored(&rows));
    let options = options().with_level(Level::Default);
    let networked = compress_with(&file, &options, dualcomp_tests::tiny::tiny()).unwrap();
    assert_eq!(spans(&networked), 2);
    assert!(decompress_with(&networked, &Default::default(), dualcomp_tests::tiny::tiny()).unwrap() == file);
    assert!(matches!(decompress_with(&networked, &Default::default(), None), Err(Error::UnknownModel { .. })));
}
