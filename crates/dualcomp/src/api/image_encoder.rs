//! Images with all that can be chosen for them.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::encoder::files::original_file::KeepFile;
use crate::encoder::image::encode_with_file;
use crate::error::Result;
use crate::format::image::info::ImageInfo;
use crate::format::image::metadata::Metadata;
use crate::options::EncoderOptions;
use crate::runtime::model_source::ModelSource;

/// Compresses images, with what [`encode_image`](crate::encode_image) has no argument for.
///
/// ```
/// use dualcomp::{ColorType, ImageDecoder, ImageEncoder, ImageInfo, KeepFile, Metadata};
///
/// let pixels: Vec<u8> = (0..64 * 64).map(|i| (i / 64 + i % 64) as u8).collect();
/// let image = image::GrayImage::from_raw(64, 64, pixels.clone()).unwrap();
/// let mut file = std::io::Cursor::new(Vec::new());
/// image.write_to(&mut file, image::ImageFormat::Png).unwrap();
/// let (file, info) = (file.into_inner(), ImageInfo::new(64, 64, ColorType::L8));
///
/// let encoder = ImageEncoder::new(Default::default()).with_original_file(&file, KeepFile::Always);
/// let image = encoder.encode(&pixels, &info, &Metadata::default(), |_, _| ())?;
/// assert!(image.keeps_file);
/// let decoder = ImageDecoder::new(image.data.as_slice(), Default::default())?;
/// assert_eq!(decoder.read_with_file(|_, _| ())?, (pixels, Some(file)));
/// # Ok::<(), dualcomp::Error>(())
/// ```
#[derive(Clone)]
pub struct ImageEncoder<'a> {
    options: EncoderOptions,
    source: ModelSource,
    file: Option<(&'a [u8], KeepFile)>,
}

impl std::fmt::Debug for ImageEncoder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImageEncoder").field("options", &self.options).finish_non_exhaustive()
    }
}

/// What an [`ImageEncoder`] makes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodedImage {
    /// The stream.
    pub data: Vec<u8>,
    /// Whether it has what makes the original file again.
    pub keeps_file: bool,
}

impl<'a> ImageEncoder<'a> {
    /// With this library's own model, which is loaded only if a tile needs it.
    pub fn new(options: EncoderOptions) -> Self {
        Self { options, source: ModelSource::Embedded, file: None }
    }

    /// Takes the caller's model, or none at all.
    #[must_use]
    pub fn with_predictor(mut self, predictor: Option<Arc<dyn Predictor>>) -> Self {
        self.source = ModelSource::Given(predictor);
        self
    }

    /// Names the file that the pixels come from, which is kept too where `keep` says so:
    /// [`ImageDecoder::read_with_file`](crate::ImageDecoder::read_with_file) gives it back to the last byte. What reads only
    /// pixels passes over it. Files are PNG files, not interlaced, whose pixels are as the `image` crate decodes them; others
    /// are not kept.
    ///
    /// This takes memory for the rows of the file before they were compressed and four bytes for each byte of the file, and
    /// on one thread more the time to decompress the file and to compress it twice.
    #[must_use]
    pub fn with_original_file(mut self, file: &'a [u8], keep: KeepFile) -> Self {
        self.file = Some((file, keep));
        self
    }

    /// Compresses an image, as [`encode_image`](crate::encode_image) does, and calls `progress` on this thread after every
    /// tile, with the pixels that are coded and those of the whole image.
    ///
    /// # Errors
    /// As for [`encode_image`](crate::encode_image).
    pub fn encode(
        &self,
        pixels: &[u8],
        info: &ImageInfo,
        metadata: &Metadata,
        progress: impl FnMut(u64, u64),
    ) -> Result<EncodedImage> {
        let source = self.source.clone();
        let (data, keeps_file) = encode_with_file(pixels, info, metadata, self.file, &self.options, source, progress)?;
        Ok(EncodedImage { data, keeps_file })
    }
}
