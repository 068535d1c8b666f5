//! Less than the whole at once.

use dualcomp_image::{Area, DciDecoder, Level};
use image::ImageError;

use super::*;

const WIDTH: u32 = 530;
const HEIGHT: u32 = 1060;

/// An image of two by two tiles, and its file. Two tiles are plain and so quickly done; no more than half of the
/// pixels equal the one before, or the image would count as drawn and be one tile.
fn tiled() -> (DynamicImage, Vec<u8>) {
    let picture = ImageBuffer::<image::Luma<u16>, Vec<u16>>::from_fn(WIDTH, HEIGHT, |x, y| {
        let (right, lower) = (x >= WIDTH / 2, y >= HEIGHT / 2);
        image::Luma([match right == lower {
            true => (x * 77 + y * 1000) as u16,
            false => 1000 + 300 * u16::from(right) + 5000 * u16::from(lower),
        }])
    });
    let picture = DynamicImage::from(picture);
    let file = encode_with(&picture, |encoder| encoder.with_level(Level::Fast));
    (picture, file)
}

#[test]
fn regions() {
    let (picture, data) = tiled();
    let all = [(0, 0, WIDTH, HEIGHT), (WIDTH - 1, HEIGHT - 1, 1, 1), (220, 480, 100, 100), (300, 0, 9, HEIGHT)];
    for (left, top, width, height) in all {
        let mut buf = vec![0; width as usize * height as usize * 2];
        DciDecoder::new(data.as_slice()).unwrap().read_region(Area { left, top, width, height }, &mut buf).unwrap();
        assert!(buf == picture.crop_imm(left, top, width, height).as_bytes(), "{left} {top} {width} {height}");
    }
}

#[test]
fn a_region_needs_no_tile_after_it() {
    let (picture, data) = tiled();
    let area = Area { left: 10, top: 10, width: 50, height: 40 };
    let mut buf = vec![0; 50 * 40 * 2];
    let cut = &data[..data.len() - 8];
    DciDecoder::new(cut).unwrap().read_region(area, &mut buf).unwrap();
    assert!(buf == picture.crop_imm(10, 10, 50, 40).as_bytes());
    let last = Area { left: WIDTH - 50, top: HEIGHT - 40, ..area };
    assert!(matches!(DciDecoder::new(cut).unwrap().read_region(last, &mut buf), Err(ImageError::Decoding(_))));
}

#[test]
fn regions_outside_are_refused() {
    let (_, data) = tiled();
    for (left, top, width, height, len) in
        [(0, 0, 0, 5, 0), (WIDTH, 0, 1, 1, 2), (0, 0, 1, HEIGHT + 1, 2122), (u32::MAX, 0, 2, 1, 4), (0, 0, 2, 2, 7)]
    {
        let area = Area { left, top, width, height };
        let result = DciDecoder::new(data.as_slice()).unwrap().read_region(area, &mut vec![0; len]);
        assert!(matches!(result, Err(ImageError::Parameter(_))), "{area:?}");
    }
}

#[test]
fn progress() {
    let (picture, data) = tiled();
    let mut buf = vec![0; picture.as_bytes().len()];
    let mut steps = Vec::new();
    let decoder = DciDecoder::new(data.as_slice()).unwrap();
    decoder.read_image_with_progress(&mut buf, |done, all| steps.push((done, all))).unwrap();
    assert!(buf == picture.as_bytes());
    assert!(steps.len() > 1 && steps.is_sorted());
    assert_eq!(steps.last(), Some(&(561_800, 561_800)));
}
