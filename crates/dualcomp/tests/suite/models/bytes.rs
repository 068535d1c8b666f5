//! Which streams of bytes have the model.

use super::*;

#[test]
fn levels_use_the_model_or_not() {
    let data = text(200_000);
    for (level, kind, used) in [(Level::Fast, "contexts-only", 0), (Level::Default, "network", 1)] {
        let model = Ignorant::new(7, false);
        let stream = compress_by(&model, level, &data).unwrap();
        let found = inspect(stream.as_slice()).unwrap().streams.swap_remove(0);
        assert_eq!((found.chunks[0].kind.unwrap().to_string().as_str(), model.sessions()), (kind, used));
        assert_eq!(found.model, (used > 0).then_some([7; 4]));
        assert!(decompress_by(&model, &stream).unwrap() == data);
        assert_eq!(decompress(&stream).is_ok(), used == 0);
    }
}

#[test]
fn the_highest_level_does_without_a_model_that_knows_nothing() {
    for len in [500, 5000, 70_000, (1 << 20) + 2000] {
        let (model, data) = (Ignorant::new(7, false), text(len));
        let [fast, max] = [Level::Fast, Level::Max].map(|level| compress_by(&model, level, &data).unwrap());
        // Some bytes say too little.
        assert_eq!(inspect(max.as_slice()).unwrap().streams[0].model.is_none(), len > 1024, "{len}");
        // The parameters: contexts of both groups where there is more than the sample.
        assert_eq!(max[9] & 0x40 > 0, len > 1 << 15, "{len}");
        // With one group of contexts and with both.
        assert_eq!(model.sessions(), if len > 1024 { 2 } else { 1 });
        assert!(max.len() <= fast.len() + 8, "{len}");
        assert!(decompress_by(&model, &max).unwrap() == data);
    }
}

#[test]
fn long_streams_do_without_a_model_that_knows_nothing() {
    for (len, tried) in [(262_143, false), (262_144, true), (524_287, true)] {
        let (model, data) = (Ignorant::new(7, false), text(len));
        let stream = compress_by(&model, Level::Default, &data).unwrap();
        assert_eq!(inspect(stream.as_slice()).unwrap().streams[0].model.is_none(), tried, "{len}");
        assert_eq!(model.sessions(), 1);
        assert!(decompress_by(&model, &stream).unwrap() == data);
    }
}

#[test]
fn longer_streams_use_the_model_in_part_or_more_contexts() {
    // Each second word follows from the one two before it.
    let words: Vec<[u8; 4]> = noise(1000).as_chunks().0.iter().map(|word| word.map(|n| b'a' + n % 26)).collect();
    let pairs =
        noise(1 << 18).into_iter().enumerate().flat_map(|(i, n)| [words[i % 50], words[50 + usize::from(n) % 200]]);
    let spaced: Vec<u8> = pairs.flat_map(|word| word.into_iter().chain([b' '])).take((1 << 20) + 99).collect();
    for (data, kind, sessions) in
        [(text(1 << 19), "network", 2), (text((1 << 20) + 70_000), "network", 2), (spaced, "contexts-only", 0)]
    {
        let model = Ignorant::new(7, false);
        let stream = compress_by(&model, Level::Default, &data).unwrap();
        let found = inspect(stream.as_slice()).unwrap().streams.swap_remove(0);
        assert_eq!((found.chunks[0].kind.unwrap().to_string().as_str(), found.chunks[0].substreams), (kind, Some(2)));
        assert_eq!((found.model.is_some(), model.sessions()), (sessions > 0, sessions));
        assert!(decompress_by(&model, &stream).unwrap() == data);
        assert_eq!(decompress(&stream).is_ok(), sessions == 0);
    }
}

#[test]
fn stored_blocks_between_network_blocks_leave_the_coder() {
    let model = Ignorant::new(7, false);
    let parts = [text(200_000), noise(1 << 20), text(1000)];
    let encoder = Encoder::with_predictor(EncoderOptions::default(), Some(model.clone()));
    let mut encoder = write::Encoder::with_encoder(Vec::new(), encoder);
    for part in &parts {
        encoder.write_all(part).unwrap();
        encoder.flush().unwrap();
    }
    let stream = encoder.finish().unwrap();
    assert_eq!(model.sessions(), 1);
    assert!(decompress_by(&model, &stream).unwrap() == parts.concat());
    assert_eq!(model.sessions(), 2);
}

#[test]
fn a_dictionary_for_a_second_substream_is_paid_for() {
    let model = Ignorant::new(9, false);
    let dictionary = dualcomp::Dictionary::from_raw(&text(100_000)).unwrap().with_model([9; 4]);
    let options = EncoderOptions::default().with_dictionary(dictionary.clone());
    let mut encoder = dualcomp::Encoder::with_predictor(options, Some(model.clone()));
    let (mut stream, mut room) = (Vec::new(), vec![0; 1 << 16]);
    assert_eq!(encoder.encode(b"a block with the network", &mut room).unwrap().consumed, 24);
    let count = encoder.flush(&mut room).unwrap().produced;
    stream.extend_from_slice(&room[..count]);
    assert_eq!(stream[10], 3, "with the network");
    // The form for the network is prepared by this; a block of two substreams without it needs another one.
    let decode = |stream: &[u8], limits| {
        let options = DecoderOptions::default().with_dictionary(dictionary.clone()).with_limits(limits);
        dualcomp::decompress_with(stream, &options, Some(model.clone())).unwrap_err()
    };
    assert!(decode(&stream, dualcomp::Limits::default()).is_truncated());
    // 65,536 bytes, two substreams, the first of no bytes.
    stream.extend([2, 9, 0, 0, 0, 0, 0x80, 0x80, 4, 2, 0]);
    let limits = dualcomp::Limits::default().with_max_work(120_000, 0);
    match decode(&stream, limits) {
        dualcomp::Error::LimitsExceeded(error) => assert_eq!(error.kind(), dualcomp::LimitKind::Work),
        other => panic!("{other:?}"),
    }
    let limits = dualcomp::Limits::default().with_max_work(300_000, 0);
    assert!(matches!(decode(&stream, limits), dualcomp::Error::Format(_)));
}
