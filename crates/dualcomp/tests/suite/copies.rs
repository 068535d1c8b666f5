//! Long strings that come again are told as copies, however far apart they are.

use dualcomp::{ChunkKind, DecoderOptions, EncoderOptions, Level, Limits, inspect};

use super::malformed::{checked, end, stream};
use super::*;

const MIB: usize = 1 << 20;

fn coded(data: &[u8], hint: Option<u64>) -> Vec<u8> {
    let options = EncoderOptions::default().with_size_hint(hint);
    let mut encoder = Encoder::with_predictor(options, NO_MODEL);
    let (mut out, mut taken) = (vec![0; data.len() + MIB], 0);
    let mut made = 0;
    while taken < data.len() {
        let progress = encoder.encode(&data[taken..], &mut out[made..]).unwrap();
        (taken, made) = (taken + progress.consumed, made + progress.produced);
    }
    made += encoder.finish(&mut out[made..]).unwrap().produced;
    out.truncate(made);
    out
}

/// Noise, of which the first 300 KB come again at the end, with a byte changed in the middle; and 700 KB on which the stream
/// ends.
fn far_apart() -> Vec<u8> {
    let mut data = noise(6 * MIB);
    let mut again = data[..300_000].to_vec();
    again[150_000] ^= 1;
    data.extend(again);
    let more = data[2 * MIB..][..700_000].to_vec();
    data.extend(more);
    data
}

#[test]
fn what_comes_again_far_behind_takes_no_room() {
    let data = far_apart();
    for hint in [None, Some(data.len() as u64)] {
        let stream = coded(&data, hint);
        assert!(stream.len() < 6 * MIB + 500, "{}", stream.len());
        assert!(decompress(&stream).unwrap() == data);
        assert_eq!(inspect(&stream[..]).unwrap().streams[0].raw_len, data.len() as u64);
        for (inputs, outputs) in [(&[1000, 1][..], &[70_000][..]), (&[MIB], &[1, 4096, 100_001])] {
            let (out, result) = decode_sliced(&stream, inputs, outputs, DecoderOptions::default());
            assert!(out == data);
            assert_eq!(result.unwrap(), stream.len());
        }
    }
    // However small a window is asked for, the stream comes back.
    for window in [0, 1 << 16, 1 << 20, 4 << 20] {
        let options = EncoderOptions::default().with_window(window);
        let stream = dualcomp::compress_with(&data, &options, NO_MODEL).unwrap();
        assert!(decompress(&stream).unwrap() == data, "{window}");
    }
    // Streams that are known to be short have no window.
    assert!(coded(&data, Some(MIB as u64)).len() > 7_000_000);
}

#[test]
fn what_copies_leave_may_be_one_block() {
    for (unit, times) in [(noise(400_000), 25), (text(400_000), 3), (text(MIB - 1), 5), (noise(1100), 10_000)] {
        let data = unit.repeat(times);
        for hint in [None, Some(data.len() as u64), Some(100 * MIB as u64)] {
            let stream = coded(&data, hint);
            assert!(decompress(&stream).unwrap() == data, "{times} times {}, {hint:?}", unit.len());
        }
        for flushes in [&[][..], &[1], &[0, 2]] {
            let stream = encode_sliced(&data, &[MIB + 77], &[MIB], flushes);
            assert!(decompress(&stream).unwrap() == data, "{times} times {}, {flushes:?}", unit.len());
        }
    }
    // A run and its copies; a run, then what comes again behind it.
    let run = [&vec![9; 5000][..], &noise(1200)].concat().repeat(400);
    for level in [Level::Fast, Level::Default, Level::Max] {
        let options = EncoderOptions::default().with_level(level).with_size_hint(5 << 20);
        let stream = dualcomp::compress_with(&run, &options, NO_MODEL).unwrap();
        assert!(stream.len() < 5000 && decompress(&stream).unwrap() == run, "{level}");
    }
}

#[test]
fn streams_in_a_row_have_windows_of_their_own() {
    let data = far_apart();
    let stream = coded(&data, None);
    let both = decompress(&[&stream[..], &stream].concat()).unwrap();
    assert!(both == [&data[..], &data].concat());
}

