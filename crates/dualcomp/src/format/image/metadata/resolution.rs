//! Pixels a unit of length.

use crate::error::{Error, Result};
use crate::format::image::metadata::pieces::words;

/// What a [`Resolution`] counts its samples by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResolutionUnit {
    /// Nothing: only the ratio of the two numbers means something.
    Unknown,
    /// A metre, as in PNG and BMP.
    Metre,
    /// An inch, as in most TIFF files.
    Inch,
    /// A centimetre.
    Centimetre,
}

/// Pixels a unit of length, as fractions, so that no file format's way to say it is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resolution {
    /// Pixels in a row of one unit: numerator and denominator.
    pub x: [u32; 2],
    /// Pixels in a column of one unit: numerator and denominator.
    pub y: [u32; 2],
    /// The unit.
    pub unit: ResolutionUnit,
}

impl Resolution {
    const UNITS: [ResolutionUnit; 4] =
        [ResolutionUnit::Unknown, ResolutionUnit::Metre, ResolutionUnit::Inch, ResolutionUnit::Centimetre];

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let unit = Self::UNITS.iter().position(|&unit| unit == self.unit).unwrap_or(0);
        let [[x, x_by], [y, y_by]] = [self.x, self.y];
        std::iter::once(unit as u8).chain([x, x_by, y, y_by].into_iter().flat_map(u32::to_be_bytes)).collect()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let corrupt = || Error::corrupt("the unit of the resolution is unknown");
        let (&unit, numbers) = bytes.split_first().ok_or_else(corrupt)?;
        let unit = *Self::UNITS.get(usize::from(unit)).ok_or_else(corrupt)?;
        let [x, x_by, y, y_by] = words(numbers)?;
        Ok(Self { x: [x, x_by], y: [y, y_by], unit })
    }
}
