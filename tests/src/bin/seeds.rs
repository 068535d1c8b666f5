//! Writes the seeds of all that is fuzzed to a folder, `fuzz/corpus` for cargo-fuzz.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use dualcomp_tests::{seeds::seeds, targets};

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("give the folder of the corpus")?.into();
    for (name, _) in targets::ALL {
        fs::create_dir_all(folder.join(name))?;
        for (number, seed) in seeds(name).iter().enumerate() {
            fs::write(folder.join(name).join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
