//! Images that are in memory as a whole.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::decoder::image::ImageDecoder;
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::image::info::ImageInfo;
use crate::format::image::metadata::Metadata;
use crate::options::DecoderOptions;
use crate::runtime::model_source::ModelSource;

/// A decoded image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// Its size and layout.
    pub info: ImageInfo,
    /// What came with it.
    pub metadata: Metadata,
    /// Its rows from the top, without gaps, samples interleaved, 16-bit samples in native byte order.
    pub pixels: Vec<u8>,
}

/// Decompresses an image.
///
/// # Errors
/// [`Error::Format`], [`Error::LimitsExceeded`] and [`Error::UnknownModel`] for what the data is or needs;
/// anything after the stream is [`FormatErrorKind::TrailingData`]. [`Error::Model`] if the model fails;
/// [`Error::Parameter`] if this thread rounds floating-point numbers in another way than streams are defined by.
pub fn decode_image(data: &[u8], options: &DecoderOptions) -> Result<Image> {
    decode(data, options, ModelSource::Embedded)
}

/// As [`decode_image`], with the caller's model, or without a model at all.
///
/// # Errors
/// As for [`decode_image`].
pub fn decode_image_with(
    data: &[u8],
    options: &DecoderOptions,
    predictor: Option<Arc<dyn Predictor>>,
) -> Result<Image> {
    decode(data, options, ModelSource::Given(predictor))
}

fn decode(mut data: &[u8], options: &DecoderOptions, source: ModelSource) -> Result<Image> {
    let start = data.len() as u64;
    let mut decoder = ImageDecoder::with_source(&mut data, options.clone(), source)?;
    let info = decoder.info;
    let metadata = std::mem::take(&mut decoder.metadata);
    let (pixels, _) = decoder.read_all(false, |_, _| ())?;
    if !data.is_empty() {
        return Err(Error::format(
            FormatErrorKind::TrailingData,
            start - data.len() as u64,
            "something else follows the end of the image",
        ));
    }
    Ok(Image { info, metadata, pixels })
}
