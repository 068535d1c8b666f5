//! What comes with an image besides its pixels, section 5.2.

mod kind;
mod resolution;

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::format::image::info::ColorType;
pub use kind::MetadataKind;
pub use resolution::{Resolution, ResolutionUnit};

/// Set in the code of metadata that is coded as a stream of bytes.
pub(crate) const CODED: u8 = 0x80;

/// What comes with an image. Kept byte for byte, never interpreted: the colours of pixels do not change with it.
///
/// What names a chunk of PNG has the layout of its content in PNG's third edition, section 11.3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The colour profile.
    pub icc: Option<Vec<u8>>,
    /// EXIF, from its TIFF header on.
    pub exif: Option<Vec<u8>>,
    /// XMP.
    pub xmp: Option<Vec<u8>>,
    /// IPTC.
    pub iptc: Option<Vec<u8>>,
    /// Gamma of the samples times 100,000 (`gAMA`).
    pub gamma: Option<u32>,
    /// x and y of white, red, green and blue, each times 100,000 (`cHRM`).
    pub chromaticities: Option<[u32; 8]>,
    /// The samples are sRGB; the value is the rendering intent, 0 to 3 (`sRGB`).
    pub srgb_intent: Option<u8>,
    /// Code points of ITU-T H.273: primaries, transfer function, matrix, full range (`cICP`).
    pub cicp: Option<[u8; 4]>,
    /// Colour volume of the mastering display (`mDCV`).
    pub mastering_display: Option<[u8; 24]>,
    /// Greatest light level, of a pixel and of a frame on average, in 0.0001 cd/m² (`cLLI`).
    pub content_light: Option<[u32; 2]>,
    /// Pixels a unit of length (`pHYs`).
    pub resolution: Option<Resolution>,
    /// How many bits of each sample of a pixel mean something (`sBIT`); one byte for each channel.
    pub significant_bits: Option<Vec<u8>>,
    /// Texts with keywords, as [`push_text`](Self::push_text) adds and [`texts`](Self::texts) reads them.
    pub text: Option<Vec<u8>>,
    /// When the image was changed last, UTC: year (two bytes, upper first), month, day, hour, minute, second (`tIME`).
    pub modified: Option<[u8; 7]>,
    /// The background to show the image on: a pixel without its opacity, 16-bit samples with the upper byte first
    /// (`bKGD`).
    pub background: Option<Vec<u8>>,
    /// Other chunks of a PNG file that its rules let a program copy unread: for each the length of its content in
    /// four bytes, upper first, the type, and the content.
    pub png_chunks: Option<Vec<u8>>,
}

/// A text with its keyword (`tEXt`, `iTXt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// What the text is, in English, such as "Title".
    pub keyword: &'a str,
    /// The language of the text (RFC 3066), or nothing.
    pub language: &'a str,
    /// The keyword in that language, or nothing.
    pub translated: &'a str,
    /// The text.
    pub text: &'a str,
}

impl Metadata {
    /// Sets [`Self::icc`].
    #[must_use]
    pub fn with_icc(mut self, icc: impl Into<Option<Vec<u8>>>) -> Self {
        self.icc = icc.into();
        self
    }

    /// Sets [`Self::exif`].
    #[must_use]
    pub fn with_exif(mut self, exif: impl Into<Option<Vec<u8>>>) -> Self {
        self.exif = exif.into();
        self
    }

    /// Sets [`Self::xmp`].
    #[must_use]
    pub fn with_xmp(mut self, xmp: impl Into<Option<Vec<u8>>>) -> Self {
        self.xmp = xmp.into();
        self
    }

    /// Sets [`Self::iptc`].
    #[must_use]
    pub fn with_iptc(mut self, iptc: impl Into<Option<Vec<u8>>>) -> Self {
        self.iptc = iptc.into();
        self
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.kinds().next().is_none()
    }

    /// What there is, in the order of [`MetadataKind::ALL`].
    pub fn kinds(&self) -> impl Iterator<Item = MetadataKind> {
        MetadataKind::ALL.into_iter().filter(|&kind| self.content(kind).is_some())
    }

    /// Bytes of all of it in a stream, but for the frames around it.
    pub fn bytes(&self) -> u64 {
        MetadataKind::ALL.iter().filter_map(|&kind| self.content(kind)).map(|content| content.len() as u64).sum()
    }

    /// Adds a text.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the keyword is empty, or a zero character is in it, in the language or in the
    /// translated keyword.
    pub fn push_text(&mut self, text: &Text<'_>) -> Result<()> {
        let names = [text.keyword, text.language, text.translated];
        if text.keyword.is_empty() || names.iter().any(|name| name.contains('\0')) || text.text.contains('\0') {
            return Err(Error::parameter("a text needs a keyword, and no zero character"));
        }
        let all = self.text.get_or_insert_default();
        for part in [text.keyword, text.language, text.translated, text.text] {
            all.extend_from_slice(part.as_bytes());
            all.push(0);
        }
        Ok(())
    }

