//! The program without a command, as gzip, xz and zstd are used.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::compress::{self, CompressArgs};
use super::decompress::{self, DecompressArgs};
use super::list::{self, ListArgs};
use super::options::{Common, Dictionaries, Digits, any_path};
use super::test::{self, TestArgs};
use crate::codec::Level;
use crate::terminal::usage_error;

/// Options without a command.
#[derive(Args)]
pub(crate) struct PlainArgs {
    /// Without a command: files to compress, or what the options below say; - or none is standard input
    #[arg(value_name = "FILE", value_parser = any_path())]
    inputs: Vec<PathBuf>,
    /// Compress, which is the default
    #[arg(short = 'z', long, overrides_with_all = ["decompress", "test", "list"])]
    compress: bool,
    /// Decompress
    #[arg(short, long, visible_alias = "uncompress")]
    decompress: bool,
    /// Decode and write nothing
    #[arg(short, long, overrides_with = "list")]
    test: bool,
    /// Show a line for each compressed file
    #[arg(short, long)]
    list: bool,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    digits: Digits,
    /// Effort [default: default]
    #[arg(long, value_enum)]
    level: Option<Level>,
    /// Threads; 0 is one per processor
    #[arg(short = 'T', long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Keep image files byte for byte too
    #[arg(short, long, conflicts_with = "pixels")]
    bytes: bool,
    /// Have image files come back to the last byte whatever that costs
    #[arg(long, conflicts_with_all = ["pixels", "bytes"])]
    exact: bool,
    /// Make pixels of image files also where something is left out
    #[arg(long)]
    pixels: bool,
    #[command(flatten)]
    dictionaries: Dictionaries,
}

impl PlainArgs {
    /// Whether there is nothing to do: no files, and standard input is a terminal.
    pub(crate) fn is_empty(&self) -> bool {
        self.inputs.is_empty() && io::stdin().is_terminal()
    }
}

/// Runs the command that the options stand for. `commands` are the names of all there are: one that stands behind options
/// is no file, unless there is such a file.
pub(crate) fn run(args: PlainArgs, commands: &[&str]) -> ExitCode {
    let PlainArgs { mut inputs, common, digits, level, threads, bytes, exact, pixels, dictionaries, .. } = args;
    if inputs.is_empty() {
        inputs.push(PathBuf::from("-"));
    }
    if let Some(name) = inputs[0].to_str().filter(|name| commands.contains(name) && !inputs[0].exists()) {
        usage_error(format!("there is no file {name}; the command {name} goes in front of its options"));
    }
    let Common { recursive, quiet, verbose, .. } = common;
    match (args.decompress, args.test, args.list) {
        // With --decompress too, as by gzip.
        (_, true, _) => test::run(&TestArgs { inputs, threads, recursive, quiet, verbose, dictionaries }),
        (_, _, true) => list::run(&ListArgs { inputs, recursive }),
        (true, _, _) => decompress::run(&DecompressArgs { inputs, common, threads, dictionaries }),
        _ => compress::run(&CompressArgs {
            inputs,
            common,
            level,
            digits,
            threads,
            bytes,
            exact,
            pixels,
            dictionaries,
            for_web: None,
        }),
    }
}
