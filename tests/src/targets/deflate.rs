//! Deflate streams among bytes.

use dualcomp::{EncoderOptions, Level, compress_with, decompress_with};

use super::short;
use crate::hostile::{checked, chunk, header, number};

/// Takes bytes as a file that may hold deflate streams: it comes back.
pub fn deflate_file(data: &[u8]) {
    let options = EncoderOptions::default().with_level(Level::Fast).with_threads(1);
    let stream = compress_with(data, &options, None).expect("it can be coded");
    assert!(decompress_with(&stream, &Default::default(), None).expect("it was just coded") == data);
}

/// Makes a file of any text and payload of a span. The first byte says by which method, the next two how long the text is,
/// and two more how long the file claims to be.
pub fn deflate_rebuild(data: &[u8]) {
    let [method, low, high, file_low, file_high, data @ ..] = data else { return };
    let len = usize::from(u16::from_le_bytes([*low, *high])).min(data.len());
    let (text, payload) = data.split_at(len);
    if text.is_empty() {
        return;
    }
    let file_len = u16::from_le_bytes([*file_low, *file_high]);
    let head = [&[0; 4][..], &number(0), &number(len as u64), &number(file_len.into()), &[2 + method % 2]].concat();
    let stream =
        [header(b'B', [0; 4], 14), chunk(14, &[&head, payload].concat()), checked(1, text), chunk(0x40 | 10, &[0; 5])]
            .concat();
    let mut options = short();
    options.limits = options.limits.with_max_pixels(1 << 13);
    // The checksum of the file is wrong but by chance.
    if let Ok(file) = decompress_with(&stream, &options, None) {
        assert_eq!(file.len(), usize::from(file_len));
    }
}
