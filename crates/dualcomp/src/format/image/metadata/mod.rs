//! What comes with an image besides its pixels, section 5.2.

pub(crate) mod coded;
mod kind;
mod pieces;
mod resolution;
#[cfg(test)]
mod tests;
mod text;

pub use kind::MetadataKind;
pub use resolution::{Resolution, ResolutionUnit};
pub use text::Text;

/// Set in the code of metadata that is coded.
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
}
