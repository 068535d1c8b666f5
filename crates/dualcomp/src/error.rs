//! What can go wrong, sorted by who has to act.

use std::fmt;
use std::io;

use dualcomp_entropy::predictor::PredictorError;

/// Short for a result with this crate's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The reader or writer failed. Trying again may help.
    Io(io::Error),
    /// The compressed data is not what it should be. Nothing but other data will help.
    Format(FormatError),
    /// The caller asked for something impossible.
    Parameter(ParameterError),
    /// Decoding would take more than the caller's [`Limits`](crate::Limits) allow.
    LimitsExceeded(LimitError),
    /// The data was made with a model that is not at hand, or this library was built without the feature `rwkv`.
    UnknownModel {
        /// Names the model: the first bytes of the SHA-256 of its weights file.
        id: [u8; 4],
    },
    /// The data was made with a dictionary that is not at hand.
    UnknownDictionary {
        /// Names the dictionary: the first bytes of the SHA-256 of its file.
        id: [u8; 4],
    },
    /// The model could not be set up or could not predict.
    Model(PredictorError),
}

impl Error {
    /// Whether the data ended before the stream did.
    pub fn is_truncated(&self) -> bool {
        matches!(self, Self::Format(error) if error.kind == FormatErrorKind::Truncated)
    }

    /// An I/O error, or the error that was wrapped in it for an I/O interface.
    pub fn from_io(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(error) => Self::Io(error),
        }
    }

    pub(crate) fn format(kind: FormatErrorKind, offset: u64, detail: &'static str) -> Self {
        Self::Format(FormatError { kind, offset: Some(offset), detail })
    }

    /// Bad content of a block, found by code that does not know where in the stream the block is.
    pub(crate) fn corrupt(detail: &'static str) -> Self {
        Self::Format(FormatError { kind: FormatErrorKind::Corrupt, offset: None, detail })
    }

    pub(crate) fn parameter(detail: &'static str) -> Self {
        Self::Parameter(ParameterError { detail })
    }

    /// Adds the place to an error that has none yet.
    pub(crate) fn at(mut self, offset: u64) -> Self {
        if let Self::Format(error) = &mut self {
            error.offset.get_or_insert(offset);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Format(error) => error.fmt(f),
            Self::Parameter(error) => error.fmt(f),
            Self::LimitsExceeded(error) => error.fmt(f),
            Self::UnknownModel { id: [a, b, c, d] } => {
                write!(f, "the data needs model {a:02x}{b:02x}{c:02x}{d:02x}, which is not at hand")?;
                if cfg!(feature = "rwkv") {
                    return Ok(());
                }
                f.write_str(": this program was built without the network (the feature `rwkv`)")
            }
            Self::UnknownDictionary { id: [a, b, c, d] } => {
                write!(f, "the data needs dictionary {a:02x}{b:02x}{c:02x}{d:02x}, which is not at hand")
            }
            Self::Model(error) => write!(f, "the model failed: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // Their text is this error's text, so the chain goes on below them.
            Self::Io(error) => error.source(),
            Self::Model(error) => Some(error.as_ref()),
            Self::Format(_)
            | Self::Parameter(_)
            | Self::LimitsExceeded(_)
            | Self::UnknownModel { .. }
            | Self::UnknownDictionary { .. } => None,
        }
    }
}

impl From<Error> for io::Error {
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) for data that ends early,
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for parameters,
    /// [`Other`](io::ErrorKind::Other) for a failing model, else
    /// [`InvalidData`](io::ErrorKind::InvalidData). The [`enum@Error`] is inside.
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Format(inner) if inner.kind == FormatErrorKind::Truncated => io::ErrorKind::UnexpectedEof,
            Error::Format(_)
            | Error::LimitsExceeded(_)
            | Error::UnknownModel { .. }
            | Error::UnknownDictionary { .. } => io::ErrorKind::InvalidData,
            Error::Parameter(_) => io::ErrorKind::InvalidInput,
            Error::Model(_) => io::ErrorKind::Other,
            Error::Io(_) => {
                let Error::Io(inner) = error else { unreachable!("matched above") };
                return inner;
            }
        };
        io::Error::new(kind, error)
    }
}

