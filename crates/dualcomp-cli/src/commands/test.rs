//! `dualcomp test`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::options::{Dictionaries, any_path, or_standard_input};
use crate::codec::{self, Kind};
use crate::files::{Found, expand};
use crate::terminal::{self, Failure, Meter, Talk};

/// Decode files, write nothing, and say which are damaged
#[derive(Args, Default)]
pub(crate) struct TestArgs {
    /// Files to test; - or none is standard input
    #[arg(value_name = "INPUT", value_parser = any_path())]
    pub(super) inputs: Vec<PathBuf>,
    /// Threads; 0 is one per processor
    #[arg(short, visible_short_alias = 'T', long, default_value_t = 0, value_name = "N")]
    pub(super) threads: usize,
    /// Work on the files in folders; links in them are passed over
    #[arg(short, long)]
    pub(super) recursive: bool,
    /// No progress bar and no notes
    #[arg(short, long, overrides_with = "verbose")]
    pub(super) quiet: bool,
    /// Say of each file what came of it
    #[arg(short, long)]
    pub(super) verbose: bool,
    #[command(flatten)]
    pub(super) dictionaries: Dictionaries,
}

impl TestArgs {
    fn talk(&self) -> Talk {
        match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Verbose,
            _ => Talk::Normal,
        }
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: &TestArgs) -> ExitCode {
    let inputs = expand(&or_standard_input(&args.inputs), args.recursive, args.talk());
    if let Err(failure) = args.dictionaries.open() {
        return terminal::failed(failure);
    }
    terminal::run(&inputs, |input| &input.path, |input| test(args, input))
}

fn test(args: &TestArgs, found: &Found) -> Result<(), Failure> {
    let talk = args.talk();
    let mut input = found.open()?;
    let prefix = input.peek(codec::SIGNATURE)?;
    let size = input.size;
    match codec::detect(&prefix) {
        Some(Kind::Image) => {
            let mut meter = None;
            let decoded = codec::decode_picture(input.into_reader()?, true, args.threads, |done, all| {
                meter.get_or_insert_with(|| Meter::pixels(&found.path, all, talk)).set(done);
            });
            if let Some(meter) = &meter {
                meter.clear();
            }
            decoded?;
        }
        Some(Kind::Bytes | Kind::ImageFile) => {
            let meter = Meter::bytes(&found.path, size, talk);
            let decoded =
                codec::decode_bytes(input.into_reader()?, io::sink(), args.threads, args.dictionaries.all()?, |done| {
                    meter.set(done);
                });
            meter.clear();
            decoded?;
        }
        Some(_) => return Err(Failure::Message("holds what this version of the program does not know".to_owned())),
        None => return codec::check_unknown(&prefix, found.walked),
    }
    if talk == Talk::Verbose {
        terminal::report(&found.path, "good");
    }
    Ok(())
}
