//! Writes what the regression expects of each sample of crops, for a network to be trained with: two bytes, in 1/16 level,
//! little-endian. CROPS is made of pixels of 256 by 256, three bytes each.
//!
//! `cargo run --release -p dualcomp-train --bin least_squares -- CROPS OUT`

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::{env, thread};

use dualcomp_train::{Failure, expected};

const SIDE: u32 = 256;
const CROP: usize = (SIDE * SIDE * 3) as usize;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [crops, out] = arguments.as_slice() else {
        return Err("usage: least_squares CROPS OUT".into());
    };
    let crops = fs::read(crops)?;
    let mut out = BufWriter::new(File::create(out)?);
    let threads = thread::available_parallelism()?.get();
    for group in crops.chunks(CROP * threads) {
        let of_group: Vec<Vec<i16>> = thread::scope(|scope| {
            let of_crop = |crop| scope.spawn(move || expected(crop, SIDE, SIDE));
            let running: Vec<_> = group.chunks_exact(CROP).map(of_crop).collect();
            running.into_iter().map(|one| one.join().map_err(|_| "a thread failed")).collect::<Result<_, _>>()
        })?;
        for value in of_group.into_iter().flatten() {
            out.write_all(&value.to_le_bytes())?;
        }
    }
    out.flush()?;
    Ok(())
}
