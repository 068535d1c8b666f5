//! Moving a tile between the caller's pixels (rows of the whole image, native byte order) and its own bytes (its
//! rows alone, big-endian).

use std::ops::Range;

use super::grid::Area;
use super::{ColorType, ImageInfo};
use crate::options::Level;

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
pub(super) fn take_tile(pixels: &[u8], info: &ImageInfo, area: &Area) -> Vec<u8> {
    let mut raw = Vec::with_capacity(area.width as usize * area.height as usize * info.color.bytes_per_pixel());
    for row in rows(&info.area(), info.color, area) {
        raw.extend_from_slice(&pixels[row]);
    }
    swap(&mut raw, info.color);
    raw
}

/// Puts the bytes of a tile where they belong in the pixels of `frame`, as far as they do.
pub(super) fn put_tile(pixels: &mut [u8], frame: &Area, color: ColorType, tile: &Area, mut raw: Vec<u8>) {
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

/// The pixel that all of `raw` consists of.
pub(super) fn single_pixel(raw: &[u8], color: ColorType) -> Option<&[u8]> {
    let (first, rest) = raw.split_at(color.bytes_per_pixel());
    // Every pixel equals the one before it: a comparison of memory, much faster than a loop.
    (*rest == raw[..rest.len()]).then_some(first)
}

/// Whether most pixels equal the one before them: screenshots, charts, icons, but hardly a photograph.
pub(super) fn drawn(pixels: &[u8], color: ColorType) -> bool {
    let size = color.bytes_per_pixel();
    let equal = pixels.chunks_exact(size).zip(pixels[size..].chunks_exact(size)).filter(|(a, b)| a == b).count();
    equal > pixels.len() / size / 2
}

/// Entries of the table of [`repeats`].
const SEEN: u32 = 16;
/// Neighbours differ clearly if any of their samples do by as much: in grey, where less has to agree, and in colours.
const CLEAR: [u8; 2] = [8, 4];
/// Of pixels that are not in flat surroundings, this share may be repeated in a photograph in any surroundings.
const REPEATED: (usize, usize) = (2, 5);

/// How many of the pixels that are not in flat surroundings may be repeated in a photograph among neighbours that differ
/// clearly: one in so many.
pub(super) fn few(level: Level) -> usize {
    match level {
        Level::Fast | Level::Default => 50,
        // Where time counts for less.
        Level::Max => 100,
    }
}

/// Whether exact repetition plays a part in a tile: whether pixels that are not in flat surroundings are often what came
/// last after the same neighbours (left, above, above left, above right). In photographs of few colours many are, as long
/// as these hardly differ. `few` is what [`few`] gives.
pub(super) fn repeats(pixels: &[u8], width: u32, color: ColorType, few: usize) -> bool {
    let size = color.bytes_per_pixel();
    let (row, clear) = (width as usize * size, CLEAR[usize::from(size / color.bytes_per_sample() >= 3)]);
    let mut seen = vec![(0u32, 0u32); 1 << SEEN];
    let (mut rough, mut repeated, mut clearly) = (0, 0, 0);
    for (above, here) in pixels.chunks_exact(row).zip(pixels[row..].chunks_exact(row)) {
        let pixel = |of: &[u8], column: usize| {
            of[column * size..][..size]
                .iter()
                .fold(0u32, |hash, &byte| (hash.rotate_left(9) ^ u32::from(byte)).wrapping_mul(0x9E37_79B1))
        };
        let [mut corner, mut north] = [0, 1].map(|column| pixel(above, column.min(width as usize - 1)));
        let mut west = pixel(here, 0);
        for column in 1..(width as usize).saturating_sub(1) {
            let (east, value) = (pixel(above, column + 1), pixel(here, column));
            if west != north || north != corner || north != east {
                rough += 1;
                let mix = |hash: u32, next: u32| (hash ^ next).wrapping_mul(0x85EB_CA6B).rotate_left(13);
                let context = mix(mix(mix(west, north), corner), east) | 1;
                let entry = &mut seen[(context >> (32 - SEEN)) as usize];
                if *entry == (context, value) {
                    repeated += 1;
                    clearly += usize::from(difference(above, here, column * size, size) >= clear);
                }
                *entry = (context, value);
            }
            (west, corner, north) = (value, north, east);
        }
    }
    clearly * few > rough || repeated * REPEATED.1 > rough * REPEATED.0
}

/// How much the neighbours of a pixel of `size` bytes that begins at `at` differ at most.
fn difference(above: &[u8], here: &[u8], at: usize, size: usize) -> u8 {
    let of_bytes = (at..at + size).map(|i| {
        let near = [here[i - size], above[i - size], above[i], above[i + size]];
        let (least, most) = near.iter().fold((u8::MAX, 0), |(least, most), &x| (x.min(least), x.max(most)));
        most - least
    });
    of_bytes.max().unwrap_or(0)
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

    #[test]
    fn repetition_is_found() {
        let mut x = 1u32;
        let mut noise = |n: usize| -> Vec<u8> {
            let next = |_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (x >> 24) as u8
            };
            (0..n).map(next).collect()
        };
        let random = noise(60 * 40 * 3);
        assert!(!repeats(&random, 60, ColorType::Rgb8, 50));
        assert!(repeats(&noise(60 * 3).repeat(40), 60, ColorType::Rgb8, 50), "the same row again");
        assert!(!repeats(&[9; 60 * 40], 60, ColorType::L8, 50), "nothing but flat surroundings");
        let calm: Vec<u8> = random.iter().map(|x| 100 + (x >> 7)).collect();
        assert!(repeats(&calm, 60, ColorType::L8, 50), "next to one colour");
        let level = |x: &u8| if x.is_multiple_of(8) { 30 } else { 100 + (x >> 6) };
        assert!(!repeats(&random.iter().map(level).collect::<Vec<_>>(), 60, ColorType::Rgb8, 50));
        let letters: Vec<u8> = random[..60].iter().map(|x| x / 128 * 90).collect();
        let page = [&calm[..60 * 20], &letters.repeat(8)].concat();
        assert!(repeats(&page, 60, ColorType::L8, 50), "the same letters");
        for width in [1, 2, 3] {
            assert!(!repeats(&random[..width * 3], width as u32, ColorType::Rgb8, 50));
            assert!(!repeats(&random[..width * 6], width as u32, ColorType::Rgb8, 50));
        }
    }

    #[test]
    fn one_colour_is_found() {
        assert_eq!(single_pixel(&[1, 2, 3, 1, 2, 3], ColorType::Rgb8), Some(&[1, 2, 3][..]));
        assert_eq!(single_pixel(&[1, 2, 3, 1, 2, 4], ColorType::Rgb8), None);
        assert_eq!(single_pixel(&[5], ColorType::L8), Some(&[5][..]));
    }
}
