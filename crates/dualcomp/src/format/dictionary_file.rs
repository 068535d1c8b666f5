//! The file of a dictionary (docs/spec/dictionary.md, section 1).

use crate::error::{Error, FormatErrorKind, Result};
use crate::format::header::DICTIONARY_FILE;
use crate::format::version::FormatVersion;
use crate::format::{CHECKSUM_LEN, put_number, take_number};

/// Bytes of all samples of a dictionary at most.
pub(crate) const MAX_SAMPLES_LEN: usize = 16 << 20;
/// Samples of a dictionary at most.
pub(crate) const MAX_SAMPLES: usize = 1 << 16;

/// What a dictionary is made of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DictionaryFile {
    /// The model that it is for.
    pub(crate) model: [u8; 4],
    /// All samples, one after the other, and where each ends.
    pub(crate) samples: Vec<u8>,
    pub(crate) ends: Vec<usize>,
}

impl DictionaryFile {
    /// Of these samples, in their order.
    pub(crate) fn new<'a>(model: [u8; 4], samples: impl IntoIterator<Item = &'a [u8]>) -> Result<Self> {
        let mut file = Self { model, samples: Vec::new(), ends: Vec::new() };
        for sample in samples {
            if sample.is_empty() {
                continue;
            }
            if file.ends.len() == MAX_SAMPLES || sample.len() > MAX_SAMPLES_LEN - file.samples.len() {
                return Err(Error::parameter("the samples are more than 16 MiB, or than 65,536"));
            }
            file.samples.extend_from_slice(sample);
            file.ends.push(file.samples.len());
        }
        if file.ends.is_empty() {
            return Err(Error::parameter("a dictionary needs a sample"));
        }
        Ok(file)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![0x89, b'D', b'C', DICTIONARY_FILE, FormatVersion::CURRENT.to_byte()];
        out.extend(self.model);
        put_number(&mut out, self.ends.len() as u64);
        let mut start = 0;
        for &end in &self.ends {
            put_number(&mut out, (end - start) as u64);
            start = end;
        }
        out.extend_from_slice(&self.samples);
        out.extend(crc32fast::hash(&out).to_le_bytes());
        out
    }

    /// Whether bytes begin as the file of a dictionary does.
    pub(crate) fn is_one(prefix: &[u8]) -> bool {
        prefix.starts_with(&[0x89, b'D', b'C', DICTIONARY_FILE])
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let fail = |kind, offset, detail| Err(Error::format(kind, offset, detail));
        if !Self::is_one(bytes) {
            return fail(FormatErrorKind::NotDualComp, 0, "this is not the file of a dictionary");
        }
        match bytes.get(4).map(|&byte| FormatVersion::try_from(byte)) {
            None => return fail(FormatErrorKind::Truncated, bytes.len() as u64, "the dictionary ends early"),
            Some(Err(())) => {
                return fail(FormatErrorKind::UnsupportedVersion, 4, "the version of the dictionary is unknown");
            }
            Some(Ok(FormatVersion::V1)) => {}
        }
        let Some((content, sum)) = bytes.split_last_chunk::<CHECKSUM_LEN>() else {
            return fail(FormatErrorKind::Truncated, bytes.len() as u64, "the dictionary ends early");
        };
        if crc32fast::hash(content) != u32::from_le_bytes(*sum) {
            let detail = "the dictionary does not match its checksum: it is damaged or cut short";
            return fail(FormatErrorKind::Checksum, content.len() as u64, detail);
        }
        let bad = || Error::format(FormatErrorKind::Corrupt, 9, "the samples of the dictionary are out of bounds");
        let (&model, mut rest) = content.get(5..).and_then(<[u8]>::split_first_chunk).ok_or_else(bad)?;
        let count = take_number(&mut rest)?;
        if !(1..=MAX_SAMPLES as u64).contains(&count) {
            return Err(bad());
        }
        let (mut ends, mut end) = (Vec::new(), 0);
        for _ in 0..count {
            let len = take_number(&mut rest)?;
            if !(1..=(MAX_SAMPLES_LEN - end) as u64).contains(&len) {
                return Err(bad());
            }
            end += len as usize;
            ends.push(end);
        }
        if rest.len() != end {
            return Err(bad());
        }
        Ok(Self { model, samples: rest.to_vec(), ends })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_they_are_written() {
        let file = DictionaryFile::new([1, 2, 3, 4], [&b"one"[..], b"", b"three"]).unwrap();
        assert_eq!((file.ends.as_slice(), file.samples.as_slice()), (&[3, 8][..], &b"onethree"[..]));
        let bytes = file.to_bytes();
        assert_eq!(DictionaryFile::parse(&bytes).unwrap(), file);
        for len in 0..bytes.len() {
            assert!(DictionaryFile::parse(&bytes[..len]).is_err());
        }
        for i in 0..8 * bytes.len() {
            let mut damaged = bytes.clone();
            damaged[i / 8] ^= 1 << (i % 8);
            assert!(DictionaryFile::parse(&damaged).is_err(), "{i}");
        }
    }

    #[test]
    fn numbers_out_of_bounds_are_errors() {
        let file = |numbers: &[u64], samples: &[u8]| {
            let mut bytes = b"\x89DCD\x01\0\0\0\0".to_vec();
            numbers.iter().for_each(|&number| put_number(&mut bytes, number));
            bytes.extend_from_slice(samples);
            bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
            DictionaryFile::parse(&bytes)
        };
        assert!(file(&[2, 1, 2], b"abc").is_ok());
        for numbers in [&[0][..], &[1, 0], &[2, 1, 1], &[2, 1, 3], &[2, 3, 0], &[2, 1, u64::MAX >> 1], &[1 << 40, 3]] {
            assert!(file(numbers, b"abc").is_err(), "{numbers:?}");
        }
        assert!(DictionaryFile::new([0; 4], []).is_err());
        let long = vec![0; MAX_SAMPLES_LEN];
        assert!(DictionaryFile::new([0; 4], [&long[..]]).is_ok());
        assert!(DictionaryFile::new([0; 4], [&long[..], b"a"]).is_err());
    }
}
