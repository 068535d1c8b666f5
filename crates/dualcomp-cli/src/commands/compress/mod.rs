//! `dualcomp compress`.

mod image;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::for_web;
use super::names;
use super::options::{Common, Dictionaries, Digits, any_path, or_standard_input};
use super::verify;
use crate::codec::{self, Dictionary, Level, Settings};
use crate::files::{Destination, Found, Input, Output, expand};
use crate::terminal::{self, Failure, Meter};
use image::{compress_image_file, compress_picture, picture_of};

/// Compress images to .dci and everything else to .dcs
///
/// An image file (PNG, lossless WebP, PNM, TIFF, BMP; told by its content) becomes NAME.dci if that
/// can hold all that the file says: its pixels, what its colours mean, and its metadata. How a PNG
/// file was compressed is kept too where that takes at most 1 % more, as it does for larger ones of
/// most programs: then `decompress` gives the very file, else a PNG file of the same pixels. A file
/// that says more than a .dci can hold is kept byte for byte, as NAME.EXT.dcs, with a note of the
/// reason; --pixels makes a .dci of it all the same and lists what is left out. --exact keeps image
/// files to the last byte, as .dci if they are PNG files and that can be, else as .dcs; --bytes
/// keeps every file as .dcs.
///
/// A JPEG file NAME.jpg becomes NAME.dci, a quarter smaller, and NAME.jpeg NAME.jpeg.dci; `decompress`
/// gives the very file again. Of another name it is kept as bytes, which takes no more. An image file
/// whose extension is not that of its format keeps it: a PNG file NAME.txt becomes NAME.txt.dci.
///
/// In all that is kept as bytes, JPEG files and what gzip, zlib, zip and PNG compress are found and
/// compressed anew; they too come back to the last byte.
///
/// With --stdout and several inputs, or with --stdout and --recursive, image files are kept as bytes too:
/// what comes out decompresses to the files one after the other.
///
/// Other images (animations, floating-point samples, several pages; GIF, TGA and so on) are kept as
/// bytes.
#[derive(Args, Default)]
pub(crate) struct CompressArgs {
    /// Files to compress; - or none is standard input
    #[arg(value_name = "INPUT", value_parser = any_path())]
    pub(super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) common: Common,
    /// Effort [default: default]
    #[arg(short, long, value_enum)]
    pub(super) level: Option<Level>,
    #[command(flatten)]
    pub(super) digits: Digits,
    /// Threads; 0 is one per processor
    #[arg(short, visible_short_alias = 'T', long, default_value_t = 0, value_name = "N")]
    pub(super) threads: usize,
    /// Keep image files as bytes too, as .dcs
    #[arg(short, long, conflicts_with = "pixels")]
    pub(super) bytes: bool,
    /// Have image files come back to the last byte whatever that costs
    #[arg(long, conflicts_with_all = ["pixels", "bytes"])]
    pub(super) exact: bool,
    /// Make pixels of image files also where something is left out, and keep nothing but these and metadata
    #[arg(long)]
    pub(super) pixels: bool,
    /// Write coded bodies beside the files of a web site, NAME.EXT.dcs, and a manifest of them, for
    /// servers with dualcomp-http. Only of files that gain by it; those that have not changed since
    /// are not coded again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["inputs", "output", "stdout", "rm", "bytes", "exact", "pixels", "paths"])]
    pub(super) for_web: Option<PathBuf>,
    #[command(flatten)]
    pub(super) dictionaries: Dictionaries,
}

/// Runs the subcommand.
pub(crate) fn run(args: &CompressArgs) -> ExitCode {
    if let Some(root) = &args.for_web {
        return for_web::run(args, root);
    }
    let inputs = expand(&or_standard_input(&args.inputs), args.common.recursive, args.common.talk());
    let destination = args.common.destination(inputs.len());
    if destination.joins() && args.pixels {
        terminal::usage_error(
            "nothing can follow an image on standard output: with several inputs --output must be a folder",
        );
    }
    if let Err(failure) = args.dictionaries.open().and_then(|()| args.dictionaries.one()) {
        return terminal::failed(failure);
    }
    terminal::run(&inputs, |input| &input.path, |input| compress(args, &destination, input))
}

fn compress(args: &CompressArgs, destination: &Destination, found: &Found) -> Result<(), Failure> {
    if !args.common.takes(found)? {
        return Ok(());
    }
    let mut input = found.open()?;
    if codec::detect(&input.peek(codec::SIGNATURE)?).is_some() {
        match (found.walked, args.common.force) {
            (true, _) => {
                args.common.passes_over(found, "is compressed already");
                return Ok(());
            }
            (_, false) => return Err("is compressed already; --force compresses it again".to_owned().into()),
            _ => {}
        }
    }
    if !args.pixels && !wants_bytes(args, destination) && compress_image_file(args, destination, found, &mut input)? {
        return Ok(());
    }
    let Some(taken) = picture_of(args, destination, found, &mut input)? else {
        return compress_bytes(args, destination, found, input);
    };
    match compress_picture(args, destination, found, &input, &taken)? {
        true => Ok(()),
        false => compress_bytes(args, destination, found, input),
    }
}

/// Whether image files are to be kept as bytes: the user says so, or a name, or others follow them.
fn wants_bytes(args: &CompressArgs, destination: &Destination) -> bool {
    args.bytes
        || destination.joins()
        || destination.named().is_some_and(|path| path.extension().is_some_and(|end| end == "dcs"))
}

fn compress_bytes(args: &CompressArgs, destination: &Destination, found: &Found, input: Input) -> Result<(), Failure> {
    let path = destination.path(found, |name| Ok(names::of_bytes(name)))?;
    let settings = settings(args, args.dictionaries.one()?);
    let (size, attributes) = (input.size, input.attributes.clone());
    let mut output = Output::create(path.as_deref(), args.common.manner(false), true, attributes.is_some())?;
    let meter = Meter::bytes(&found.path, size, args.common.talk_beside(destination.prints(found)));
    let reader = input.into_reader()?;
    let result = codec::encode_bytes(reader, &mut output, size, settings, |done| meter.set(done));
    meter.clear();
    let length = result?;
    verify::bytes(args, found, attributes.as_ref(), &mut output)?;
    let written = output.commit(attributes.as_ref())?;
    meter.result(&found.path, path.as_deref(), [length, written], length);
    args.common.remove(&found.path, attributes.as_ref(), path.as_deref())
}

pub(super) fn settings(args: &CompressArgs, dictionary: Option<Dictionary>) -> Settings {
    Settings { level: args.digits.level(args.level), threads: args.threads, dictionary }
}
