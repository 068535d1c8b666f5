//! Tiles whose pixels a JPEG decoder made (docs/spec/image.md, section 14): quantised coefficients of blocks are coded in
//! their place, as those of a JPEG file, then where samples and colours are not what these give.

mod corrections;
mod inverse;
mod upsampling;

use dualcomp_entropy::{RangeDecoder, RangeEncoder};

pub(crate) use inverse::InverseDct;
pub(crate) use upsampling::Upsampling;

use crate::codec::v1::image::lattice::{Transform, exceptions};
use crate::codec::v1::image::planes::{PlaneLayout, join, split};
use crate::codec::v1::jpeg::{self, PlaneShape, Profile};
use crate::format::image::tile_grid::TileShape;
use crate::{ColorType, Error};

/// Samples of a side of a block.
pub(crate) const SIDE: usize = 8;
/// Quantisation steps of a block, row by row.
pub(crate) type Steps = [u8; SIDE * SIDE];

/// Pixels of a side at least: a narrow tile would take much memory for blocks that lie over its edges.
const MIN_SIDE: u32 = 16;

/// Whether a tile may be coded so: grey, or three colours, of eight bits, and not narrow.
pub(crate) fn suits(shape: TileShape) -> bool {
    matches!(shape.color, ColorType::L8 | ColorType::Rgb8) && shape.width.min(shape.height) >= MIN_SIDE
}

/// How a JPEG decoder made a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// What luma and chroma are turned into colours by; none of grey.
    pub(crate) transform: Option<Transform>,
    pub(crate) upsampling: Upsampling,
    pub(crate) inverse: InverseDct,
    /// Where the tile's first pixel is in the grid of its blocks: row and column, within one unit of chroma.
    pub(crate) first: [usize; 2],
    /// Steps of luma, and of both chromas.
    pub(crate) steps: [Steps; 2],
}

impl Origin {
    /// Planes that have blocks.
    pub(crate) fn planes(&self) -> usize {
        if self.transform.is_some() { 3 } else { 1 }
    }

    /// Rows and columns of a plane's samples, from the start of the grid on.
    pub(crate) fn sides(&self, plane: usize, shape: TileShape) -> [usize; 2] {
        let ends = [self.first[0] + shape.height as usize, self.first[1] + shape.width as usize];
        if plane == 0 { ends } else { self.upsampling.sides(ends) }
    }

    /// Shapes of the planes of blocks.
    pub(crate) fn shapes(&self, shape: TileShape) -> Vec<PlaneShape> {
        let plane = |plane: usize| {
            let [rows, columns] = self.sides(plane, shape);
            let sampling = if plane == 0 { self.upsampling.sampling() } else { (1, 1) };
            PlaneShape {
                sampling,
                blocks_wide: columns.div_ceil(SIDE),
                blocks_high: rows.div_ceil(SIDE),
                quantization: self.steps[plane.min(1)].map(u16::from),
            }
        };
        (0..self.planes()).map(plane).collect()
    }

    /// The samples that coefficients of a plane give to the pixels of a tile.
    pub(crate) fn samples(&self, plane: usize, shape: TileShape, coefficients: &[i16]) -> Vec<Decoded> {
        let [rows, columns] = self.sides(plane, shape);
        let wide = columns.div_ceil(SIDE);
        let stride = wide * SIDE;
        let mut whole = vec![0i32; stride * rows.div_ceil(SIDE) * SIDE];
        for (i, block) in coefficients.as_chunks().0.iter().enumerate() {
            let start = i / wide * SIDE * stride + i % wide * SIDE;
            for (row, values) in
                self.inverse.samples(block, &self.steps[plane.min(1)]).as_chunks::<SIDE>().0.iter().enumerate()
            {
                whole[start + row * stride..][..SIDE].copy_from_slice(values);
            }
        }
        let [row, column] = self.first;
        let area = [row..row + shape.height as usize, column..column + shape.width as usize];
        let upsampling = if plane == 0 { Upsampling::None } else { self.upsampling };
        upsampling.pixels(&whole, stride, [rows, columns], area)
    }

    fn write(&self, out: &mut Vec<u8>) {
        if let Some(transform) = &self.transform {
            transform.write(out);
            out.push(self.upsampling as u8);
        }
        out.extend([self.first[0] as u8 | (self.inverse as u8) << 4, self.first[1] as u8]);
        out.extend(self.steps[..self.planes().min(2)].as_flattened());
    }