#[test]
fn copies_stand_between_runs_files_and_flushes() {
    let jpeg = include_bytes!("../../../../tests/jpeg/baseline.jpg");
    let unit = [&noise(9000)[..], &vec![0; MIB + 5000], jpeg, &text(50_000), &vec![7; 2 * MIB]].concat();
    let data = [&unit[..], &unit, b"between", &unit[5000..]].concat();
    let stream = coded(&data, None);
    assert!(stream.len() < 15_000, "{}", stream.len());
    assert!(decompress(&stream).unwrap() == data);
    for flushes in [&[0, 1, 2, 3, 5, 8][..], &[3], &[]] {
        let stream = encode_sliced(&data, &[MIB + 77], &[MIB], flushes);
        assert!(decompress(&stream).unwrap() == data);
    }
}

#[test]
fn copies_do_not_wait_for_a_block() {
    // One of two kilobytes or the other, as it comes: nothing is new behind the first ones.
    let units = noise(2080);
    let data: Vec<u8> =
        noise(40_000).iter().flat_map(|pick| &units[usize::from(pick >> 7) * 1040..][..1040]).copied().collect();
    let mut encoder = Encoder::with_predictor(EncoderOptions::default(), NO_MODEL);
    let (mut stream, mut taken) = (vec![0; MIB], 0);
    let mut made = 0;
    while taken < data.len() {
        let progress = encoder.encode(&data[taken..], &mut stream[made..]).unwrap();
        (taken, made) = (taken + progress.consumed, made + progress.produced);
    }
    let early = made;
    made += encoder.finish(&mut stream[made..]).unwrap().produced;
    assert!(early >= 1 << 16, "{early} of {made}");
    assert!(decompress(&stream[..made]).unwrap() == data);
}

/// A JPEG file with a profile.
fn with_profile(jpeg: &[u8], profile: &[u8]) -> Vec<u8> {
    let len = (profile.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE2], &len, profile, &jpeg[2..]].concat()
}

/// How many chunks of this kind a stream has.
fn count(stream: &[u8], kind: ChunkKind) -> usize {
    let found = inspect(stream).unwrap().streams.swap_remove(0);
    found.chunks.iter().filter(|chunk| chunk.kind == Some(kind)).count()
}

#[test]
fn files_that_have_something_in_common_are_still_files() {
    let profile = noise(3000);
    let jpegs: [&[u8]; 2] =
        [include_bytes!("../../../../tests/jpeg/baseline.jpg"), include_bytes!("../../../../tests/jpeg/grey.jpg")];
    let [one, two] = jpegs.map(|jpeg| with_profile(jpeg, &profile));
    for long in [0, 5 * MIB] {
        let data = [&text(70_000), &one, &b"between"[..], &two, &vec![7; long]].concat();
        let stream = coded(&data, Some(data.len() as u64));
        assert_eq!((count(&stream, ChunkKind::FileSpan), count(&stream, ChunkKind::Copies)), (2, 0));
        assert!(decompress(&stream).unwrap() == data);
    }
}

#[test]
fn a_file_that_comes_again_is_a_copy() {
    let jpeg = with_profile(include_bytes!("../../../../tests/jpeg/baseline.jpg"), &noise(20_000));
    let mut changed = jpeg.clone();
    changed[5000] ^= 1;
    for again in [&jpeg, &changed] {
        let data = [&text(70_000), &jpeg, &text(300)[..], again, b"end"].concat();
        for hint in [None, Some(data.len() as u64), Some(1 << 30)] {
            let stream = coded(&data, hint);
            assert_eq!((count(&stream, ChunkKind::FileSpan), count(&stream, ChunkKind::Copies)), (1, 1));
            assert!(decompress(&stream).unwrap() == data);
            for (inputs, outputs) in [(&[1000, 1][..], &[7000][..]), (&[MIB], &[1, 4096])] {
                assert!(decode_sliced(&stream, inputs, outputs, DecoderOptions::default()).0 == data);
            }
        }
        let options = EncoderOptions::default().with_window(0);
        assert_eq!(count(&dualcomp::compress_with(&data, &options, NO_MODEL).unwrap(), ChunkKind::FileSpan), 2);
        let options = EncoderOptions::default().with_find_files(false);
        assert_eq!(count(&dualcomp::compress_with(&data, &options, NO_MODEL).unwrap(), ChunkKind::Window), 0);
    }
}

