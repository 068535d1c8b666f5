//! Streams whose checksums are right, as far as they can be without decoding, so that what is behind them is reached.

use super::{decode_bytes, decode_image};
use crate::hostile::checked;
use crate::tiny::ID;

/// The header of an image that may need [`crate::tiny`].
pub(super) const HEADER_I: &[u8] = &[0x89, b'D', b'C', b'I', 1, ID[0], ID[1], ID[2], ID[3], 0];

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
