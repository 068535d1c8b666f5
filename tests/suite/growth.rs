//! Data that does not compress grows by at most 0.1 % and 64 bytes; runs take next to nothing.

use dualcomp::{ColorType, ImageInfo, Metadata, compress, decompress, encode_image};
use dualcomp_tests::Numbers;

#[test]
fn random_bytes() {
    for size in [0, 1, 2, 10, 100, 1000, 65_536, 300_000, 1_500_000] {
        let input = Numbers::new(size as u64).bytes(size);
        let stream = compress(&input, &Default::default()).unwrap();
        assert!(stream.len() <= size + size / 1000 + 64, "{size} became {}", stream.len());
        assert_eq!(decompress(&stream, &Default::default()).unwrap(), input);
    }
}

#[test]
fn random_pixels() {
    let info = ImageInfo::new(61, 83, ColorType::Rgb8);
    let pixels = Numbers::new(3).bytes(61 * 83 * 3);
    let stream = encode_image(&pixels, &info, &Metadata::default(), &Default::default()).unwrap();
    assert!(stream.len() <= pixels.len() + pixels.len() / 1000 + 64);
}

#[test]
fn a_hundred_million_zeros() {
    let input = vec![0; 100_000_000];
    let stream = compress(&input, &Default::default()).unwrap();
    assert!(stream.len() < 64);
    assert!(decompress(&stream, &Default::default()).unwrap() == input);
}
