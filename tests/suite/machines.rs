//! The same bytes come out whatever the threads and the processor's instructions.

use std::sync::Arc;

use dualcomp::predictor::Predictor;
use dualcomp::{ColorType, DecoderOptions, EncoderOptions, ImageInfo, Metadata, Model};
use dualcomp::{compress_with, decode_image_with, decompress_with, encode_image_with};
use dualcomp_tests::{picture, text};

/// Wide enough for two tiles.
const SIZE: (u32, u32) = (420, 330);

type Shared = Option<Arc<dyn Predictor>>;

fn embedded() -> Shared {
    Some(Model::embedded().clone())
}

fn streams(threads: usize, model: Shared) -> [Vec<u8>; 2] {
    let options = EncoderOptions::default().with_threads(threads);
    let info = ImageInfo::new(SIZE.0, SIZE.1, ColorType::Rgb8);
    let pixels = picture(SIZE.0, SIZE.1, 3);
    let image = encode_image_with(&pixels, &info, &Metadata::default(), &options, model.clone()).unwrap();
    [compress_with(&text(150_000), &options, model).unwrap(), image]
}

fn check(streams: &[Vec<u8>; 2], threads: usize, model: Shared) {
    let options = DecoderOptions::default().with_threads(threads);
    assert!(decompress_with(&streams[0], &options, model.clone()).unwrap() == text(150_000));
    assert!(decode_image_with(&streams[1], &options, model).unwrap().pixels == picture(SIZE.0, SIZE.1, 3));
}

#[test]
fn same_bytes_without_vector_extensions() {
    let weights = include_bytes!("../../crates/dualcomp-model/weights/dualcomp-1.safetensors");
    let plain: Shared = Some(Arc::new(Model::from_bytes(weights).unwrap().without_extensions()));
    let ours = streams(1, embedded());
    assert!(ours == streams(2, plain.clone()));
    check(&ours, 2, plain);
}

#[test]
fn same_bytes_with_more_threads() {
    let one = streams(1, embedded());
    assert!(one == streams(2, embedded()));
    assert!(one == streams(5, embedded()));
    check(&one, 2, embedded());
}
