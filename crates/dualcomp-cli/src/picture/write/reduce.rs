//! Fewer bits for the same pixels: the ways in which a PNG file can store them.
//!
//! Each way gives back the same samples in the same colour type when it is decoded.

use std::borrow::Cow;
use std::collections::HashMap;

use dualcomp::{ColorType, Metadata};
use png::BitDepth;

use crate::picture::Picture;

/// Samples as a PNG file stores them, and the chunks that depend on it.
pub(super) struct Stored<'a> {
    pub(super) color: png::ColorType,
    pub(super) depth: BitDepth,
    /// Rows without gaps, 16-bit samples with the upper byte first, narrow ones side by side in a byte.
    pub(super) samples: Cow<'a, [u8]>,
    /// Red, green and blue of each colour.
    pub(super) palette: Vec<u8>,
    /// Content of a tRNS chunk.
    pub(super) transparency: Option<Vec<u8>>,
    /// Content of a bKGD chunk.
    pub(super) background: Option<Vec<u8>>,
    /// Content of an sBIT chunk.
    pub(super) significant: Option<Vec<u8>>,
}

/// All ways that there are; the last is the samples as they are.
pub(super) fn ways<'a>(picture: &'a Picture, metadata: &Metadata) -> Vec<Stored<'a>> {
    let plain = plain(picture, metadata);
    let narrow = match picture.info.color {
        ColorType::L8 => narrow_grey(picture, metadata),
        ColorType::Rgb8 | ColorType::Rgba8 => indexed(picture, metadata),
        _ => None,
    };
    let keyed = if picture.info.color.has_alpha() { keyed(&plain) } else { None };
    narrow.into_iter().chain(keyed).chain([plain]).collect()
}

fn plain<'a>(picture: &'a Picture, metadata: &Metadata) -> Stored<'a> {
    let wide = picture.is_16_bit();
    let swap = |samples: &[u8]| -> Vec<u8> {
        samples.as_chunks::<2>().0.iter().flat_map(|sample| u16::from_ne_bytes(*sample).to_be_bytes()).collect()
    };
    let background = metadata.background.as_ref().map(|pixel| match wide {
        true => pixel.clone(),
        false => pixel.iter().flat_map(|&sample| [0, sample]).collect(),
    });
    Stored {
        color: match picture.info.color.channels() {
            1 => png::ColorType::Grayscale,
            2 => png::ColorType::GrayscaleAlpha,
            3 => png::ColorType::Rgb,
            _ => png::ColorType::Rgba,
        },
        depth: if wide { BitDepth::Sixteen } else { BitDepth::Eight },
        samples: if wide { Cow::Owned(swap(&picture.pixels)) } else { Cow::Borrowed(&picture.pixels) },
        palette: Vec::new(),
        transparency: None,
        background,
        significant: metadata.significant_bits.clone(),
    }
}

/// Grey of as few bits as all values have.
fn narrow_grey(picture: &Picture, metadata: &Metadata) -> Option<Stored<'static>> {
    let values = || picture.pixels.iter().chain(metadata.background.iter().flatten()).copied();
    let significant = metadata.significant_bits.as_ref().and_then(|bits| bits.first().copied()).unwrap_or(0);
    // Values of so many bits are widened by a factor.
    let (depth, step) = [(1, 255), (2, 85), (4, 17)]
        .into_iter()
        .find(|&(depth, step)| significant <= depth && values().all(|value| value % step == 0))?;
    let indices: Vec<u8> = picture.pixels.iter().map(|value| value / step).collect();
    Some(Stored {
        color: png::ColorType::Grayscale,
        depth: bit_depth(depth)?,
        samples: Cow::Owned(pack(&indices, picture.info.width as usize, depth)),
        palette: Vec::new(),
        transparency: None,
        background: metadata.background.as_ref().map(|pixel| vec![0, pixel[0] / step]),
        significant: metadata.significant_bits.clone(),
    })
}

