//! Image files in `.dci`: JPEG files that come back to the last byte.

use std::io::{BufRead, Cursor};

use dualcomp::{DecoderOptions, ImageFileDecoder, ImageFileInfo, Limits};
use image::codecs::jpeg::JpegDecoder;
use image::error::{ParameterError, ParameterErrorKind};
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageError, ImageResult, LimitSupport};

use crate::color::to_image;
use crate::error::{Task, image_error};

/// Decodes the JPEG file that a `.dci` holds to the last byte, as `image` decodes that file.
///
/// [`register`](crate::register) lets `image` make it where needed. The size is known from the header; the file is decoded
/// when its pixels or metadata are first asked for, and is in memory then.
#[derive(Debug)]
pub struct DciFileDecoder<R> {
    info: ImageFileInfo,
    state: State<R>,
    limits: image::Limits,
}

#[expect(clippy::large_enum_variant, reason = "there is one a decoder")]
enum State<R> {
    Coded(ImageFileDecoder<R>),
    Open(Box<JpegDecoder<Cursor<Vec<u8>>>>),
    Failed,
}

impl<R> std::fmt::Debug for State<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Coded(_) => "Coded",
            Self::Open(_) => "Open",
            Self::Failed => "Failed",
        })
    }
}

impl<R: BufRead> DciFileDecoder<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// As for [`DciDecoder::new`](crate::DciDecoder::new).
    pub fn new(reader: R) -> ImageResult<Self> {
        let options = DecoderOptions::default().with_limits(Limits::default().with_max_pixels(u64::MAX));
        let decoder = ImageFileDecoder::new(reader, options).map_err(decoding)?;
        let limits = image::Limits::no_limits();
        Ok(Self { info: decoder.info(), state: State::Coded(decoder), limits })
    }

    /// The decoder of the file, which is decoded first.
    fn jpeg(&mut self) -> ImageResult<&mut JpegDecoder<Cursor<Vec<u8>>>> {
        self.state = match std::mem::replace(&mut self.state, State::Failed) {
            State::Coded(decoder) => {
                let mut jpeg = JpegDecoder::new(Cursor::new(decoder.read_file().map_err(decoding)?))?;
                jpeg.set_limits(self.limits.clone())?;
                if jpeg.dimensions() != self.dimensions() || jpeg.color_type() != self.color_type() {
                    return Err(mismatch());
                }
                State::Open(Box::new(jpeg))
            }
            state => state,
        };
        match &mut self.state {
            State::Open(jpeg) => Ok(jpeg),
            _ => Err(mismatch()),
        }
    }
}

impl<R: BufRead> ImageDecoder for DciFileDecoder<R> {
    fn dimensions(&self) -> (u32, u32) {
        (self.info.image.width, self.info.image.height)
    }

    fn color_type(&self) -> ColorType {
        to_image(self.info.image.color)
    }

    fn icc_profile(&mut self) -> ImageResult<Option<Vec<u8>>> {
        self.jpeg()?.icc_profile()
    }

    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        self.jpeg()?.exif_metadata()
    }

    fn xmp_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        self.jpeg()?.xmp_metadata()
    }

    fn iptc_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        self.jpeg()?.iptc_metadata()
    }

    fn orientation(&mut self) -> ImageResult<Orientation> {
        self.jpeg()?.orientation()
    }

    /// Checks the sides; the rest when the file is decoded.
    fn set_limits(&mut self, limits: image::Limits) -> ImageResult<()> {
        limits.check_support(&LimitSupport::default())?;
        let (width, height) = self.dimensions();
        limits.check_dimensions(width, height)?;
        self.limits = limits;
        Ok(())
    }

    fn read_image(mut self, buf: &mut [u8]) -> ImageResult<()> {
        self.jpeg()?;
        match self.state {
            State::Open(jpeg) => jpeg.read_image(buf),
            _ => Err(mismatch()),
        }
    }

    fn read_image_boxed(self: Box<Self>, buf: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buf)
    }
}

/// The file shows something else than its header says, or could not be decoded before.
fn mismatch() -> ImageError {
    ImageError::Parameter(ParameterError::from_kind(ParameterErrorKind::DimensionMismatch))
}

fn decoding(error: dualcomp::Error) -> ImageError {
    image_error(Task::Decoding, error)
}