    /// The texts. Ends early where they are damaged, as the encoder does not write them.
    pub fn texts(&self) -> impl Iterator<Item = Text<'_>> {
        let mut parts = self.text.as_deref().unwrap_or_default().split(|&byte| byte == 0).map(std::str::from_utf8);
        std::iter::from_fn(move || {
            let mut part = || parts.next()?.ok();
            let (keyword, language, translated, text) = (part()?, part()?, part()?, part()?);
            (!keyword.is_empty()).then_some(Text { keyword, language, translated, text })
        })
    }

    /// The code and the content of each piece, as they are in a stream.
    pub(crate) fn pieces(&self, color: ColorType) -> Result<Vec<(u8, Cow<'_, [u8]>)>> {
        let mut pieces = Vec::new();
        for (code, kind) in (1..).zip(MetadataKind::ALL) {
            let Some(content) = self.content(kind) else { continue };
            if kind.len(color).is_some_and(|len| len != content.len()) {
                return Err(Error::parameter("the length of the metadata does not match the colour type"));
            }
            if kind == MetadataKind::Text && !is_text(&content) {
                return Err(Error::parameter("the texts are no texts"));
            }
            pieces.push((code, content));
        }
        Ok(pieces)
    }

    /// Takes a piece out of a stream.
    pub(crate) fn take(&mut self, kind: MetadataKind, content: &[u8], color: ColorType) -> Result<()> {
        if self.content(kind).is_some() {
            return Err(Error::corrupt("there are two pieces of metadata of one kind"));
        }
        if kind.len(color).is_some_and(|len| len != content.len()) {
            return Err(Error::corrupt("the metadata has another length than its kind"));
        }
        if kind == MetadataKind::Text && !is_text(content) {
            return Err(Error::corrupt("the texts are no texts"));
        }
        let all = || Some(content.to_vec());
        match kind {
            MetadataKind::Icc => self.icc = all(),
            MetadataKind::Exif => self.exif = all(),
            MetadataKind::Xmp => self.xmp = all(),
            MetadataKind::Iptc => self.iptc = all(),
            MetadataKind::Gamma => self.gamma = Some(words::<1>(content)?[0]),
            MetadataKind::Chromaticities => self.chromaticities = Some(words(content)?),
            MetadataKind::SrgbIntent => self.srgb_intent = content.first().copied(),
            MetadataKind::Cicp => self.cicp = content.try_into().ok(),
            MetadataKind::MasteringDisplay => self.mastering_display = content.try_into().ok(),
            MetadataKind::ContentLight => self.content_light = Some(words(content)?),
            MetadataKind::Resolution => self.resolution = Some(Resolution::from_bytes(content)?),
            MetadataKind::SignificantBits => self.significant_bits = all(),
            MetadataKind::Text => self.text = all(),
            MetadataKind::Modified => self.modified = content.try_into().ok(),
            MetadataKind::Background => self.background = all(),
            MetadataKind::PngChunks => self.png_chunks = all(),
        }
        Ok(())
    }

    fn content(&self, kind: MetadataKind) -> Option<Cow<'_, [u8]>> {
        let words = |words: &[u32]| Cow::Owned(words.iter().copied().flat_map(u32::to_be_bytes).collect());
        fn bytes(field: &Option<Vec<u8>>) -> Option<Cow<'_, [u8]>> {
            field.as_deref().map(Cow::Borrowed)
        }
        match kind {
            MetadataKind::Icc => bytes(&self.icc),
            MetadataKind::Exif => bytes(&self.exif),
            MetadataKind::Xmp => bytes(&self.xmp),
            MetadataKind::Iptc => bytes(&self.iptc),
            MetadataKind::Gamma => self.gamma.map(|gamma| words(&[gamma])),
            MetadataKind::Chromaticities => self.chromaticities.map(|points| words(&points)),
            MetadataKind::SrgbIntent => self.srgb_intent.map(|intent| Cow::Owned(vec![intent])),
            MetadataKind::Cicp => self.cicp.as_ref().map(|points| Cow::Borrowed(points.as_slice())),
            MetadataKind::MasteringDisplay => self.mastering_display.as_ref().map(|all| Cow::Borrowed(all.as_slice())),
            MetadataKind::ContentLight => self.content_light.map(|levels| words(&levels)),
            MetadataKind::Resolution => self.resolution.map(|resolution| Cow::Owned(resolution.to_bytes())),
            MetadataKind::SignificantBits => bytes(&self.significant_bits),
            MetadataKind::Text => bytes(&self.text),
            MetadataKind::Modified => self.modified.as_ref().map(|time| Cow::Borrowed(time.as_slice())),
            MetadataKind::Background => bytes(&self.background),
            MetadataKind::PngChunks => bytes(&self.png_chunks),
        }
    }
}

