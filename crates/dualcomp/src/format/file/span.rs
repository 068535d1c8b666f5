//! Spans of bytes that stand for files (docs/spec/format.md, section 4.4).

use crate::error::{Error, Result};
use crate::format::{ChunkKind, put_chunk, put_number, split_checksum, take_number};

/// The longest body of a span.
pub(crate) const MAX_SPAN_BODY: usize = 1 << 30;
/// Bytes of a file at most.
pub(crate) const MAX_FILE: u64 = 1 << 30;

/// Bytes of text for each byte of a deflate stream at most: 258, coded in two bits.
const MAX_RATIO: u64 = 1032;

/// How a file is made of a span and a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpanMethod {
    /// A JPEG file: the payload has the coefficients.
    Jpeg = 1,
    /// A deflate stream of the span, with what is around it.
    Deflate = 2,
    /// Rows of a PNG file, as in its image data: the payload has the pixels.
    Rows = 3,
}

/// The body of a span.
pub(crate) struct FileSpan {
    /// CRC-32 of the file, and when read then of the chunk's type.
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
        let method = match method {
            1 => SpanMethod::Jpeg,
            2 => SpanMethod::Deflate,
            3 => SpanMethod::Rows,
            _ => return Err(Error::corrupt("the method of the span is unknown")),
        };
        if !(1..=MAX_FILE).contains(&file_len) || len == 0 {
            return Err(Error::corrupt("the length of the span or of its file is out of range"));
        }
        let longest = match method {
            SpanMethod::Jpeg | SpanMethod::Rows => file_len,
            SpanMethod::Deflate => MAX_FILE.min(MAX_RATIO * file_len),
        };
        if len > longest {
            return Err(Error::corrupt("the span is too long for its file"));
        }
        Ok((Self { sum, skip, len, file_len, method }, payload))
    }
}

/// Appends the chunk of a span with this payload.
pub(crate) fn put_span(out: &mut Vec<u8>, span: &FileSpan, payload: &[u8]) {
    let mut body = span.sum.to_le_bytes().to_vec();
    for number in [span.skip, span.len, span.file_len] {
        put_number(&mut body, number);
    }
    body.push(span.method as u8);
    body.extend_from_slice(payload);
    put_chunk(out, ChunkKind::FileSpan, false, &body);
}
