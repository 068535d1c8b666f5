//! Files that are not what they should be.

use dualcomp_image::{Level, Metadata, register};
use image::{ColorType, ImageError};

use super::*;

fn files() -> Vec<(DynamicImage, Vec<u8>)> {
    let mut all = Vec::new();
    for level in [Level::Fast, Level::Default] {
        let picture = picture(19, 11, ColorType::Rgb8);
        let metadata = Metadata::default().with_icc(vec![5; 20]);
        let file = encode_with(&picture, |encoder| encoder.with_level(level).with_metadata(metadata));
        all.push((picture, file));
    }
    all
}

#[test]
fn every_cut_is_an_error() {
    register();
    for (_, file) in files() {
        for len in 4..file.len() {
            let result = image::load_from_memory(&file[..len]);
            assert!(matches!(result, Err(ImageError::Decoding(_))), "{len}: {result:?}");
        }
    }
}

#[test]
fn no_change_gives_other_pixels() {
    register();
    for (picture, file) in files() {
        for at in 4..file.len() {
            for mask in [0x01, 0x80, 0xFF] {
                let mut damaged = file.clone();
                damaged[at] ^= mask;
                // A flag may be one that does not matter here.
                if let Ok(decoded) = image::load_from_memory(&damaged) {
                    assert!(decoded == picture, "byte {at} ^ {mask:#04x}");
                }
            }
        }
    }
}

#[test]
fn noise_behind_a_good_start() {
    register();
    let (_, file) = files().swap_remove(0);
    let mut seed = 7u32;
    for round in 0..2000 {
        let start = [4, 10, 31, 60, 100][round % 5];
        let mut data = file[..start].to_vec();
        for _ in 0..round % 300 {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            data.push((seed >> 24) as u8);
        }
        assert!(image::load_from_memory(&data).is_err());
    }
}

#[test]
fn bytes_are_no_image() {
    register();
    let data = [&b"\x89DCB\x01\0\0\0\0\x10"[..], &[0x40, 0]].concat();
    let (_folder, path) = file("text.dci", &data);
    assert!(matches!(image::open(&path), Err(ImageError::Decoding(_))));
    let (_folder, path) = file("empty.dci", b"");
    assert!(matches!(image::open(&path), Err(ImageError::Decoding(_))));
}
