//! The errors of DualComp as those of `image`.

use dualcomp::{Error, FormatErrorKind, LimitKind};
use image::ImageError;
use image::error::{
    DecodingError, EncodingError, ImageFormatHint, LimitError, LimitErrorKind, ParameterError, ParameterErrorKind,
    UnsupportedError, UnsupportedErrorKind,
};

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

/// Translates an error.
pub(crate) fn image_error(task: Task, error: Error) -> ImageError {
    match error {
        Error::Io(error) => ImageError::IoError(error),
        Error::Parameter(_) => {
            // Nothing but the sides and the length of the pixels can be wrong.
            ImageError::Parameter(ParameterError::from_kind(ParameterErrorKind::DimensionMismatch))
        }
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
