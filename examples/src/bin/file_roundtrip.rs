//! Compresses a file into memory, restores it and says what was saved.
//!
//! `cargo run --release -p dualcomp-examples --bin file_roundtrip -- FILE`
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: file_roundtrip FILE")?;
    let mut file = BufReader::new(File::open(&path)?);

    let start = Instant::now();
    let mut encoder = dualcomp::write::Encoder::new(Vec::new(), Default::default());
    let bytes = io::copy(&mut file, &mut encoder)?;
    let stream = encoder.finish()?;
    let seconds = start.elapsed().as_secs_f64();

    let mut restored = Vec::new();
    dualcomp::read::Decoder::new(stream.as_slice(), Default::default()).read_to_end(&mut restored)?;
    if restored != std::fs::read(&path)? {
        return Err("the file did not come back".into());
    }
    println!("{bytes} bytes became {} in {seconds:.2} s, and came back", stream.len());
    Ok(())
}
