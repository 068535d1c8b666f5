//! A tile as groups of planes (docs/spec/fast.md, section 1).

use fearless_simd::{Level, Simd};

use super::mask::Mask;
use super::pipeline::{Format, code_group};
use super::predict::local::Local;
use super::rans::{Coder, Decoder, Encoder};
use super::tables::Tables;
use crate::ColorType;
use crate::format::image::tile_grid::TileShape;
use crate::runtime::at_level::at_level;

/// Columns and rows of a tile at least: with fewer, most lanes would do nothing most of the time, for as much work.
const MIN_SIDES: [u32; 2] = [16, 8];

/// Whether a tile can be a fast one.
pub(crate) fn fits(shape: TileShape) -> bool {
    shape.width >= MIN_SIDES[0] && shape.height >= MIN_SIDES[1]
}

/// Bytes of the moments, weights and rows of a plane.
const LANE_MEMORY: u64 = 1 << 18;

/// The channels of a group, by their places in a pixel: red, blue and green, or one of any other kind.
pub(crate) type Group = &'static [usize];

/// The groups of a pixel.
pub(crate) fn groups(color: ColorType) -> &'static [Group] {
    match color.channels() {
        1 => &[&[0]],
        2 => &[&[0], &[1]],
        3 => &[&[0, 2, 1]],
        _ => &[&[0, 2, 1], &[3]],
    }
}

/// How a group is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Plane by plane.
    Planes(Coding),
    /// All planes are alike: the first one is coded.
    Alike(Coding),
    /// Every sample is this one.
    Constant(u16),
}

/// How planes are coded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coding {
    /// Whether there is a mask. Only 8-bit samples have masks.
    pub(crate) mask: bool,
    /// Upper bits that are 0 in all samples of 16 bits, at most [`MAX_SPARE`].
    pub(crate) spare: u8,
}

/// Samples of 16 bits have nine that count at least.
pub(crate) const MAX_SPARE: u8 = 7;

/// The codes of forms; one more where there is a mask. Spare bits stand above.
const PLANES: u8 = 0;
const ALIKE: u8 = 2;
const CONSTANT: u8 = 4;
const SPARE_SHIFT: u32 = 4;

impl Form {
    fn put(self, out: &mut Vec<u8>) {
        match self {
            Self::Planes(coding) => out.push(PLANES + coding.code()),
            Self::Alike(coding) => out.push(ALIKE + coding.code()),
            Self::Constant(value) => {
                out.push(CONSTANT);
                out.extend_from_slice(&value.to_le_bytes());
            }
        }
    }

    /// Reads a form. Codes that none has stand for that of their lower bits.
    fn take(data: &mut &[u8]) -> Self {
        let mut byte = || data.split_off_first().copied().unwrap_or(0);
        let code = byte();
        let coding = Coding { mask: code % 2 == 1, spare: (code >> SPARE_SHIFT).min(MAX_SPARE) };
        match code & 6 {
            PLANES => Self::Planes(coding),
            ALIKE => Self::Alike(coding),
            _ => Self::Constant(u16::from_le_bytes([byte(), byte()])),
        }
    }

    /// Planes that are coded of this many, and how.
    fn coded(self, planes: usize) -> (usize, Coding) {
        match self {
            Self::Planes(coding) => (planes, coding),
            Self::Alike(coding) => (1, coding),
            Self::Constant(_) => (0, Coding::default()),
        }
    }
}

impl Coding {
    fn code(self) -> u8 {
        self.spare << SPARE_SHIFT | u8::from(self.mask)
    }

    /// The same of samples of this tile.
    fn format(self, shape: TileShape) -> Format {
        match is_wide(shape) {
            true => Format { bits: 16 - u32::from(self.spare), mask: false },
            false => Format { bits: 8, mask: self.mask },
        }
    }
}

/// The samples of a channel.
fn take(raw: &[u8], shape: TileShape, channel: usize) -> Vec<u16> {
    let pixels = raw.chunks_exact(shape.color.bytes_per_pixel());
    match is_wide(shape) {
        false => pixels.map(|pixel| pixel[channel].into()).collect(),
        true => pixels.map(|pixel| u16::from_be_bytes([pixel[2 * channel], pixel[2 * channel + 1]])).collect(),
    }
}

/// Puts the samples of a channel in their places.
fn put(raw: &mut [u8], shape: TileShape, channel: usize, plane: &[u16]) {
    let wide = is_wide(shape);
    for (pixel, sample) in raw.chunks_exact_mut(shape.color.bytes_per_pixel()).zip(plane) {
        match wide {
            false => pixel[channel] = *sample as u8,
            true => pixel[2 * channel..][..2].copy_from_slice(&sample.to_be_bytes()),
        }
    }
}

fn is_wide(shape: TileShape) -> bool {
    shape.color.bytes_per_sample() == 2
}

/// The payload of a tile whose bytes are `raw`: rows, samples interleaved, 16-bit ones big-endian. There is a form for
/// each group; it must be true.
pub(crate) fn encode(raw: &[u8], shape: TileShape, forms: &[Form]) -> Vec<u8> {
    encode_at(Level::new(), raw, shape, forms)
}

