//! Spans and copies that claim more than they may.

use dualcomp::{DecoderOptions, LimitKind, Limits};

use super::malformed::{checked, end, fill, number, stream};
use super::*;

/// A span that begins behind `skip` bytes, of a file whose checksum nobody comes to compare.
fn span(skip: u64, len: u64, file_len: u64, method: u8, payload: &[u8]) -> Vec<u8> {
    let content = [&[0; 4][..], &number(skip), &number(len), &number(file_len), &[method], payload].concat();
    [&[14][..], &number(content.len() as u64), &content].concat()
}

fn decode_within(data: &[u8], limits: Limits) -> Result<Vec<u8>> {
    let (out, result) = decode_sliced(data, &[1 << 20], &[1 << 20], DecoderOptions::default().with_limits(limits));
    result.map(|_| out)
}

#[test]
fn only_bytes_inside_a_span_do_not_count_as_output() {
    let len = 1 << 20;
    let limits = Limits::default().with_max_output_bytes(1 << 16);
    // The span is far behind these bytes.
    let data = stream(&[&span(1 << 40, len, len.div_ceil(1032), 2, &[0, 6, 15]), &fill(65, len), &end(&[])]);
    let Err(Error::LimitsExceeded(error)) = decode_within(&data, limits.clone()) else { panic!("more output") };
    assert_eq!((error.kind(), error.limit()), (LimitKind::OutputBytes, 1 << 16));
    // It is around them, and what is missing is its file.
    let data = stream(&[&span(0, len, len.div_ceil(1032), 2, &[0, 6, 15]), &fill(65, len), &end(&[])]);
    assert!(matches!(decode_within(&data, limits), Err(Error::Format(_))));
}

#[test]
fn claims_about_the_scans_of_a_file_take_no_memory() {
    // The text of a JPEG span: length of the file, scans, a byte of notes for each, and a skeleton that is no file.
    let (file_len, scans, zeros) = (1 << 24, 1 << 23, (1 << 23) + 9);
    let text = [number(file_len), number(scans)].concat();
    let stored = checked(1, &text);
    let span = span(0, text.len() as u64 + zeros, file_len, 1, &[0, 0]);
    let data = stream(&[&span, &stored, &fill(0, zeros), &end(&[])]);
    let limits = Limits::default().with_max_memory_bytes(64 << 20);
    let Err(Error::Format(error)) = decode_within(&data, limits) else { panic!("a file without a picture") };
    assert!(error.to_string().contains("what rebuilds the file is damaged"), "{error}");
}

#[test]
fn copies_need_a_window_even_if_there_are_none() {
    let data = stream(&[&checked(23, &[]), &fill(0, 9), &end(&[0; 9])]);
    assert_eq!(kind(decompress(&data)), Some(FormatErrorKind::Corrupt));
}
