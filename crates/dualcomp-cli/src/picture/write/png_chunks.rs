//! The chunks of a PNG file that hold metadata.

use std::io::Write;

use dualcomp::{Metadata, MetadataKind, Resolution, ResolutionUnit, Text};
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::LeftOut;
use crate::source::XMP;

/// The name that a profile must have.
const PROFILE: &[u8] = b"ICC profile";

/// Longer texts are compressed.
const LONG: usize = 1024;

/// Appends a chunk.
pub(super) fn put(file: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    // Metadata is at most as long as the limits of a decoder allow, far below 2^31 bytes.
    file.extend((content.len() as u32).to_be_bytes());
    let start = file.len();
    file.extend(kind);
    file.extend(content);
    let checksum = crc32fast::hash(&file[start..]);
    file.extend(checksum.to_be_bytes());
}

/// What colours mean, in front of the palette.
pub(super) fn put_colors(file: &mut Vec<u8>, metadata: &Metadata, left_out: &mut LeftOut) -> Result<(), String> {
    let words = |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_be_bytes()).collect() };
    let mut kept = |kind: &[u8; 4], content: Option<Vec<u8>>, what: MetadataKind| {
        if let Some(content) = content {
            put(file, kind, &content);
            left_out.kept(what);
        }
    };
    kept(b"cICP", metadata.cicp.map(Vec::from), MetadataKind::Cicp);
    kept(b"mDCV", metadata.mastering_display.map(Vec::from), MetadataKind::MasteringDisplay);
    kept(b"cLLI", metadata.content_light.map(|levels| words(&levels)), MetadataKind::ContentLight);
    if let Some(profile) = &metadata.icc {
        let content = [PROFILE, &[0, 0], &deflate(profile)?].concat();
        kept(b"iCCP", Some(content), MetadataKind::Icc);
    }
    kept(b"sRGB", metadata.srgb_intent.map(|intent| vec![intent]), MetadataKind::SrgbIntent);
    kept(b"gAMA", metadata.gamma.map(|gamma| words(&[gamma])), MetadataKind::Gamma);
    kept(b"cHRM", metadata.chromaticities.map(|points| words(&points)), MetadataKind::Chromaticities);
    Ok(())
}

/// Everything else, in front of the image data.
pub(super) fn put_rest(file: &mut Vec<u8>, metadata: &Metadata, left_out: &mut LeftOut) {
    if let Some((content, exact)) = metadata.resolution.and_then(resolution) {
        put(file, b"pHYs", &content);
        match exact {
            true => left_out.kept(MetadataKind::Resolution),
            false => left_out.rename(MetadataKind::Resolution, "the exact resolution"),
        }
    }
    if let Some(time) = &metadata.modified {
        put(file, b"tIME", time);
        left_out.kept(MetadataKind::Modified);
    }
    if let Some(exif) = &metadata.exif {
        put(file, b"eXIf", exif);
        left_out.kept(MetadataKind::Exif);
    }
    if let Some(xmp) = metadata.xmp.as_ref().and_then(|xmp| std::str::from_utf8(xmp).ok()) {
        put_text(file, &Text { keyword: XMP, language: "", translated: "", text: xmp }, true);
        left_out.kept(MetadataKind::Xmp);
    }
    if metadata.text.is_some() {
        let mut all = true;
        for text in metadata.texts() {
            all &= put_text(file, &text, false);
        }
        match all {
            true => left_out.kept(MetadataKind::Text),
            false => left_out.rename(MetadataKind::Text, "texts with such keywords"),
        }
    }
    if let Some(chunks) = metadata.png_chunks.as_ref().and_then(|chunks| others(chunks)) {
        for (kind, content) in chunks {
            put(file, kind, content);
        }
        left_out.kept(MetadataKind::PngChunks);
    }
}

