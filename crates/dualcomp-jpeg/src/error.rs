//! Why a file is not taken apart or not put together.

use core::fmt;

/// Why a file was not taken apart, or not rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// It is no JPEG file, or one that is damaged where no reader gets over it.
    Invalid(&'static str),
    /// A JPEG file of a kind that is not taken apart.
    Unsupported(&'static str),
    /// More memory or bytes than the limits allow.
    LimitsExceeded,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(detail) => write!(f, "invalid JPEG data: {detail}"),
            Self::Unsupported(detail) => write!(f, "a kind of JPEG file that is not taken apart: {detail}"),
            Self::LimitsExceeded => f.write_str("the JPEG file needs more memory than the limits allow"),
        }
    }
}

impl core::error::Error for Error {}
