//! What an image file shows (docs/spec/format.md, section 4.5).

use crate::error::{Error, Result};
use crate::format::image::info::{ColorType, ImageInfo};
use crate::format::{Chunk, plain_body, put_number, take_number, with_checksum};

/// The longest body: checksum, format, two numbers, colour type.
pub(crate) const MAX_FILE_HEADER_BODY: usize = 4 + 1 + 2 * 5 + 1;

/// The format of an image file that is kept to the last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileFormat {
    /// JPEG.
    Jpeg,
}

/// What a stream says about the image file that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ImageFileInfo {
    /// The format of the file.
    pub format: FileFormat,
    /// The size of the picture, and what its decoders give out: grey or red, green and blue.
    pub image: ImageInfo,
}

impl ImageFileInfo {
    pub(crate) fn new(format: FileFormat, image: ImageInfo) -> Self {
        Self { format, image }
    }

    /// The body of a file header.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut content = vec![1];
        put_number(&mut content, self.image.width.into());
        put_number(&mut content, self.image.height.into());
        content.push(self.image.color as u8);
        with_checksum(&content)
    }

    /// Reads the body of a file header.
    pub(crate) fn parse(chunk: &Chunk, body: &[u8]) -> Result<Self> {
        let content = plain_body(body, chunk)?;
        let (&format, mut content) = content.split_first().ok_or(Error::corrupt("the file header is too short"))?;
        if format != 1 {
            return Err(Error::corrupt("the format of the file is unknown"));
        }
        let (width, height) = (take_number(&mut content)?, take_number(&mut content)?);
        let side = 1..=u64::from(u16::MAX);
        if !side.contains(&width) || !side.contains(&height) {
            return Err(Error::corrupt("a side of the image is out of range"));
        }
        let color = match content {
            &[code] => [ColorType::L8, ColorType::Rgb8].into_iter().find(|&color| color as u8 == code),
            _ => None,
        };
        let color = color.ok_or(Error::corrupt("the colour type of the file is none of its format"))?;
        Ok(Self::new(FileFormat::Jpeg, ImageInfo::new(width as u32, height as u32, color)))
    }
}