fn encode_at(level: Level, raw: &[u8], shape: TileShape, forms: &[Form]) -> Vec<u8> {
    let pixels = shape.pixels() as usize;
    let mut out = Vec::new();
    // Photographs take a little more than one call a sample.
    let mut coder = Coder::Encoder(Encoder::new(pixels * shape.color.channels() * 9 / 8));
    for (group, &form) in groups(shape.color).iter().zip(forms) {
        form.put(&mut out);
        let (count, coding) = form.coded(group.len());
        let mut planes: Vec<_> = group[..count].iter().map(|&channel| take(raw, shape, channel)).collect();
        code_at(level, shape, coding, &mut coder, &mut planes);
    }
    out.extend_from_slice(&coder.finish());
    out
}

/// The bytes of a tile. Any payload gives some bytes.
pub(crate) fn decode(payload: &[u8], shape: TileShape) -> Vec<u8> {
    decode_at(Level::new(), payload, shape)
}

fn decode_at(level: Level, mut payload: &[u8], shape: TileShape) -> Vec<u8> {
    let groups = groups(shape.color);
    let forms: Vec<_> = groups.iter().map(|_| Form::take(&mut payload)).collect();
    let mut coder = Coder::Decoder(Decoder::new(payload));
    let pixels = shape.pixels() as usize;
    let mut raw = vec![0; pixels * shape.color.bytes_per_pixel()];
    for (group, form) in groups.iter().zip(forms) {
        let (count, coding) = form.coded(group.len());
        let mut planes = vec![vec![0; pixels]; count];
        code_at(level, shape, coding, &mut coder, &mut planes);
        if let Form::Constant(value) = form {
            planes.push(vec![value; pixels]);
        }
        for (i, &channel) in group.iter().enumerate() {
            put(&mut raw, shape, channel, &planes[i.min(planes.len() - 1)]);
        }
    }
    raw
}

/// Codes planes, if there are any, as it was compiled for one of several kinds of processors, which all do the same.
fn code_at(level: Level, shape: TileShape, coding: Coding, coder: &mut Coder<'_>, planes: &mut [Vec<u16>]) {
    let format = coding.format(shape);
    if !planes.is_empty() {
        at_level!(level, simd => code(simd, shape, format, coder, planes));
    }
}

#[inline(always)]
fn code<S: Simd>(simd: S, shape: TileShape, format: Format, coder: &mut Coder<'_>, planes: &mut [Vec<u16>]) {
    code_group(simd, shape.width as usize, shape.height as usize, format, coder, planes);
}

/// Bytes that decoding a tile takes at most, roughly: its body and result, planes, tables, masks, moments of columns and
/// of lanes.
pub(crate) fn tile_memory(shape: TileShape) -> u64 {
    let of_plane = 2 * shape.pixels() + Tables::MEMORY + Local::COLUMN * (u64::from(shape.width) + 144) + LANE_MEMORY;
    4 * shape.raw_len() + 3 * of_plane + Mask::MEMORY
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with noise, slopes and drawn parts.
    fn picture(width: u32, height: u32, bytes: usize) -> Vec<u8> {
        let (width, height) = (width as usize, height as usize);
        let mut x = 1u32;
        let samples = (0..width * height * bytes).map(|i| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (column, row, byte) = (i / bytes % width, i / bytes / width, i % bytes);
            if column < width / 3 {
                return [7, 130, 200][(column / 5 + row / 4) % 3];
            }
            ((x >> 29) as usize + 2 * column + row + 40 * byte) as u8
        });
        samples.collect()
    }

    fn forms(color: ColorType) -> Vec<Form> {
        groups(color).iter().map(|_| Form::Planes(Coding { mask: true, spare: 0 })).collect()
    }

    #[test]
    fn all_levels_of_a_processor_do_the_same() {
        for (width, height) in [(157, 37), (9, 50), (1, 1)] {
            for color in ColorType::ALL {
                let shape = TileShape { width, height, color };
                let raw = picture(width, height, color.bytes_per_pixel());
                let payload = encode_at(Level::new(), &raw, shape, &forms(color));
                assert!(payload == encode_at(Level::baseline(), &raw, shape, &forms(color)), "{color:?}");
                for level in [Level::new(), Level::baseline()] {
                    assert!(decode_at(level, &payload, shape) == raw, "{color:?} {width} {height}");
                }
            }
        }
    }

    #[test]
    fn every_form_comes_back() {
        let shape = TileShape { width: 20, height: 30, color: ColorType::Rgba8 };
        let raw: Vec<u8> = picture(20, 30, 1).iter().flat_map(|&grey| [grey, grey, grey, 9]).collect();
        let payload =
            encode_at(Level::new(), &raw, shape, &[Form::Alike(Coding { mask: true, spare: 0 }), Form::Constant(9)]);
        assert_eq!(payload[..4], [3, 4, 9, 0]);
        assert!(decode_at(Level::new(), &payload, shape) == raw);
    }

    #[test]
    fn any_payload_gives_some_bytes() {
        let mut x = 7u32;
        for round in 0..200 {
            let color = ColorType::ALL[round % 8];
            let shape = TileShape { width: 1 + round as u32 % 40, height: 1 + round as u32 % 33, color };
            let noise = (0..round * 20).map(|i| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if round % 3 == 0 {
                    255
                } else if i == 0 {
                    (round % 6) as u8
                } else {
                    (x >> 24) as u8
                }
            });
            let payload: Vec<u8> = noise.collect();
            let raw = decode_at(Level::new(), &payload, shape);
            assert_eq!(raw.len() as u64, shape.raw_len());
            assert!(raw == decode_at(Level::baseline(), &payload, shape), "{round}");
        }
    }
}
