//! Runs the example programs on small data that is made here.
#![allow(clippy::unwrap_used)]

mod demo;
mod files;
mod logs;
mod photos;
mod servers;

use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Output};

/// Runs a program with `input` on its standard input.
fn run(program: &str, arguments: &[&str], folder: &Path, input: &[u8]) -> Output {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    file.rewind().unwrap();
    Command::new(program).args(arguments).current_dir(folder).stdin(file).output().unwrap()
}

/// Runs a program, which must end well, and returns what it printed.
fn ok(program: &str, arguments: &[&str], folder: &Path, input: &[u8]) -> Vec<u8> {
    let output = run(program, arguments, folder, input);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
