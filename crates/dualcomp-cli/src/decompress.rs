//! `dualcomp decompress`.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::batch::{self, Failure};
use crate::codec::{self, Kind};
use crate::output::{Destination, Output};
use crate::picture::{self, OutputFormat};
use crate::progress;
use crate::source::Source;

/// Restore what was compressed
///
/// What a file is, its first bytes tell, not its name. An image becomes a PNG file (photo.dci:
/// photo.png), or what the extension of --output says: .png, .webp (lossless), .pnm, .tiff, .bmp;
/// everything else becomes the very file that was compressed (page.html.dcs: page.html).
#[derive(Args)]
pub(crate) struct DecompressArgs {
    /// Files to decompress; - is standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Output file, or a folder, or - for standard output [default: beside the input]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Threads; 0 is one per processor
    #[arg(short, long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Overwrite files, and write images to a terminal
    #[arg(short, long)]
    force: bool,
    /// No progress bar and no notes
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the subcommand.
pub(crate) fn run(args: &DecompressArgs) -> ExitCode {
    let destination = Destination::new(args.output.as_deref(), args.inputs.len())
        .unwrap_or_else(|message| batch::usage_error(message));
    batch::run(&args.inputs, |input| decompress(args, &destination, input))
}

fn decompress(args: &DecompressArgs, destination: &Destination, input: &Path) -> Result<(), Failure> {
    let mut source = Source::open(input)?;
    match codec::detect(&source.peek(codec::SIGNATURE)?) {
        Some(Kind::Image) => decompress_picture(args, destination, input, source),
        Some(Kind::Bytes) => decompress_bytes(args, destination, input, source),
        None => Err(Failure::Message("not a DualComp file".to_owned())),
    }
}

fn decompress_picture(
    args: &DecompressArgs,
    destination: &Destination,
    input: &Path,
    source: Source,
) -> Result<(), Failure> {
    let path = destination.path(input, |name| {
        let mut name = stem(name).unwrap_or(name).to_owned();
        name.push(".png");
        Ok(name)
    })?;
    let format = match &path {
        Some(path) => OutputFormat::from_path(path)?,
        None => OutputFormat::Png,
    };
    let mut output = Output::create(path.as_deref(), args.force, true)?;
    let permissions = source.permissions.clone();
    let bar = progress::spinner(&batch::display_name(input), args.quiet);
    let decoded = codec::decode_picture(source.into_reader()?, args.threads)
        .and_then(|picture| Ok(picture::encode(&picture, format)?));
    bar.finish_and_clear();
    let (file, left_out) = decoded?;
    output.write_all(&file)?;
    output.commit(permissions)?;
    if !left_out.is_empty() && !args.quiet {
        let names = left_out.join(" and ");
        batch::report(input, &format!("note: {format:?} takes no {names}: left out"));
    }
    Ok(())
}

fn decompress_bytes(
    args: &DecompressArgs,
    destination: &Destination,
    input: &Path,
    source: Source,
) -> Result<(), Failure> {
    let path = destination.path(input, |name| match stem(name) {
        Some(stem) => Ok(stem.to_owned()),
        None => Err(Failure::Message("its name does not end in .dcs: name the result with --output".to_owned())),
    })?;
    let mut output = Output::create(path.as_deref(), args.force, false)?;
    let permissions = source.permissions.clone();
    let bar = progress::bytes(&batch::display_name(input), source.size, args.quiet);
    let reader = bar.wrap_read(source.into_reader()?);
    let result = codec::decode_bytes(reader, &mut output, args.threads);
    bar.finish_and_clear();
    result?;
    output.commit(permissions)?;
    Ok(())
}

/// A file name without the extension of a compressed file.
fn stem(name: &OsStr) -> Option<&OsStr> {
    let path = Path::new(name);
    let extension = path.extension()?.to_ascii_lowercase();
    match extension.to_str() {
        Some("dci" | "dcs") => path.file_stem(),
        _ => None,
    }
}
