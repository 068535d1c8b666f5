//! Metadata as the pieces that are in a stream.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::format::image::info::ColorType;
use crate::format::image::metadata::text::is_text;
use crate::format::image::metadata::{Metadata, MetadataKind, Resolution};

impl Metadata {
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

    pub(super) fn content(&self, kind: MetadataKind) -> Option<Cow<'_, [u8]>> {
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

/// Integers of four bytes, upper first.
pub(super) fn words<const N: usize>(bytes: &[u8]) -> Result<[u32; N]> {
    let (words, rest) = bytes.as_chunks::<4>();
    let words: Vec<u32> = words.iter().map(|word| u32::from_be_bytes(*word)).collect();
    let words = words.try_into().ok().filter(|_| rest.is_empty());
    words.ok_or(Error::corrupt("the metadata has another length than its kind"))
}
