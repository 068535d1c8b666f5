//! The layout of metadata that is coded (docs/spec/format.md, section 5.2).

use crate::error::{Error, Result};
use crate::format::{CHECKSUM_LEN, agree, put_number, split_checksum, take_number};

/// Bytes that all coded metadata of an image may decode to. It bounds the time that opening takes, whatever the limits:
/// SECURITY.md has the worst of the light form.
pub(crate) const MAX_CODED: u64 = 1 << 20;

/// Metadata that is coded.
pub(crate) struct CodedMetadata<'a> {
    /// Bytes once decoded, 1 to [`MAX_CODED`].
    pub(crate) len: usize,
    sum: u32,
    pub(crate) payload: &'a [u8],
}

impl<'a> CodedMetadata<'a> {
    /// What stands for metadata.
    pub(crate) fn new(metadata: &[u8], payload: &'a [u8]) -> Self {
        Self { len: metadata.len(), sum: crc32fast::hash(metadata), payload }
    }

    /// Reads what stands behind the code.
    pub(crate) fn parse(mut content: &'a [u8]) -> Result<Self> {
        let len = take_number(&mut content)?;
        if !(1..=MAX_CODED).contains(&len) {
            return Err(Error::corrupt("coded metadata is empty or too long"));
        }
        let (sum, payload) = split_checksum(content)?;
        if payload.len() as u64 > len {
            return Err(Error::corrupt("coded metadata is longer than what it decodes to"));
        }
        Ok(Self { len: len as usize, sum, payload })
    }

    /// Writes what stands behind the code.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4 + CHECKSUM_LEN + self.payload.len());
        put_number(&mut out, self.len as u64);
        out.extend_from_slice(&self.sum.to_le_bytes());
        out.extend_from_slice(self.payload);
        out
    }

    /// Fails unless this is the metadata.
    pub(crate) fn verify(&self, metadata: &[u8]) -> Result<()> {
        if agree(crc32fast::hash(metadata), self.sum) {
            Ok(())
        } else {
            Err(Error::corrupt("coded metadata does not match its checksum"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let metadata = b"a profile, a profile";
        let data = CodedMetadata::new(metadata, b"payload").write();
        let coded = CodedMetadata::parse(&data).unwrap();
        assert_eq!((coded.len, coded.payload), (metadata.len(), &b"payload"[..]));
        coded.verify(metadata).unwrap();
        assert!(coded.verify(b"a profile, a profilf").is_err());
    }

    #[test]
    fn lengths_are_bounded() {
        let of = |len: u64, payload: usize| {
            let mut data = Vec::new();
            put_number(&mut data, len);
            data.resize(data.len() + CHECKSUM_LEN + payload, 0);
            CodedMetadata::parse(&data).is_ok()
        };
        assert!(of(1, 1) && of(MAX_CODED, 1) && of(9, 0));
        assert!(!of(0, 0) && !of(MAX_CODED + 1, 1) && !of(9, 10));
        assert!(CodedMetadata::parse(&[5, 0, 0]).is_err());
    }
}
