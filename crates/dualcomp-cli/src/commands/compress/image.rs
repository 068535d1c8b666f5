//! Image files: as pixels, as the coefficients of a JPEG file, or left to be kept as bytes.

use std::io::Write;

use super::{CompressArgs, settings, wants_bytes};
use crate::codec::{self, KeepFile};
use crate::commands::names;
use crate::commands::verify::{self, Origin};
use crate::files::{Destination, Found, Input, Output};
use crate::picture::Picture;
use crate::source;
use crate::terminal::{self, Failure, Meter, Talk};

/// Makes a `.dci` that holds a JPEG file to the last byte, or says that the input is none that can be kept so.
pub(super) fn compress_image_file(
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
    let talk = args.common.talk_beside(destination.prints(found));
    let meter = Meter::bytes(&found.path, Some(file.len() as u64), talk);
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

/// Whether the user names an image as the output. What has another extension may be one or not.
fn names_image(destination: &Destination) -> bool {
    destination.named().is_some_and(|path| path.extension().is_some_and(|end| end == "dci"))
}

/// How JPEG files are called.
const JPEG: &str = "JPEG";

/// An image file as pixels, and what of it they leave out.
pub(super) struct Taken {
    format: source::Format,
    picture: Picture,
    left_out: Vec<String>,
    /// The file itself, if it may be kept beside its pixels.
    file: Option<Vec<u8>>,
    /// The SHA-256 of the file as it was read, if it is to be removed.
    digest: Option<[u8; 32]>,
}

/// Bytes that a `.dci` may have more than the image file that it was made of.
const SLACK: u64 = 64;

/// Makes a `.dci`, or says that the file is better kept as bytes.
pub(super) fn compress_picture(
    args: &CompressArgs,
    destination: &Destination,
    found: &Found,
    input: &Input,
    Taken { format, picture, left_out, file, digest }: &Taken,
) -> Result<bool, Failure> {
    let path = destination.path(found, |name| Ok(names::of_picture(name, *format)))?;
    let mut output = Output::create(path.as_deref(), args.common.manner(false), true, input.attributes.is_some())?;
    let talk = args.common.talk();
    let meter = Meter::pixels(&found.path, picture.info.pixels(), args.common.talk_beside(destination.prints(found)));
    let keep = if args.exact { KeepFile::Always } else { KeepFile::IfCheap };
    let file = file.as_deref().map(|file| (file, keep));
    let coded = codec::encode_picture(picture, file, &settings(args, None), |done| meter.set(done));
    meter.clear();
    let (coded, kept) = coded?;
    // The file is a compressed image itself, and sometimes the better one.
    let is_longer = !names_image(destination) && input.size.is_some_and(|size| coded.len() as u64 > size + SLACK);
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
        let origin = digest.filter(|_| !kept).map_or(Origin::Kept, Origin::Digest);
        verify::picture(args, found, input.attributes.as_ref(), &mut output, picture, &origin)?;
    }
    let written = output.commit(input.attributes.as_ref())?;
    meter.result(&found.path, path.as_deref(), [input.size.unwrap_or(0), written], picture.pixels.len() as u64);
    if !is_whole {
        if args.common.tells_left_out() {
            terminal::note(&found.path, &format!("left out: {}", source::listed(left_out)));
        }
        // The file is all that still has it.
        return Ok(true);
    }
    if !kept && !args.pixels && (talk == Talk::Verbose || talk.notes() && args.common.rm) {
        terminal::note(&found.path, "pixels only: the file itself is not kept (--exact keeps it)");
    }
    if talk == Talk::Verbose && !picture.metadata.is_empty() {
        let kept: Vec<String> = picture.metadata.kinds().map(|kind| kind.to_string()).collect();
        terminal::note(&found.path, &format!("kept with the pixels: {}", kept.join(", ")));
    }
    args.common.remove(&found.path, input.attributes.as_ref(), path.as_deref())?;
    Ok(true)
}

/// The input as an image, where it is one and its pixels are to be kept; beside it what that leaves out.
pub(super) fn picture_of(
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
            if names_image(destination) {
                note("kept as bytes, although .dci names images: no image that is known");
            }
            return Ok(None);
        }
        // Its pixels are not what was asked for.
        source::Found::Kept(JPEG) if !args.pixels => {
            let hides = hides_jpeg(destination, found);
            let reason = match hides {
                true => "its name has no extension of JPEG".to_owned(),
                false => source::why_not_coded(&input.whole()?),
            };
            (JPEG.to_owned(), reason)
        }
        source::Found::Kept(name) => (name.to_owned(), "its pixels are not read".to_owned()),
        source::Found::Picture(format) if args.exact && format != source::Format::Png => return Ok(None),
        source::Found::Picture(format) => {
            let file = input.whole()?;
            let is_png = format == source::Format::Png;
            match source::read(&file, format) {
                Ok((picture, _))
                    if !args.pixels && !names_image(destination) && is_better_as_bytes(format, &picture) =>
                {
                    (format.to_string(), "drawn images with such samples are shorter so".to_owned())
                }
                Ok((picture, left_out)) if args.pixels || left_out.is_empty() || args.exact && is_png => {
                    let removes = args.common.removes(input.attributes.as_ref());
                    let digest = if removes { Some(verify::digest_of(&file[..])?) } else { None };
                    let file = Some(file).filter(|_| is_png && !args.pixels);
                    return Ok(Some(Taken { format, picture, left_out, file, digest }));
                }
                Ok((_, left_out)) => {
                    let reason = format!("pixels would leave out {}; --pixels does", source::listed(&left_out));
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
