//! Streams that are cut, changed or made up. A decoder says so, and never gives wrong bytes.

use dualcomp::DecoderOptions;
use proptest::prelude::*;

use super::*;

const HEADER: [u8; 10] = [0x89, b'D', b'C', b'B', 1, 0, 0, 0, 0, 16];

/// A stream with this after its header.
pub(crate) fn stream(chunks: &[&[u8]]) -> Vec<u8> {
    [&HEADER[..], &chunks.concat()].concat()
}

/// A chunk whose body starts with the checksum of its content.
pub(crate) fn checked(kind: u8, content: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(&[content, &[kind]].concat()).to_le_bytes();
    [&[kind, content.len() as u8 + 4], &sum[..], content].concat()
}

/// A number as streams have it.
pub(crate) fn number(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A chunk that is this byte so many times.
pub(crate) fn fill(byte: u8, len: u64) -> Vec<u8> {
    checked(4, &[&number(len)[..], &[byte]].concat())
}

/// The chunk of a stream of no blocks.
const EMPTY: &[u8] = &[0x40, 0];

/// The chunk that ends a stream of several blocks, which decodes to this.
pub(crate) fn end(raw: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(&[raw, &[0x4A]].concat()).to_le_bytes();
    [&[0x4A, 5], &sum[..], &[raw.len() as u8]].concat()
}

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
    let empty = stream(&[EMPTY]);
    expect(b"", Truncated, 0);
    expect(b"h", NotDualComp, 0);
    expect(b"\x89PNG\r\n\x1a\n", NotDualComp, 1);
    expect(b"\x89DCB\x02", UnsupportedVersion, 4);
    expect(b"\x89DCI\x01\0\0\0\0\0", WrongKind, 3);
    expect(b"\x89DCB\x01\0\0\0\0\x19", Corrupt, 9);
    expect(&stream(&[&[40, 0]]), UnknownChunk, 10);
    expect(&stream(&[&[0, 0]]), Corrupt, 10);
    expect(&stream(&[&[10, 0]]), Corrupt, 10);
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
    let end = end(b"qqq");
    assert_eq!(decompress(&stream(&[&unknown, &fill, &unknown, &end])).unwrap(), b"qqq");
    // It must be what was written, and not the last.
    let mut changed = unknown.clone();
    changed[6] ^= 1;
    assert_eq!(kind(decompress(&stream(&[&fill, &changed, &end]))), Some(FormatErrorKind::Checksum));
    assert_eq!(kind(decompress(&stream(&[&fill, &[0x80 | 33, 1, 9], &end]))), Some(FormatErrorKind::Corrupt));
    let last = checked(0xC0 | 33, &[9]);
    assert_eq!(kind(decompress(&stream(&[&fill, &last]))), Some(FormatErrorKind::Corrupt));
    let options = DecoderOptions::default();
    assert_eq!(decode_sliced(&stream(&[&unknown, &fill, &end]), &[1], &[1], options).0, b"qqq");
    // As many as 1024 in a row.
    let [most, more] = [1024, 1025].map(|count| stream(&[&unknown.repeat(count), &fill, &end]));
    assert_eq!(decompress(&most).unwrap(), b"qqq");
    assert_eq!(kind(decompress(&more)), Some(FormatErrorKind::Corrupt));
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
            assert!(decompress(&stream(&[&chunk, EMPTY])).is_err(), "{chunk:?}");
            assert!(decompress(&stream(&[&chunk, &end(b"qqq")])).is_err(), "{chunk:?}");
        }
    }
}

#[test]
fn blocks_that_are_missing_or_exchanged_are_found() {
    let [one, two] = [checked(1, b"one"), checked(4, &[3, b'q'])];
    let end = end(b"oneqqq");
    assert_eq!(decompress(&stream(&[&one, &two, &end])).unwrap(), b"oneqqq");
    for chunks in [&[&two, &one, &end][..], &[&one, &end], &[&one, &two, &two, &end]] {
        let chunks: Vec<&[u8]> = chunks.iter().map(|chunk| &chunk[..]).collect();
        assert_eq!(kind(decompress(&stream(&chunks))), Some(FormatErrorKind::Checksum));
    }
    // Several blocks do not end without.
    assert_eq!(kind(decompress(&stream(&[&one, &checked(0x41, b"two")]))), Some(FormatErrorKind::Corrupt));
    assert_eq!(kind(decompress(&stream(&[&one, EMPTY]))), Some(FormatErrorKind::Corrupt));
    assert_eq!(decompress(&stream(&[&checked(0x41, b"two")])).unwrap(), b"two");
}

#[test]
fn exchanged_stored_chunks_of_a_long_stream_are_found() {
    let mut state = 1u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 56) as u8
    });
    let data: Vec<u8> = noise.take(3 << 20).collect();
    let stream = compress(&data);
    let chunks = &dualcomp::inspect(&stream[..]).unwrap().streams[0].chunks;
    let at: Vec<usize> = chunks.iter().map(|chunk| chunk.offset as usize).collect();
    assert_eq!(at.len(), 4, "three stored blocks and the end");
    assert_eq!(decompress(&stream).unwrap(), data);
    let exchanged = [&stream[..at[0]], &stream[at[1]..at[2]], &stream[at[0]..at[1]], &stream[at[2]..]].concat();
    assert_eq!(kind(decompress(&exchanged)), Some(FormatErrorKind::Checksum));
    let shorter = [&stream[..at[0]], &stream[at[1]..]].concat();
    assert_eq!(kind(decompress(&shorter)), Some(FormatErrorKind::Checksum));
}

/// Stored blocks between coded ones leave the coder: a stream makes one table however many there are.
#[test]
fn stored_blocks_do_not_make_tables_anew() {
    // Learned: the payload is the block itself.
    let one = [&[2, 7][..], &crc32fast::hash(b"a\x02").to_le_bytes(), &[1, 9, b'a']].concat();
    let pair = [checked(1, b"a"), one].concat();
    let mut data = stream(&[&pair.repeat(60), &end(&[b'a'; 120])]);
    // A table of 96 MiB.
    data[9] = 0x98;
    let limits = |units| DecoderOptions::default().with_limits(dualcomp::Limits::default().with_max_work(units, 0));
    let decode = |units| dualcomp::decompress_with(&data, &limits(units), NO_MODEL);
    assert_eq!(decode(110_000).unwrap(), vec![b'a'; 120]);
    assert!(matches!(decode(90_000), Err(Error::LimitsExceeded(error)) if error.kind() == dualcomp::LimitKind::Work));
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
        substreams in 1..4u8,
        len in 1..5000u32,
        payload in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let body = [&[1, 2, 3, 4][..], &[len as u8 | 0x80, (len >> 7) as u8 & 0x7F], &[substreams], &payload].concat();
        let data = stream(&[&[2, body.len() as u8], &body, &end(&[])]);
        prop_assert!(decompress(&data).is_err());
    }
}

/// Limits that keep made-up fills from taking long.
fn short() -> DecoderOptions {
    DecoderOptions::default().with_limits(dualcomp::Limits::default().with_max_output_bytes(1 << 20))
}
