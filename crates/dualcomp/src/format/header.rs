//! The header of a stream, section 2.

use crate::error::{Error, FormatErrorKind, Result};
use crate::format::bytes_params::BytesParams;
use crate::format::version::FormatVersion;

/// What a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Bytes of any kind; the file extension is `.dcs`.
    Bytes,
    /// One image; the file extension is `.dci`.
    Image,
    /// One image file, such as a JPEG, kept to the last byte; the file extension is `.dci`.
    ImageFile,
}

/// Says from its first bytes whether data is a DualComp stream, and of what kind. Four bytes are enough.
///
/// ```
/// use dualcomp::{Kind, detect};
///
/// assert_eq!(detect(b"\x89DCB\x01"), Some(Kind::Bytes));
/// assert_eq!(detect(b"\x89DCI"), Some(Kind::Image));
/// assert_eq!(detect(b"\x89PNG"), None);
/// ```
pub fn detect(prefix: &[u8]) -> Option<Kind> {
    match prefix {
        [0x89, b'D', b'C', b'B' | b'W', ..] => Some(Kind::Bytes),
        [0x89, b'D', b'C', b'I', ..] => Some(Kind::Image),
        [0x89, b'D', b'C', b'F', ..] => Some(Kind::ImageFile),
        _ => None,
    }
}

/// The fourth byte of the file of a dictionary, which begins like streams.
pub(crate) const DICTIONARY_FILE: u8 = b'D';
pub(crate) const HEADER_LEN: usize = 10;
/// The version of the stream format that this library writes.
pub const FORMAT_VERSION: u8 = FormatVersion::CURRENT.to_byte();

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) version: FormatVersion,
    pub(crate) kind: Kind,
    /// Zeros if no block uses a model, or the dictionary says which.
    pub(crate) model: [u8; 4],
    /// The dictionary that blocks need, of bytes only.
    pub(crate) dictionary: Option<[u8; 4]>,
    /// Of bytes only.
    pub(crate) params: Option<BytesParams>,
}

impl Header {
    pub(crate) fn to_bytes(self) -> [u8; HEADER_LEN] {
        let letter = match (self.kind, self.dictionary) {
            (Kind::Bytes, Some(_)) => b'W',
            (Kind::Bytes, None) => b'B',
            (Kind::Image, _) => b'I',
            (Kind::ImageFile, _) => b'F',
        };
        let [a, b, c, d] = self.dictionary.unwrap_or(self.model);
        [0x89, b'D', b'C', letter, self.version.to_byte(), a, b, c, d, self.params.map_or(0, BytesParams::to_byte)]
    }

    /// Fails as soon as the first bytes of a header cannot become one; `offset` is where they start.
    pub(crate) fn check_prefix(prefix: &[u8], offset: u64) -> Result<()> {
        // A later version may have other letters, so a letter that this one does not know waits for the version.
        let newer = prefix.get(4).is_none_or(|&version| FormatVersion::try_from(version).is_err());
        for (at, &byte) in (0..).zip(prefix) {
            let (kind, fits, detail) = match at {
                0 => (FormatErrorKind::NotDualComp, byte == 0x89, "this is not DualComp data"),
                1 => (FormatErrorKind::NotDualComp, byte == b'D', "this is not DualComp data"),
                2 => (FormatErrorKind::NotDualComp, byte == b'C', "this is not DualComp data"),
                3 if byte == DICTIONARY_FILE => {
                    (FormatErrorKind::WrongKind, false, "this is a dictionary, not compressed data")
                }
                3 => (
                    FormatErrorKind::NotDualComp,
                    newer || matches!(byte, b'B' | b'W' | b'I' | b'F'),
                    "this is not DualComp data",
                ),
                4 => (
                    FormatErrorKind::UnsupportedVersion,
                    FormatVersion::try_from(byte).is_ok(),
                    "the version of the format is unknown",
                ),
                _ => continue,
            };
            if !fits {
                return Err(Error::format(kind, offset + at, detail));
            }
        }
        Ok(())
    }

    pub(crate) fn parse(bytes: &[u8; HEADER_LEN], offset: u64) -> Result<Self> {
        Self::check_prefix(bytes, offset)?;
        let &[_, _, _, letter, version, a, b, c, d, parameter] = bytes;
        let Ok(version) = FormatVersion::try_from(version) else {
            return Err(Error::format(
                FormatErrorKind::UnsupportedVersion,
                offset + 4,
                "the version of the format is unknown",
            ));
        };
        let kind = match letter {
            b'B' | b'W' => Kind::Bytes,
            b'I' => Kind::Image,
            _ => Kind::ImageFile,
        };
        let params = BytesParams::from_byte(parameter);
        let allowed = match kind {
            // Dictionaries are of the full form.
            Kind::Bytes | Kind::ImageFile => params.is_some_and(|params| letter != b'W' || !params.is_light()),
            Kind::Image => parameter == 0,
        };
        if !allowed {
            return Err(Error::format(
                FormatErrorKind::Corrupt,
                offset + 9,
                "the parameter in the header is out of range",
            ));
        }
        let id = [a, b, c, d];
        let (model, dictionary) = if letter == b'W' { ([0; 4], Some(id)) } else { (id, None) };
        Ok(Self { version, kind, model, dictionary, params })
    }

    /// Fails if the stream is not of this kind; `offset` is where the header starts.
    pub(crate) fn expect(&self, kind: Kind, offset: u64) -> Result<()> {
        if self.kind == kind {
            return Ok(());
        }
        let detail = match self.kind {
            Kind::Bytes => "this is compressed bytes, not an image",
            Kind::Image => "this is a compressed image, not bytes",
            Kind::ImageFile => "this is a compressed image file: it decompresses to the file",
        };
        Err(Error::format(FormatErrorKind::WrongKind, offset + 3, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_written_as_they_are_read() {
        let id = [1, 2, 3, 4];
        for (kind, params, model, dictionary) in [
            (Kind::Bytes, Some(BytesParams::new(22)), id, None),
            (Kind::Bytes, Some(BytesParams::new(22)), [0; 4], Some(id)),
            (Kind::Image, None, id, None),
            (Kind::ImageFile, Some(BytesParams::new(18)), id, None),
        ] {
            let header = Header { version: FormatVersion::CURRENT, kind, model, dictionary, params };
            assert_eq!(Header::parse(&header.to_bytes(), 0).unwrap(), header);
            assert_eq!(detect(&header.to_bytes()), Some(kind));
        }
    }

    #[test]
    fn parameters_have_bounds() {
        for parameter in 0..=255 {
            let header = |letter| [0x89, b'D', b'C', letter, FORMAT_VERSION, 0, 0, 0, 0, parameter];
            // The light form has a power of two, and neither a second group nor a dictionary.
            let (sized, light) = ((14..=24).contains(&(parameter & 31)), parameter & 0x20 != 0);
            assert_eq!(Header::parse(&header(b'B'), 0).is_ok(), sized && !(light && parameter & 0xC0 != 0));
            assert_eq!(Header::parse(&header(b'W'), 0).is_ok(), sized && !light);
            assert_eq!(Header::parse(&header(b'I'), 0).is_ok(), parameter == 0);
        }
    }
}
