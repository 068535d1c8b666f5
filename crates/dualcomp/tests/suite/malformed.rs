//! Streams that are cut, changed or made up. A decoder says so, and never gives wrong bytes.

use dualcomp::DecoderOptions;
use proptest::prelude::*;

use super::*;

const HEADER: [u8; 10] = [0x89, b'D', b'C', b'B', 1, 0, 0, 0, 0, 16];

/// A stream with this after its header.
fn stream(chunks: &[&[u8]]) -> Vec<u8> {
    [&HEADER[..], &chunks.concat()].concat()
}

/// A chunk whose body starts with the checksum of its content.
fn checked(kind: u8, content: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(&[content, &[kind]].concat()).to_le_bytes();
    [&[kind, content.len() as u8 + 4], &sum[..], content].concat()
}

const END: &[u8] = &[0x40, 0];

#[test]
fn a_cut_stream_is_truncated_wherever_it_is_cut() {
    for (stream, data) in samples() {
        for len in 0..stream.len() {
            let cut = &stream[..len];
            assert_eq!(kind(decompress(cut)), Some(FormatErrorKind::Truncated), "{len}");
            let (out, result) = decode_sliced(cut, &[3], &[5], DecoderOptions::default());
            assert!(data.starts_with(&out));
            assert!(result.unwrap_err().is_truncated());
        }
        assert_eq!(decompress(&stream).unwrap(), data);
    }
}

#[test]
fn a_changed_bit_is_an_error_or_changes_nothing() {
    for (stream, data) in samples() {
        for bit in 0..stream.len() * 8 {
            let mut changed = stream.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(out) = decompress(&changed) {
                assert_eq!(out, data, "bit {bit}");
            }
            let (out, result) = decode_sliced(&changed, &[1000], &[1000], DecoderOptions::default());
            assert!(data.starts_with(&out), "bit {bit}");
            assert!(result.is_err() || out == data);
        }
    }
}

#[test]
fn what_came_before_an_error_comes_out_first() {
    let mut bad = compress(b"the second stream, which is damaged, is damaged");
    // In the checksum, behind the header, type and length.
    bad[12] ^= 1;
    let streams = [compress(b"the first"), bad].concat();
    for outputs in [&[1][..], &[1000]] {
        let (out, result) = decode_sliced(&streams, &[1000], outputs, DecoderOptions::default());
        assert_eq!(out, b"the first");
        assert_eq!(kind(result), Some(FormatErrorKind::Checksum));
    }
}

#[test]
fn a_failed_decoder_stays_failed() {
    let mut decoder = decoder(DecoderOptions::default());
    assert_eq!(kind(decoder.decode(b"junk", &mut [0; 9])), Some(FormatErrorKind::NotDualComp));
    assert!(matches!(decoder.decode(&compress(b"x"), &mut [0; 9]), Err(Error::Parameter(_))));
    assert!(matches!(decoder.finish(), Err(Error::Parameter(_))));
    assert!(!decoder.is_finished());
}

#[test]
fn errors_have_families_and_places() {
    let expect = |data: &[u8], kind, offset| match decompress(data).unwrap_err() {
        Error::Format(error) => assert_eq!((error.kind(), error.offset()), (kind, Some(offset)), "{error}"),
        error => panic!("{error}"),
    };
    use FormatErrorKind::*;
    let empty = stream(&[END]);
    expect(b"", Truncated, 0);
    expect(b"h", NotDualComp, 0);
    expect(b"\x89PNG\r\n\x1a\n", NotDualComp, 1);
    expect(b"\x89DCB\x02", UnsupportedVersion, 4);
    expect(b"\x89DCI\x01\0\0\0\0\0", WrongKind, 3);
    expect(b"\x89DCB\x01\0\0\0\0\x19", Corrupt, 9);
    expect(&stream(&[&[10, 0]]), UnknownChunk, 10);
    expect(&stream(&[&[5, 0]]), Corrupt, 10);
    expect(&stream(&[&[6, 0]]), Corrupt, 10);
    expect(&stream(&[&[7, 0]]), Corrupt, 10);
    expect(&stream(&[&[8, 0]]), Corrupt, 10);
    expect(&stream(&[&[0, 1, 0]]), Corrupt, 10);
    expect(&stream(&[&[1, 3, 0, 0, 0]]), Corrupt, 10);
    expect(&stream(&[&[1, 5, 0, 0, 0, 0, 1]]), Checksum, 10);
    expect(&stream(&[&checked(1, &[])]), Corrupt, 10);
    expect(&stream(&[&checked(4, &[0, 1])]), Corrupt, 10);
    expect(&stream(&[&checked(4, &[1])]), Corrupt, 10);
    expect(&stream(&[&checked(4, &[1, 1, 1])]), Corrupt, 10);
    expect(&stream(&[&checked(4, &[0x81, 0x80, 0x80, 0x80, 4, 1])]), Corrupt, 10);
    expect(&stream(&[&[2, 6, 0, 0, 0, 0, 0, 1]]), Corrupt, 10);
    expect(&stream(&[&[2, 6, 0, 0, 0, 0, 1, 0]]), Corrupt, 10);
    expect(&stream(&[&[2, 6, 0, 0, 0, 0, 1, 65]]), Corrupt, 10);
    expect(&stream(&[&[2, 5, 0, 0, 0, 0, 1]]), Corrupt, 10);
    expect(&stream(&[&[2, 8, 0, 0, 0, 0, 1, 1, 9, 9]]), Corrupt, 10);
    expect(&stream(&[&[1, 0x80, 0]]), Corrupt, 10);
    expect(&[&empty[..], b"!"].concat(), TrailingData, 12);
    expect(&[&empty[..], b"\x89D?"].concat(), TrailingData, 14);
    expect(&[&empty[..], b"\x89D"].concat(), Truncated, 14);
}

