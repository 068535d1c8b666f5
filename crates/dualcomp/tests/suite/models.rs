//! When a model is asked for, and what happens without it.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use dualcomp::predictor::{Depth, ImageSession, Mixture, PredictorError, Site, TextSession};
use dualcomp::{ChunkKind, ColorType, ImageInfo, Level, Metadata, Vocabulary, inspect, write};

use super::*;

/// Knows nothing, but counts its sessions, and the pixels that these see.
struct Ignorant {
    id: [u8; 4],
    vocabulary: Vocabulary,
    sessions: AtomicUsize,
    pixels: Arc<AtomicUsize>,
    fails: bool,
}

impl Ignorant {
    fn new(id: u8, fails: bool) -> Arc<Self> {
        let vocabulary = Vocabulary::bytes_only();
        Arc::new(Self { id: [id; 4], vocabulary, sessions: AtomicUsize::new(0), pixels: Arc::default(), fails })
    }

    fn sessions(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    fn open(&self) -> std::result::Result<Box<Session>, PredictorError> {
        self.sessions.fetch_add(1, Ordering::Relaxed);
        if self.fails {
            Err("out of order".into())
        } else {
            Ok(Box::new(Session { pixels: 0, seen: self.pixels.clone() }))
        }
    }
}

impl Predictor for Ignorant {
    fn id(&self) -> [u8; 4] {
        self.id
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    fn text(&self, _: usize) -> std::result::Result<Box<dyn TextSession + Send>, PredictorError> {
        Ok(self.open()?)
    }

    fn image(&self, _: Depth, _: usize) -> std::result::Result<Box<dyn ImageSession + Send>, PredictorError> {
        Ok(self.open()?)
    }
}

struct Session {
    pixels: usize,
    seen: Arc<AtomicUsize>,
}

impl TextSession for Session {
    fn advance(&mut self, _: &[u32], _: &[u32]) -> std::result::Result<(), PredictorError> {
        Ok(())
    }

    fn logit(&self, _: u32, _: u32) -> i32 {
        0
    }
}

impl ImageSession for Session {
    fn advance(&mut self, sites: &[Site], _: &[i8]) -> std::result::Result<(), PredictorError> {
        self.pixels = sites.len();
        self.seen.fetch_add(sites.len(), Ordering::Relaxed);
        Ok(())
    }

