//! What makes the file again that the pixels of an image came from (docs/spec/format.md, section 5.5).

use crate::error::{Error, Result};
use crate::format::{put_number, take_number};

/// Bytes of a file at most.
pub(crate) const MAX_FILE: u64 = 1 << 30;

/// The only format: PNG.
const PNG: u8 = 1;

/// The content of the chunk.
pub(crate) struct OriginalFile<'a> {
    /// CRC-32 of the file.
    pub(crate) sum: u32,
    pub(crate) file_len: u64,
    /// Bytes before the image data, and of the image data.
    pub(crate) head_len: u64,
    pub(crate) data_len: u64,
    /// How the file has the samples of the image.
    pub(crate) samples: &'a [u8],
    /// What makes the image data of its rows: the payload of a deflate span.
    pub(crate) payload: &'a [u8],
    /// A stream of the other bytes: those before the image data, a filter for each row, those behind.
    pub(crate) others: &'a [u8],
}

impl<'a> OriginalFile<'a> {
    /// The length of the file, of the first bytes of what [`parse`](Self::parse) reads.
    pub(crate) fn len_of(content: &[u8]) -> Option<u64> {
        take_number(&mut content.get(4..)?).ok()
    }

    pub(crate) fn parse(content: &'a [u8]) -> Result<Self> {
        let short = Error::corrupt("the original file's chunk is too short");
        let (&sum, mut rest) = content.split_first_chunk().ok_or(short)?;
        let file_len = take_number(&mut rest)?;
        let Some((&PNG, behind)) = rest.split_first() else {
            return Err(Error::corrupt("the format of the original file is unknown"));
        };
        rest = behind;
        let (head_len, data_len) = (take_number(&mut rest)?, take_number(&mut rest)?);
        if file_len > MAX_FILE || head_len.saturating_add(data_len) > file_len {
            return Err(Error::corrupt("the lengths of the original file are out of range"));
        }
        let mut part = || -> Result<&'a [u8]> {
            let len = take_number(&mut rest)?;
            let parts = usize::try_from(len).ok().and_then(|len| rest.split_at_checked(len));
            let (part, behind) = parts.ok_or(Error::corrupt("the original file's chunk is too short"))?;
            rest = behind;
            Ok(part)
        };
        let (samples, payload) = (part()?, part()?);
        Ok(Self { sum: u32::from_le_bytes(sum), file_len, head_len, data_len, samples, payload, others: rest })
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.sum.to_le_bytes());
        put_number(out, self.file_len);
        out.push(PNG);
        put_number(out, self.head_len);
        put_number(out, self.data_len);
        for part in [self.samples, self.payload] {
            put_number(out, part.len() as u64);
            out.extend_from_slice(part);
        }
        out.extend_from_slice(self.others);
    }
}
