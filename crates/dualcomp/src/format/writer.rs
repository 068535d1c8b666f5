//! Writing chunks, section 3.

use crate::format::varint::put_number;
use crate::format::{CHECKSUM_LEN, ChunkKind, with_type};

/// Appends a chunk. Its body is empty or starts with the checksum of its content, which goes on over the type here. Gives
/// the bytes of the checksum as they are written.
pub(crate) fn put_chunk(out: &mut Vec<u8>, kind: ChunkKind, last: bool, body: &[u8]) -> [u8; CHECKSUM_LEN] {
    let byte = kind.code() | u8::from(last) << 6 | u8::from(kind.may_be_skipped()) << 7;
    out.push(byte);
    put_number(out, body.len() as u64);
    let Some((sum, rest)) = body.split_first_chunk() else { return [0; CHECKSUM_LEN] };
    let sum = with_type(u32::from_le_bytes(*sum), byte).to_le_bytes();
    out.extend_from_slice(&sum);
    out.extend_from_slice(rest);
    sum
}

/// A body that starts with the checksum of its own content, for [`put_chunk`].
pub(crate) fn with_checksum(content: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(CHECKSUM_LEN + content.len());
    body.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    body.extend_from_slice(content);
    body
}
