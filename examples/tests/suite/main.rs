//! Runs the example programs on small data that is made here.
#![allow(clippy::unwrap_used)]

mod files;
mod logs;
mod photos;
mod servers;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a program with `input` on its standard input.
fn run(program: &str, arguments: &[&str], folder: &Path, input: &[u8]) -> Output {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A program that does not read its input closes the pipe: no matter.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    })
}

/// Runs a program, which must end well, and returns what it printed.
fn ok(program: &str, arguments: &[&str], folder: &Path, input: &[u8]) -> Vec<u8> {
    let output = run(program, arguments, folder, input);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
