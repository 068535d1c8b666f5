//! The tags of a TIFF file, and the entries that hold them.

use crate::source::bits::Words;

pub(super) const WIDTH: u16 = 256;
pub(super) const HEIGHT: u16 = 257;
pub(super) const BITS_PER_SAMPLE: u16 = 258;
pub(super) const COMPRESSION: u16 = 259;
pub(super) const PHOTOMETRIC: u16 = 262;
pub(super) const FILL_ORDER: u16 = 266;
pub(super) const STRIP_OFFSETS: u16 = 273;
pub(super) const SAMPLES_PER_PIXEL: u16 = 277;
pub(super) const ROWS_PER_STRIP: u16 = 278;
pub(super) const STRIP_BYTES: u16 = 279;
pub(super) const MIN_SAMPLE: u16 = 280;
pub(super) const MAX_SAMPLE: u16 = 281;
pub(super) const PLANAR: u16 = 284;
pub(super) const RESOLUTION_UNIT: u16 = 296;
pub(super) const PREDICTOR: u16 = 317;
pub(super) const TILE_WIDTH: u16 = 322;
pub(super) const TILE_HEIGHT: u16 = 323;
pub(super) const TILE_OFFSETS: u16 = 324;
pub(super) const TILE_BYTES: u16 = 325;
pub(super) const EXTRA_SAMPLES: u16 = 338;
pub(super) const SAMPLE_FORMAT: u16 = 339;

/// Compressions.
pub(super) const LZW: u64 = 5;
pub(super) const DEFLATE: [u64; 2] = [8, 32946];
pub(super) const PACK_BITS: u64 = 32773;

/// Compressions of differences, where a tag says so: LZW, Deflate (twice), LZMA, Zstandard.
pub(super) const PREDICTED: [u64; 5] = [LZW, DEFLATE[0], DEFLATE[1], 34925, 50000];

/// The tags of texts and the keywords they have in a `.dci`: those of PNG where it has one for the same thing.
pub(crate) const TEXTS: [(u16, &str); 10] = [
    (269, "Document"),
    (270, "Description"),
    (271, "Make"),
    (272, "Model"),
    (285, "Page"),
    (305, "Software"),
    (306, "Creation Time"),
    (315, "Author"),
    (316, "Computer"),
    (33432, "Copyright"),
];

/// How many integers a tag has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    One,
    /// One, or one for each sample of a pixel.
    Samples,
    /// What uses them counts them.
    Any,
}