    fn read(payload: &[u8], color: ColorType) -> Result<(Self, &[u8]), Error> {
        let short = || Error::corrupt("the tile ends before its coefficients");
        let (mut transform, mut upsampling, mut rest) = (None, Upsampling::None, payload);
        if color.channels() == 3 {
            let (of_tile, after) = Transform::read(payload)?;
            let (&number, after) = after.split_first().ok_or_else(short)?;
            upsampling = Upsampling::of(number).ok_or(Error::corrupt("chroma of a tile has no such size"))?;
            (transform, rest) = (Some(of_tile), after);
        }
        let (&[row, column], rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
        let inverse =
            *InverseDct::ALL.get(usize::from(row >> 4)).ok_or(Error::corrupt("a tile has no such transform"))?;
        let first = [row & 15, column].map(usize::from);
        let unit = upsampling.unit();
        if first[0] >= unit[0] || first[1] >= unit[1] {
            return Err(Error::corrupt("a tile begins within its first blocks"));
        }
        let (&luma, mut rest) = rest.split_first_chunk().ok_or_else(short)?;
        let mut steps = [luma; 2];
        if transform.is_some() {
            let (&chroma, after) = rest.split_first_chunk().ok_or_else(short)?;
            (steps[1], rest) = (chroma, after);
        }
        Ok((Self { transform, upsampling, inverse, first, steps }, rest))
    }
}

/// What a sample should be, and the class of what rounding cut off of it, below 16.
pub(crate) type Decoded = (u8, u8);

/// Pixels whose sample follows from samples of blocks that are not within the tile as a whole.
fn partial(origin: &Origin, plane: usize, shape: TileShape) -> impl Fn(usize) -> bool {
    let block = if plane == 0 { [SIDE; 2] } else { origin.upsampling.unit() };
    let sides = [shape.height as usize, shape.width as usize];
    let whole = [0, 1].map(|i| {
        let first = (block[i] - origin.first[i] % block[i]) % block[i];
        let blocks = (sides[i].saturating_sub(first)) / block[i];
        first..first + blocks * block[i]
    });
    move |at| !whole[0].contains(&(at / sides[1])) || !whole[1].contains(&(at % sides[1]))
}

/// The payload of a tile. `planes` are its luma and chroma, or its grey, and `coefficients` those of its blocks.
///
/// # Errors
/// If coefficients take 4 GiB.
pub(crate) fn encode(
    raw: &[u8],
    shape: TileShape,
    fast: bool,
    origin: &Origin,
    planes: &[Vec<u8>],
    coefficients: &[Vec<i16>],
) -> Result<Vec<u8>, Error> {
    let mut payload = Vec::new();
    origin.write(&mut payload);
    let profile = if fast { Profile::Fast } else { Profile::Default };
    let slices: Vec<&[i16]> = coefficients.iter().map(|plane| &plane[..]).collect();
    let coded = jpeg::encode(&origin.shapes(shape), &slices, profile, 1, 1)?;
    payload.extend((coded.len() as u32).to_le_bytes());
    payload.extend(coded);
    let (mut coder, layout) = (RangeEncoder::new(), PlaneLayout::new(shape));
    for (plane, wanted) in planes.iter().enumerate() {
        let decoded = origin.samples(plane, shape, &coefficients[plane]);
        corrections::code(&mut coder, layout.width, &decoded, partial(origin, plane, shape), Some(wanted));
    }
    if let (Some(transform), [luma, first, second]) = (&origin.transform, planes) {
        let colors = split(raw, &layout);
        let wanted = [0, 1, 2].map(|color: usize| &colors[color][..]);
        exceptions::code(&mut coder, transform, layout.width, [luma, first, second], Some(wanted));
    }
    payload.extend(coder.finish());
    Ok(payload)
}

/// The bytes of a tile.
///
/// # Errors
/// If the payload ends before its coefficients do, has more of them than fit, or the tile is not of such a type.
pub(crate) fn decode(payload: &[u8], shape: TileShape) -> Result<Vec<u8>, Error> {
    if !suits(shape) {
        return Err(Error::corrupt("a tile of blocks has grey or three colours of eight bits, and is not narrow"));
    }
    let (origin, rest) = Origin::read(payload, shape.color)?;
    let short = || Error::corrupt("the tile ends before its coefficients");
    let (&length, rest) = rest.split_first_chunk().ok_or_else(short)?;
    let (coded, rest) = rest.split_at_checked(u32::from_le_bytes(length) as usize).ok_or_else(short)?;
    if coded.first().is_some_and(|&profile| profile == Profile::Max as u8) || coded.get(1).is_some_and(|&more| more > 0)
    {
        return Err(Error::corrupt("coefficients of a tile have small tables and one band"));
    }
    let coefficients = jpeg::decode(coded, &origin.shapes(shape), most_coefficient_bytes(shape), 1)?;
    let (mut coder, layout) = (RangeDecoder::new(rest), PlaneLayout::new(shape));
    let mut planes = Vec::new();
    for (plane, of_plane) in coefficients.iter().enumerate() {
        let decoded = origin.samples(plane, shape, of_plane);
        planes.push(corrections::code(&mut coder, layout.width, &decoded, partial(&origin, plane, shape), None));
    }
    if let (Some(transform), [luma, first, second]) = (&origin.transform, &planes[..]) {
        let colors = exceptions::code(&mut coder, transform, layout.width, [luma, first, second], None);
        planes = colors.into();
    }
    Ok(join(&planes, &layout))
}

/// Bytes that coefficients of a tile take at most in a JPEG file: blocks lie over its edges by up to two units.
fn most_coefficient_bytes(shape: TileShape) -> u64 {
    8 * (u64::from(shape.width) + 32) * (u64::from(shape.height) + 32)
}

/// Bytes of the tables of coefficients at most.
pub(crate) fn tables() -> u64 {
    jpeg::tables(&[Profile::Default as u8, 0]).map_or(0, |(_, bytes)| bytes)
}

/// Bytes that decoding a tile of this shape takes at most, roughly; 0 if it cannot be such a one.
pub(crate) fn tile_memory(shape: TileShape) -> u64 {
    if !suits(shape) {
        return 0;
    }
    let pixels = (u64::from(shape.width) + 32) * (u64::from(shape.height) + 32);
    // Coefficients, bytes of all planes twice, and samples of one plane in four bytes and as they are decoded.
    tables() + pixels * (3 * 2 + 6 + 4 + 2 + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_come_back() {
        for upsampling in Upsampling::ALL {
            for inverse in InverseDct::ALL {
                let first = upsampling.unit().map(|side| side - 1);
                let steps = [[3; SIDE * SIDE], [7; SIDE * SIDE]];
                let of_colours = Origin { transform: Some(Transform::KNOWN[0]), upsampling, inverse, first, steps };
                let of_grey =
                    Origin { transform: None, upsampling: Upsampling::None, first: [7; 2], ..of_colours.clone() };
                let of_grey = Origin { steps: [steps[0]; 2], ..of_grey };
                for (origin, color) in [(of_colours, ColorType::Rgb8), (of_grey, ColorType::L8)] {
                    let mut payload = Vec::new();
                    origin.write(&mut payload);
                    assert_eq!(Origin::read(&payload, color).unwrap(), (origin, &[][..]));
                    for length in 0..payload.len() {
                        assert!(Origin::read(&payload[..length], color).is_err());
                    }
                }
            }
        }
    }

    #[test]
    fn bad_origins_are_errors() {
        let front = |upsampling: u8, row: u8, column: u8| [&[1, upsampling, row, column][..], &[1; 128]].concat();
        let is_right = |upsampling, row, column| Origin::read(&front(upsampling, row, column), ColorType::Rgb8).is_ok();
        assert!(is_right(7, 0x3F, 15) && is_right(5, 0x17, 15) && is_right(0, 7, 7));
        // An upsampling, and an inverse transform, that there is none of; beyond the first unit.
        assert!(!is_right(8, 0, 0) && !is_right(0, 0x40, 0) && !is_right(0, 0xF0, 0));
        assert!(!is_right(5, 8, 0) && !is_right(0, 0, 8) && !is_right(7, 0, 16));
        let grey = |row: u8| Origin::read(&[&[row, 0][..], &[1; 64]].concat(), ColorType::L8).is_ok();
        assert!(grey(0x27) && !grey(0x38) && !grey(0x40));
    }
}
