//! `dualcomp compress`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::for_web;
use super::names;
use super::options::{Common, Dictionaries, Digits, or_standard_input};
use super::verify;
use crate::codec::{self, Dictionary, KeepFile, Level, Settings};
use crate::files::{Destination, Found, Input, Output, expand};
use crate::picture::Picture;
use crate::source;
use crate::terminal::{self, Failure, Meter, Talk};

/// Compress images to .dci and everything else to .dcs
///
/// An image file (PNG, lossless WebP, PNM, TIFF, BMP; told by its content) becomes NAME.dci if
/// that can hold all that the file says: its pixels, what its colours mean, and its metadata. How
/// the file was compressed is kept too where that takes at most 1 % more, as it does for PNG files
/// of most programs: then `decompress` gives the very file. A file that says more than a .dci can
/// hold is kept byte for byte, as NAME.EXT.dcs, with a note of the reason; --pixels makes a .dci of
/// it all the same and lists what is left out. --exact keeps image files to the last byte, as .dci
/// if they are PNG files and that can be, else as .dcs; --bytes keeps every file as .dcs.
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
    #[arg(value_name = "INPUT")]
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
    let inputs = expand(&or_standard_input(&args.inputs), args.common.recursive);
    let destination = args.common.destination(inputs.len());
    if destination.joins() && args.pixels {
        terminal::usage_error(
            "nothing can follow an image on standard output: with several inputs --output must be a folder",
        );
    }
    terminal::run(&inputs, |input| &input.path, |input| compress(args, &destination, input))
}