#[test]
fn claimed_sizes_are_bounded_before_anything_is_done() {
    let four_mib = [0x80, 0x80, 0x80, 2];
    let largest = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
    for chunk in [0, 1, 2, 3, 4] {
        let claim = stream(&[&[chunk], &largest]);
        assert_eq!(kind(decompress(&claim)), Some(FormatErrorKind::Corrupt), "{chunk}");
    }
    // The length of a number itself.
    assert_eq!(kind(decompress(&stream(&[&[1], &[0xFF; 10]]))), Some(FormatErrorKind::Corrupt));
    // One more than a block may have.
    let mut raw_len = four_mib;
    raw_len[0] += 1;
    let claim = stream(&[&[2, 10, 0, 0, 0, 0], &raw_len, &[1, 0]]);
    assert_eq!(kind(decompress(&claim)), Some(FormatErrorKind::Corrupt));
}

#[test]
fn unknown_chunks_are_passed_over_if_they_may_be() {
    let unknown = checked(0x80 | 33, &[9; 100]);
    let fill = checked(4, &[3, b'q']);
    assert_eq!(decompress(&stream(&[&unknown, &fill, &unknown, END])).unwrap(), b"qqq");
    // It may even be the last.
    let last = checked(0xC0 | 33, &[9]);
    assert_eq!(decompress(&stream(&[&fill, &last])).unwrap(), b"qqq");
    // But it must be what was written.
    let mut changed = last.clone();
    changed[6] ^= 1;
    assert_eq!(kind(decompress(&stream(&[&fill, &changed]))), Some(FormatErrorKind::Checksum));
    assert_eq!(kind(decompress(&stream(&[&fill, &[0xC0 | 33, 1, 9]]))), Some(FormatErrorKind::Corrupt));
    let options = DecoderOptions::default();
    assert_eq!(decode_sliced(&stream(&[&unknown, &fill, END]), &[1], &[1], options).0, b"qqq");
}

/// No chunk passes for one of another kind, for the last one or for one that may be skipped.
#[test]
fn every_change_of_a_type_is_found() {
    let chunks = [checked(1, b"ab"), checked(1, &[1, 1]), checked(4, &[3, b'q']), checked(0x81 | 32, b"skipped")];
    let coded = compress(&text(300));
    let coded = &coded[HEADER.len()..];
    for chunk in chunks.iter().map(|chunk| &chunk[..]).chain([coded]) {
        for change in 1..=255 {
            let mut chunk = chunk.to_vec();
            chunk[0] ^= change;
            assert!(decompress(&stream(&[&chunk, END])).is_err(), "{chunk:?}");
        }
    }
}

#[test]
fn a_missing_model_is_named() {
    let mut data = stream(&[&[3, 6, 0, 0, 0, 0, 1, 1]]);
    data[5..9].copy_from_slice(&[1, 2, 3, 4]);
    assert!(matches!(decompress(&data), Err(Error::UnknownModel { id: [1, 2, 3, 4] })));
    assert!(matches!(dualcomp::decompress(&data, &Default::default()), Err(Error::UnknownModel { .. })));
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic(tail in proptest::collection::vec(any::<u8>(), 0..200), inputs in 1..50usize) {
        let _ = decompress(&tail);
        let _ = decode_sliced(&stream(&[&tail]), &[inputs], &[1 << 16], short());
    }

    #[test]
    fn no_changes_make_a_decoder_panic(
        sample in 0..6usize,
        changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6),
    ) {
        let (mut stream, data) = samples().swap_remove(sample);
        for (at, byte) in changes {
            let at = usize::from(at) % stream.len();
            stream[at] = byte;
        }
        let (out, result) = decode_sliced(&stream, &[1000], &[1 << 16], short());
        prop_assert!(result.is_err() || out == data || out.len() < data.len());
    }

    #[test]
    fn coded_blocks_of_junk_are_found_out(
        strands in 1..4u8,
        len in 1..5000u32,
        payload in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let body = [&[1, 2, 3, 4][..], &[len as u8 | 0x80, (len >> 7) as u8 & 0x7F], &[strands], &payload].concat();
        let data = stream(&[&[2, body.len() as u8], &body, END]);
        prop_assert!(decompress(&data).is_err());
    }
}

/// Limits that keep made-up fills from taking long.
fn short() -> DecoderOptions {
    DecoderOptions::default().with_limits(dualcomp::Limits::default().with_max_output_bytes(1 << 20))
}
