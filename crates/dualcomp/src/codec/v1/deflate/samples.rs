//! Samples of a PNG file from the pixels that its decoders give (docs/spec/format.md, section 5.5).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::codec::v1::deflate::rows::Rows;
use crate::error::{Error, Result};
use crate::format::image::info::{ColorType, ImageInfo};

/// How a PNG file has the samples of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Samples {
    /// Bits of a sample in the file.
    pub(crate) depth: u8,
    pub(crate) form: Form,
}

/// What a pixel is in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The samples of the image; those of fewer than eight bits were stretched to eight.
    Same,
    /// The same but for opacity, which one colour of the file stands for.
    WithoutOpacity,
    /// Indices of these colours, each the samples of a pixel.
    Indices(Vec<u8>),
}

impl Samples {
    /// Reads what [`put`](Self::put) has written; colours are all that is left.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let form = match bytes {
            [_, 0] => Form::Same,
            [_, 1] => Form::WithoutOpacity,
            [_, 2, colors @ ..] => Form::Indices(colors.to_vec()),
            _ => return Err(Error::corrupt("the samples of the original file are of no known form")),
        };
        Ok(Self { depth: bytes[0], form })
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.push(self.depth);
        match &self.form {
            Form::Same => out.push(0),
            Form::WithoutOpacity => out.push(1),
            Form::Indices(colors) => {
                out.push(2);
                out.extend(colors);
            }
        }
    }

    /// The rows of the file and what they hold of an image.
    pub(crate) fn of<'a>(&self, info: &ImageInfo, pixels: &'a [u8]) -> Result<(Rows, Cow<'a, [u8]>)> {
        let lost = || Error::corrupt("the original file cannot have the pixels of the image");
        let color = match self.form {
            Form::Same => info.color,
            Form::WithoutOpacity if info.color.has_alpha() => ColorType::ALL[info.color as usize - 1],
            Form::Indices(_) if matches!(info.color, ColorType::Rgb8 | ColorType::Rgba8) => ColorType::L8,
            _ => return Err(lost()),
        };
        let rows = Rows::new(ImageInfo::new(info.width, info.height, color), self.depth).ok_or_else(lost)?;
        let pixel = info.color.bytes_per_pixel();
        let mut samples = match &self.form {
            Form::Same => Cow::Borrowed(pixels),
            Form::WithoutOpacity => {
                let kept = pixel - info.color.bytes_per_sample();
                Cow::Owned(pixels.chunks_exact(pixel).flat_map(|pixel| &pixel[..kept]).copied().collect())
            }
            Form::Indices(colors) => {
                if colors.len() % pixel != 0 || colors.len() / pixel > 1 << self.depth {
                    return Err(lost());
                }
                // Of equal colours the first one counts.
                let places: HashMap<&[u8], u8> =
                    colors.chunks_exact(pixel).enumerate().map(|(place, color)| (color, place as u8)).rev().collect();
                let mut last = (&[][..], 0);
                let indices = pixels.chunks_exact(pixel).map(|color| {
                    if color != last.0 {
                        last = (color, *places.get(color)?);
                    }
                    Some(last.1)
                });
                return Ok((rows, indices.collect::<Option<_>>().ok_or_else(lost)?));
            }
        };
        if self.depth < 8 {
            let step = 255 / ((1 << self.depth) - 1);
            for sample in samples.to_mut() {
                if *sample % step != 0 {
                    return Err(lost());
                }
                *sample /= step;
            }
        }
        Ok((rows, samples))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The samples of two pixels.
    fn samples(depth: u8, form: Form, color: ColorType, pixels: &[u8]) -> Option<Vec<u8>> {
        let samples = Samples { depth, form };
        let mut bytes = Vec::new();
        samples.put(&mut bytes);
        assert_eq!(Samples::parse(&bytes).unwrap(), samples);
        samples.of(&ImageInfo::new(2, 1, color), pixels).ok().map(|(_, samples)| samples.into_owned())
    }

    #[test]
    fn pixels_become_samples_of_the_file() {
        assert_eq!(samples(8, Form::Same, ColorType::Rgb8, &[1, 2, 3, 4, 5, 6]), Some(vec![1, 2, 3, 4, 5, 6]));
        assert_eq!(samples(4, Form::Same, ColorType::L8, &[17, 255]), Some(vec![1, 15]));
        assert_eq!(samples(1, Form::WithoutOpacity, ColorType::La8, &[255, 255, 0, 0]), Some(vec![1, 0]));
        let wide: Vec<u8> = (0..16).collect();
        let kept = Some(vec![0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13]);
        assert_eq!(samples(16, Form::WithoutOpacity, ColorType::Rgba16, &wide), kept);
        let colors = Form::Indices(vec![9, 9, 9, 1, 2, 3, 9, 9, 9]);
        assert_eq!(samples(2, colors.clone(), ColorType::Rgb8, &[1, 2, 3, 9, 9, 9]), Some(vec![1, 0]));
        assert_eq!(samples(1, colors.clone(), ColorType::Rgb8, &[1, 2, 3, 9, 9, 9]), None, "too many colours");
        assert_eq!(samples(2, colors, ColorType::Rgb8, &[1, 2, 4, 9, 9, 9]), None, "a colour that is none of them");
        assert_eq!(samples(4, Form::Same, ColorType::L8, &[18, 255]), None);
        assert_eq!(samples(8, Form::WithoutOpacity, ColorType::L8, &[1, 2]), None);
        assert!(
            Samples::parse(&[8]).is_err() && Samples::parse(&[8, 3]).is_err() && Samples::parse(&[8, 0, 0]).is_err()
        );
    }
}
