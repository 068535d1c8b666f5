//! The colour types of both sides.

use dualcomp::ColorType;
use image::ExtendedColorType;

/// What `image` calls it.
pub(crate) fn to_image(color: ColorType) -> image::ColorType {
    match color {
        ColorType::L8 => image::ColorType::L8,
        ColorType::La8 => image::ColorType::La8,
        ColorType::Rgb8 => image::ColorType::Rgb8,
        ColorType::Rgba8 => image::ColorType::Rgba8,
        ColorType::L16 => image::ColorType::L16,
        ColorType::La16 => image::ColorType::La16,
        ColorType::Rgb16 => image::ColorType::Rgb16,
        ColorType::Rgba16 => image::ColorType::Rgba16,
    }
}

/// What DualComp calls it, if it has it.
pub(crate) fn from_image(color: ExtendedColorType) -> Option<ColorType> {
    ColorType::ALL.into_iter().find(|&own| ExtendedColorType::from(to_image(own)) == color)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_correspond() {
        for own in ColorType::ALL {
            let color = to_image(own);
            assert_eq!(from_image(color.into()), Some(own));
            assert_eq!(usize::from(color.bytes_per_pixel()), own.bytes_per_pixel());
            assert_eq!(color.has_alpha(), own.has_alpha());
        }
        for color in [ExtendedColorType::Rgb32F, ExtendedColorType::L1, ExtendedColorType::Bgra8] {
            assert_eq!(from_image(color), None);
        }
    }
}
