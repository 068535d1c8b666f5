//! Damaged files of every kind and level, with the released network: an error or the right data, in bounded time and
//! memory. In a process of its own, because its memory is measured.
//!
//! `cargo test --release -p dualcomp-tests --test faults -- --nocapture` prints how many were tried.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]
#![allow(clippy::print_stdout, reason = "counts of what was tried")]

mod large;
mod small;

use std::time::{Duration, Instant};

use dualcomp::{ColorType, DecoderOptions, EncoderOptions, ImageInfo, Level, Limits, Metadata, Status};
use dualcomp_tests::{Numbers, picture, text};

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Max];
/// What decoding may take in memory, by its limits, and how long it may take, on a machine that does much else. A
/// small file is decoded in milliseconds.
const MEMORY: u64 = 64 << 20;
const TIME: Duration = Duration::from_secs(20);

/// A file and what it holds.
struct Sample {
    name: String,
    file: Vec<u8>,
    content: Content,
}

enum Content {
    Bytes(Vec<u8>),
    Image(Box<dualcomp::Image>),
}

/// What became of damaged files.
#[derive(Default)]
struct Counts {
    tried: u64,
    errors: u64,
}

impl Sample {
    fn bytes(name: &str, level: Level, input: Vec<u8>) -> Self {
        let options = EncoderOptions::default().with_level(level);
        let file = dualcomp::compress(&input, &options).unwrap();
        Self { name: format!("{name} {level}"), file, content: Content::Bytes(input) }
    }

    fn image(width: u32, height: u32, color: ColorType, level: Level) -> Self {
        let info = ImageInfo::new(width, height, color);
        let metadata = Metadata::default().with_icc(vec![1; 9]).with_xmp(b"<x/>".to_vec());
        let pixels = picture(width, height, color.bytes_per_pixel() as u32);
        let options = EncoderOptions::default().with_level(level);
        let file = dualcomp::encode_image(&pixels, &info, &metadata, &options).unwrap();
        let image = dualcomp::decode_image(&file, &Default::default()).unwrap();
        Self { name: format!("{color:?} {level}"), file, content: Content::Image(Box::new(image)) }
    }

    /// Decodes a damaged copy.
    fn check(&self, damaged: &[u8], what: &str, counts: &mut Counts) {
        let start = Instant::now();
        let failed = match &self.content {
            Content::Bytes(input) => {
                let (out, whole) = decode(damaged);
                // What comes out before an error is right as well.
                assert!(
                    if whole { out == *input } else { input.starts_with(&out) },
                    "{}, {what}: wrong data",
                    self.name
                );
                !whole
            }
            Content::Image(image) => match dualcomp::decode_image(damaged, &options()) {
                Ok(found) => {
                    assert!(found == **image, "{}, {what}: wrong image", self.name);
                    false
                }
                Err(_) => true,
            },
        };
        assert!(start.elapsed() < TIME, "{}, {what}: took {:?}", self.name, start.elapsed());
        counts.tried += 1;
        counts.errors += u64::from(failed);
    }
}

fn options() -> DecoderOptions {
    DecoderOptions::default()
        .with_limits(Limits::default().with_max_memory_bytes(MEMORY).with_max_output_bytes(1 << 20))
}

/// What comes out of a decoder that is given three parts, and whether that is all.
fn decode(stream: &[u8]) -> (Vec<u8>, bool) {
    let mut decoder = dualcomp::Decoder::new(options());
    let (mut out, mut room) = (Vec::new(), vec![0; 1 << 12]);
    for mut part in stream.chunks(stream.len() / 3 + 1) {
        loop {
            let Ok(progress) = decoder.decode(part, &mut room) else { return (out, false) };
            part = &part[progress.consumed..];
            out.extend_from_slice(&room[..progress.produced]);
            if progress.status != Status::NeedsOutput {
                break;
            }
        }
    }
    let whole = decoder.finish().is_ok();
    (out, whole)
}

/// The process has had no more memory than the model and what the limits allow for each thread of the tests.
fn check_memory() {
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak = line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024;
        let threads = std::thread::available_parallelism().unwrap().get() as u64;
        let bound = (128 << 20) + MEMORY * threads.min(4);
        println!("peak memory {} MiB, at most {} MiB", peak >> 20, bound >> 20);
        assert!(peak < bound);
    }
}
