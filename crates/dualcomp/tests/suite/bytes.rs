//! Round trips of bytes, however they are sliced.

use dualcomp::{DecoderOptions, EncoderOptions, Level, Status, inspect};
use proptest::prelude::*;

use super::*;

const MIB: usize = 1 << 20;

fn kinds(stream: &[u8]) -> Vec<String> {
    let summary = inspect(stream).unwrap();
    summary.streams[0].chunks.iter().map(|chunk| chunk.kind.map_or("unknown".into(), |kind| kind.to_string())).collect()
}

#[test]
fn the_sides_may_move_between_threads() {
    fn sendable<T: Send>() {}
    sendable::<Encoder>();
    sendable::<Decoder>();
    sendable::<Error>();
}

#[test]
fn small_streams_have_these_bytes() {
    let header = [0x89, b'D', b'C', b'B', 1, 0, 0, 0, 0, 18];
    assert_eq!(compress(b""), [&header[..], &[0x40, 0]].concat());
    // A final fill of six bytes: checksum of content and type, length, byte.
    let content = [1, b'a'];
    let sum = crc32fast::hash(&[1, b'a', 0x44]).to_le_bytes();
    assert_eq!(compress(b"a"), [&header[..], &[0x44, 6], &sum, &content].concat());
    // Two bytes do not compress.
    let sum = crc32fast::hash(b"ab\x41").to_le_bytes();
    assert_eq!(compress(b"ab"), [&header[..], &[0x41, 6], &sum, b"ab"].concat());
}

#[test]
fn no_short_stream_is_longer_than_its_bytes_stored() {
    for (words, rest) in (0..16).flat_map(|words| (2..40).map(move |rest| (words, rest))) {
        let data = [text(words), noise(rest)].concat();
        let stream = compress(&data);
        // Header, chunk and checksum.
        assert!(stream.len() <= 10 + 2 + 4 + data.len(), "{words}, {rest}");
        assert_eq!(decompress(&stream).unwrap(), data);
    }
}

#[test]
fn sizes_round_trip() {
    let inputs = |len| [noise(len), vec![b'x'; len], text(if len < MIB + 1 { len.min(70_000) } else { len })];
    for len in [0, 1, 2, 3, 255, 256, 65535, 65536, MIB - 1, MIB, MIB + 1] {
        for data in inputs(len) {
            let len = data.len();
            let stream = compress(&data);
            assert!(stream.len() <= len + len / 1000 + 64);
            assert!(decompress(&stream).unwrap() == data, "{len}");
        }
    }
}

#[test]
fn large_noise_is_stored_and_the_text_after_it_is_not() {
    let data = [text(MIB), noise(MIB), text(MIB)].concat();
    let stream = compress(&data);
    assert_eq!(kinds(&stream), ["contexts-only", "stored", "contexts-only", "end"]);
    assert!(decompress(&stream).unwrap() == data);
}

#[test]
fn zeros_are_one_chunk_and_cost_no_work() {
    let data = vec![0; 100_000_000];
    let stream = compress(&data);
    assert_eq!(stream.len(), 21);
    assert_eq!(kinds(&stream), ["fill"]);
    assert!(decompress(&stream).unwrap() == data);
}

#[test]
fn runs_in_the_middle_keep_what_was_learned() {
    let data = [text(MIB), vec![b' '; MIB], vec![b'-'; MIB], text(900_000)].concat();
    let stream = compress(&data);
    assert_eq!(kinds(&stream), ["contexts-only", "fill", "fill", "contexts-only", "end"]);
    assert!(decompress(&stream).unwrap() == data);
}

#[test]
fn a_flush_gives_all_that_came_before_it() {
    let mut encoder = encoder();
    let mut decoder = decoder(DecoderOptions::default());
    let (mut wire, mut room) = (vec![0; 1000], vec![0; 1000]);
    for part in [&b"first"[..], b"aaaaaaaa", b"a", b"", b"last"] {
        assert_eq!(encoder.encode(part, &mut wire).unwrap().produced, 0);
        let progress = encoder.flush(&mut wire).unwrap();
        assert_eq!(progress.status, Status::Done);
        assert_eq!(progress.produced == 0, part.is_empty());
        let decoded = decoder.decode(&wire[..progress.produced], &mut room).unwrap();
        assert_eq!(&room[..decoded.produced], part);
        assert_eq!(decoded.status, Status::NeedsInput);
        assert!(!decoder.is_finished());
    }
    let progress = encoder.finish(&mut wire).unwrap();
    assert_eq!(decoder.decode(&wire[..progress.produced], &mut room).unwrap().status, Status::Done);
    assert!(decoder.is_finished());
}

