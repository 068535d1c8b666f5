//! Image files in `.dci`: JPEG files that come back to the last byte.

use std::io::{BufRead, Cursor};

use dualcomp::{DecoderOptions, ImageFileDecoder, ImageFileInfo, Limits};
use image::codecs::jpeg::JpegDecoder;
use image::error::{DecodingError, ParameterError, ParameterErrorKind};
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageError, ImageResult, LimitSupport};

use crate::color::to_image;
use crate::error::{Task, check_len, hint, image_error, repeated};

/// Decodes the JPEG file that a `.dci` holds to the last byte, as `image` decodes that file.
///
/// [`register`](crate::register) lets `image` make it where needed. The size is known from the header; the file is
/// decoded when its pixels or metadata are first asked for, and is in memory then. If that fails, each later call gives
/// the same error.
///
/// # Memory
/// The file, and to decode it 4 to 12 bytes for each pixel: 512 MiB each at most, or what is left of `max_alloc` once
/// [limits are set](ImageDecoder::set_limits). The decoder for JPEG files in `image` takes memory of its own, which
/// these limits do not bound, but the size of the image does.
#[derive(Debug)]
pub struct DciFileDecoder<R> {
    info: ImageFileInfo,
    state: State<R>,
    limits: image::Limits,
}

type Jpeg = JpegDecoder<Cursor<Vec<u8>>>;

#[expect(clippy::large_enum_variant, reason = "there is one a decoder")]
enum State<R> {
    Coded(ImageFileDecoder<R>),
    Open(Box<Jpeg>),
    Failed(ImageError),
}

impl<R> std::fmt::Debug for State<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Coded(_) => "Coded",
            Self::Open(_) => "Open",
            Self::Failed(_) => "Failed",
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
    fn jpeg(&mut self) -> ImageResult<&mut Jpeg> {
        let failed = ImageError::Parameter(ParameterError::from_kind(ParameterErrorKind::FailedAlready));
        self.state = match std::mem::replace(&mut self.state, State::Failed(failed)) {
            State::Coded(decoder) => match self.open(decoder) {
                Ok(jpeg) => State::Open(Box::new(jpeg)),
                Err(error) => {
                    self.state = State::Failed(repeated(&error));
                    return Err(error);
                }
            },
            state => state,
        };
        match &mut self.state {
            State::Open(jpeg) => Ok(jpeg),
            State::Failed(error) => Err(repeated(error)),
            State::Coded(_) => unreachable!("it was opened above"),
        }
    }

    fn open(&self, decoder: ImageFileDecoder<R>) -> ImageResult<Jpeg> {
        let mut jpeg = JpegDecoder::new(Cursor::new(decoder.read_file().map_err(decoding)?))?;
        jpeg.set_limits(self.limits.clone())?;
        if jpeg.dimensions() != self.dimensions() || jpeg.color_type() != self.color_type() {
            let detail = "the file shows something else than its header says";
            return Err(ImageError::Decoding(DecodingError::new(hint(), detail)));
        }
        Ok(jpeg)
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

    /// Checks the sides. `max_alloc`, which the pixels are to be taken off before, bounds the file and what decoding it
    /// takes: that is checked when it is decoded.
    fn set_limits(&mut self, limits: image::Limits) -> ImageResult<()> {
        limits.check_support(&LimitSupport::default())?;
        let (width, height) = self.dimensions();
        limits.check_dimensions(width, height)?;
        match &mut self.state {
            State::Coded(decoder) => {
                let bytes = limits.max_alloc.unwrap_or(u64::MAX);
                let own = Limits::default().with_max_pixels(u64::MAX).with_max_memory_bytes(bytes);
                decoder.set_limits(own.with_max_output_bytes(bytes)).map_err(decoding)?;
            }
            State::Open(jpeg) => jpeg.set_limits(limits.clone())?,
            State::Failed(_) => {}
        }
        self.limits = limits;
        Ok(())
    }

    /// Decodes the pixels. A buffer of another length than [`total_bytes`](ImageDecoder::total_bytes) is an error,
    /// not a panic, and found before the file is decoded.
    fn read_image(mut self, buf: &mut [u8]) -> ImageResult<()> {
        check_len(buf, self.info.image.bytes())?;
        self.jpeg()?;
        match self.state {
            State::Open(jpeg) => jpeg.read_image(buf),
            State::Coded(_) | State::Failed(_) => unreachable!("it was opened above"),
        }
    }

    fn read_image_boxed(self: Box<Self>, buf: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buf)
    }
}

fn decoding(error: dualcomp::Error) -> ImageError {
    image_error(Task::Decoding, error)
}
