//! `dualcomp list`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::options::{any_path, or_standard_input};
use crate::codec;
use crate::files::{Found, expand};
use crate::terminal::{self, Failure, Talk, display_name};

/// Show a line for each compressed file: kind, sizes, ratio, how it is coded, model, dictionary
///
/// Nothing is decoded. A file does not say at which level it was made; what does say something is
/// how its blocks or tiles are coded: "mixed", "linear" and "fast" need no model.
#[derive(Args, Default)]
pub(crate) struct ListArgs {
    /// Files to look at; - or none is standard input
    #[arg(value_name = "FILE", value_parser = any_path())]
    pub(super) inputs: Vec<PathBuf>,
    /// Work on the files in folders; links in them are passed over
    #[arg(short, long)]
    pub(super) recursive: bool,
}

/// Runs the subcommand.
pub(crate) fn run(args: &ListArgs) -> ExitCode {
    let inputs = expand(&or_standard_input(&args.inputs), args.recursive, Talk::Normal);
    let mut first = true;
    terminal::run(&inputs, |input| &input.path, |input| list(input, &mut first))
}

fn list(found: &Found, first: &mut bool) -> Result<(), Failure> {
    let mut input = found.open()?;
    let prefix = input.peek(codec::SIGNATURE)?;
    if codec::detect(&prefix).is_none() {
        return codec::check_unknown(&prefix, found.walked);
    }
    let summary = codec::summary(input.into_reader()?)?;
    let mut lines = String::new();
    if std::mem::take(first) {
        let head = ["kind", "coded", "raw", "ratio", "coding", "model", "dictionary", "name"];
        let [kind, coded, raw, ratio, coding, model, dictionary, name] = head;
        lines +=
            &format!("{kind:<5} {coded:>12} {raw:>12} {ratio:>8} {coding:<16} {model:<8} {dictionary:<10} {name}\n");
    }
    let ratio = match summary.raw_bytes {
        0 => String::new(),
        raw => format!("{:.2}%", 100.0 * summary.coded_bytes as f64 / raw as f64),
    };
    lines += &format!(
        "{:<5} {:>12} {:>12} {ratio:>8} {:<16} {:<8} {:<10} {}\n",
        summary.kind,
        summary.coded_bytes,
        summary.raw_bytes,
        summary.coding(),
        summary.model.as_deref().unwrap_or("-"),
        summary.dictionary.as_deref().unwrap_or("-"),
        display_name(&found.path),
    );
    terminal::say(&lines)
}
