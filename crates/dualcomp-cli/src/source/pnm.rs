//! The header of a Netpbm file, what follows the pixels, and samples that do not run to 255 or 65535.

use std::io::Cursor;

use dualcomp::{ImageInfo, Metadata, Text};
use image::ImageDecoder;
use image::codecs::pnm::PnmDecoder;

use super::Audit;
use super::pixels::{check_pixels, color, readable};
use crate::picture::{Pam, Picture, encode_narrow, repeated};

/// The keyword of the comments in a header.
const COMMENT: &str = "Comment";

/// What a file says, and how many bits its samples have where these are not 8 or 16.
pub(super) struct Pnm {
    pub(super) audit: Audit,
    pub(super) bits: Option<u8>,
}

/// Looks at the header: the kind, `P1` to `P7`, and the greatest sample.
pub(super) fn audit(file: &[u8]) -> Result<Pnm, String> {
    let mut audit = Audit::default();
    let kind = file.get(1).copied().unwrap_or_default();
    let Header { most, is_bitmap, length: header } = match kind {
        b'7' => arbitrary(file)?,
        _ => numbers(file, kind)?,
    };
    let full = match most {
        // Samples of other kinds beyond 1 would become 1 without a word.
        1 => is_bitmap,
        most => matches!(most, 255 | 65535),
    };
    let bits = (1..16).find(|&bits| !full && most == u32::from(u16::MAX >> (16 - bits)));
    if !full && bits.is_none() {
        return Err(format!("its samples run to {most}, which is no whole number of bits"));
    }
    for comment in comments(&file[..header]) {
        let text: String = comment.iter().copied().map(char::from).collect();
        // Most programs write a space behind the sign.
        let text = text.strip_prefix(' ').unwrap_or(&text);
        let text = Text { keyword: COMMENT, language: "", translated: "", text };
        if audit.metadata.push_text(&text).is_err() {
            audit.leave_out("a comment");
        }
    }
    // Comments among the samples themselves.
    if matches!(kind, b'1'..=b'3') && file[header..].contains(&b'#') {
        audit.leave_out("the comments among its samples");
    }
    Ok(Pnm { audit, bits })
}

/// The pixels of a file whose samples have `bits` bits, widened to 8 or 16, with a note of the bits: of this the file can be
/// made again. Other spellings of the header, comments, samples in decimal and what follows the pixels are refused.
pub(super) fn read_narrow(file: &[u8], bits: u8) -> Result<Picture, String> {
    let decoder = readable(PnmDecoder::new(Cursor::new(file)))?;
    let (width, height) = decoder.dimensions();
    let color = color(decoder.color_type()).ok_or("its samples are not integers")?;
    let unusual = || "it is not written in the usual way for samples of other than 8 or 16 bits".to_owned();
    check_pixels(width, height)?;
    let length = usize::try_from(decoder.total_bytes()).map_err(|error| error.to_string())?;
    let start = file.len().checked_sub(length).ok_or(super::CUT)?;
    let stored = &file[start..];
    let pixels = match color.bytes_per_sample() {
        1 => stored.iter().map(|&sample| repeated(sample.into(), bits, 8) as u8).collect(),
        _ => {
            let samples = stored.as_chunks::<2>().0.iter().map(|sample| u16::from_be_bytes(*sample));
            samples.flat_map(|sample| repeated(sample, bits, 16).to_ne_bytes()).collect()
        }
    };
    let mut metadata = Metadata::default();
    metadata.significant_bits = Some(vec![bits; color.channels()]);
    let picture = Picture { info: ImageInfo::new(width, height, color), metadata, pixels };
    let pam = if file.starts_with(b"P7") { Pam::Always } else { Pam::WithAlpha };
    // Samples beyond the greatest are found so, too.
    if encode_narrow(&picture, pam).is_some_and(|again| again == file) { Ok(picture) } else { Err(unusual()) }
}

/// What a header says.
struct Header {
    /// The greatest sample.
    most: u32,
    /// Whether there is nothing but black and white.
    is_bitmap: bool,
    length: usize,
}

const MALFORMED: &str = "its header is malformed";

/// Reads the numbers behind the kind: width, height and, but for bitmaps, the greatest sample.
fn numbers(file: &[u8], kind: u8) -> Result<Header, String> {
    let is_bitmap = matches!(kind, b'1' | b'4');
    let (mut left, mut word, mut comment) = (if is_bitmap { 2 } else { 3 }, String::new(), false);
    for (at, &byte) in file.iter().enumerate().skip(2) {
        match byte {
            _ if comment => comment = !matches!(byte, b'\n' | b'\r'),
            b'#' if word.is_empty() => comment = true,
            // To some programs the number goes on behind it.
            b'#' => return Err("its header has a comment in a number".to_owned()),
            b' ' | b'\t'..=b'\r' if word.is_empty() => {}
            b' ' | b'\t'..=b'\r' => {
                let value = number(&std::mem::take(&mut word))?;
                left -= 1;
                if left == 0 {
                    return Ok(Header { most: if is_bitmap { 1 } else { value }, is_bitmap, length: at });
                }
            }
            byte => word.push(char::from(byte)),
        }
    }
    Err(super::CUT.to_owned())
}

fn number(word: &str) -> Result<u32, String> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|_| digits).ok_or_else(|| MALFORMED.to_owned())
}

