//! When a model is asked for, and what happens without it.

mod bytes;
mod ignorant;
mod images;

use std::io::Write;

use dualcomp::{ChunkKind, ColorType, ImageInfo, Level, Metadata, inspect, write};

use super::*;
use ignorant::Ignorant;

fn compress_by(model: &Arc<Ignorant>, level: Level, data: &[u8]) -> Result<Vec<u8>> {
    let options = EncoderOptions::default().with_level(level);
    dualcomp::compress_with(data, &options, Some(model.clone()))
}

fn decompress_by(model: &Arc<Ignorant>, stream: &[u8]) -> Result<Vec<u8>> {
    dualcomp::decompress_with(stream, &DecoderOptions::default(), Some(model.clone()))
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
