//! Reading. All that knows the trait of `image` 0.25 is here: that of 1.0 will be another.

use std::io::Read;

use dualcomp::{Area, DecoderOptions, ImageInfo, Limits, Metadata};
use image::{ColorType, ImageDecoder, ImageResult, LimitSupport};

use crate::color::to_image;
use crate::error::{Task, check_len, image_error};

/// Decodes `.dci`.
///
/// [`register`](crate::register) lets `image` make it where needed. By itself:
///
/// ```
/// use dualcomp_image::{DciDecoder, DciEncoder};
/// use image::{DynamicImage, ImageDecoder};
///
/// let mut file = Vec::new();
/// let picture = DynamicImage::new_luma16(5, 4);
/// picture.write_with_encoder(DciEncoder::new(&mut file))?;
///
/// let decoder = DciDecoder::new(file.as_slice())?;
/// assert_eq!((decoder.dimensions(), decoder.color_type()), ((5, 4), image::ColorType::L16));
/// assert_eq!(DynamicImage::from_decoder(decoder)?, picture);
/// # Ok::<(), image::ImageError>(())
/// ```
#[derive(Debug)]
pub struct DciDecoder<R> {
    inner: dualcomp::ImageDecoder<R>,
    /// What the caller's options allow, whatever limits `image` sets.
    max_memory: u64,
    /// Whether the metadata has yet to be read and to be taken off the limits.
    is_header: bool,
}

impl<R: Read> DciDecoder<R> {
    /// Reads the header and the metadata. The reader should be buffered; it need not seek.
    ///
    /// Takes any size of image: pixels cost memory only when they are read, and
    /// [`set_limits`](ImageDecoder::set_limits) comes first. Takes up to 16 MiB of metadata,
    /// of which 1 MiB may be coded: that is decoded here, which takes 17 MiB of memory and some seconds at worst.
    /// [`Self::with_options`] bounds it by [`Limits::max_work`] and [`Limits::max_memory_bytes`].
    ///
    /// # Errors
    /// [`ImageError::IoError`](image::ImageError::IoError) if the reader fails;
    /// [`ImageError::Decoding`](image::ImageError::Decoding) if this is no such file or it is damaged or cut off;
    /// [`ImageError::Unsupported`](image::ImageError::Unsupported) if it needs a newer version;
    /// [`ImageError::Limits`](image::ImageError::Limits) for too much metadata.
    pub fn new(reader: R) -> ImageResult<Self> {
        let limits = Limits::default().with_max_pixels(u64::MAX);
        let decoder = Self::with_options(reader, DecoderOptions::default().with_limits(limits))?;
        Ok(Self { max_memory: u64::MAX, ..decoder })
    }

    /// As [`Self::new`], with other limits or a number of threads. [`set_limits`](ImageDecoder::set_limits) may lower
    /// [`Limits::max_memory_bytes`] later, but not raise it.
    ///
    /// # Errors
    /// As for [`Self::new`], and [`ImageError::Limits`](image::ImageError::Limits) for too many pixels.
    pub fn with_options(reader: R, options: DecoderOptions) -> ImageResult<Self> {
        let max_memory = options.limits.max_memory_bytes;
        let inner = dualcomp::ImageDecoder::new(reader, options).map_err(decoding)?;
        Ok(Self { inner, max_memory, is_header: false })
    }

    /// As [`Self::new`], but reads the header alone: for `image`, which sets its limits later. The metadata is read
    /// when it is asked for, and before the pixels.
    pub(crate) fn open(reader: R) -> ImageResult<Self> {
        let options = DecoderOptions::default().with_limits(Limits::default().with_max_pixels(u64::MAX));
        let inner = dualcomp::ImageDecoder::open(reader, options).map_err(decoding)?;
        Ok(Self { inner, max_memory: u64::MAX, is_header: true })
    }

    /// All the metadata.
    pub fn metadata(&self) -> &Metadata {
        self.inner.metadata()
    }

    /// Decodes a part of the image, laid out as an image of its own. Decodes no tile
    /// outside it and does not read what follows it.
    ///
    /// # Errors
    /// [`ImageError::Parameter`](image::ImageError::Parameter) if the rectangle is empty or not inside the image, or
    /// `buf` has another length; else as for [`read_image`](ImageDecoder::read_image).
    pub fn read_region(self, region: Area, buf: &mut [u8]) -> ImageResult<()> {
        check_len(buf, ImageInfo::new(region.width, region.height, self.info().color).bytes())?;
        self.inner.read_area(&region, buf, |_, _| ()).map_err(decoding)
    }

    /// As [`read_image`](ImageDecoder::read_image), and calls `progress` on this thread after every tile, of some
    /// 2^18 pixels, with the pixels that are done and those of the whole image.
    ///
    /// # Errors
    /// As for [`read_image`](ImageDecoder::read_image).
    pub fn read_image_with_progress(self, buf: &mut [u8], progress: impl FnMut(u64, u64)) -> ImageResult<()> {
        check_len(buf, self.info().bytes())?;
        let whole = self.info().area();
        self.inner.read_area(&whole, buf, progress).map_err(decoding)
    }

    fn read_metadata(&mut self) -> ImageResult<&Metadata> {
        self.inner.read_metadata().map_err(decoding)?;
        if self.is_header {
            let limits = self.inner.limits();
            let left = limits.max_memory_bytes.saturating_sub(self.inner.metadata().bytes());
            let limits = limits.clone().with_max_memory_bytes(left);
            self.inner.set_limits(limits).map_err(decoding)?;
            self.is_header = false;
        }
        Ok(self.inner.metadata())
    }

    fn info(&self) -> ImageInfo {
        self.inner.info()
    }
}

impl<R: Read> ImageDecoder for DciDecoder<R> {
    fn dimensions(&self) -> (u32, u32) {
        (self.info().width, self.info().height)
    }

    fn color_type(&self) -> ColorType {
        to_image(self.info().color)
    }

    fn icc_profile(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.read_metadata()?.icc.clone())
    }

    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.read_metadata()?.exif.clone())
    }

    fn xmp_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.read_metadata()?.xmp.clone())
    }

    fn iptc_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.read_metadata()?.iptc.clone())
    }

    /// Checks the sides, and that `max_alloc` suffices for the metadata and for decoding on one thread: the pixels are
    /// to be taken off it before. As many threads are used later as there is memory for.
    fn set_limits(&mut self, mut limits: image::Limits) -> ImageResult<()> {
        limits.check_support(&LimitSupport::default())?;
        let (width, height) = self.dimensions();
        limits.check_dimensions(width, height)?;
        if !self.is_header {
            limits.reserve(self.metadata().bytes())?;
        }
        let memory = limits.max_alloc.unwrap_or(u64::MAX).min(self.max_memory);
        let own = self.inner.limits().clone().with_max_memory_bytes(memory);
        self.inner.set_limits(own).map_err(decoding)
    }

    /// Decodes the pixels. A buffer of another length than [`total_bytes`](ImageDecoder::total_bytes) is an error,
    /// not a panic.
    fn read_image(mut self, buf: &mut [u8]) -> ImageResult<()> {
        check_len(buf, self.info().bytes())?;
        self.read_metadata()?;
        self.inner.read_pixels(buf).map_err(decoding)
    }

    fn read_image_boxed(self: Box<Self>, buf: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buf)
    }
}

fn decoding(error: dualcomp::Error) -> image::ImageError {
    image_error(Task::Decoding, error)
}