#[test]
fn what_was_flushed_comes_out_though_it_is_a_copy() {
    let unit = [noise(MIB), text(300_000)].concat();
    let (mut encoder, mut decoder) = (encoder(), decoder(DecoderOptions::default()));
    for round in 0..3 {
        let (mut coded, mut out) = (vec![0; 2 * MIB], vec![0; 2 * MIB]);
        let (mut taken, mut made) = (0, 0);
        while taken < unit.len() {
            let progress = encoder.encode(&unit[taken..], &mut coded[made..]).unwrap();
            (taken, made) = (taken + progress.consumed, made + progress.produced);
        }
        made += encoder.flush(&mut coded[made..]).unwrap().produced;
        assert!(round == 0 || made < 10_000, "{made}");
        assert_eq!(decoder.decode(&coded[..made], &mut out).unwrap().produced, unit.len());
        assert!(out[..unit.len()] == unit);
    }
}

/// A window of 64 KiB.
fn window() -> Vec<u8> {
    checked(22, &[16])
}

#[test]
fn made_up_copies_are_checked() {
    let stored = checked(1, b"abc");
    let good = [&window()[..], &checked(23, &[3, 5, 2, 0, 1, 8]), &stored, &end(b"abcbcbcba")].concat();
    assert_eq!(decompress(&stream(&[&good])).unwrap(), b"abcbcbcba");
    let late = [&window()[..], &stored, &checked(23, &[3, 5, 2]), &end(b"abcbcbcb")].concat();
    assert_eq!(decompress(&stream(&[&late])).unwrap(), b"abcbcbcb");
    let bad: [(&str, Vec<Vec<u8>>); 11] = [
        ("no window", vec![checked(23, &[3, 5, 2]), stored.clone(), end(b"abcbcbcb")]),
        ("a second window", vec![window(), window(), stored.clone(), end(b"abc")]),
        ("a window that comes late", vec![stored.clone(), window(), end(b"abc")]),
        ("a window too small", vec![checked(22, &[15]), stored.clone(), end(b"abc")]),
        ("a window too large", vec![checked(22, &[29]), stored.clone(), end(b"abc")]),
        ("a window of two bytes", vec![checked(22, &[16, 0]), stored.clone(), end(b"abc")]),
        ("before the stream", vec![window(), checked(23, &[3, 5, 4]), stored.clone(), end(b"abc")]),
        ("too late", vec![window(), stored.clone(), checked(23, &[2, 5, 1]), end(b"abc")]),
        ("behind the end", vec![window(), stored.clone(), checked(23, &[4, 5, 1]), end(b"abc")]),
        ("cut off", vec![window(), stored.clone(), checked(23, &[3, 5]), end(b"abc")]),
        ("empty", vec![window(), stored.clone(), checked(23, &[3, 0, 1]), end(b"abc")]),
    ];
    for (what, chunks) in bad {
        let stream = stream(&[&chunks.concat()]);
        assert_eq!(kind(decompress(&stream)), Some(FormatErrorKind::Corrupt), "{what}");
    }
    // The last chunk of a stream.
    let last = [&window()[..], &stored, &checked(0x57, &[3, 5, 2])].concat();
    assert_eq!(kind(decompress(&stream(&[&last]))), Some(FormatErrorKind::Corrupt));
}

#[test]
fn copies_are_limited_before_they_are_made() {
    let limited = |stream: &[u8], limits| {
        let options = DecoderOptions::default().with_limits(limits);
        matches!(dualcomp::decompress_with(stream, &options, NO_MODEL), Err(Error::LimitsExceeded(_)))
    };
    // A copy of 2^30 bytes.
    let huge = checked(23, &[1, 0x80, 0x80, 0x80, 0x80, 4, 1]);
    let bomb = stream(&[&window(), &checked(1, b"x"), &huge]);
    assert!(limited(&bomb, Limits::default().with_max_output_bytes(1 << 20)));
    assert!(limited(&bomb, Limits::default()), "the result is memory");
    assert!(limited(&bomb, Limits::default().with_max_memory_bytes(u64::MAX).with_max_work(1000, 0)));
    let large = stream(&[&checked(22, &[28]), &checked(1, b"x"), &end(b"x")]);
    assert!(limited(&large, Limits::default().with_max_memory_bytes(1 << 27)));
    assert_eq!(decompress(&large).unwrap(), b"x");
}