/// Reads the header of a PAM file.
fn arbitrary(file: &[u8]) -> Result<Header, String> {
    let mut length = 0;
    let (mut most, mut is_named) = (None, false);
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        length += line.len();
        let line: String = line.iter().copied().map(char::from).collect();
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["ENDHDR"] => {
                let most = most.ok_or(MALFORMED)?;
                if !is_named {
                    return Err("it does not say what its samples mean".to_owned());
                }
                // Also where the samples are named black and white: these are samples of one bit.
                return Ok(Header { most, is_bitmap: false, length });
            }
            ["MAXVAL", value] => most = Some(number(value)?),
            // A second name would be a part of the first.
            [
                "TUPLTYPE",
                "BLACKANDWHITE" | "BLACKANDWHITE_ALPHA" | "GRAYSCALE" | "RGB" | "GRAYSCALE_ALPHA" | "RGB_ALPHA",
            ] if !is_named => is_named = true,
            ["TUPLTYPE", ..] => return Err("what its samples mean is unknown".to_owned()),
            _ => {}
        }
    }
    Err(super::CUT.to_owned())
}

fn comments(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    header.split(|&byte| matches!(byte, b'\n' | b'\r')).filter_map(|line| {
        let start = line.iter().position(|&byte| byte == b'#')?;
        Some(&line[start + 1..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_kept() {
        for file in [
            &b"P5\n# by hand\n2 1\n#  of two \n255\nab"[..],
            b"P7\n# by hand\nWIDTH 2\n#  of two \nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n",
        ] {
            let audit = audit(file).unwrap().audit;
            let texts: Vec<_> = audit.metadata.texts().map(|text| text.text.to_owned()).collect();
            assert_eq!(texts, ["by hand", " of two "]);
            assert!(audit.left_out.is_empty());
        }
        assert_eq!(audit(b"P2 1 1 255\n7 # seven\n").unwrap().audit.left_out.len(), 1);
        assert!(audit(b"P6 1 1 255 #!!").unwrap().audit.left_out.is_empty(), "a pixel, no comment");
    }

    #[test]
    fn ranges_of_whole_bits_are_taken() {
        for (file, good) in [
            (&b"P5 2 1 100 ab"[..], false),
            (b"P5 2 1 0 ab", false),
            (b"P5 2 1 1 ab", true),
            (b"P5 2 1 0255 ab", true),
            (b"P5 2 1 +255 ab", false),
            (b"P5 2 1 4294967551 ab", false),
            (b"P5 2\x0b1 #\r255 ab", true),
            (b"P5 2 1 255#c\nab 255 ", false),
            (b"P7\nMAXVAL +255\nENDHDR\n", false),
            (b"P5 2 1 65535 abcd", true),
            (b"P4 8 1 a", true),
            (b"P7\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n", true),
            (b"P7\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\n", false),
            (b"P7\nMAXVAL 255\n", false),
            (b"P7\nENDHDR\n", false),
            (b"P5 2 1", false),
        ] {
            assert_eq!(audit(file).is_ok(), good, "{}", file.escape_ascii());
        }
        assert_eq!(audit(b"P7\nMAXVAL 1\nTUPLTYPE RGB\nENDHDR\n").unwrap().bits, Some(1));
        assert_eq!(audit(b"P7\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n").unwrap().bits, Some(1));
        assert_eq!(audit(b"P4 8 1 a").unwrap().bits, None);
        for header in ["MAXVAL 255", "MAXVAL 65535", "MAXVAL 255\nTUPLTYPE RGB\nTUPLTYPE RGB"] {
            assert!(audit(format!("P7\n{header}\nENDHDR\n").as_bytes()).is_err(), "{header}");
        }
        for (most, bits) in [("1", Some(1)), ("127", Some(7)), ("255", None), ("1023", Some(10)), ("32767", Some(15))] {
            assert_eq!(audit(format!("P5 1 1 {most} a").as_bytes()).unwrap().bits, bits);
        }
    }

    #[test]
    fn only_what_can_be_made_again_is_taken() {
        let picture = read_narrow(b"P6\n1 1\n1023\n\x02\xAA\0\0\x03\xFF", 10).unwrap();
        let samples: Vec<_> = picture.pixels.as_chunks().0.iter().map(|sample| u16::from_ne_bytes(*sample)).collect();
        assert_eq!(samples, [0xAAAA, 0, 0xFFFF]);
        assert_eq!(picture.metadata.significant_bits, Some(vec![10; 3]));
        assert_eq!(read_narrow(b"P5\n2 1\n7\n\x07\x04", 3).unwrap().pixels, [0xFF, 0x92]);
        assert!(
            read_narrow(b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 7\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n\x07\x01", 3)
                .is_ok()
        );
        assert!(
            read_narrow(b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 7\nTUPLTYPE GRAYSCALE\nENDHDR\n\x07\x01", 3).is_ok()
        );
        for file in [
            &b"P5\n2 1\n7\n\x07\x08"[..],
            b"P5\n2 1\n7\n\x07\x04\n",
            b"P5\n2 1\n7\n\x07",
            b"P5 2 1\n7\n\x07\x04",
            b"P5\n# two\n2 1\n7\n\x07\x04",
            b"P2\n2 1\n7\n7 4\n",
            b"P5\n0 1\n7\n",
        ] {
            assert!(read_narrow(file, 3).is_err(), "{}", file.escape_ascii());
        }
    }
}