/// Whether this is texts, each of four parts that end with a zero byte, the first not empty, all of them UTF-8.
fn is_text(content: &[u8]) -> bool {
    let Some((&0, content)) = content.split_last() else { return false };
    let mut count = 0;
    for (at, part) in content.split(|&byte| byte == 0).enumerate() {
        count += 1;
        if std::str::from_utf8(part).is_err() || (at % 4 == 0 && part.is_empty()) {
            return false;
        }
    }
    count % 4 == 0
}

/// Integers of four bytes, upper first.
fn words<const N: usize>(bytes: &[u8]) -> Result<[u32; N]> {
    let (words, rest) = bytes.as_chunks::<4>();
    let words: Vec<u32> = words.iter().map(|word| u32::from_be_bytes(*word)).collect();
    let words = words.try_into().ok().filter(|_| rest.is_empty());
    words.ok_or(Error::corrupt("the metadata has another length than its kind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Metadata {
        let mut metadata = Metadata::default().with_icc(vec![1]).with_exif(vec![]).with_xmp(vec![2; 9]);
        metadata.iptc = Some(vec![3, 4]);
        metadata.gamma = Some(45455);
        metadata.chromaticities = Some([31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]);
        metadata.srgb_intent = Some(2);
        metadata.cicp = Some([9, 16, 0, 1]);
        metadata.mastering_display = Some([7; 24]);
        metadata.content_light = Some([10_000_000, 4_000_000]);
        metadata.resolution = Some(Resolution { x: [300, 1], y: [72_000, 999], unit: ResolutionUnit::Inch });
        metadata.significant_bits = Some(vec![5, 6, 5, 1]);
        for (keyword, text) in [("Title", "A name"), ("Comment", "")] {
            metadata.push_text(&Text { keyword, language: "", translated: "", text }).unwrap();
        }
        metadata.modified = Some([7, 234, 11, 28, 16, 0, 0]);
        metadata.background = Some(vec![1, 2, 3]);
        metadata.png_chunks = Some(b"\0\0\0\x01vpAgx".to_vec());
        metadata
    }

    #[test]
    fn every_kind_comes_back() {
        let metadata = everything();
        assert_eq!(metadata.kinds().count(), MetadataKind::ALL.len());
        let pieces = metadata.pieces(ColorType::Rgba8).unwrap();
        let mut back = Metadata::default();
        assert!(back.is_empty());
        for (code, content) in &pieces {
            let kind = MetadataKind::from_code(*code).unwrap();
            back.take(kind, content, ColorType::Rgba8).unwrap();
            assert!(back.take(kind, content, ColorType::Rgba8).is_err(), "{kind} twice");
        }
        assert_eq!(back, metadata);
        assert_eq!(metadata.bytes(), pieces.iter().map(|(_, content)| content.len() as u64).sum::<u64>());
        let titles: Vec<_> = back.texts().map(|text| (text.keyword, text.text)).collect();
        assert_eq!(titles, [("Title", "A name"), ("Comment", "")]);
    }

    #[test]
    fn a_content_of_another_length_is_refused() {
        for kind in MetadataKind::ALL {
            let Some(len) = kind.len(ColorType::L16) else { continue };
            for len in [len - 1, len + 1] {
                assert!(Metadata::default().take(kind, &vec![0; len], ColorType::L16).is_err(), "{kind}");
            }
        }
        assert!(everything().pieces(ColorType::L8).is_err());
        assert!(Metadata::default().take(MetadataKind::Resolution, &[4; 17], ColorType::L8).is_err());
    }

    #[test]
    fn texts_have_four_parts() {
        for good in [&b"a\0\0\0\0"[..], b"a\0b\0c\0d\0e\0\0\0f\0", "\u{fc}\0\0\0\u{df}\0".as_bytes()] {
            assert!(is_text(good), "{good:?}");
        }
        for bad in [&b""[..], b"\0", b"\0\0\0\0", b"a\0\0\0", b"a\0\0\0x", b"a\0\0\0\0\0", b"a\0\0\0\xFF\0"] {
            assert!(!is_text(bad), "{bad:?}");
        }
        let mut metadata = Metadata::default();
        for keyword in ["", "a\0b"] {
            assert!(metadata.push_text(&Text { keyword, language: "", translated: "", text: "" }).is_err());
        }
        assert_eq!(metadata.texts().count(), 0);
    }

    #[test]
    fn codes_begin_with_one() {
        assert_eq!(MetadataKind::from_code(0), None);
        assert_eq!(MetadataKind::from_code(1), Some(MetadataKind::Icc));
        assert_eq!(MetadataKind::from_code(16), Some(MetadataKind::PngChunks));
        assert_eq!(MetadataKind::from_code(17), None);
    }
}
