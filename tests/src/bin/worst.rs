//! What decoding costs at worst: blocks and tiles that are all claim and no data. The figures are in SECURITY.md.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::error::Error;

use dualcomp::{DecoderOptions, Error as Failure, FormatErrorKind};

/// What each claims: bytes of text, or pixels of a square.
const BYTES: u32 = 1 << 18;
const SIDE: u32 = 256;
/// 2^22 counters and both groups of contexts.
const TABLE: u8 = 64 + 22;

fn main() -> Result<(), Box<dyn Error>> {
    let id = dualcomp::embedded_model().ok_or("built without the model")?;
    for (kind, name) in [(2, "contexts"), (3, "network")] {
        let body = [&[0; 4][..], &number(BYTES), &[1]].concat();
        let file = [&[0x89, b'D', b'C', b'B', 1][..], &id, &[TABLE], &chunk(0x40 | kind, &body)].concat();
        let start = processor_time()?;
        is_found_out(dualcomp::decompress(&file, &DecoderOptions::default()))?;
        tell(&format!("text, {name}"), file.len(), BYTES, start)?;
    }
    for (kind, name) in [(2, "contexts"), (6, "linear"), (3, "network"), (5, "photo"), (7, "deep")] {
        for (color, samples) in [(0, 1), (2, 3), (7, 8)] {
            let side = number(SIDE);
            let header = [&side[..], &side, &[color], &side, &side].concat();
            let header = [&crc32fast::hash(&[&header[..], &[8]].concat()).to_le_bytes()[..], &header].concat();
            let chunks = [chunk(8, &header), chunk(0x40 | kind, &[0; 4])].concat();
            let file = [&[0x89, b'D', b'C', b'I', 1][..], &id, &[0], &chunks].concat();
            let start = processor_time()?;
            is_found_out(dualcomp::decode_image(&file, &DecoderOptions::default()))?;
            tell(&format!("image, colour type {color}, {name}"), file.len(), SIDE * SIDE * samples, start)?;
        }
    }
    Ok(())
}

/// The time is that of the decoding, not of an early refusal.
fn is_found_out<T>(result: Result<T, Failure>) -> Result<(), Box<dyn Error>> {
    match result {
        Err(Failure::Format(error)) if matches!(error.kind(), FormatErrorKind::Checksum) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err("a checksum of zero was right".into()),
    }
}

fn tell(what: &str, coded: usize, decoded: u32, start: f64) -> Result<(), Box<dyn Error>> {
    let seconds = processor_time()? - start;
    let (each, output) = (seconds / coded as f64 * 1e3, seconds * f64::from(1 << 20) / f64::from(decoded));
    println!("{what}: {coded} bytes claim {decoded}: {seconds:.2} s, {each:.0} ms a coded byte, {output:.1} s a MiB");
    Ok(())
}

/// Seconds that this process has had of all cores, whatever else the machine does. Linux counts them in hundredths.
fn processor_time() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // User and system time, after the name in parentheses and the state.
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}

fn number(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &number(body.len() as u32), body].concat()
}