/// What a tag is about.
pub(super) enum Meaning {
    /// How the samples are stored, which [`super`] checks where it matters.
    Storage(Count),
    /// Something that must be one of these, or else is left out.
    Expected(&'static [&'static [u64]], &'static str),
    Icc,
    Xmp,
    Iptc,
    /// Of rows (0) or columns (1).
    Resolution(usize),
    Text(&'static str),
    /// Something that pixels do not say, with its name if it has one.
    Other(Option<&'static str>),
}

/// Says what a tag is about.
pub(super) fn meaning(tag: u16) -> Meaning {
    match tag {
        WIDTH | HEIGHT | COMPRESSION | PHOTOMETRIC | FILL_ORDER | SAMPLES_PER_PIXEL | ROWS_PER_STRIP | PLANAR
        | RESOLUTION_UNIT | PREDICTOR | TILE_WIDTH | TILE_HEIGHT => Meaning::Storage(Count::One),
        BITS_PER_SAMPLE | MIN_SAMPLE | MAX_SAMPLE | EXTRA_SAMPLES | SAMPLE_FORMAT => Meaning::Storage(Count::Samples),
        STRIP_OFFSETS | STRIP_BYTES | TILE_OFFSETS | TILE_BYTES => Meaning::Storage(Count::Any),
        292 | 293 => Meaning::Expected(&[&[0]], "options of its CCITT compression"),
        254 => Meaning::Expected(&[&[0]], "what part it is of another image"),
        255 => Meaning::Expected(&[&[1]], "what part it is of another image"),
        263 => Meaning::Expected(&[&[1]], "how its grey was made"),
        274 => Meaning::Expected(&[&[1]], "that it is stored turned"),
        // The first page of one, or of a number that is not known.
        297 => Meaning::Expected(&[&[0, 1], &[0, 0]], "the number of its page"),
        282 => Meaning::Resolution(0),
        283 => Meaning::Resolution(1),
        700 => Meaning::Xmp,
        33723 => Meaning::Iptc,
        34675 => Meaning::Icc,
        286 | 287 => Meaning::Other(Some("its position on a page")),
        290 | 291 | 301 => Meaning::Other(Some("its transfer function")),
        318 | 319 | 342 => Meaning::Other(Some("its chromaticities")),
        330 => Meaning::Other(Some("the images inside it")),
        34665 => Meaning::Other(Some("its EXIF")),
        34853 => Meaning::Other(Some("its geographic position")),
        40965 => Meaning::Other(Some("its EXIF")),
        33550 | 33922 | 34264 | 34735..=34737 | 42112 | 42113 => Meaning::Other(Some("its GeoTIFF tags")),
        34377 => Meaning::Other(Some("its Photoshop resources")),
        37724 => Meaning::Other(Some("its Photoshop layers")),
        50706..=51125 => Meaning::Other(Some("its DNG tags")),
        _ => match TEXTS.iter().find(|&&(known, _)| known == tag) {
            Some(&(_, keyword)) => Meaning::Text(keyword),
            None => Meaning::Other(None),
        },
    }
}

/// One entry of a directory.
pub(super) struct Entry<'a> {
    pub(super) tag: u16,
    kind: u16,
    at: u64,
    pub(super) bytes: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Reads the entry at `at`. Beside it comes the place of its values where they are not inside it.
    pub(super) fn read(words: Words<'a>, at: u64) -> Result<(Self, Option<(u64, u64)>), String> {
        let (tag, kind, count) = (words.u16(at)?, words.u16(at + 2)?, words.u32(at + 4)?);
        let size = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return Err(format!("the values of its tag {tag} are of an unknown kind")),
        };
        let len = size * u64::from(count);
        let (at, outside) = match len {
            0..=4 => (at + 8, None),
            _ => {
                let place = u64::from(words.u32(at + 8)?);
                (place, Some((place, len)))
            }
        };
        Ok((Self { tag, kind, at, bytes: words.bytes(at, len)? }, outside))
    }

    /// Whether nothing but zeros stands behind its values, where these are inside the entry at `at`.
    pub(super) fn is_filled_up(&self, words: Words<'_>, at: u64) -> Result<bool, String> {
        let len = self.bytes.len() as u64;
        Ok(len >= 4 || words.bytes(at + 8 + len, 4 - len)?.iter().all(|&byte| byte == 0))
    }

    /// Its values, where they are unsigned integers.
    pub(super) fn numbers(&self, words: Words<'_>) -> Option<Vec<u64>> {
        let len = self.bytes.len() as u64;
        let all = |size: u64| (0..len / size).map(move |index| self.at + index * size);
        match self.kind {
            1 => Some(self.bytes.iter().map(|&byte| byte.into()).collect()),
            3 => all(2).map(|at| words.u16(at).ok().map(u64::from)).collect(),
            4 | 13 => all(4).map(|at| words.u32(at).ok().map(u64::from)).collect(),
            _ => None,
        }
    }

    /// Its value, where it is one fraction.
    pub(super) fn rational(&self, words: Words<'_>) -> Option<[u32; 2]> {
        if self.kind != 5 || self.bytes.len() != 8 {
            return None;
        }
        Some([words.u32(self.at).ok()?, words.u32(self.at + 4).ok()?])
    }

    /// Its value, where it is one text, without the zero bytes that end it and in some files fill it.
    pub(super) fn text(&self) -> Option<&'a str> {
        if self.kind != 2 {
            return None;
        }
        std::str::from_utf8(self.bytes).ok().map(|text| text.trim_end_matches('\0'))
    }
}
