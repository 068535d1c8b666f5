//! Writing chunks, section 3.

use super::number::put_number;

/// Appends a chunk.
pub(crate) fn put_chunk(out: &mut Vec<u8>, kind: u8, last: bool, body: &[u8]) {
    out.push(kind | u8::from(last) << 6);
    put_number(out, body.len() as u64);
    out.extend_from_slice(body);
}

/// A body that starts with the checksum of its own content.
pub(crate) fn with_checksum(content: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(super::CHECKSUM_LEN + content.len());
    body.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    body.extend_from_slice(content);
    body
}