fn compress(args: &CompressArgs, destination: &Destination, found: &Found) -> Result<(), Failure> {
    args.common.check_links(&found.path)?;
    let mut input = found.open()?;
    if codec::detect(&input.peek(codec::SIGNATURE)?).is_some() {
        match (found.walked, args.common.force) {
            (true, _) => return Ok(()),
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

/// Makes a `.dci` that holds a JPEG file to the last byte, or says that the input is none that can be kept so.
fn compress_image_file(
    args: &CompressArgs,
    destination: &Destination,
    found: &Found,
    input: &mut Input,
) -> Result<bool, Failure> {
    if source::sniff(&input.peek(32)?, &found.path) != source::Found::Kept(JPEG) {
        return Ok(false);
    }
    if hides_jpeg(destination, found) {
        return Ok(false);
    }
    let file = input.whole()?;
    let meter = Meter::bytes(&found.path, Some(file.len() as u64), args.common.talk());
    let coded = codec::encode_image_file(&file, &settings(args, None))?;
    meter.clear();
    let Some(coded) = coded else { return Ok(false) };
    let path = destination.path(found, |name| Ok(names::of_jpeg(name).unwrap_or_else(|| names::of_bytes(name))))?;
    let mut output = Output::create(path.as_deref(), args.common.manner(false), true, input.attributes.is_some())?;
    output.write_all(&coded)?;
    verify::bytes(args, found, input.attributes.as_ref(), &mut output)?;
    let written = output.commit(input.attributes.as_ref())?;
    meter.result(&found.path, path.as_deref(), [file.len() as u64, written], file.len() as u64);
    args.common.remove(&found.path, input.attributes.as_ref(), path.as_deref())?;
    Ok(true)
}

/// Whether the name of a JPEG file is to come back and does not say that it is one.
fn hides_jpeg(destination: &Destination, found: &Found) -> bool {
    destination.renames(found).is_some_and(|name| names::of_jpeg(name).is_none())
}

/// How JPEG files are called.
const JPEG: &str = "JPEG";

/// An image file as pixels, and what of it they leave out.
struct Taken {
    format: source::Format,
    picture: Picture,
    left_out: Vec<String>,
    /// The file itself, if it may be kept beside its pixels.
    file: Option<Vec<u8>>,
}

/// Bytes that a `.dci` may have more than the image file that it was made of.
const SLACK: u64 = 64;

/// Makes a `.dci`, or says that the file is better kept as bytes.
fn compress_picture(
    args: &CompressArgs,
    destination: &Destination,
    found: &Found,
    input: &Input,
    Taken { format, picture, left_out, file }: &Taken,
) -> Result<bool, Failure> {
    let path = destination.path(found, |name| Ok(names::of_picture(name, *format)))?;
    let mut output = Output::create(path.as_deref(), args.common.manner(false), true, input.attributes.is_some())?;
    let talk = args.common.talk();
    let meter = Meter::pixels(&found.path, picture.info.pixels(), talk);
    let keep = if args.exact { KeepFile::Always } else { KeepFile::IfCheap };
    let file = file.as_deref().map(|file| (file, keep));
    let coded = codec::encode_picture(picture, file, &settings(args, None), |done| meter.set(done));
    meter.clear();
    let (coded, kept) = coded?;
    // The file is a compressed image itself, and sometimes the better one.
    let is_longer = destination.named().is_none() && input.size.is_some_and(|size| coded.len() as u64 > size + SLACK);
    if !args.pixels && (is_longer || args.exact && !kept) {
        if let Some(path) = &path {
            destination.give_back(path);
        }
        if talk.notes() {
            let reason = if is_longer { "its pixels take more" } else { "its pixels do not give the file again" };
            terminal::note(&found.path, &format!("image kept as bytes: {reason}"));
        }
        return Ok(false);
    }
    output.write_all(&coded)?;
    // Otherwise the file stays.
    let is_whole = left_out.is_empty() || kept;
    if is_whole {
        verify::picture(args, found, input.attributes.as_ref(), &mut output, picture, kept)?;
    }
    let written = output.commit(input.attributes.as_ref())?;
    meter.result(&found.path, path.as_deref(), [input.size.unwrap_or(0), written], picture.pixels.len() as u64);
    if !is_whole {
        if talk.notes() {
            terminal::note(&found.path, &format!("left out: {}", left_out.join(", ")));
        }
        // The file is all that still has it.
        return Ok(true);
    }
    if talk == Talk::Verbose && !picture.metadata.is_empty() {
        let kept: Vec<String> = picture.metadata.kinds().map(|kind| kind.to_string()).collect();
        terminal::note(&found.path, &format!("kept with the pixels: {}", kept.join(", ")));
    }
    args.common.remove(&found.path, input.attributes.as_ref(), path.as_deref())?;
    Ok(true)
}

fn compress_bytes(args: &CompressArgs, destination: &Destination, found: &Found, input: Input) -> Result<(), Failure> {
    let path = destination.path(found, |name| Ok(names::of_bytes(name)))?;
    let settings = settings(args, args.dictionaries.one()?);
    let (size, attributes) = (input.size, input.attributes.clone());
    let mut output = Output::create(path.as_deref(), args.common.manner(false), true, attributes.is_some())?;
    let meter = Meter::bytes(&found.path, size, args.common.talk());
    let reader = input.into_reader()?;
    let result = codec::encode_bytes(reader, &mut output, size, settings, |done| meter.set(done));
    meter.clear();
    let length = result?;
    verify::bytes(args, found, attributes.as_ref(), &mut output)?;
    let written = output.commit(attributes.as_ref())?;
    meter.result(&found.path, path.as_deref(), [length, written], length);
    args.common.remove(&found.path, attributes.as_ref(), path.as_deref())
}

/// The input as an image, where it is one and its pixels are to be kept; beside it what that leaves out.
fn picture_of(
    args: &CompressArgs,
    destination: &Destination,
    found: &Found,
    input: &mut Input,
) -> Result<Option<Taken>, Failure> {
    // A name says what the user wants, unless --pixels says it.
    if wants_bytes(args, destination) && (args.bytes || !args.pixels) {
        return Ok(None);
    }
    let note = |text: &str| {
        if args.common.talk().notes() {
            terminal::note(&found.path, text);
        }
    };
    let (format, reason) = match source::sniff(&input.peek(32)?, &found.path) {
        source::Found::Other => {
            if destination.named().is_some_and(|path| path.extension().is_some_and(|end| end == "dci")) {
                note("kept as bytes, although .dci names images: no image that is known");
            }
            return Ok(None);
        }
        // Its pixels are not what was asked for.
        source::Found::Kept(JPEG) if !args.pixels => {
            let hides = hides_jpeg(destination, found);
            let reason =
                if hides { "its name has no extension of JPEG" } else { "its coefficients are not coded apart" };
            (JPEG.to_owned(), reason.to_owned())
        }
        source::Found::Kept(name) => (name.to_owned(), "its pixels are not read".to_owned()),
        source::Found::Picture(format) if args.exact && format != source::Format::Png => return Ok(None),
        source::Found::Picture(format) => {
            let file = input.whole()?;
            let is_png = format == source::Format::Png;
            match source::read(&file, format) {
                Ok((picture, _))
                    if !args.pixels && destination.named().is_none() && is_better_as_bytes(format, &picture) =>
                {
                    (format.to_string(), "drawn images with such samples are shorter so".to_owned())
                }
                Ok((picture, left_out)) if args.pixels || left_out.is_empty() || args.exact && is_png => {
                    let file = Some(file).filter(|_| is_png && !args.pixels);
                    return Ok(Some(Taken { format, picture, left_out, file }));
                }
                Ok((_, left_out)) => {
                    let reason = format!("pixels would leave out {}; --pixels does", left_out.join(", "));
                    (format.to_string(), reason)
                }
                Err(reason) => (format.to_string(), reason),
            }
        }
    };
    if args.pixels {
        return Err(format!("there are no pixels to keep: {reason}").into());
    }
    note(&format!("{format} image kept as bytes: {reason}"));
    Ok(None)
}

/// Of drawn images whose samples have few of 16 bits the pixels take a fifth more than the bytes. Those of a PNG file are
/// compressed already.
fn is_better_as_bytes(format: source::Format, picture: &Picture) -> bool {
    let narrow = picture.is_16_bit() && picture.metadata.significant_bits.is_some();
    format == source::Format::Pnm && narrow && picture.is_drawn()
}

pub(super) fn settings(args: &CompressArgs, dictionary: Option<Dictionary>) -> Settings {
    Settings { level: args.digits.level(args.level), threads: args.threads, dictionary }
}
