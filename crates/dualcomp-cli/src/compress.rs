//! `dualcomp compress`.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::batch::{self, Failure};
use crate::codec::{self, Level, Settings};
use crate::output::{Destination, Output};
use crate::picture::{self, Picture};
use crate::progress;
use crate::source::Source;

/// Compress images to .dci and everything else to .dcs
///
/// An image file (PNG, lossless WebP, PNM, TIFF, BMP; told by its content) becomes NAME.dci, which
/// keeps its pixels exactly, and the ICC profile, EXIF and XMP metadata. It does not keep the image
/// file itself: the way it was compressed, and other notes in it, are gone after `decompress`.
/// --bytes keeps every file byte for byte, as NAME.EXT.dcs.
///
/// Images that .dci has no place for (animations, floating-point samples, several pages) are kept
/// as bytes, and so are JPEG files.
#[derive(Args)]
pub(crate) struct CompressArgs {
    /// Files to compress; - is standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Output file, or a folder, or - for standard output [default: beside the input]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Effort
    #[arg(short, long, value_enum, default_value_t)]
    level: Level,
    /// Threads; 0 is one per processor
    #[arg(short, long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Overwrite files, and write to a terminal
    #[arg(short, long)]
    force: bool,
    /// Keep image files byte for byte too
    #[arg(short, long)]
    bytes: bool,
    /// No progress bar and no notes
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the subcommand.
pub(crate) fn run(args: &CompressArgs) -> ExitCode {
    let destination = Destination::new(args.output.as_deref(), args.inputs.len())
        .unwrap_or_else(|message| batch::usage_error(message));
    batch::run(&args.inputs, |input| compress(args, &destination, input))
}

fn compress(args: &CompressArgs, destination: &Destination, input: &Path) -> Result<(), Failure> {
    let mut source = Source::open(input)?;
    match picture_of(args, input, &mut source)? {
        Some(picture) => compress_picture(args, destination, input, &source, &picture),
        None => compress_bytes(args, destination, input, source),
    }
}

fn compress_picture(
    args: &CompressArgs,
    destination: &Destination,
    input: &Path,
    source: &Source,
    picture: &Picture,
) -> Result<(), Failure> {
    let path = destination.path(input, |name| Ok(Path::new(name).with_extension("dci").into_os_string()))?;
    let mut output = Output::create(path.as_deref(), args.force, true)?;
    let bar = progress::spinner(&batch::display_name(input), args.quiet);
    let coded = codec::encode_picture(picture, settings(args));
    bar.finish_and_clear();
    output.write_all(&coded?)?;
    output.commit(source.permissions.clone())?;
    Ok(())
}

fn compress_bytes(args: &CompressArgs, destination: &Destination, input: &Path, source: Source) -> Result<(), Failure> {
    let path = destination.path(input, |name| Ok(appended(name, ".dcs")))?;
    let mut output = Output::create(path.as_deref(), args.force, true)?;
    let (size, permissions) = (source.size, source.permissions.clone());
    let bar = progress::bytes(&batch::display_name(input), size, args.quiet);
    let reader = bar.wrap_read(source.into_reader()?);
    let result = codec::encode_bytes(reader, &mut output, size, settings(args));
    bar.finish_and_clear();
    result?;
    output.commit(permissions)?;
    Ok(())
}

/// The input as an image, where it is one and its pixels can be kept.
fn picture_of(args: &CompressArgs, input: &Path, source: &mut Source) -> Result<Option<Picture>, Failure> {
    if args.bytes {
        return Ok(None);
    }
    let Some(format) = picture::file_format(&source.peek(32)?) else {
        return Ok(None);
    };
    match picture::read(source.rewind()?, format) {
        Ok(picture) => Ok(Some(picture)),
        Err(reason) => {
            if !args.quiet {
                batch::report(input, &format!("note: {format:?} image kept as bytes: {reason}"));
            }
            Ok(None)
        }
    }
}

fn settings(args: &CompressArgs) -> Settings {
    Settings { level: args.level, threads: args.threads }
}

fn appended(name: &OsStr, suffix: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(suffix);
    name
}
