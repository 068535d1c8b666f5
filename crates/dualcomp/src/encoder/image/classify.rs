//! What a tile shows: one colour, a drawing, repetition.

use crate::codec::v1::image::tile::Profile;
use crate::format::image::info::ColorType;
use crate::options::Level;

/// The pixel that all of `raw` consists of.
pub(crate) fn single_pixel(raw: &[u8], color: ColorType) -> Option<&[u8]> {
    let (first, rest) = raw.split_at(color.bytes_per_pixel());
    // Every pixel equals the one before it: a comparison of memory, much faster than a loop.
    (*rest == raw[..rest.len()]).then_some(first)
}

/// Whether most pixels equal the one before them: screenshots, charts, icons, but hardly a photograph.
pub(crate) fn drawn(pixels: &[u8], color: ColorType) -> bool {
    equal(pixels, color) > pixels.len() / color.bytes_per_pixel() / 2
}

/// Whether at least one pixel in five equals the one before it: drawings on photographs and photographs on a ground of one
/// colour, which are worth a trial (experiments/0084).
pub(crate) fn partly_flat(pixels: &[u8], color: ColorType) -> bool {
    equal(pixels, color) >= pixels.len() / color.bytes_per_pixel() / 5
}

/// Whether at least one pixel in four has a colour that came before, as far as a small table remembers. A deep photograph
/// hardly repeats any, and need not be tried.
pub(crate) fn colors_repeat(raw: &[u8], size: usize) -> bool {
    const LOG2: u32 = 14;
    let mut seen = vec![&[][..]; 1 << LOG2];
    let repeated = raw.chunks_exact(size).filter(|pixel| {
        let hash = pixel.iter().fold(0u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let slot = (hash.wrapping_mul(0x9E37_79B1) >> (32 - LOG2)) as usize;
        std::mem::replace(&mut seen[slot], pixel) == *pixel
    });
    repeated.count() >= raw.len() / size / 4
}

/// What the kind of a tile depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Most pixels equal the one before them.
    Drawn,
    /// Pixels are repeated among neighbours that differ.
    Repeating,
    /// Hardly a pixel is repeated exactly.
    Photo,
}

impl Content {
    pub(crate) fn of(raw: &[u8], width: u32, color: ColorType, level: Level) -> Self {
        if drawn(raw, color) { Self::Drawn } else { Self::of_undrawn(raw, width, color, level) }
    }

    /// The same of a part of a picture that is not drawn as a whole.
    pub(crate) fn of_undrawn(raw: &[u8], width: u32, color: ColorType, level: Level) -> Self {
        if repeats(raw, width, color, repeat_tolerance(level)) { Self::Repeating } else { Self::Photo }
    }

    /// How pixels are coded one by one without the network.
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::Photo => Profile::PhotoLinear,
            Self::Drawn | Self::Repeating => Profile::ContextsOnly,
        }
    }
}

/// Pixels that equal the one before them.
fn equal(pixels: &[u8], color: ColorType) -> usize {
    // By a size that is known when it is compiled a comparison is not a call.
    match color.bytes_per_pixel() {
        1 => equal_of::<1>(pixels),
        2 => equal_of::<2>(pixels),
        3 => equal_of::<3>(pixels),
        4 => equal_of::<4>(pixels),
        6 => equal_of::<6>(pixels),
        _ => equal_of::<8>(pixels),
    }
}

fn equal_of<const SIZE: usize>(pixels: &[u8]) -> usize {
    pixels.as_chunks::<SIZE>().0.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

/// Entries of the table of [`repeats`].
const SEEN: u32 = 16;
/// Neighbours differ clearly if any of their samples do by this much: in grey, where less has to agree, and in colours
/// (experiments/0008).
const CLEAR: [u8; 2] = [8, 4];
/// In a photograph at most this share of the pixels that are not in flat surroundings is repeated (experiments/0008).
const REPEATED: (usize, usize) = (2, 5);

/// Repeat tolerance: in a photograph at most one in this many of the pixels that are not in flat surroundings is
/// repeated among neighbours that differ clearly (experiments/0008).
pub(crate) fn repeat_tolerance(level: Level) -> usize {
    match level {
        Level::Fast | Level::Default => 50,
        // Where time counts for less.
        Level::Max => 100,
    }
}

/// Whether a tile repeats pixels: those that are not in flat surroundings often equal what came last after the same
/// neighbours (left, above, above left, above right). Photographs of few colours repeat pixels, too, but only among
/// neighbours that hardly differ. `few` is the [`repeat_tolerance`].
pub(crate) fn repeats(pixels: &[u8], width: u32, color: ColorType, few: usize) -> bool {
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
