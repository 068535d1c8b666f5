//! Many streams at once stay within the memory that the documentation states. In a process of its own, because it
//! is measured as a whole.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]

use dualcomp::Level;
use dualcomp_async::tokio::bufread::{DualCompDecoder, DualCompEncoder};
use dualcomp_async::{EncoderConfig, Pool};
use tokio::io::{AsyncReadExt, BufReader};

const STREAMS: usize = 64;
const MIB: usize = 1 << 20;

/// The most memory that the process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// 1 MB. One in sixteen is text, which needs contexts; noise does not.
fn input(number: usize) -> Vec<u8> {
    let mut state = number as u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    if number.is_multiple_of(16) {
        return (0..).flat_map(|line| format!("{line}: {}\n", next()).into_bytes()).take(1_000_000).collect();
    }
    (0..1_000_000).map(|_| next()).collect()
}

#[tokio::test]
async fn streams_of_one_block() {
    let config = EncoderConfig::default().with_level(Level::Fast);
    let before = peak();
    let tasks: Vec<_> = (0..STREAMS)
        .map(|number| {
            let config = config.clone();
            tokio::spawn(async move {
                let bytes = input(number);
                let encoder = DualCompEncoder::with_config(bytes.as_slice(), config);
                let mut decoder = DualCompDecoder::new(BufReader::new(encoder));
                let (mut room, mut at) = (vec![0; 1 << 16], 0);
                loop {
                    let count = decoder.read(&mut room).await.unwrap();
                    assert!(room[..count] == bytes[at..at + count]);
                    at += count;
                    if count == 0 {
                        return assert_eq!(at, bytes.len());
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let used = peak() - before;
    // An encoder, a decoder and the input for each; contexts for those that are coded at once.
    let stated = STREAMS * (2 + 2 + 1) * MIB + Pool::shared().threads() * 26 * MIB;
    assert!(used < stated, "{} of {} MiB", used / MIB, stated / MIB);
}
