//! Decoding takes no more memory than `Limits` allow, whatever a stream says of itself. Each case runs in a process of
//! its own, because memory is measured as that of a process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]
#![allow(clippy::print_stdout, reason = "the process of a case says what it took")]

use std::process::Command;

use dualcomp::{Decoder, DecoderOptions, EncoderOptions, ImageDecoder, Level, Limits, Status, inspect};
use dualcomp_tests::hostile::{checked, chunk, header, number};

const MIB: u64 = 1 << 20;
/// What a process takes beside what is counted: tables of the library and of the allocator.
const SLACK: u64 = 3 * MIB;
/// No model.
const NONE: [u8; 4] = [0; 4];
const CASE: &str = "DUALCOMP_MEMORY_CASE";

/// The most memory that this process has had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn limited(memory: u64) -> DecoderOptions {
    DecoderOptions::default().with_limits(Limits::default().with_max_memory_bytes(memory)).with_threads(1)
}

fn image(width: u64, height: u64, color: u8) -> Vec<u8> {
    let shape = [number(width), number(height), vec![color], number(width.min(512)), number(height.min(512))].concat();
    [header(b'I', NONE, 0), checked(8, &shape)].concat()
}

/// A block in which files of 2 MiB of zeros begin, each of which takes a few hundred bytes of the stream.
fn files(count: u64) -> Vec<u8> {
    let (tiles, side) = (8, 1 << 15);
    let shape = [number(tiles * side), number(1), vec![7], number(side), number(1)].concat();
    let mut chunks = vec![checked(8, &shape)];
    chunks.resize(1 + tiles as usize, checked(4, &[&number(8 * side)[..], &[0; 8]].concat()));
    let mut sums: Vec<u8> = chunks.iter().flat_map(|chunk| chunk[2..6].to_vec()).collect();
    sums.push(0x40 | 10);
    let end = [&crc32fast::hash(&sums).to_le_bytes()[..], &number(1 + tiles)].concat();
    let image = [header(b'I', NONE, 0), chunks.concat(), chunk(0x40 | 10, &end)].concat();
    let rows = 1 + 8 * tiles * side;
    let mut file = vec![0; rows as usize];
    file.push(14);
    let sum = crc32fast::hash(&file).to_le_bytes();
    let span = |skip| chunk(14, &[&sum[..], &number(skip), &number(1), &number(rows), &[3, 16], &image].concat());
    let spans: Vec<u8> = (0..count).flat_map(span).collect();
    [header(b'B', NONE, 14), spans, checked(1, &vec![0; count as usize])].concat()
}

/// Feeds a decoder and throws away what it gives.
fn drain(stream: &[u8], memory: u64) -> dualcomp::Result<()> {
    let (mut decoder, mut room) = (Decoder::new(limited(memory)), vec![0; 4096]);
    for mut slice in stream.chunks(1000) {
        loop {
            let progress = decoder.decode(slice, &mut room)?;
            slice = &slice[progress.consumed..];
            if progress.status != Status::NeedsOutput {
                break;
            }
        }
    }
    decoder.finish()
}

/// Its name, the stream, what is done with it, and the bytes that this may take.
struct Case {
    name: &'static str,
    stream: fn() -> Vec<u8>,
    run: fn(&[u8]),
    most: u64,
}

const CASES: [Case; 8] = [
    Case {
        name: "stored blocks",
        stream: || [header(b'B', NONE, 14), checked(1, &[7; 4 << 20]).repeat(2)].concat(),
        run: |stream| assert!(drain(stream, 9 * MIB).is_err(), "it has no end"),
        most: 9 * MIB,
    },
    Case {
        name: "metadata in pieces",
        stream: || [image(64, 64, 0), checked(9, &[&[0][..], &[1; 60_000]].concat()).repeat(150)].concat(),
        run: |stream| {
            let limits = Limits::default().with_max_metadata_bytes(4 * MIB);
            assert!(ImageDecoder::new(stream, DecoderOptions::default().with_limits(limits)).is_err());
        },
        most: 9 * MIB,
    },
    Case {
        name: "a fill",
        stream: || [header(b'B', NONE, 14), checked(4 | 0x40, &[number(900 * MIB), vec![5]].concat())].concat(),
        run: |stream| assert!(dualcomp::decompress(stream, &limited(64 * MIB)).is_err()),
        most: 2 * MIB,
    },
    Case {
        name: "the header of a large image",
        stream: || image(16384, 16384, 7),
        run: |stream| assert!(dualcomp::decode_image(stream, &DecoderOptions::default()).is_err()),
        most: 2 * MIB,
    },
    Case {
        name: "the claim of a coded block",
        stream: || {
            let body = [&[0; 4][..], &number(4 * MIB), &[1], &[0; 40]].concat();
            [&header(b'B', NONE, 24 | 32)[..], &chunk(0x42, &body)].concat()
        },
        run: |stream| assert!(dualcomp::decompress(stream, &limited(32 * MIB)).is_err()),
        most: 2 * MIB,
    },
    Case {
        name: "chunks without content",
        stream: || [header(b'B', NONE, 14), [0, 0].repeat(4 << 20)].concat(),
        run: |stream| {
            assert!(inspect(stream).is_err());
            assert!(drain(stream, 9 * MIB).is_err());
        },
        most: 9 * MIB,
    },
    Case {
        name: "files of one block",
        stream: || files(100),
        run: |stream| {
            assert!(drain(stream, 64 * MIB).unwrap_err().to_string().contains("ends before"), "it has no end")
        },
        most: 64 * MIB,
    },
    Case {
        name: "chunks of unknown kinds",
        stream: || [header(b'B', NONE, 14), checked(0x80 | 40, b"").repeat(1 << 20)].concat(),
        run: |stream| {
            assert!(inspect(stream).is_err());
            assert!(drain(stream, 9 * MIB).is_err());
        },
        most: 9 * MIB,
    },
];

/// Not a case by itself: what the processes of the cases run.
#[test]
fn child() {
    let Ok(name) = std::env::var(CASE) else { return };
    let case = CASES.into_iter().find(|case| case.name == name).unwrap();
    // What all streams share is made before, and does not count.
    let options = EncoderOptions::default().with_level(Level::Fast);
    let small = dualcomp::compress(b"some text", &options).unwrap();
    dualcomp::decompress(&small, &DecoderOptions::default()).unwrap();
    let stream = (case.stream)();
    // Forgets the peak so far, where the system lets a process do so.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = peak();
    (case.run)(&stream);
    println!("took {}", peak().saturating_sub(before));
}

#[test]
fn no_case_takes_more_than_it_may() {
    for Case { name, most, .. } in CASES {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture"])
            .env(CASE, name)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{name}: {said} {}", String::from_utf8_lossy(&child.stderr));
        // The line may begin with the name of the test.
        let took = said.split("took ").nth(1).and_then(|rest| rest.split_whitespace().next());
        let took: u64 = took.unwrap().parse().unwrap();
        println!("{name}: {took} bytes, may take {most}");
        assert!(took <= most + SLACK, "{name}: {took} bytes, may take {most}");
    }
}
