//! Whether an output gives its input again, asked before the input is removed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};

use sha2::{Digest, Sha256};

use super::compress::CompressArgs;
use crate::codec;
use crate::files::{Attributes, Found, Output};
use crate::picture::Picture;
use crate::terminal::{Failure, Meter};

/// Decodes an output that is to replace its input, and compares what comes of it with the input, read once more.
///
/// # Errors
/// If that is another file: one of the two would be lost.
pub(super) fn bytes(
    args: &CompressArgs,
    found: &Found,
    attributes: Option<&Attributes>,
    output: &mut Output,
) -> Result<(), Failure> {
    let Some(written) = replacement(args, attributes, output)? else { return Ok(()) };
    let meter = Meter::bytes(&found.path, written.metadata()?.len().into(), args.common.talk());
    let compared = compare_bytes(args, BufReader::new(written), found.open()?.into_reader()?, |done| meter.set(done));
    meter.clear();
    compared.map_err(lost)
}

/// The same of an output that has pixels, and the file that these come from if it `keeps_file`. If it does not, the input must
/// still be that of this digest.
pub(super) fn picture(
    args: &CompressArgs,
    found: &Found,
    attributes: Option<&Attributes>,
    output: &mut Output,
    picture: &Picture,
    origin: &Origin,
) -> Result<(), Failure> {
    let Some(written) = replacement(args, attributes, output)? else { return Ok(()) };
    let meter = Meter::pixels(&found.path, picture.info.pixels(), args.common.talk());
    let file = match origin {
        Origin::Kept => Some(found.open()?.into_reader()?),
        Origin::Digest(_) => None,
    };
    let compared = compare_picture(args, BufReader::new(written), picture, file, |done| meter.set(done));
    meter.clear();
    // Last, for as little time as can be to pass until the input goes.
    let compared = compared.and_then(|()| match origin {
        Origin::Digest(digest) if *digest != digest_of(found.open()?.into_reader()?)? => {
            Err("another file".to_owned().into())
        }
        _ => Ok(()),
    });
    compared.map_err(lost)
}

/// What tells whether an input is still the file that a picture was made of.
pub(super) enum Origin {
    /// The output has all of it.
    Kept,
    /// Its SHA-256.
    Digest([u8; 32]),
}

/// The SHA-256 of an input.
pub(super) fn digest_of(mut input: impl Read) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    io::copy(&mut input, &mut digest)?;
    Ok(digest.finalize().into())
}

/// What was written, if the input is to go for it.
fn replacement(
    args: &CompressArgs,
    attributes: Option<&Attributes>,
    output: &mut Output,
) -> Result<Option<File>, Failure> {
    if args.common.removes(attributes) { output.reopen() } else { Ok(None) }
}

fn compare_bytes(
    args: &CompressArgs,
    written: impl BufRead,
    input: impl BufRead,
    progress: impl Fn(u64),
) -> Result<(), Failure> {
    let mut same = Same { input, offset: 0 };
    codec::decode_bytes(written, &mut same, args.threads, args.dictionaries.all()?, progress)?;
    Ok(same.finish()?)
}

fn compare_picture(
    args: &CompressArgs,
    written: impl BufRead,
    picture: &Picture,
    input: Option<impl BufRead>,
    progress: impl Fn(u64),
) -> Result<(), Failure> {
    let (back, file) = codec::decode_picture(written, input.is_some(), args.threads, |done, _| progress(done))?;
    if back.info != picture.info || back.pixels != picture.pixels {
        return Err("other pixels".to_owned().into());
    }
    if back.metadata != picture.metadata {
        return Err("other metadata".to_owned().into());
    }
    if let Some(input) = input {
        let mut same = Same { input, offset: 0 };
        same.write_all(&file.ok_or_else(|| "no file beside the pixels".to_owned())?)?;
        same.finish()?;
    }
    Ok(())
}

fn lost(failure: Failure) -> Failure {
    match failure {
        Failure::Closed => Failure::Closed,
        Failure::Message(reason) => format!(
            "does not come back from what was made of it ({reason}): it is kept, and the output is not. Please report \
             this at {}/issues, unless the file was changed meanwhile",
            env!("CARGO_PKG_REPOSITORY")
        )
        .into(),
    }
}

/// Takes the bytes that an input has, and no others.
struct Same<R> {
    input: R,
    offset: u64,
}

impl<R: BufRead> Same<R> {
    /// There must be no more of the input.
    fn finish(mut self) -> io::Result<()> {
        if self.input.fill_buf()?.is_empty() { Ok(()) } else { Err(self.differs()) }
    }

    fn differs(&self) -> io::Error {
        io::Error::other(format!("other bytes from byte {} on", self.offset))
    }
}

impl<R: BufRead> Write for Same<R> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let expected = self.input.fill_buf()?;
        let count = expected.len().min(data.len());
        let equal = data[..count].iter().zip(expected).take_while(|(a, b)| a == b).count();
        self.input.consume(equal);
        self.offset += equal as u64;
        if equal < count || count == 0 && !data.is_empty() { Err(self.differs()) } else { Ok(count) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use dualcomp::{ColorType, ImageInfo, Metadata};

    use super::super::compress::settings;
    use super::*;

    fn reason(result: Result<(), Failure>) -> String {
        match result {
            Err(Failure::Message(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_bytes_are_found() {
        let args = CompressArgs::default();
        let input: Vec<u8> = (0..200_000_u32).map(|index| (index.wrapping_mul(index) >> 7) as u8).collect();
        let coded = codec::pack(&input, &settings(&args, None)).unwrap();
        // Pieces of other lengths than the decoder has.
        let compare =
            |coded: &[u8], input: &[u8]| compare_bytes(&args, coded, BufReader::with_capacity(777, input), |_| {});
        compare(&coded, &input).unwrap();
        let mut other = input.clone();
        other[150_000] ^= 1;
        assert_eq!(reason(compare(&coded, &other)), "other bytes from byte 150000 on");
        other = [&input[..], b"more"].concat();
        assert_eq!(reason(compare(&coded, &other)), "other bytes from byte 200000 on");
        assert_eq!(reason(compare(&coded, &input[..199_999])), "other bytes from byte 199999 on");
        assert_eq!(reason(compare(&coded, b"")), "other bytes from byte 0 on");
        reason(compare(&coded[..coded.len() - 9], &input));
    }

    #[test]
    fn other_pictures_are_found() {
        let args = CompressArgs::default();
        let picture = |pixels: &[u8], metadata: Metadata| {
            let info = ImageInfo::new(2, 2, ColorType::L8);
            Picture { info, metadata, pixels: pixels.to_vec() }
        };
        let right = picture(b"abcd", Metadata::default());
        let (coded, kept) = codec::encode_picture(&right, None, &settings(&args, None), |_| {}).unwrap();
        assert!(!kept);
        let compare =
            |picture: &Picture, input: Option<&[u8]>| compare_picture(&args, &coded[..], picture, input, |_| {});
        compare(&right, None).unwrap();
        assert_eq!(reason(compare(&picture(b"abce", Metadata::default()), None)), "other pixels");
        assert_eq!(
            reason(compare(&picture(b"abcd", Metadata::default().with_xmp(b"<x/>".to_vec())), None)),
            "other metadata"
        );
        assert_eq!(reason(compare(&right, Some(b"file"))), "no file beside the pixels");
    }
}
