//! Writing.

use std::io::Write;

use dualcomp::{EncoderOptions, ImageInfo, Level, Limits, Metadata};
use image::error::{UnsupportedError, UnsupportedErrorKind};
use image::{ExtendedColorType, ImageEncoder, ImageError, ImageResult};

use crate::color::from_image;
use crate::error::{Task, check_len, image_error, unsupported};

/// Encodes `.dci`.
///
/// ```
/// use dualcomp_image::{DciEncoder, Level};
/// use image::DynamicImage;
///
/// let mut file = Vec::new();
/// let encoder = DciEncoder::new(&mut file).with_level(Level::Fast).with_threads(1);
/// DynamicImage::new_rgba8(100, 100).write_with_encoder(encoder)?;
/// assert!(file.len() < 100);
/// # Ok::<(), image::ImageError>(())
/// ```
#[derive(Debug)]
pub struct DciEncoder<W> {
    writer: W,
    options: EncoderOptions,
    metadata: Metadata,
}

impl<W: Write> DciEncoder<W> {
    /// Writes one image to the writer, at once when it is complete. The writer need not be buffered.
    pub fn new(writer: W) -> Self {
        Self { writer, options: EncoderOptions::default(), metadata: Metadata::default() }
    }

    /// How much work to spend. [`Level::Fast`] does without the network: files become larger, and they decode
    /// much faster too. Default: [`Level::Default`].
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.options.level = level;
        self
    }

    /// Threads that share a large image; 0, the default, means as many as there are cores. The file does not
    /// depend on it.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.options.threads = threads;
        self
    }

    /// Replaces all metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Adds a colour profile, kept byte for byte, as [`set_icc_profile`](ImageEncoder::set_icc_profile) does.
    #[must_use]
    pub fn with_icc(mut self, icc: Vec<u8>) -> Self {
        self.metadata.icc = Some(icc);
        self
    }

    /// Adds EXIF, kept byte for byte, as [`set_exif_metadata`](ImageEncoder::set_exif_metadata) does.
    #[must_use]
    pub fn with_exif(mut self, exif: Vec<u8>) -> Self {
        self.metadata.exif = Some(exif);
        self
    }

    /// Adds XMP, kept byte for byte.
    #[must_use]
    pub fn with_xmp(mut self, xmp: Vec<u8>) -> Self {
        self.metadata.xmp = Some(xmp);
        self
    }

    /// Adds IPTC, kept byte for byte.
    #[must_use]
    pub fn with_iptc(mut self, iptc: Vec<u8>) -> Self {
        self.metadata.iptc = Some(iptc);
        self
    }

    fn encode(&self, buf: &[u8], width: u32, height: u32, color: ExtendedColorType) -> ImageResult<Vec<u8>> {
        let color = from_image(color).ok_or_else(|| unsupported(UnsupportedErrorKind::Color(color)))?;
        check_metadata(&self.metadata)?;
        let info = ImageInfo::new(width, height, color);
        check_len(buf, info.bytes())?;
        dualcomp::encode_image(buf, &info, &self.metadata, &self.options)
            .map_err(|error| image_error(Task::Encoding, error))
    }
}

impl<W: Write> ImageEncoder for DciEncoder<W> {
    /// Writes the image and flushes the writer.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for floating point and other colour types that the format does not have, and
    /// for more than 16 MiB of metadata; [`ImageError::Parameter`], not a panic, with
    /// [`DimensionMismatch`](image::error::ParameterErrorKind::DimensionMismatch) if `buf` has the wrong length or the
    /// image has no pixels, with [`Generic`](image::error::ParameterErrorKind::Generic) if the metadata does not fit
    /// (significant bits or a background of another colour type, texts that are none);
    /// [`ImageError::IoError`] if the writer fails.
    fn write_image(mut self, buf: &[u8], width: u32, height: u32, color_type: ExtendedColorType) -> ImageResult<()> {
        let file = self.encode(buf, width, height, color_type)?;
        self.writer.write_all(&file).and_then(|()| self.writer.flush()).map_err(ImageError::IoError)
    }

    fn set_icc_profile(&mut self, icc_profile: Vec<u8>) -> Result<(), UnsupportedError> {
        self.metadata.icc = Some(icc_profile);
        Ok(())
    }

    fn set_exif_metadata(&mut self, exif: Vec<u8>) -> Result<(), UnsupportedError> {
        self.metadata.exif = Some(exif);
        Ok(())
    }
}

/// Refuses what a decoder would refuse by default: `image` opens a file before it has any limits to set.
fn check_metadata(metadata: &Metadata) -> ImageResult<()> {
    /// What the format adds to a piece of metadata: checksum and code.
    const FRAME: u64 = 5;
    let total = metadata.bytes() + FRAME * metadata.kinds().count() as u64;
    if total > Limits::default().max_metadata_bytes {
        return Err(unsupported(UnsupportedErrorKind::GenericFeature("more than 16 MiB of metadata".into())));
    }
    Ok(())
}
