//! Which images have the model.

use std::sync::atomic::Ordering;

use super::*;

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
