//! `dualcomp decompress`.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::names;
use super::options::{Common, Dictionaries, any_path, or_standard_input};
use crate::codec::{self, Kind};
use crate::files::{Destination, Found, Input, Output, expand};
use crate::picture::{self, OutputFormat};
use crate::terminal::{self, Failure, Meter};

/// Restore what was compressed
///
/// What a file is, its first bytes tell, not its name. An image becomes a PNG file (photo.dci:
/// photo.png), the very one that was compressed if that was kept, or what the extension of --output
/// says: .png, .webp (lossless), .pnm, .tiff, .bmp. A JPEG file becomes that very file
/// (photo.dci: photo.jpg), and is not converted to another format;
/// everything else becomes the very file that was compressed (page.html.dcs: page.html).
#[derive(Args, Default)]
pub(crate) struct DecompressArgs {
    /// Files to decompress; - or none is standard input
    #[arg(value_name = "INPUT", value_parser = any_path())]
    pub(super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) common: Common,
    /// Threads; 0 is one per processor
    #[arg(short, visible_short_alias = 'T', long, default_value_t = 0, value_name = "N")]
    pub(super) threads: usize,
    #[command(flatten)]
    pub(super) dictionaries: Dictionaries,
}

/// Runs the subcommand.
pub(crate) fn run(args: &DecompressArgs) -> ExitCode {
    let inputs = expand(&or_standard_input(&args.inputs), args.common.recursive, args.common.talk());
    let destination = args.common.destination(inputs.len());
    if let Err(failure) = args.dictionaries.open() {
        return terminal::failed(failure);
    }
    terminal::run(&inputs, |input| &input.path, |input| decompress(args, &destination, input))
}

fn decompress(args: &DecompressArgs, destination: &Destination, found: &Found) -> Result<(), Failure> {
    if !args.common.takes(found)? {
        return Ok(());
    }
    let mut input = found.open()?;
    let prefix = input.peek(codec::SIGNATURE)?;
    match codec::detect(&prefix) {
        Some(Kind::Image) => decompress_picture(args, destination, found, input),
        Some(Kind::ImageFile) if destination.named().is_some_and(names::hides_jpeg) => {
            Err(Failure::Message("holds a JPEG file, which is not converted: name the output .jpg".to_owned()))
        }
        // The file comes out that went in.
        Some(Kind::ImageFile) => decompress_bytes(args, destination, found, input, names::jpeg_from),
        Some(Kind::Bytes) => decompress_bytes(args, destination, found, input, names::bytes_from),
        Some(_) => Err(Failure::Message("holds what this version of the program does not know".to_owned())),
        None => codec::check_unknown(&prefix, found.walked),
    }
}

fn decompress_picture(
    args: &DecompressArgs,
    destination: &Destination,
    found: &Found,
    input: Input,
) -> Result<(), Failure> {
    let path = destination.path(found, |name| Ok(names::png_from(name)))?;
    let format = match &path {
        Some(path) => OutputFormat::from_path(path)?,
        None => OutputFormat::Png,
    };
    let (size, attributes) = (input.size.unwrap_or(0), input.attributes.clone());
    let mut output = Output::create(path.as_deref(), args.common.manner(false), true, attributes.is_some())?;
    let talk = args.common.talk_beside(destination.prints(found));
    let mut meter = None;
    let decoded =
        codec::decode_picture(input.into_reader()?, format == OutputFormat::Png, args.threads, |done, all| {
            meter.get_or_insert_with(|| Meter::pixels(&found.path, all, talk)).set(done);
        });
    if let Some(meter) = &meter {
        meter.clear();
    }
    let (picture, file) = decoded?;
    let (file, left_out) = match file {
        Some(file) => (file, Vec::new()),
        None => picture::encode(&picture, format)?,
    };
    output.write_all(&file)?;
    let written = output.commit(attributes.as_ref())?;
    if let Some(meter) = &meter {
        meter.result(&found.path, path.as_deref(), [size, written], picture.pixels.len() as u64);
    }
    if !left_out.is_empty() {
        if args.common.tells_left_out() {
            let names = left_out.join(" and ");
            terminal::note(&found.path, &format!("{format} has no place for {names}: left out"));
        }
        // The input is all that still has it.
        return Ok(());
    }
    args.common.remove(&found.path, attributes.as_ref(), path.as_deref())
}

fn decompress_bytes(
    args: &DecompressArgs,
    destination: &Destination,
    found: &Found,
    input: Input,
    named: impl Fn(&OsStr) -> Option<OsString>,
) -> Result<(), Failure> {
    let path = destination.path(found, |name| {
        let unknown = || Failure::Message("its name does not end in .dcs: name the result with --output".to_owned());
        named(name).ok_or_else(unknown)
    })?;
    let (size, attributes) = (input.size, input.attributes.clone());
    let mut output = Output::create(path.as_deref(), args.common.manner(true), false, attributes.is_some())?;
    let meter = Meter::bytes(&found.path, size, args.common.talk_beside(destination.prints(found)));
    let result =
        codec::decode_bytes(input.into_reader()?, &mut output, args.threads, args.dictionaries.all()?, |done| {
            meter.set(done);
        });
    meter.clear();
    let length = result?;
    output.commit(attributes.as_ref())?;
    meter.result(&found.path, path.as_deref(), [size.unwrap_or(0), length], length);
    args.common.remove(&found.path, attributes.as_ref(), path.as_deref())
}
