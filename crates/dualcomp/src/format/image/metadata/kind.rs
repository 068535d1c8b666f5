//! The pieces that there are.

use std::fmt;

#[cfg(doc)]
use super::Metadata;
use crate::format::image::info::ColorType;

/// A piece of metadata, by its code in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetadataKind {
    /// [`Metadata::icc`].
    Icc,
    /// [`Metadata::exif`].
    Exif,
    /// [`Metadata::xmp`].
    Xmp,
    /// [`Metadata::iptc`].
    Iptc,
    /// [`Metadata::gamma`].
    Gamma,
    /// [`Metadata::chromaticities`].
    Chromaticities,
    /// [`Metadata::srgb_intent`].
    SrgbIntent,
    /// [`Metadata::cicp`].
    Cicp,
    /// [`Metadata::mastering_display`].
    MasteringDisplay,
    /// [`Metadata::content_light`].
    ContentLight,
    /// [`Metadata::resolution`].
    Resolution,
    /// [`Metadata::significant_bits`].
    SignificantBits,
    /// [`Metadata::text`].
    Text,
    /// [`Metadata::modified`].
    Modified,
    /// [`Metadata::background`].
    Background,
    /// [`Metadata::png_chunks`].
    PngChunks,
}

impl MetadataKind {
    /// All of them, in the order of their codes, which begin with 1.
    pub const ALL: [Self; 16] = [
        Self::Icc,
        Self::Exif,
        Self::Xmp,
        Self::Iptc,
        Self::Gamma,
        Self::Chromaticities,
        Self::SrgbIntent,
        Self::Cicp,
        Self::MasteringDisplay,
        Self::ContentLight,
        Self::Resolution,
        Self::SignificantBits,
        Self::Text,
        Self::Modified,
        Self::Background,
        Self::PngChunks,
    ];

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// The length of its content, where it has one only.
    pub(super) fn len(self, color: ColorType) -> Option<usize> {
        let shades = color.channels() - usize::from(color.has_alpha());
        Some(match self {
            Self::Icc | Self::Exif | Self::Xmp | Self::Iptc | Self::Text | Self::PngChunks => return None,
            Self::Gamma | Self::Cicp => 4,
            Self::Chromaticities => 32,
            Self::SrgbIntent => 1,
            Self::MasteringDisplay => 24,
            Self::ContentLight => 8,
            Self::Resolution => 17,
            Self::SignificantBits => color.channels(),
            Self::Modified => 7,
            Self::Background => shades * color.bytes_per_sample(),
        })
    }
}

impl fmt::Display for MetadataKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Icc => "ICC profile",
            Self::Exif => "EXIF",
            Self::Xmp => "XMP",
            Self::Iptc => "IPTC",
            Self::Gamma => "gamma",
            Self::Chromaticities => "chromaticities",
            Self::SrgbIntent => "sRGB intent",
            Self::Cicp => "CICP",
            Self::MasteringDisplay => "mastering display",
            Self::ContentLight => "content light level",
            Self::Resolution => "resolution",
            Self::SignificantBits => "significant bits",
            Self::Text => "text",
            Self::Modified => "time of change",
            Self::Background => "background",
            Self::PngChunks => "PNG chunks",
        })
    }
}