/// Appends a text chunk of the kind that suffices, or says that PNG cannot have it.
fn put_text(file: &mut Vec<u8>, text: &Text<'_>, international: bool) -> bool {
    let latin =
        |text: &str| text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect::<Option<Vec<u8>>>();
    let Some(keyword) = latin(text.keyword).filter(|keyword| (1..80).contains(&keyword.len())) else { return false };
    match latin(text.text) {
        Some(content) if !international && text.language.is_empty() && text.translated.is_empty() => {
            // A file may have a million short ones.
            let short = if content.len() > LONG { deflate(&content).ok() } else { None };
            match short {
                Some(short) => put(file, b"zTXt", &[&keyword[..], &[0, 0], &short].concat()),
                None => put(file, b"tEXt", &[&keyword[..], &[0], &content].concat()),
            }
        }
        _ => {
            let names = [text.language.as_bytes(), &[0], text.translated.as_bytes(), &[0]].concat();
            put(file, b"iTXt", &[&keyword[..], &[0, 0, 0], &names, text.text.as_bytes()].concat());
        }
    }
    true
}

/// The content of a pHYs chunk, and whether it is exact.
fn resolution(resolution: Resolution) -> Option<(Vec<u8>, bool)> {
    let Resolution { x, y, unit } = resolution;
    let content = |x: u32, y: u32, unit: u8| {
        // Greater integers there are not (PNG, third edition, section 7.1).
        let fit = x.max(y) <= i32::MAX as u32;
        fit.then(|| [&x.to_be_bytes()[..], &y.to_be_bytes(), &[unit]].concat())
    };
    let metres = |[numerator, denominator]: [u32; 2], units: [u64; 2]| {
        let (upper, lower) = (u64::from(numerator) * units[0], u64::from(denominator) * units[1]);
        let rounded = (upper + lower / 2).checked_div(lower)?;
        Some((u32::try_from(rounded).ok()?, upper.is_multiple_of(lower)))
    };
    let units = match unit {
        // A ratio, which its numerators alone say where the denominators are the same.
        ResolutionUnit::Unknown if x[1] == y[1] && x[1] > 0 => return Some((content(x[0], y[0], 0)?, x[1] == 1)),
        ResolutionUnit::Unknown => return None,
        ResolutionUnit::Metre => [1, 1],
        ResolutionUnit::Inch => [10_000, 254],
        ResolutionUnit::Centimetre => [100, 1],
    };
    let ((x, exact_x), (y, exact_y)) = (metres(x, units)?, metres(y, units)?);
    Some((content(x, y, 1)?, exact_x && exact_y))
}

/// The chunks that were copied unread, if that is what they are.
fn others(mut chunks: &[u8]) -> Option<Vec<(&[u8; 4], &[u8])>> {
    let mut found = Vec::new();
    while !chunks.is_empty() {
        let (length, rest) = chunks.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (content, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let [first, second, third, last] = kind;
        let safe = first.is_ascii_lowercase() && last.is_ascii_lowercase();
        if !safe || !second.is_ascii_alphabetic() || !third.is_ascii_alphabetic() {
            return None;
        }
        found.push((kind, content));
        chunks = rest;
    }
    Some(found)
}

fn deflate(data: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let done = encoder.write_all(data).and_then(|()| encoder.finish());
    done.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_become_metres() {
        let of = |x, unit| {
            resolution(Resolution { x, y: [100, 1], unit }).map(|(content, exact)| (content[..4].to_vec(), exact))
        };
        assert_eq!(of([2835, 1], ResolutionUnit::Metre), Some((vec![0, 0, 0x0B, 0x13], true)));
        assert_eq!(of([300, 1], ResolutionUnit::Inch), Some((vec![0, 0, 0x2E, 0x23], false)));
        assert_eq!(of([118, 1], ResolutionUnit::Centimetre), Some((vec![0, 0, 0x2E, 0x18], true)));
        assert_eq!(of([1, 0], ResolutionUnit::Metre), None);
        assert_eq!(of([3, 2], ResolutionUnit::Unknown), None);
        assert_eq!(of([1 << 31, 1], ResolutionUnit::Metre), None);
        assert_eq!(of([1 << 31, 1], ResolutionUnit::Unknown), None);
    }

    #[test]
    fn only_chunks_that_may_be_copied_are() {
        assert_eq!(others(b"\0\0\0\x01vpAgx").unwrap().len(), 1);
        for bad in [&b"\0\0\0\x01IDATx"[..], b"\0\0\0\x02vpAgx", b"\0\0\0\0sPLT", b"\0\0\0\0v\0Ag", b"\0"] {
            assert!(others(bad).is_none(), "{bad:?}");
        }
    }
}
