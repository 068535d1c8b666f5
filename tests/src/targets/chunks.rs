//! Streams whose checksums are right, as far as they can be without decoding, so that what is behind them is reached.

use super::{decode_bytes, decode_image};
use crate::tiny::ID;

/// The header of an image that may need [`crate::tiny`].
pub(super) const HEADER_I: &[u8] = &[0x89, b'D', b'C', b'I', 1, ID[0], ID[1], ID[2], ID[3], 0];

/// A chunk whose body starts with its checksum.
pub(super) fn checked(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut chunk = vec![kind];
    let len = content.len() as u32 + 4;
    match len {
        0..0x80 => chunk.push(len as u8),
        0x80..0x4000 => chunk.extend([len as u8 | 0x80, (len >> 7) as u8]),
        _ => chunk.extend([len as u8 | 0x80, (len >> 7) as u8 | 0x80, (len >> 14) as u8]),
    }
    chunk.extend(crc32fast::hash(&[content, &[kind]].concat()).to_le_bytes());
    chunk.extend(content);
    chunk
}

/// Takes the bytes as chunks, each with a byte for its type and one for the length of its content.
pub fn chunks(data: &[u8]) {
    let [parameter, rest @ ..] = data else { return };
    let (mut rest, mut body) = (rest, Vec::new());
    while let [kind, len, after @ ..] = rest {
        let (content, after) = after.split_at(after.len().min(usize::from(*len)));
        body.extend(checked(*kind, content));
        rest = after;
    }
    let mut header = HEADER_I.to_vec();
    decode_image(&[&header[..], &body].concat());
    (header[3], header[9]) = (b'B', 14 + parameter % 8);
    decode_bytes(&[&header[..], &body].concat());
}
