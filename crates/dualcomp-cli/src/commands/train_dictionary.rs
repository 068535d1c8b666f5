//! `dualcomp train-dictionary`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::options::parse_size;
use crate::codec;
use crate::files::{Input, Manner, Output, expand_whole, is_stdout};
use crate::terminal::{self, Failure, Meter, Talk, context, display_name};

/// Make a dictionary of samples: bodies that are like those to be compressed
///
/// Samples, or parts of long ones, are chosen whose strings many others have. One sample in five is
/// held out first, to tell what the dictionary gains and whether the choice is better than to take
/// samples as they come. Then all samples are chosen from.
///
/// Compress with --dictionary FILE, and decompress with the same: keep it for as long as what was
/// made with it.
#[derive(Args)]
pub(crate) struct TrainArgs {
    /// Samples, a file each, or folders of them; - is standard input
    #[arg(required = true, value_name = "SAMPLE")]
    inputs: Vec<PathBuf>,
    /// The dictionary, or - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Bytes of all chosen samples at most, with K or M; no more than 16M
    #[arg(long, default_value = "256K", value_name = "SIZE", value_parser = parse_size)]
    max: usize,
    /// Each line of the samples is a sample
    #[arg(long)]
    lines: bool,
    /// Overwrite the output
    #[arg(short, long)]
    force: bool,
    /// Print nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

impl TrainArgs {
    /// The output file, or none for standard output.
    fn path(&self) -> Option<&Path> {
        Some(&*self.output).filter(|path| !is_stdout(path))
    }

    /// What messages call the output.
    fn name(&self) -> &Path {
        self.path().unwrap_or(Path::new("standard output"))
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: &TrainArgs) -> ExitCode {
    terminal::run(&[args], |args| args.name(), |args| train(args))
}

fn train(args: &TrainArgs) -> Result<(), Failure> {
    let mut samples = Vec::new();
    for found in expand_whole(&args.inputs)? {
        let read = Input::open(&found.path).and_then(|mut input| input.whole());
        let bytes = read.map_err(context(format!("cannot read {}", display_name(&found.path))))?;
        match args.lines {
            true => samples.extend(bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec)),
            false => samples.push(bytes),
        }
    }
    let talk = if args.quiet { Talk::Quiet } else { Talk::Normal };
    let mut meter = None;
    let trained = codec::train_dictionary(&samples, args.max, |done, of| {
        meter.get_or_insert_with(|| Meter::steps(args.name(), of, talk)).set(done);
    });
    if let Some(meter) = &meter {
        meter.clear();
    }
    let trained = trained?;
    let manner = Manner { force: args.force, sparse: false, sync: false };
    let mut output = Output::create(args.path(), manner, true, false)?;
    output.write_all(&trained.file)?;
    output.commit(None)?;
    if talk.notes() {
        terminal::report(args.name(), &trained.text);
    }
    Ok(())
}