/// What is wrong with compressed data, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    kind: FormatErrorKind,
    offset: Option<u64>,
    detail: &'static str,
}

impl FormatError {
    /// The family of the error.
    pub fn kind(&self) -> FormatErrorKind {
        self.kind
    }

    /// Where it was noticed, in bytes from the start of the input. For the content of a chunk this is where
    /// the chunk starts.
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail)?;
        match self.offset {
            Some(offset) => write!(f, " (at byte {offset})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FormatError {}

/// The families of [`FormatError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormatErrorKind {
    /// The data does not start with the signature.
    NotDualComp,
    /// The version of the format is not one that this library knows.
    UnsupportedVersion,
    /// An image where bytes were expected, or the other way round.
    WrongKind,
    /// The data ends before the stream does.
    Truncated,
    /// A header or chunk breaks the rules of the format.
    Corrupt,
    /// A chunk's content does not match its checksum.
    Checksum,
    /// Something that is not a stream follows the end of the stream.
    TrailingData,
    /// A chunk of a kind that this library does not know and may not skip.
    UnknownChunk,
}

/// What is wrong with a caller's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterError {
    detail: &'static str,
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail)
    }
}

impl std::error::Error for ParameterError {}

/// Which limit was exceeded, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitError {
    pub(crate) kind: LimitKind,
    pub(crate) limit: u64,
    pub(crate) needed: u64,
}

impl LimitError {
    /// Which of the [`Limits`](crate::Limits).
    pub fn kind(&self) -> LimitKind {
        self.kind
    }

    /// The limit.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// What the data needs, as far as it was known when the limit was met.
    pub fn needed(&self) -> u64 {
        self.needed
    }

    /// The caller's limit, for the error of something inside a stream that had what was left of it: beside what was taken of
    /// memory and work.
    pub(crate) fn beside(mut self, memory: u64, work: u64) -> Self {
        let taken = match self.kind {
            LimitKind::MemoryBytes => memory,
            LimitKind::Work => work,
            _ => 0,
        };
        (self.limit, self.needed) = (self.limit.saturating_add(taken), self.needed.saturating_add(taken));
        self
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, limit, needed } = self;
        match kind {
            LimitKind::Pixels => write!(f, "the image has {needed} pixels, the limit is {limit}"),
            LimitKind::OutputBytes => write!(f, "the output takes {needed} bytes or more, the limit is {limit}"),
            LimitKind::MemoryBytes => write!(f, "decoding needs {needed} bytes of memory, the limit is {limit}"),
            LimitKind::MetadataBytes => write!(f, "the metadata takes {needed} bytes, the limit is {limit}"),
            LimitKind::Work => write!(f, "decoding needs {needed} units of work or more, the limit is {limit}"),
            LimitKind::Ratio => write!(f, "the output takes {needed} bytes for each one read, the limit is {limit}"),
        }
    }
}

impl std::error::Error for LimitError {}

/// The limits there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::max_pixels`](crate::Limits::max_pixels).
    Pixels,
    /// [`Limits::max_output_bytes`](crate::Limits::max_output_bytes).
    OutputBytes,
    /// [`Limits::max_memory_bytes`](crate::Limits::max_memory_bytes).
    MemoryBytes,
    /// [`Limits::max_metadata_bytes`](crate::Limits::max_metadata_bytes).
    MetadataBytes,
    /// [`Limits::max_ratio`](crate::Limits::max_ratio).
    Ratio,
    /// [`Limits::max_work`](crate::Limits::max_work).
    Work,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_way_through_io() {
        let error = Error::format(FormatErrorKind::Truncated, 7, "the data ends early");
        let io = io::Error::from(error);
        assert_eq!(io.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(io.to_string(), "the data ends early (at byte 7)");
        assert!(Error::from_io(io).is_truncated());
        let other = io::Error::from(Error::Io(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(other.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn the_first_place_stays() {
        let error = Error::corrupt("bad").at(5).at(9);
        assert!(matches!(error, Error::Format(f) if f.offset() == Some(5)));
    }
}
