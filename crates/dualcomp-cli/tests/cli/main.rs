//! Drives the built `dualcomp` program on small files.
#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout, reason = "counts of what was tried")]

mod arguments;
mod bench;
mod bench_outputs;
mod bytes;
mod dictionary;
mod faults;
mod habits;
mod hidden;
mod images;
mod jpeg;
mod malformed;
mod manual;
mod notes;
mod outputs;
mod png_chunks;
mod races;
mod round_trips;
mod sources;
#[cfg(unix)]
mod unix;
mod web;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder of its own for one test, in which the program runs.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, data: impl AsRef<[u8]>) {
        fs::write(self.path(name), data).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of all files in the folder, sorted; hidden ones too.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Runs the program with arguments that are split at spaces, `input` on its standard input.
    fn run_with(&self, arguments: &str, input: &[u8]) -> Output {
        let mut child = program(self.0.path(), arguments)
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

    fn run(&self, arguments: &str) -> Output {
        self.run_with(arguments, b"")
    }

    /// Runs the program, which must end well, and returns what it printed.
    fn ok(&self, arguments: &str) -> Vec<u8> {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments}: {}", message(&output));
        output.stdout
    }

    /// Runs the program, which must exit with `code`, and returns what it said.
    fn fails(&self, arguments: &str, code: i32) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments}: {}", message(&output));
        message(&output)
    }
}

fn program(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualcomp"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    let folder = Folder::new();
    folder.fails("compress --no-such-option", 2);
    folder.fails("compress a b -o c", 2);
    folder.fails("compress a --level enormous", 2);
}

#[test]
fn the_version_names_format_and_model() {
    let printed = String::from_utf8(Folder::new().ok("--version")).unwrap();
    assert!(printed.starts_with("dualcomp "), "{printed}");
    assert!(printed.contains("format") && printed.contains("model"), "{printed}");
}
