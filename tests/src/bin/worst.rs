//! What decoding costs at worst: blocks and tiles that are all claim and no data. The figures are in SECURITY.md.
//!
//! In a build with `RUSTFLAGS="--cfg dualcomp_unchecked"` a stream is decoded to its end, else to its first checksum.
//! Built without the network, what needs it is left out.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::error::Error;

use dualcomp::Error as Failure;
use dualcomp_tests::cost::{decode, thread_time, units};
use dualcomp_tests::hostile::hostile;

/// Bytes that each stream claims.
const CLAIM: u32 = 1 << 18;

fn main() -> Result<(), Box<dyn Error>> {
    let id = dualcomp::embedded_model().unwrap_or_default();
    println!("| what | bytes | claims | units | microseconds a unit | seconds a MiB claimed |");
    println!("|---|---|---|---|---|---|");
    // Tables of the library that all streams share are made once.
    for warm in hostile(id, 1 << 12) {
        let _ = decode(&warm.stream, warm.image, u64::MAX);
    }
    for case in hostile(id, CLAIM) {
        let start = thread_time()?;
        if let Err(Failure::UnknownModel { .. }) = decode(&case.stream, case.image, u64::MAX) {
            continue;
        }
        let time = (thread_time()? - start) as f64 / 1e9;
        let units = units(&case.stream, case.image);
        let each = time * f64::from(1 << 20) / case.claimed as f64;
        let (len, claimed) = (case.stream.len(), case.claimed);
        println!("| {} | {len} | {claimed} | {units} | {:.2} | {each:.2} |", case.name, time * 1e6 / units as f64);
    }
    Ok(())
}