/// Indices into a palette, where 256 colours suffice; those with opacity come first.
fn indexed(picture: &Picture, metadata: &Metadata) -> Option<Stored<'static>> {
    let alpha = picture.info.color.has_alpha();
    if alpha && !is_opacity_whole(metadata.significant_bits.as_deref(), 8) {
        return None;
    }
    let whole = |pixel: &[u8]| [pixel[0], pixel[1], pixel[2], pixel.get(3).copied().unwrap_or(255)];
    let mut colors: Vec<[u8; 4]> = Vec::new();
    let mut found = HashMap::new();
    let mut last = None;
    for pixel in picture.pixels.chunks_exact(picture.info.color.bytes_per_pixel()).map(whole) {
        if last != Some(pixel) && found.insert(pixel, 0).is_none() {
            colors.push(pixel);
            if colors.len() > 256 {
                return None;
            }
        }
        last = Some(pixel);
    }
    let background = metadata.background.as_ref().map(|pixel| whole(pixel));
    if let Some(background) = background
        && !colors.iter().any(|color| color[..3] == background[..3])
    {
        colors.push(background);
    }
    if colors.len() > 256 {
        return None;
    }
    colors.sort_by_key(|color| color[3] == 255);
    for (index, color) in colors.iter().enumerate() {
        found.insert(*color, index as u8);
    }
    // At least one, so that opacity stays a part of the image.
    let opacities = colors.iter().take_while(|color| color[3] != 255).count().max(1);
    let depth = [1, 2, 4].into_iter().find(|&depth| colors.len() <= 1 << depth).unwrap_or(8);
    let pixels = picture.pixels.chunks_exact(picture.info.color.bytes_per_pixel());
    // Every pixel was found above.
    let indices: Vec<u8> = pixels.map(|pixel| found.get(&whole(pixel)).copied().unwrap_or(0)).collect();
    let index_of = |background: [u8; 4]| colors.iter().position(|color| color[..3] == background[..3]);
    Some(Stored {
        color: png::ColorType::Indexed,
        depth: bit_depth(depth)?,
        samples: Cow::Owned(pack(&indices, picture.info.width as usize, depth)),
        palette: colors.iter().flat_map(|color| [color[0], color[1], color[2]]).collect(),
        transparency: alpha.then(|| colors[..opacities].iter().map(|color| color[3]).collect()),
        background: background.and_then(index_of).map(|index| vec![index as u8]),
        significant: metadata.significant_bits.as_ref().map(|bits| bits[..3].to_vec()),
    })
}