#[test]
fn a_flush_gives_what_waits_behind_what_was_not_taken() {
    let mut encoder = encoder();
    let parts = [vec![b'a'; 1 << 20], vec![b'b'; 1 << 20]];
    for part in &parts {
        assert_eq!(encoder.encode(part, &mut []).unwrap().consumed, part.len());
        // Leaves the fill before it inside the encoder.
        encoder.make_room().unwrap();
    }
    let mut wire = vec![0; 1000];
    let progress = encoder.flush(&mut wire).unwrap();
    assert_eq!(progress.status, Status::Done);
    let mut room = vec![0; 4 << 20];
    let decoded = decoder(DecoderOptions::default()).decode(&wire[..progress.produced], &mut room).unwrap();
    assert!(room[..decoded.produced] == parts.concat());
}

#[test]
fn finishing_twice_gives_nothing_more_and_input_after_it_is_an_error() {
    let mut encoder = encoder();
    let mut room = [0; 100];
    // The rest comes with a flush as well.
    assert_eq!(encoder.finish(&mut room[..1]).unwrap().produced, 1);
    let rest = encoder.flush(&mut room).unwrap();
    assert!(rest.produced > 0 && rest.status == Status::Done);
    assert_eq!(encoder.flush(&mut room).unwrap().produced, 0);
    assert_eq!(encoder.finish(&mut room).unwrap().produced, 0);
    assert!(matches!(encoder.encode(b"x", &mut room), Err(Error::Parameter(_))));
}

#[test]
fn streams_in_a_row_decode_as_one() {
    let parts = [text(3000), vec![], noise(100), text(2000)];
    let streams: Vec<u8> = parts.iter().flat_map(|part| compress(part)).collect();
    assert_eq!(decompress(&streams).unwrap(), parts.concat());
    let first = compress(&parts[0]).len();
    let options = DecoderOptions::default().with_concatenated(false);
    for inputs in [&[1][..], &[usize::MAX >> 1], &[first - 1, 2]] {
        let (out, taken) = decode_sliced(&streams, inputs, &[100], options.clone());
        assert_eq!((out.as_slice(), taken.unwrap()), (parts[0].as_slice(), first));
    }
    let whole = dualcomp::decompress_with(&streams, &options, NO_MODEL);
    assert_eq!(kind(whole), Some(FormatErrorKind::TrailingData));
}

#[test]
fn a_decoder_can_start_over() {
    let mut decoder = decoder(DecoderOptions::default().with_concatenated(false));
    let mut room = [0; 100];
    let stream = compress(b"again");
    assert!(decoder.decode(b"no stream", &mut room).is_err());
    for _ in 0..2 {
        decoder.reset();
        let progress = decoder.decode(&stream, &mut room).unwrap();
        assert_eq!((&room[..progress.produced], progress.status), (&b"again"[..], Status::Done));
        let more = decoder.decode(&stream, &mut room).unwrap();
        assert_eq!((more.consumed, more.produced, more.status), (0, 0, Status::Done));
    }
}

#[test]
fn the_size_hint_changes_no_result() {
    let data = text(30_000);
    for hint in [None, Some(0), Some(1), Some(30_000), Some(u64::MAX)] {
        let options = EncoderOptions::default().with_size_hint(hint).with_level(Level::Fast);
        let mut encoder = Encoder::with_predictor(options, NO_MODEL);
        let mut room = vec![0; 40_000];
        assert_eq!(encoder.encode(&data, &mut room).unwrap().consumed, data.len());
        let mut stream = Vec::new();
        for end in [false, true] {
            let progress = if end { encoder.finish(&mut room) } else { encoder.flush(&mut room) }.unwrap();
            stream.extend(&room[..progress.produced]);
        }
        assert!(decompress(&stream).unwrap() == data);
    }
}

#[test]
fn slices_do_not_change_a_stream() {
    let data = [text(3000), noise(500), text(700)].concat();
    let whole = compress(&data);
    for inputs in [&[1][..], &[7, 1000, 3]] {
        for outputs in [&[1][..], &[0, 5, 100]] {
            assert!(encode_sliced(&data, inputs, outputs, &[]) == whole);
            let (out, taken) = decode_sliced(&whole, inputs, outputs, DecoderOptions::default());
            assert!(out == data);
            assert_eq!(taken.unwrap(), whole.len());
        }
    }
}

/// Bytes with something of everything.
fn mixture() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        (any::<u8>(), 0..3000usize).prop_map(|(byte, len)| vec![byte; len]),
        (0..2000usize).prop_map(text),
    ];
    proptest::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_slices_and_flushes_round_trip(
        data in mixture(),
        inputs in proptest::collection::vec(1..500usize, 1..5),
        outputs in proptest::collection::vec(1..500usize, 1..5),
        flushes in proptest::collection::vec(0..20usize, 0..4),
    ) {
        let stream = encode_sliced(&data, &inputs, &outputs, &flushes);
        let (out, taken) = decode_sliced(&stream, &outputs, &inputs, DecoderOptions::default());
        prop_assert_eq!(taken.unwrap(), stream.len());
        prop_assert!(out == data);
    }
}
