//! The errors of DualComp as those of `image`.

use dualcomp::{Error, FormatErrorKind, LimitKind};
use image::error::{
    DecodingError, EncodingError, ImageFormatHint, LimitError, LimitErrorKind, ParameterError, ParameterErrorKind,
    UnsupportedError, UnsupportedErrorKind,
};
use image::{ImageError, ImageResult};

/// What was being done.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    Decoding,
    Encoding,
}

/// The name of the format in errors.
pub(crate) fn hint() -> ImageFormatHint {
    ImageFormatHint::Name("DCI".into())
}

/// Something the format or this version of it does not have.
pub(crate) fn unsupported(kind: UnsupportedErrorKind) -> ImageError {
    ImageError::Unsupported(UnsupportedError::from_format_and_kind(hint(), kind))
}

fn parameter(kind: ParameterErrorKind) -> ImageError {
    ImageError::Parameter(ParameterError::from_kind(kind))
}

/// Refuses a buffer that is not one for so many bytes of pixels, or for none at all.
pub(crate) fn check_len(buf: &[u8], needed: Option<u64>) -> ImageResult<()> {
    match needed == Some(buf.len() as u64) && !buf.is_empty() {
        true => Ok(()),
        false => Err(parameter(ParameterErrorKind::DimensionMismatch)),
    }
}

/// An error once more, for what was asked again and cannot be tried again.
#[cfg(feature = "jpeg")]
pub(crate) fn repeated(error: &ImageError) -> ImageError {
    use std::error::Error as _;
    match error {
        ImageError::Limits(error) => ImageError::Limits(LimitError::from_kind(error.kind())),
        ImageError::Parameter(error) => parameter(error.kind()),
        ImageError::Unsupported(error) => {
            ImageError::Unsupported(UnsupportedError::from_format_and_kind(error.format_hint(), error.kind()))
        }
        ImageError::IoError(error) => ImageError::IoError(std::io::Error::new(error.kind(), error.to_string())),
        ImageError::Decoding(error) => ImageError::Decoding(match error.source() {
            Some(source) => DecodingError::new(error.format_hint(), source.to_string()),
            None => DecodingError::from_format_hint(error.format_hint()),
        }),
        ImageError::Encoding(_) => ImageError::Decoding(DecodingError::new(hint(), error.to_string())),
    }
}

/// Translates an error.
pub(crate) fn image_error(task: Task, error: Error) -> ImageError {
    match error {
        Error::Io(error) => ImageError::IoError(error),
        Error::Parameter(_) => parameter(ParameterErrorKind::Generic(error.to_string())),
        Error::LimitsExceeded(error) => ImageError::Limits(LimitError::from_kind(match error.kind() {
            LimitKind::Pixels => LimitErrorKind::DimensionError,
            _ => LimitErrorKind::InsufficientMemory,
        })),
        Error::UnknownModel { .. } => unsupported(UnsupportedErrorKind::GenericFeature(error.to_string())),
        Error::Format(ref inner)
            if matches!(inner.kind(), FormatErrorKind::UnsupportedVersion | FormatErrorKind::UnknownChunk) =>
        {
            unsupported(UnsupportedErrorKind::GenericFeature(error.to_string()))
        }
        error => match task {
            Task::Decoding => ImageError::Decoding(DecodingError::new(hint(), error)),
            Task::Encoding => ImageError::Encoding(EncodingError::new(hint(), error)),
        },
    }
}