/// No opacity but one colour that is transparent, where opacity is nothing but that.
fn keyed(plain: &Stored<'_>) -> Option<Stored<'static>> {
    let size = if plain.depth == BitDepth::Sixteen { 2 } else { 1 };
    if !is_opacity_whole(plain.significant.as_deref(), plain.depth as u8) {
        return None;
    }
    let (color, shades) = match plain.color {
        png::ColorType::GrayscaleAlpha => (png::ColorType::Grayscale, size),
        _ => (png::ColorType::Rgb, 3 * size),
    };
    let pixels = || plain.samples.chunks_exact(shades + size).map(|pixel| pixel.split_at(shades));
    let (key, _) = pixels().find(|(_, opacity)| opacity.iter().all(|&byte| byte == 0))?;
    let fits = |(pixel, opacity): (&[u8], &[u8])| match pixel == key {
        true => opacity.iter().all(|&byte| byte == 0),
        false => opacity.iter().all(|&byte| byte == 255),
    };
    if !pixels().all(fits) {
        return None;
    }
    let widened = |samples: &[u8]| match size {
        1 => samples.iter().flat_map(|&sample| [0, sample]).collect(),
        _ => samples.to_vec(),
    };
    let significant = plain.significant.as_ref().map(|bits| bits[..shades / size].to_vec());
    Some(Stored {
        color,
        depth: plain.depth,
        samples: Cow::Owned(pixels().flat_map(|(pixel, _)| pixel).copied().collect()),
        palette: Vec::new(),
        transparency: Some(widened(key)),
        background: plain.background.clone(),
        significant,
    })
}

/// Whether all bits of opacity are significant: an sBIT chunk counts those of a chunk of opacity not at all.
fn is_opacity_whole(significant: Option<&[u8]>, depth: u8) -> bool {
    significant.and_then(<[u8]>::last).is_none_or(|&bits| bits == depth)
}

fn bit_depth(bits: u8) -> Option<BitDepth> {
    BitDepth::from_u8(bits)
}

/// Values of `depth` bits side by side, the first in the highest bits; each row begins with a byte of its own.
fn pack(values: &[u8], width: usize, depth: u8) -> Vec<u8> {
    if depth == 8 {
        return values.to_vec();
    }
    let each = usize::from(8 / depth);
    let pack = |part: &[u8]| {
        let byte = part.iter().fold(0, |byte, value| byte << depth | value);
        byte << (usize::from(depth) * (each - part.len()))
    };
    values.chunks_exact(width).flat_map(|row| row.chunks(each).map(pack)).collect()
}

#[cfg(test)]
mod tests {
    use dualcomp::ImageInfo;

    use super::*;

    fn picture(color: ColorType, pixels: Vec<u8>) -> Picture {
        let width = (pixels.len() / color.bytes_per_pixel()) as u32;
        Picture { info: ImageInfo::new(width, 1, color), metadata: Metadata::default(), pixels }
    }

    fn first(picture: &Picture) -> Stored<'_> {
        ways(picture, &picture.metadata).into_iter().next().unwrap()
    }

    #[test]
    fn grey_has_as_few_bits_as_it_needs() {
        for (values, depth) in [
            (vec![0, 255], BitDepth::One),
            (vec![0, 85, 170], BitDepth::Two),
            (vec![17, 34], BitDepth::Four),
            (vec![1], BitDepth::Eight),
        ] {
            assert_eq!(first(&picture(ColorType::L8, values)).depth, depth);
        }
        let mut held = picture(ColorType::L8, vec![0, 255]);
        held.metadata.significant_bits = Some(vec![2]);
        assert_eq!(first(&held).depth, BitDepth::Two);
        held.metadata.background = Some(vec![17]);
        let narrow = first(&held);
        assert_eq!((narrow.depth, narrow.background), (BitDepth::Four, Some(vec![0, 1])));
    }

    #[test]
    fn few_colours_become_indices() {
        let mut of_two = picture(ColorType::Rgb8, [[9, 8, 7], [1, 2, 3], [9, 8, 7]].concat());
        let stored = first(&of_two);
        assert_eq!((stored.depth, &*stored.samples, stored.transparency), (BitDepth::One, &[0b0100_0000][..], None));
        assert_eq!(stored.palette, [9, 8, 7, 1, 2, 3]);
        of_two.metadata.background = Some(vec![5, 5, 5]);
        assert_eq!(first(&of_two).background, Some(vec![2]));
        let clear = picture(ColorType::Rgba8, vec![1, 1, 1, 255, 2, 2, 2, 0, 3, 3, 3, 128]);
        let stored = first(&clear);
        assert_eq!((stored.transparency, &*stored.samples), (Some(vec![0, 128]), &[0b1000_0100][..]));
        let opaque = picture(ColorType::Rgba8, vec![1, 1, 1, 255]);
        assert_eq!(first(&opaque).transparency, Some(vec![255]));
    }

    #[test]
    fn a_palette_may_be_full() {
        let of =
            |colors: u32| picture(ColorType::Rgb8, (0..colors).flat_map(|i| [i as u8, (i >> 8) as u8, 7]).collect());
        assert_eq!(first(&of(256)).palette.len(), 768);
        assert_eq!(first(&of(257)).color, png::ColorType::Rgb);
    }

    #[test]
    fn one_clear_colour_is_a_key() {
        let many: Vec<u8> =
            (0..300_u32).flat_map(|i| [i as u8, (i / 7) as u8, 1, if i == 5 { 0 } else { 255 }]).collect();
        let stored = picture(ColorType::Rgba8, many.clone());
        let stored = first(&stored);
        assert_eq!((stored.color, stored.transparency), (png::ColorType::Rgb, Some(vec![0, 5, 0, 0, 0, 1])));
        let mut half = many;
        half[3] = 128;
        assert_eq!(first(&picture(ColorType::Rgba8, half)).color, png::ColorType::Rgba);
    }

    #[test]
    fn rows_begin_with_a_byte_of_their_own() {
        assert_eq!(pack(&[1, 0, 1, 1, 1, 1], 3, 1), [0b1010_0000, 0b1110_0000]);
        assert_eq!(pack(&[1, 2, 3], 3, 4), [0x12, 0x30]);
    }
}
