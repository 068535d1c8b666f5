//! Frame headers (T.81 B.2.2) and the blocks of a picture (A.1, A.2).

use alloc::vec::Vec;

use crate::{Coefficients, Component, Error, Limits};

/// What a frame header says.
pub(crate) struct Frame {
    pub(crate) progressive: bool,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Minimum coded units of a row, where components are interleaved.
    pub(crate) units_wide: u32,
    /// Rows of those.
    pub(crate) units_high: u32,
    pub(crate) parts: Vec<Part>,
}

/// What a frame header says about a component.
pub(crate) struct Part {
    pub(crate) id: u8,
    pub(crate) h: u8,
    pub(crate) v: u8,
    /// Which quantization table it uses.
    pub(crate) table: u8,
    pub(crate) real_wide: u32,
    pub(crate) real_high: u32,
    pub(crate) blocks_wide: u32,
    pub(crate) blocks_high: u32,
}

impl Frame {
    /// Reads what follows the length of a marker segment SOF0, SOF1 or SOF2.
    pub(crate) fn read(progressive: bool, segment: &[u8]) -> Result<Self, Error> {
        let [precision, y1, y0, x1, x0, number, parts @ ..] = segment else {
            return Err(Error::Invalid("a frame header is too short"));
        };
        if *precision != 8 {
            return Err(Error::Unsupported("not 8 bits a sample"));
        }
        let (width, height) = (u32::from_be_bytes([0, 0, *x1, *x0]), u32::from_be_bytes([0, 0, *y1, *y0]));
        if width == 0 || height == 0 {
            return Err(Error::Unsupported("the frame header does not give the size"));
        }
        if !(1..=4).contains(number) {
            return Err(Error::Unsupported("not 1 to 4 components"));
        }
        let parts = parts.get(..3 * usize::from(*number)).ok_or(Error::Invalid("a frame header is too short"))?;
        let factors = |part: &[u8]| (part[1] >> 4, part[1] & 15);
        let valid = |factor| (1..=4).contains(&factor);
        if !parts.chunks_exact(3).map(factors).all(|(h, v)| valid(h) && valid(v)) {
            return Err(Error::Invalid("a sampling factor is not 1 to 4"));
        }
        let wide = parts.chunks_exact(3).map(|part| u32::from(factors(part).0)).max().unwrap_or(1);
        let high = parts.chunks_exact(3).map(|part| u32::from(factors(part).1)).max().unwrap_or(1);
        let (units_wide, units_high) = (width.div_ceil(8 * wide), height.div_ceil(8 * high));
        let alone = *number == 1;
        let parts = parts.chunks_exact(3).map(|part| {
            let (h, v) = factors(part);
            let real_wide = (width * u32::from(h)).div_ceil(wide).div_ceil(8);
            let real_high = (height * u32::from(v)).div_ceil(high).div_ceil(8);
            // A component that is alone in the frame is never interleaved, and so its units are blocks.
            let blocks_wide = if alone { real_wide } else { units_wide * u32::from(h) };
            let blocks_high = if alone { real_high } else { units_high * u32::from(v) };
            Part { id: part[0], h, v, table: part[2], real_wide, real_high, blocks_wide, blocks_high }
        });
        Ok(Self { progressive, width, height, units_wide, units_high, parts: parts.collect() })
    }

    /// The coefficients without their values. `tables` are the quantization tables of the components.
    pub(crate) fn layout(&self, tables: &[[u16; 64]; 4]) -> Coefficients {
        let components = self.parts.iter().zip(tables).map(|(part, &quantization)| Component {
            h: part.h,
            v: part.v,
            quantization,
            blocks_wide: part.blocks_wide,
            blocks_high: part.blocks_high,
            real_wide: part.real_wide,
            real_high: part.real_high,
            coefficients: Vec::new(),
        });
        Coefficients {
            width: self.width,
            height: self.height,
            components: components.collect(),
            progressive: self.progressive,
        }
    }

    /// Checks the memory of the coefficients.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Error> {
        let blocks = |part: &Part| u64::from(part.blocks_wide) * u64::from(part.blocks_high);
        let bytes = self.parts.iter().map(blocks).sum::<u64>() * 128;
        if bytes > limits.max_coefficient_bytes { Err(Error::LimitsExceeded) } else { Ok(()) }
    }
}
