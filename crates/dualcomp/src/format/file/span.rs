//! Spans of bytes that stand for files (docs/spec/format.md, section 4.3).

use crate::error::{Error, Result};
use crate::format::{ChunkKind, put_chunk, put_number, split_checksum, take_number};

/// The longest body of a span.
pub(crate) const MAX_SPAN_BODY: usize = 1 << 30;
/// Bytes of a file at most.
pub(crate) const MAX_FILE: u64 = 1 << 30;

/// How a file is made of a span and a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpanMethod {
    /// A JPEG file: the payload has the coefficients.
    Jpeg,
}

/// The body of a span.
pub(crate) struct FileSpan {
    /// CRC-32 of the file and then of the chunk's type.
    pub(crate) sum: u32,
    /// Decoded bytes between the end of the chunk and the first byte of the span.
    pub(crate) skip: u64,
    /// Bytes of the span.
    pub(crate) len: u64,
    /// Bytes of the file.
    pub(crate) file_len: u64,
    pub(crate) method: SpanMethod,
}

impl FileSpan {
    /// Reads the body up to the payload, which is returned too.
    pub(crate) fn parse(body: &[u8]) -> Result<(Self, &[u8])> {
        let (sum, mut rest) = split_checksum(body)?;
        let (skip, len, file_len) = (take_number(&mut rest)?, take_number(&mut rest)?, take_number(&mut rest)?);
        let (&method, payload) = rest.split_first().ok_or(Error::corrupt("the span ends before its method"))?;
        if method != 1 {
            return Err(Error::corrupt("the method of the span is unknown"));
        }
        if !(1..=MAX_FILE).contains(&file_len) || len == 0 {
            return Err(Error::corrupt("the length of the span or of its file is out of range"));
        }
        if len > file_len {
            return Err(Error::corrupt("the span is longer than its file"));
        }
        Ok((Self { sum, skip, len, file_len, method: SpanMethod::Jpeg }, payload))
    }
}

/// Appends the chunk of a span of a JPEG file, whose CRC-32 is `sum`.
pub(crate) fn put_span(out: &mut Vec<u8>, skip: u64, len: usize, file_len: usize, sum: u32, payload: &[u8]) {
    let mut body = sum.to_le_bytes().to_vec();
    for number in [skip, len as u64, file_len as u64] {
        put_number(&mut body, number);
    }
    body.push(1);
    body.extend_from_slice(payload);
    put_chunk(out, ChunkKind::FileSpan, false, &body);
}
