//! The same bytes come out whatever the threads and the processor's features. tract picks its kernels by what
//! `TRACT_CPU_ISA` leaves of them; it is read once in a process, so each choice runs in a process of its own.

use std::path::Path;
use std::process::Command;

use dualcomp::{ColorType, DecoderOptions, EncoderOptions, ImageInfo, Metadata};
use dualcomp::{compress, decode_image, decompress, encode_image};
use dualcomp_tests::{picture, text};

/// What to leave out of an x86-64 processor, and one choice that leaves out nothing.
const FEATURES: [&str; 4] = ["", "-avx512vnni", "-avx512vnni,-avx512f", "-avx512vnni,-avx512f,-fma,-avx2,-f16c,-avx"];
const FOLDER: &str = "DUALCOMP_TEST_FOLDER";
/// Wide enough for two tiles.
const SIZE: (u32, u32) = (420, 330);

fn streams(threads: usize) -> [Vec<u8>; 2] {
    let options = EncoderOptions::default().with_threads(threads);
    let info = ImageInfo::new(SIZE.0, SIZE.1, ColorType::Rgb8);
    let image = encode_image(&picture(SIZE.0, SIZE.1, 3), &info, &Metadata::default(), &options).unwrap();
    [compress(&text(150_000), &options).unwrap(), image]
}

fn check(streams: &[Vec<u8>; 2], threads: usize) {
    let options = DecoderOptions::default().with_threads(threads);
    assert!(decompress(&streams[0], &options).unwrap() == text(150_000));
    assert!(decode_image(&streams[1], &options).unwrap().pixels == picture(SIZE.0, SIZE.1, 3));
}

fn read(folder: &Path, name: &str) -> [Vec<u8>; 2] {
    ["text", "image"].map(|kind| std::fs::read(folder.join(format!("{name}.{kind}"))).unwrap())
}

/// Runs in a process of its own: writes its streams and decodes those of the first process.
#[test]
#[ignore = "a part of `same_bytes_on_every_processor`"]
fn one_processor() {
    let folder = std::env::var(FOLDER).unwrap();
    let folder = Path::new(&folder);
    let streams = streams(2);
    let name = std::env::var("TRACT_CPU_ISA").unwrap_or_default();
    for (kind, stream) in ["text", "image"].iter().zip(&streams) {
        std::fs::write(folder.join(format!("{name}.{kind}")), stream).unwrap();
    }
    check(&read(folder, "first"), 1);
}

#[test]
fn same_bytes_on_every_processor() {
    let folder = tempfile::tempdir().unwrap();
    let ours = streams(1);
    for (kind, stream) in ["text", "image"].iter().zip(&ours) {
        std::fs::write(folder.path().join(format!("first.{kind}")), stream).unwrap();
    }
    for features in FEATURES {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "machines::one_processor", "--ignored"])
            .env("TRACT_CPU_ISA", features)
            .env(FOLDER, folder.path())
            .status()
            .unwrap();
        assert!(status.success(), "with {features:?}");
        assert!(read(folder.path(), features) == ours, "other bytes with {features:?}");
    }
}

#[test]
fn same_bytes_with_more_threads() {
    let one = streams(1);
    assert!(one == streams(2));
    assert!(one == streams(5));
    check(&one, 2);
}
