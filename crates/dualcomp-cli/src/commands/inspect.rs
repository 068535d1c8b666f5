//! `dualcomp inspect`.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::options::any_path;
use crate::codec::{self, Dictionary, Summary};
use crate::files::Input;
use crate::terminal::{self, Failure, display_name};

/// Show what a compressed file is made of, without decoding it
#[derive(Args)]
pub(crate) struct InspectArgs {
    /// Files to look at; - is standard input
    #[arg(required = true, value_name = "FILE", value_parser = any_path())]
    inputs: Vec<PathBuf>,
    /// Print one JSON object a line for each file
    #[arg(short, long)]
    json: bool,
}

/// A summary and the file that it is of.
#[derive(Serialize)]
struct Named<'a, T> {
    file: String,
    #[serde(flatten)]
    summary: &'a T,
}

/// Runs the subcommand.
pub(crate) fn run(args: &InspectArgs) -> ExitCode {
    terminal::run(&args.inputs, |input| input.as_path(), |input| inspect(args, input))
}

fn inspect(args: &InspectArgs, path: &Path) -> Result<(), Failure> {
    let mut input = Input::open(path)?;
    let prefix = input.peek(codec::SIGNATURE)?;
    if Dictionary::is_file(&prefix) {
        let dictionary = codec::describe(&codec::read_dictionary(&input.whole()?)?);
        return terminal::say(&match args.json {
            true => json(path, &dictionary)?,
            false => format!("{}\n  {dictionary}\n", display_name(path)),
        });
    }
    if codec::detect(&prefix).is_none() {
        return codec::check_unknown(&prefix, false);
    }
    let summary = codec::summary(input.into_reader()?)?;
    let mut out = String::new();
    if args.json {
        out = json(path, &summary)?;
    } else {
        // Writing to a string does not fail.
        let _ = print(&mut out, path, &summary);
    }
    terminal::say(&out)
}

/// A line of JSON.
fn json(path: &Path, summary: &impl Serialize) -> Result<String, Failure> {
    let named = Named { file: path.display().to_string(), summary };
    Ok(serde_json::to_string(&named).map_err(|error| error.to_string())? + "\n")
}

fn print(out: &mut impl Write, input: &Path, summary: &Summary) -> fmt::Result {
    let percent = |coded: u64, raw: u64| match raw {
        0 => String::new(),
        raw => format!("{:.2}%", 100.0 * coded as f64 / raw as f64),
    };
    writeln!(out, "{}", display_name(input))?;
    writeln!(out, "  kind      {}", summary.kind)?;
    if summary.streams > 1 {
        writeln!(out, "  streams   {}", summary.streams)?;
    }
    let model = if summary.dictionary.is_some() { "that of the dictionary" } else { "none needed" };
    writeln!(out, "  model     {}", summary.model.as_deref().unwrap_or(model))?;
    if let Some(dictionary) = &summary.dictionary {
        writeln!(out, "  needs     dictionary {dictionary}")?;
    }
    let mut samples = (summary.raw_bytes, "byte");
    if let Some(image) = &summary.image {
        writeln!(out, "  pixels    {} x {}, {}", image.width, image.height, image.color)?;
        if !image.metadata.is_empty() {
            writeln!(out, "  metadata  {}", image.metadata.join(", "))?;
        }
        samples = (image.subpixels, "sub-pixel");
    }
    writeln!(out, "  raw       {} bytes", summary.raw_bytes)?;
    write!(out, "  coded     {} bytes", summary.coded_bytes)?;
    if samples.0 > 0 {
        let bits = 8.0 * summary.coded_bytes as f64 / samples.0 as f64;
        let ratio = percent(summary.coded_bytes, summary.raw_bytes);
        write!(out, ", {ratio}, {bits:.4} bits per {}", samples.1)?;
    }
    writeln!(out, "\n\n  {:<19} {:>12} {:>12} {:>12} {:>9}", "chunk", "offset", "raw", "coded", "ratio")?;
    for chunk in &summary.chunks {
        let ratio = percent(chunk.coded_bytes, chunk.raw_bytes);
        writeln!(
            out,
            "  {:<19} {:>12} {:>12} {:>12} {ratio:>9}",
            chunk.metadata.as_deref().unwrap_or(&chunk.kind),
            chunk.offset,
            chunk.raw_bytes,
            chunk.coded_bytes
        )?;
    }
    Ok(())
}
