//! Prints what streams cost: `figures late`, `figures many` or `figures flush`, each with a level, `fast` or `default`;
//! `figures lines LEVEL FILE DICTIONARY` flushes after each line.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dualcomp::{Dictionary, Level};
use dualcomp_async::tokio::bufread::{DualCompDecoder, DualCompEncoder};
use dualcomp_async::tokio::write;
use dualcomp_async::{DecoderConfig, EncoderConfig, Offload, Pool};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};

/// JSON lines.
fn text(bytes: usize, seed: u64) -> Vec<u8> {
    const WORDS: [&str; 12] =
        ["river", "stone", "the", "morning", "of", "light", "and", "quiet", "a", "window", "under", "north"];
    let mut state = seed;
    let mut below = |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) % bound
    };
    let mut out = String::new();
    let mut id = 1000;
    while out.len() < bytes {
        id += below(5) + 1;
        out.push_str(&format!("{{\"id\": {id}, \"ok\": {}, \"title\": \"", below(2) == 1));
        for _ in 0..below(6) + 2 {
            out.push_str(WORDS[below(12) as usize]);
            out.push(' ');
        }
        out.push_str("\"}\n");
    }
    out.truncate(bytes);
    out.into_bytes()
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1e3
}

/// How late a timer of 2 ms is beside one stream, on one thread.
async fn late(level: Level) -> Result<(), Box<dyn Error>> {
    for (name, offload) in [("no stream", None), ("pool", Some(Offload::default())), ("inline", Some(Offload::Inline))]
    {
        let done = Arc::new(AtomicBool::new(false));
        let flag = done.clone();
        let timer = tokio::spawn(async move {
            let mut late = Vec::new();
            loop {
                let start = Instant::now();
                tokio::time::sleep(Duration::from_millis(2)).await;
                late.push(start.elapsed().saturating_sub(Duration::from_millis(2)));
                if flag.load(Ordering::Relaxed) {
                    break;
                }
            }
            late.sort();
            late
        });
        // The timer starts first.
        tokio::task::yield_now().await;
        match offload {
            None => tokio::time::sleep(Duration::from_secs(4)).await,
            Some(offload) => {
                let bytes = text(3 << 20, 1);
                let config = EncoderConfig::default().with_level(level).with_offload(offload);
                let mut stream = Vec::new();
                DualCompEncoder::with_config(bytes.as_slice(), config).read_to_end(&mut stream).await?;
            }
        }
        done.store(true, Ordering::Relaxed);
        let late = timer.await?;
        println!(
            "{name}: {} ticks, late by {:.2} ms p50, {:.2} ms p99, {:.2} ms at most",
            late.len(),
            percentile(&late, 50),
            percentile(&late, 99),
            percentile(&late, 100),
        );
    }
    Ok(())
}

fn status(field: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().trim_end_matches(" kB").parse::<usize>().ok().map(|kib| kib >> 10)
}

/// 64 streams of 1 MB through encoder and decoder.
async fn many(level: Level) -> Result<(), Box<dyn Error>> {
    const STREAMS: usize = 64;
    let (start, before) = (Instant::now(), status("VmRSS:").unwrap_or_default());
    let tasks: Vec<_> = (0..STREAMS)
        .map(|number| {
            tokio::spawn(async move {
                let bytes = text(1_000_000, number as u64);
                let config = EncoderConfig::default().with_level(level);
                let encoder = DualCompEncoder::with_config(bytes.as_slice(), config);
                let mut decoder = DualCompDecoder::new(BufReader::new(encoder));
                let (mut room, mut at) = (vec![0; 1 << 13], 0);
                loop {
                    let count = decoder.read(&mut room).await?;
                    if room[..count] != bytes[at..at + count] || (count == 0 && at != bytes.len()) {
                        return Err(std::io::Error::other("the bytes have changed"));
                    }
                    if count == 0 {
                        return Ok(());
                    }
                    at += count;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    println!(
        "{STREAMS} streams: {:.1} s, {} MiB more than before at most, with {} threads",
        start.elapsed().as_secs_f64(),
        status("VmHWM:").unwrap_or_default() - before,
        Pool::shared().threads(),
    );
    Ok(())
}

/// What flushes cost.
async fn flush(level: Level) -> Result<(), Box<dyn Error>> {
    let bytes = text(1 << 20, 1);
    for step in [1 << 20, 256 << 10, 64 << 10, 16 << 10, 4 << 10, 1 << 10] {
        let start = Instant::now();
        let mut encoder = write::DualCompEncoder::with_level(Vec::new(), level);
        for part in bytes.chunks(step) {
            encoder.write_all(part).await?;
            encoder.flush().await?;
        }
        encoder.shutdown().await?;
        let (size, time) = (encoder.into_inner().len(), start.elapsed().as_secs_f64());
        println!("a flush every {step} bytes: {size} bytes, {time:.1} s");
    }
    Ok(())
}

/// What flushes cost where each line is one, without a dictionary and with one: bytes a line, of all lines and of the
/// first ten.
async fn lines(level: Level, file: &str, dictionary: &str) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(file)?;
    let dictionary = Dictionary::from_bytes(&std::fs::read(dictionary)?)?;
    for (name, dictionary) in [("without", None), ("with", Some(dictionary))] {
        let config = EncoderConfig::default().with_level(level).with_dictionary(dictionary.clone());
        let mut encoder = write::DualCompEncoder::with_config(Vec::new(), config);
        let mut sizes = Vec::new();
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            encoder.write_all(line).await?;
            encoder.flush().await?;
            sizes.push(encoder.get_ref().len());
        }
        encoder.shutdown().await?;
        let stream = encoder.into_inner();
        let known = dictionary.into_iter().fold(DecoderConfig::default(), DecoderConfig::with_dictionary);
        let mut decoded = Vec::new();
        DualCompDecoder::with_config(stream.as_slice(), known).read_to_end(&mut decoded).await?;
        assert!(decoded == bytes, "the bytes have changed");
        let mean = |count: usize| sizes[count - 1] as f64 / count as f64;
        println!("{name}: {:.1} bytes a line, the first ten {:.1}", mean(sizes.len()), mean(sizes.len().min(10)));
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let level = arguments.next().as_deref().unwrap_or("fast").parse()?;
    let files: Vec<String> = arguments.collect();
    match what.as_str() {
        "lines" => match &files[..] {
            [file, dictionary] => lines(level, file, dictionary).await,
            _ => Err("lines needs a file and a dictionary".into()),
        },
        "late" => late(level).await,
        "many" => many(level).await,
        "flush" => flush(level).await,
        _ => Err("say late, many, flush or lines".into()),
    }
}