    fn mixtures(
        &mut self,
        _: usize,
        _: &[[i16; 2]],
        out: &mut Vec<Mixture>,
    ) -> std::result::Result<(), PredictorError> {
        out.clear();
        out.resize(self.pixels, Mixture { scales: [40; 5], ..Mixture::default() });
        Ok(())
    }
}

fn compress_by(model: &Arc<Ignorant>, level: Level, data: &[u8]) -> Result<Vec<u8>> {
    let options = EncoderOptions::default().with_level(level);
    dualcomp::compress_with(data, &options, Some(model.clone()))
}

fn decompress_by(model: &Arc<Ignorant>, stream: &[u8]) -> Result<Vec<u8>> {
    dualcomp::decompress_with(stream, &DecoderOptions::default(), Some(model.clone()))
}

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
fn no_model_is_asked_where_none_is_needed() {
    let model = Ignorant::new(7, true);
    for data in [vec![], vec![b'a'; 3 << 20], noise(1 << 20)] {
        let stream = compress_by(&model, Level::Default, &data).unwrap();
        assert!(decompress_by(&model, &stream).unwrap() == data);
    }
    let info = ImageInfo::new(50, 50, ColorType::Rgb8);
    let options = EncoderOptions::default();
    let data =
        dualcomp::encode_image_with(&[9; 7500], &info, &Metadata::default(), &options, Some(model.clone())).unwrap();
    assert_eq!(inspect(data.as_slice()).unwrap().streams[0].model, None);
    assert_eq!(model.sessions(), 0);
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
fn another_model_is_unknown_and_a_failing_one_is_reported() {
    let (model, other, broken) = (Ignorant::new(7, false), Ignorant::new(8, false), Ignorant::new(7, true));
    let data = text(1000);
    let stream = compress_by(&model, Level::Default, &data).unwrap();
    assert!(matches!(decompress_by(&other, &stream), Err(Error::UnknownModel { id: [7, 7, 7, 7] })));
    assert!(matches!(decompress_by(&broken, &stream), Err(Error::Model(_))));
    let mut encoder = Encoder::with_predictor(EncoderOptions::default(), Some(broken));
    let mut room = [0; 2000];
    encoder.encode(&data, &mut room).unwrap();
    assert!(matches!(encoder.finish(&mut room), Err(Error::Model(_))));
    assert!(matches!(encoder.finish(&mut room), Err(Error::Parameter(_))));
}

#[test]
fn images_use_the_model_but_for_the_fast_level() {
    let info = ImageInfo::new(40, 30, ColorType::Rgba8);
    let pixels: Vec<u8> = (0..40 * 30 * 4).map(|i| (i / 160 + i % 160 / 9) as u8).collect();
    let encode = |model: Arc<Ignorant>, level| {
        let options = EncoderOptions::default().with_level(level);
        dualcomp::encode_image_with(&pixels, &info, &Metadata::default(), &options, Some(model))
    };
    let model = Ignorant::new(7, false);
    let data = encode(model.clone(), Level::Default).unwrap();
    assert_eq!((inspect(data.as_slice()).unwrap().streams[0].model, model.sessions()), (Some([7; 4]), 1));
    let decode =
        |model: Option<Arc<dyn Predictor>>| dualcomp::decode_image_with(&data, &DecoderOptions::default(), model);
    assert!(decode(Some(model)).unwrap().pixels == pixels);
    assert!(matches!(decode(None), Err(Error::UnknownModel { .. })));
    assert!(matches!(decode(Some(Ignorant::new(8, false))), Err(Error::UnknownModel { .. })));
    assert!(matches!(decode(Some(Ignorant::new(7, true))), Err(Error::Model(_))));
    assert!(matches!(encode(Ignorant::new(7, true), Level::Default), Err(Error::Model(_))));

    let model = Ignorant::new(7, false);
    let data = encode(model.clone(), Level::Fast).unwrap();
    assert_eq!((inspect(data.as_slice()).unwrap().streams[0].model, model.sessions()), (None, 0));
    assert!(dualcomp::decode_image_with(&data, &DecoderOptions::default(), None).unwrap().pixels == pixels);
}

/// What a stream is that needs a model which is not at hand; says so where no stream could have one.
#[test]
fn a_model_that_is_missing_is_named() {
    let model = Ignorant::new(7, false);
    let stream = compress_by(&model, Level::Default, &text(1000)).unwrap();
    let error = dualcomp::decompress(&stream, &DecoderOptions::default()).unwrap_err();
    assert!(matches!(error, Error::UnknownModel { id: [7, 7, 7, 7] }));
    let message = error.to_string();
    assert!(message.starts_with("the data needs model 07070707, which is not at hand"), "{message}");
    assert_eq!(message.contains("without the network (the feature `rwkv`)"), cfg!(not(feature = "rwkv")), "{message}");
}

/// Every level makes do without the network, and says which streams need none.
#[cfg(not(feature = "rwkv"))]
#[test]
fn a_library_without_the_network_codes_at_every_level() {
    assert_eq!(dualcomp::embedded_model(), None);
    let info = ImageInfo::new(96, 64, ColorType::Rgb8);
    let photo: Vec<u8> = noise(96 * 64 * 3).into_iter().enumerate().map(|(i, n)| (i / 9) as u8 / 2 + n % 8).collect();
    for level in [Level::Fast, Level::Default, Level::Max] {
        let options = EncoderOptions::default().with_level(level);
        for len in [1000, 600_000] {
            let stream = dualcomp::compress(&text(len), &options).unwrap();
            assert_eq!(inspect(stream.as_slice()).unwrap().streams[0].model, None);
            assert!(dualcomp::decompress(&stream, &DecoderOptions::default()).unwrap() == text(len), "{level}");
        }
        for pixels in [photo.clone(), photo[..96 * 3 * 4].repeat(16)] {
            let data = dualcomp::encode_image(&pixels, &info, &Metadata::default(), &options).unwrap();
            assert_eq!(inspect(data.as_slice()).unwrap().streams[0].model, None);
            assert!(dualcomp::decode_image(&data, &DecoderOptions::default()).unwrap().pixels == pixels, "{level}");
        }
    }
}

#[cfg(feature = "rwkv")]
#[test]
fn photos_that_repeat_nothing_have_tiles_of_their_own() {
    let info = ImageInfo::new(96, 64, ColorType::Rgb8);
    let photo: Vec<u8> = noise(96 * 64 * 3).into_iter().enumerate().map(|(i, n)| (i / 9) as u8 / 2 + n % 8).collect();
    let pattern = photo[..96 * 3 * 4].repeat(16);
    // On a white ground, of which the first and the last columns are left.
    let on_white = photo.iter().enumerate().map(|(i, &x)| if (i / 3 + 15) % 96 < 30 { 255 } else { x }).collect();
    for (pixels, level, kind) in [
        (&photo, Level::Fast, ChunkKind::PhotoFast),
        (&on_white, Level::Fast, ChunkKind::Drawn),
        (&on_white, Level::Default, ChunkKind::PhotoDeep),
        (&photo, Level::Default, ChunkKind::PhotoDeep),
        (&photo, Level::Max, ChunkKind::PhotoDeep),
        (&pattern, Level::Fast, ChunkKind::Drawn),
        (&pattern, Level::Default, ChunkKind::Drawn),
    ] {
        let options = EncoderOptions::default().with_level(level);
        let data = dualcomp::encode_image(pixels, &info, &Metadata::default(), &options).unwrap();
        let found = inspect(data.as_slice()).unwrap().streams.swap_remove(0);
        assert_eq!(
            found.chunks.last().map(|c| (c.kind, c.raw_len)),
            Some((Some(kind), pixels.len() as u64)),
            "{level}"
        );
        assert_eq!(found.model.is_some(), kind == ChunkKind::PhotoDeep);
        assert!(dualcomp::decode_image(&data, &DecoderOptions::default()).unwrap().pixels == *pixels);
    }
}

#[test]
fn large_photographs_on_white_are_quick_to_open() {
    // White cells of 16 by 8 pixels. Two tiles of 2^18 pixels are drawn, two of a row more are not.
    let cells = noise(64 * 65);
    for (height, kind) in [(256, ChunkKind::Drawn), (257, ChunkKind::PhotoFast)] {
        let info = ImageInfo::new(1024, 2 * height, ColorType::Rgb8);
        let sample = |(i, n): (usize, u8)| {
            let (place, column) = (i / 3, i / 3 % 1024);
            if cells[place / 1024 / 8 * 64 + column / 16] < 102 { 255 } else { (place / 2) as u8 / 2 + n % 32 }
        };
        let pixels: Vec<u8> = noise(info.bytes().unwrap() as usize).into_iter().enumerate().map(sample).collect();
        let options = EncoderOptions::default().with_level(Level::Fast);
        let data = dualcomp::encode_image(&pixels, &info, &Metadata::default(), &options).unwrap();
        let found = inspect(data.as_slice()).unwrap().streams.swap_remove(0);
        assert_eq!(found.chunks.iter().filter(|chunk| chunk.kind == Some(kind)).count(), 2, "{height}");
        assert!(dualcomp::decode_image(&data, &DecoderOptions::default()).unwrap().pixels == pixels);
    }
}

#[test]
fn the_upper_rows_of_a_pattern_choose_at_the_highest_level() {
    // Four rows of noise again and again; 16 rows of 512 pixels are enough of a sample, seven are not.
    for (width, height, color, rows) in
        [(512u32, 256u32, ColorType::La8, 16), (512, 250, ColorType::Rgb8, 16), (512, 112, ColorType::L8, 0)]
    {
        let info = ImageInfo::new(width, height, color);
        let pixels: Vec<u8> = noise(4 * 512 * color.bytes_per_pixel());
        let pixels: Vec<u8> = pixels.into_iter().cycle().take(info.bytes().unwrap() as usize).collect();
        let model = Ignorant::new(7, false);
        let options = EncoderOptions::default().with_level(Level::Max);
        let data =
            dualcomp::encode_image_with(&pixels, &info, &Metadata::default(), &options, Some(model.clone())).unwrap();
        // The network sees the sample, and the whole tile unless a sample spoke against it.
        let used = inspect(data.as_slice()).unwrap().streams[0].model.is_some();
        let seen = rows + if used || rows == 0 { height } else { 0 };
        assert_eq!(model.pixels.load(Ordering::Relaxed), (width * seen) as usize, "{width} {height} {used}");
        let image = dualcomp::decode_image_with(&data, &DecoderOptions::default(), Some(model)).unwrap();
        assert!(image.pixels == pixels, "{width} {height}");
    }
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
