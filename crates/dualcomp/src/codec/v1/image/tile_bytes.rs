//! Moving a tile between the caller's pixels (rows of the whole image, native byte order) and its own bytes (its
//! rows alone, big-endian).

use std::ops::Range;

use crate::format::image::area::Area;
use crate::format::image::info::{ColorType, ImageInfo};

/// Where in the pixels of `frame` each row of `area`, which is inside it, lies.
fn rows(frame: &Area, color: ColorType, area: &Area) -> impl Iterator<Item = Range<usize>> + use<> {
    let pixel = color.bytes_per_pixel();
    let stride = frame.width as usize * pixel;
    let (left, len) = ((area.left - frame.left) as usize * pixel, area.width as usize * pixel);
    let top = (area.top - frame.top) as usize;
    (top..top + area.height as usize).map(move |row| {
        let start = row * stride + left;
        start..start + len
    })
}

/// The bytes of a tile.
pub(crate) fn take_tile(pixels: &[u8], info: &ImageInfo, area: &Area) -> Vec<u8> {
    let mut raw = Vec::with_capacity(area.width as usize * area.height as usize * info.color.bytes_per_pixel());
    for row in rows(&info.area(), info.color, area) {
        raw.extend_from_slice(&pixels[row]);
    }
    swap(&mut raw, info.color);
    raw
}

/// Puts the bytes of a tile where they belong in the pixels of `frame`, as far as they do.
pub(crate) fn put_tile(pixels: &mut [u8], frame: &Area, color: ColorType, tile: &Area, mut raw: Vec<u8>) {
    swap(&mut raw, color);
    let part = tile.overlap(frame);
    for (to, from) in rows(frame, color, &part).zip(rows(tile, color, &part)) {
        pixels[to].copy_from_slice(&raw[from]);
    }
}

/// Between native byte order and big-endian, which is the same either way.
fn swap(raw: &mut [u8], color: ColorType) {
    if color.bytes_per_sample() == 2 {
        for sample in raw.as_chunks_mut::<2>().0 {
            *sample = u16::from_ne_bytes(*sample).to_be_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_comes_out_big_endian_and_goes_back() {
        let info = ImageInfo::new(3, 2, ColorType::L16);
        let pixels: Vec<u8> = (1u16..=6).flat_map(|v| (v * 0x101 + 1).to_ne_bytes()).collect();
        let area = Area { left: 1, top: 0, width: 2, height: 2 };
        let raw = take_tile(&pixels, &info, &area);
        assert_eq!(raw, [2, 3, 3, 4, 5, 6, 6, 7]);
        let mut back = vec![0; pixels.len()];
        put_tile(&mut back, &info.area(), info.color, &area, raw.clone());
        assert_eq!(back[2..6], pixels[2..6]);
        assert_eq!(back[8..12], pixels[8..12]);
        assert_eq!(back[0..2], [0, 0]);
        let corner = Area { left: 2, top: 1, width: 1, height: 1 };
        let mut back = [0; 2];
        put_tile(&mut back, &corner, info.color, &area, raw);
        assert_eq!(back, pixels[10..12]);
    }
}
