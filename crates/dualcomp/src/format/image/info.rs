//! What an image is: size, layout of a pixel, metadata (docs/spec/format.md, section 5).

use crate::format::image::area::Area;

/// The samples of a pixel: grey (`L`) or red, green, blue; then opacity (`a`, not premultiplied) if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColorType {
    /// Grey, 8 bits.
    L8,
    /// Grey and opacity, 8 bits each.
    La8,
    /// Red, green and blue, 8 bits each.
    Rgb8,
    /// Red, green, blue and opacity, 8 bits each.
    Rgba8,
    /// Grey, 16 bits.
    L16,
    /// Grey and opacity, 16 bits each.
    La16,
    /// Red, green and blue, 16 bits each.
    Rgb16,
    /// Red, green, blue and opacity, 16 bits each.
    Rgba16,
}

impl ColorType {
    /// All of them, in the order of their codes in a stream.
    pub const ALL: [Self; 8] =
        [Self::L8, Self::La8, Self::Rgb8, Self::Rgba8, Self::L16, Self::La16, Self::Rgb16, Self::Rgba16];

    /// Samples of a pixel, 1 to 4.
    pub fn channels(self) -> usize {
        self as usize % 4 + 1
    }

    /// Bytes of a sample, 1 or 2.
    pub fn bytes_per_sample(self) -> usize {
        self as usize / 4 + 1
    }

    /// Bytes of a pixel, 1 to 8.
    pub fn bytes_per_pixel(self) -> usize {
        self.channels() * self.bytes_per_sample()
    }

    /// Whether the last sample of a pixel is its opacity.
    pub fn has_alpha(self) -> bool {
        self.channels().is_multiple_of(2)
    }
}

/// The size and layout of an image. Both sides are 1 to 2^31 - 1 pixels long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ImageInfo {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// What a pixel is made of.
    pub color: ColorType,
}

impl ImageInfo {
    /// An image of this size and layout.
    pub fn new(width: u32, height: u32, color: ColorType) -> Self {
        Self { width, height, color }
    }

    /// Pixels of the image.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// All of the image.
    pub fn area(&self) -> Area {
        Area { left: 0, top: 0, width: self.width, height: self.height }
    }

    /// Bytes of the pixels: width times height times bytes of a pixel; `None` if that does not fit in 64 bits.
    pub fn bytes(&self) -> Option<u64> {
        self.pixels().checked_mul(self.color.bytes_per_pixel() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_types_have_sizes() {
        assert_eq!(ColorType::ALL.map(ColorType::channels), [1, 2, 3, 4, 1, 2, 3, 4]);
        assert_eq!(ColorType::ALL.map(ColorType::bytes_per_pixel), [1, 2, 3, 4, 2, 4, 6, 8]);
        assert!(ColorType::ALL.iter().enumerate().all(|(code, &color)| color as usize == code));
        assert!(ColorType::La16.has_alpha() && !ColorType::Rgb8.has_alpha());
    }
}
