//! Image files that are kept to the last byte.

use std::io::{BufRead, ErrorKind, Read};
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::api::oneshot::{bounded, run_encoder, sized, with_output_in_memory};
use crate::api::read;
use crate::decoder::bytes::Decoder;
use crate::encoder::bytes::Encoder;
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::file::header::{FileFormat, ImageFileInfo};
use crate::format::image::info::{ColorType, ImageInfo};
use crate::limits::Limits;
use crate::options::{DecoderOptions, EncoderOptions};

/// Compresses a JPEG file as an image file: its coefficients are coded anew, and [`decompress`](crate::decompress) or an
/// [`ImageFileDecoder`] gives the very file. `None` if it is no JPEG file, or one whose coefficients are not taken apart
/// (12 bits, lossless, arithmetic coding, damaged at the start) or would take no less: [`compress`](crate::compress) keeps
/// it as bytes.
///
/// What comes of it is about a quarter shorter than the file. The result does not depend on the threads. Memory: 4 to 12
/// bytes for each pixel beside the file and the result. Files of more than 64 MiB are not taken.
///
/// ```
/// use dualcomp::{compress_image_file, decompress};
///
/// # // A grey square.
/// # let table = |class: u8| [&[0xFF, 0xC4, 0, 20, class, 1][..], &[0; 16]].concat();
/// # let quantization = [&b"\xFF\xDB\0\x43\0"[..], &[1; 64]].concat();
/// # let frame = b"\xFF\xC0\0\x0B\x08\0\xA0\0\xA0\x01\x01\x11\0";
/// # let scan = [&b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0"[..], &[0; 100]].concat();
/// # let jpeg = [b"\xFF\xD8", &quantization[..], frame, &table(0), &table(0x10), &scan, b"\xFF\xD9"].concat();
/// let stream = compress_image_file(&jpeg, &Default::default())?.expect("it is a JPEG file");
/// assert!(stream.len() < jpeg.len());
/// assert_eq!(decompress(&stream, &Default::default())?, jpeg);
///
/// assert!(compress_image_file(b"\x89PNG", &Default::default())?.is_none());
/// # Ok::<(), dualcomp::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] if this thread rounds floating-point numbers in another way than streams are defined by.
pub fn compress_image_file(file: &[u8], options: &EncoderOptions) -> Result<Option<Vec<u8>>> {
    let Some(info) = info_of(file) else { return Ok(None) };
    let encoder = Encoder::of_image_file(sized(file, options).with_find_files(true), info);
    let mut taken = false;
    let stream = run_encoder(file, encoder, |encoder| taken = encoder.begins_with_file())?;
    Ok(taken.then_some(stream))
}

/// What a file shows, if it is one that may be kept so.
fn info_of(file: &[u8]) -> Option<ImageFileInfo> {
    let layout = dualcomp_jpeg::layout(file).ok()?;
    // What decoders give out: grey, or red, green and blue, also for inks.
    let color = if layout.components.len() == 1 { ColorType::L8 } else { ColorType::Rgb8 };
    Some(ImageFileInfo::new(FileFormat::Jpeg, ImageInfo::new(layout.width, layout.height, color)))
}

/// Reads an image file from a stream that [`compress_image_file`] made, in two steps: what it shows, then the file.
///
/// ```no_run
/// use std::fs::File;
/// use std::io::BufReader;
///
/// let decoder = dualcomp::ImageFileDecoder::new(BufReader::new(File::open("photo.dci")?), Default::default())?;
/// println!("{} columns", decoder.info().image.width);
/// std::fs::write("photo.jpg", decoder.read_file()?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ImageFileDecoder<R> {
    reader: R,
    decoder: Decoder,
    info: ImageFileInfo,
}

impl<R: BufRead> ImageFileDecoder<R> {
    /// Reads what the file shows, and nothing beyond.
    ///
    /// # Errors
    /// [`Error::Io`] if the reader fails, [`Error::Format`] if this is no stream of an image file,
    /// [`Error::LimitsExceeded`] if the image has more pixels than the limits allow.
    pub fn new(reader: R, options: DecoderOptions) -> Result<Self> {
        Self::with_decoder(reader, Decoder::new(bounded(&options)))
    }

    /// As [`Self::new`], with the caller's model, or without a model at all.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn with_predictor(reader: R, options: DecoderOptions, predictor: Option<Arc<dyn Predictor>>) -> Result<Self> {
        Self::with_decoder(reader, Decoder::with_predictor(bounded(&options), predictor))
    }

    fn with_decoder(mut reader: R, mut decoder: Decoder) -> Result<Self> {
        loop {
            if let Some(info) = decoder.image_file() {
                decoder.limits().check_pixels(info.image.pixels())?;
                return Ok(Self { reader, decoder, info });
            }
            let next = match reader.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                rest => rest.map_err(Error::from_io)?.first().copied(),
            };
            let Some(byte) = next else {
                decoder.finish()?;
                break;
            };
            // One byte at a time, as what follows the header is not to be decoded yet.
            decoder.decode(&[byte], &mut [])?;
            reader.consume(1);
            if decoder.is_bytes() {
                break;
            }
        }
        Err(Error::format(FormatErrorKind::WrongKind, 3, "this is compressed bytes, not an image file"))
    }

    /// What the file shows.
    pub fn info(&self) -> ImageFileInfo {
        self.info
    }

    /// Replaces the limits and checks at once that the image keeps [`Limits::max_pixels`].
    ///
    /// # Errors
    /// [`Error::LimitsExceeded`].
    pub fn set_limits(&mut self, limits: Limits) -> Result<()> {
        limits.check_pixels(self.info.image.pixels())?;
        self.decoder.set_limits(with_output_in_memory(limits));
        Ok(())
    }

    /// Decodes the file, which counts as memory: [`Limits::max_memory_bytes`] bounds it as
    /// [`Limits::max_output_bytes`] does.
    ///
    /// # Errors
    /// As for [`decompress`](crate::decompress).
    pub fn read_file(self) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        read::Decoder::with_decoder(self.reader, self.decoder).read_to_end(&mut file).map_err(Error::from_io)?;
        Ok(file)
    }
}
