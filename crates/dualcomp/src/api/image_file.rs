//! Image files that are kept to the last byte.

use std::io::{BufRead, Read};
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::api::oneshot::{run_encoder, sized};
use crate::api::read;
use crate::decoder::bytes::Decoder;
use crate::encoder::bytes::Encoder;
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::file::header::{FileFormat, ImageFileInfo};
use crate::format::image::info::{ColorType, ImageInfo};
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
/// assert!(dualcomp::compress_image_file(b"\x89PNG", &Default::default())?.is_none());
/// # Ok::<(), dualcomp::Error>(())
/// ```
///
/// # Errors
/// None at present.
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
        let limits = options.limits.clone();
        Self::with_decoder(reader, Decoder::new(options), &limits)
    }

    /// As [`Self::new`], with the caller's model, or without a model at all.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn with_predictor(reader: R, options: DecoderOptions, predictor: Option<Arc<dyn Predictor>>) -> Result<Self> {
        let limits = options.limits.clone();
        Self::with_decoder(reader, Decoder::with_predictor(options, predictor), &limits)
    }

    fn with_decoder(mut reader: R, mut decoder: Decoder, limits: &crate::Limits) -> Result<Self> {
        loop {
            if let Some(info) = decoder.image_file() {
                limits.check_pixels(info.image.pixels())?;
                return Ok(Self { reader, decoder, info });
            }
            let Some(&byte) = reader.fill_buf().map_err(Error::from_io)?.first() else {
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

    /// Decodes the file.
    ///
    /// # Errors
    /// As for [`decompress`](crate::decompress).
    pub fn read_file(self) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        read::Decoder::with_decoder(self.reader, self.decoder).read_to_end(&mut file).map_err(Error::from_io)?;
        Ok(file)
    }
}
