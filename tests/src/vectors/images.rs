//! Vectors of images.

use dualcomp::{ColorType, ImageInfo, Level, Metadata};

use super::{Content, Vector};
use crate::deflated::DEFLATED;
use crate::jpegs::JPEGS;
use crate::out_of_blocks::{Decoder, out_of_blocks};
use crate::{Numbers, from_luma_and_chroma, gradient, picture, text};

pub(super) fn images(level: Level) -> [Vector; 4] {
    let colors = [
        ("grey", ColorType::L8),
        ("rgb", ColorType::Rgb8),
        ("rgba16", ColorType::Rgba16),
        ("repeated", ColorType::Rgb8),
    ];
    colors.map(|(name, color)| {
        let times = if name == "repeated" { 3 } else { 1 };
        let info = ImageInfo::new(40, 30 * times as u32, color);
        let pixels = native(&picture(40, 30, color.bytes_per_pixel() as u32), color).repeat(times);
        let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
        Vector { name: format!("{name}-{level}.dci"), level, content }
    })
}

/// Two tiles with all metadata. Without the network, which would take minutes in an emulator.
pub(super) fn tiles() -> Vector {
    let info = ImageInfo::new(400, 330, ColorType::L8);
    let metadata = Metadata::default()
        .with_icc(Numbers::new(12).bytes(100))
        .with_exif(b"II*\0\x08\0\0\0\0\0\0\0\0\0".to_vec())
        .with_xmp(b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>".to_vec())
        .with_iptc(vec![]);
    let content = Content::Image { model: true, info, pixels: gradient(400, 330), metadata: Box::new(metadata) };
    Vector { name: "tiles-fast.dci".into(), level: Level::Fast, content }
}

/// A photograph without the network at a level that has it.
pub(super) fn linear() -> Vector {
    let info = ImageInfo::new(40, 30, ColorType::Rgb8);
    let content = Content::Image { model: false, info, pixels: picture(40, 30, 3), metadata: Box::default() };
    Vector { name: "rgb-linear.dci".into(), level: Level::Default, content }
}

/// A photograph of even numbers: its histogram has gaps, so that its fast tile had a mask when it was stored; today it is a mapped
/// one. Two bands, the second not full.
pub(super) fn colours() -> Vector {
    let info = ImageInfo::new(700, 24, ColorType::Rgb8);
    let mut numbers = Numbers::new(15);
    let pixels =
        (0..700 * 24 * 3).map(|i| ((i / 3 % 700 / 16 + 20 * (i % 3)) as u8 + numbers.below(20) as u8) * 2).collect();
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "colours-fast.dci".into(), level: Level::Fast, content }
}

/// A drawn picture with opacity: boxes, some with soft edges, a slope, and specks of few colours.
pub(super) fn drawn() -> Vector {
    let info = ImageInfo::new(130, 90, ColorType::Rgba8);
    let mut numbers = Numbers::new(18);
    let mut pixels = Vec::new();
    for (y, x) in (0..90u32).flat_map(|y| (0..130u32).map(move |x| (y, x))) {
        let edge = (x % 13).min(3) as u8;
        pixels.extend(match (x / 13 + y / 9) % 6 {
            0 | 1 => [240, 240, 245, 255],
            2 => [240 - 70 * edge, 240 - 50 * edge, 245 - 20 * edge, 255],
            3 => [20, 90, (x % 13 * 9) as u8, 255 - 40 * edge],
            4 => [20, 90, 0, 255],
            _ => [60 * numbers.below(3) as u8, 30, 200, 128],
        });
    }
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "drawn-fast.dci".into(), level: Level::Fast, content }
}

/// A grey photograph with opacity, of twelve bits that became sixteen.
pub(super) fn deep() -> Vector {
    let info = ImageInfo::new(48, 40, ColorType::La16);
    let mut numbers = Numbers::new(19);
    let twelve = (0..48 * 40).flat_map(|i| [i % 48 * 60 + i / 48 * 20 + numbers.below(40), 4000 + numbers.below(90)]);
    let samples = twelve.flat_map(|n: u32| ((n << 4 | n >> 8) as u16).to_ne_bytes());
    // So long that it is coded.
    let metadata = Box::new(Metadata::default().with_xmp(text(600)));
    let content = Content::Image { model: true, info, pixels: samples.collect(), metadata };
    Vector { name: "deep-fast.dci".into(), level: Level::Fast, content }
}

