//! Why content was refused.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use dualcomp::{Error, LimitKind};
use http_body::Body;
use http_body_util::{Full, Limited};

use crate::BoxError;

/// Content that takes more than the [`DecompressionOptions`](super::DecompressionOptions) allow.
///
/// The error of a response's body. A request's body fails with [`http_body_util::LengthLimitError`] instead, which
/// axum answers with 413.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitExceeded {
    /// The content has more bytes than this.
    OutputBytes(u64),
    /// The content has more bytes than this for each byte received.
    Ratio(u64),
    /// A block needs more bytes of memory than this.
    MemoryBytes(u64),
    /// The content takes more units of work than this ([`dualcomp::Limits::max_work`]).
    Work(u64),
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutputBytes(limit) => write!(f, "the content decodes to more than {limit} bytes"),
            Self::Ratio(limit) => write!(f, "the content decodes to more than {limit} times what was received"),
            Self::MemoryBytes(limit) => write!(f, "decoding the content needs more than {limit} bytes of memory"),
            Self::Work(limit) => write!(f, "decoding the content takes more than {limit} units of work"),
        }
    }
}

impl std::error::Error for LimitExceeded {}

impl LimitExceeded {
    /// The limit that an error of the codec is about.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        let Error::LimitsExceeded(error) = error.get_ref()?.downcast_ref::<Error>()? else { return None };
        Some(match error.kind() {
            LimitKind::OutputBytes => Self::OutputBytes(error.limit()),
            LimitKind::Ratio => Self::Ratio(error.limit()),
            LimitKind::Work => Self::Work(error.limit()),
            _ => Self::MemoryBytes(error.limit()),
        })
    }
}

/// Whether an error of the codec is about a model or a dictionary that is not at hand.
pub(super) fn is_unknown(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|error| error.downcast_ref());
    matches!(error, Some(Error::UnknownModel { .. } | Error::UnknownDictionary { .. }))
}

/// The error that says 413 to axum and to others. It has no constructor, so the body that makes it is asked for one.
pub(super) fn length_limit_error() -> BoxError {
    let mut body = Limited::new(Full::new(Bytes::from_static(b"x")), 0);
    match Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(Err(error))) => error,
        _ => "the content is too long".into(),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::LengthLimitError;

    use super::*;

    #[test]
    fn the_error_is_the_known_one() {
        assert!(length_limit_error().is::<LengthLimitError>());
    }
}
