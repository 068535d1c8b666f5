//! Checks the conformance vectors in a folder on this machine: each decodes, and the encoder makes what it makes elsewhere.
//!
//! The tests `stored_streams` and `todays_encoder` do the same. This program has no other dependencies than the codec,
//! so that it is quickly built for other machines and runs in their emulators: see `tests/cross.sh`.

#![allow(clippy::print_stdout, reason = "the result is what it is for")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use dualcomp_tests::vectors::{Vector, record, recorded};

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("give the folder of the vectors")?.into();
    let vectors = Vector::all();
    let (mut bytes, mut decoding, mut encoding) = (0, 0.0, 0.0);
    for vector in &vectors {
        let file = std::fs::read(folder.join(&vector.name)).map_err(|error| format!("{}: {error}", vector.name))?;
        bytes += file.len();
        let start = Instant::now();
        if !vector.is_coded_by(&file).map_err(|error| format!("{}: {error}", vector.name))? {
            return Err(format!("{} decodes to something else", vector.name).into());
        }
        decoding += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let line = record(&vector.name, &vector.make()?);
        if !recorded().any(|recorded| recorded == line) {
            return Err(format!("{} is made otherwise here", vector.name).into());
        }
        encoding += start.elapsed().as_secs_f64();
    }
    let count = vectors.len();
    println!("{count} vectors of {bytes} bytes: decoded in {decoding:.1} s, made anew in {encoding:.1} s");
    Ok(())
}