/// Colours of eight bits that became sixteen, from luma and chroma.
pub(super) fn eight() -> Vector {
    let info = ImageInfo::new(64, 48, ColorType::Rgb16);
    let pixels = from_luma_and_chroma(64, 48).iter().flat_map(|&value| [value, value]).collect();
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "eight-fast.dci".into(), level: Level::Fast, content }
}

/// A photograph that has every third value, coded with the network.
pub(super) fn gaps() -> Vector {
    let info = ImageInfo::new(64, 48, ColorType::Rgb8);
    let mut numbers = Numbers::new(20);
    let slope = |i: u32| i / 3 % 64 / 2 + i / 192 / 3 + 9 * (i % 3);
    let pixels = (0..64 * 48 * 3).map(|i| (slope(i) + numbers.below(6)) as u8 * 3).collect();
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "gaps-default.dci".into(), level: Level::Default, content }
}

/// An icon of deep colours: pieces of one stroke, drawn again and again.
pub(super) fn strokes() -> Vector {
    let info = ImageInfo::new(150, 130, ColorType::Rgba16);
    let mut numbers = Numbers::new(17);
    let stroke = numbers.bytes(40 * 8);
    let mut samples = Vec::new();
    while samples.len() < 150 * 130 * 8 {
        let from = numbers.below(23) as usize;
        samples.extend_from_slice(&stroke[8 * from..8 * (from + 8 + from % 9)]);
    }
    samples.truncate(150 * 130 * 8);
    let pixels = native(&samples, ColorType::Rgba16);
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "strokes-fast.dci".into(), level: Level::Fast, content }
}

/// Colours that came from luma and chroma.
pub(super) fn lattice(level: Level) -> Vector {
    let (info, pixels) = (ImageInfo::new(64, 48, ColorType::Rgb8), from_luma_and_chroma(64, 48));
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: format!("lattice-{level}.dci"), level, content }
}

/// The same without the network.
pub(super) fn lattice_linear() -> Vector {
    let (info, pixels) = (ImageInfo::new(64, 48, ColorType::Rgb8), from_luma_and_chroma(64, 48));
    let content = Content::Image { model: false, info, pixels, metadata: Box::default() };
    Vector { name: "lattice-linear.dci".into(), level: Level::Default, content }
}

/// A PNG file of all five filters.
pub(super) fn original() -> Vector {
    let file = DEFLATED.iter().find(|(name, _)| *name == "filtered.png").map_or(&[][..], |(_, file)| file);
    Vector { name: "original-fast.dci".into(), level: Level::Fast, content: Content::Original(file) }
}

/// The pixels of that file.
pub(super) fn png_pixels(file: &[u8]) -> Option<(ImageInfo, Vec<u8>)> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().ok()?;
    let info = ImageInfo::new(reader.info().width, reader.info().height, ColorType::Rgb8);
    let mut pixels = vec![0; info.bytes()? as usize];
    reader.next_frame(&mut pixels).ok()?;
    Some((info, pixels))
}

/// Colours that a JPEG decoder made.
pub(super) fn blocks(name: &str, level: Level, decoder: Decoder) -> Vector {
    let (info, pixels) = (ImageInfo::new(160, 128, ColorType::Rgb8), out_of_blocks(160, 128, decoder));
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: format!("{name}-{level}.dci"), level, content }
}

/// A JPEG file of [`picture`].
pub(super) fn jpeg((kind, level): (&str, Level)) -> Vector {
    let file = JPEGS.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, file)| file);
    Vector { name: format!("jpeg-{kind}-{level}.dci"), level, content: Content::File(file) }
}

/// Samples with the upper byte first in the order of this machine, as the library takes them.
fn native(samples: &[u8], color: ColorType) -> Vec<u8> {
    if color.bytes_per_sample() == 1 || cfg!(target_endian = "big") {
        return samples.to_vec();
    }
    samples.chunks_exact(2).flat_map(|sample| [sample[1], sample[0]]).collect()
}
