//! A fixed number of damaged seeds through all that is fuzzed, and every finding of the past.
//!
//! `cargo test --release -p dualcomp-tests --test suite smoke -- --nocapture` prints the counts. `DUALCOMP_SMOKE=TARGET:COUNT`
//! gives one function so many inputs in place of that, other ones each time.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use dualcomp_tests::Numbers;
use dualcomp_tests::damage::damage;
use dualcomp_tests::seeds::seeds;
use dualcomp_tests::targets;

/// Inputs for each target: those that code cost milliseconds each.
fn count(name: &str) -> usize {
    match name {
        "accept" | "range_coder" => 20_000,
        "image_header" => 5_000,
        // Each does as much work as its limit allows.
        "cost" => 500,
        // The network takes milliseconds.
        "network" => 300,
        "deflate_file" => 200,
        _ => 1_500,
    }
}

/// The target and the inputs that the environment asks for.
fn asked_for() -> Option<(String, usize)> {
    let text = std::env::var("DUALCOMP_SMOKE").ok()?;
    let (name, count) = text.split_once(':').expect("a target and a count");
    Some((name.to_owned(), count.parse().expect("a count")))
}

#[test]
fn damaged_seeds_break_no_promise() {
    if let Some((asked, count)) = asked_for() {
        let (_, target) = targets::ALL.iter().find(|(name, _)| *name == asked).expect("a target");
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (seeds, mut numbers) = (seeds(&asked), Numbers::new(since.as_nanos() as u64));
        for round in 0..count {
            target(&damage(&seeds[round % seeds.len()], &mut numbers));
        }
        return println!("smoke: {count} inputs to {asked}");
    }
    let mut total = 0;
    for (name, target) in targets::ALL {
        let (seeds, mut numbers) = (seeds(name), Numbers::new(9));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in &seeds {
            target(seed);
        }
        for round in 0..count(name) {
            target(&damage(&seeds[round % seeds.len()], &mut numbers));
        }
        total += seeds.len() + count(name);
    }
    println!("smoke: {total} inputs to {} targets", targets::ALL.len());
}

/// `regressions/TARGET/NAME` holds an input that once broke a promise.
#[test]
fn past_findings_stay_fixed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let mut total = 0;
    for (name, target) in targets::ALL {
        let Ok(files) = fs::read_dir(folder.join(name)) else { continue };
        for file in files {
            target(&fs::read(file.unwrap().path()).unwrap());
            total += 1;
        }
    }
    println!("regressions: {total} inputs");
}
