//! Every call into the `dualcomp` library, so that the rest deals with files and words only.

mod dictionary;
mod model;
mod summary;

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read, Write};

use clap::ValueEnum;
use dualcomp::{DecoderOptions, EncoderOptions, Error, ImageEncoder, Limits};
pub(crate) use dualcomp::{KeepFile, Kind};

use crate::picture::Picture;
use crate::terminal::Failure;
pub(crate) use dictionary::{describe, read_dictionary, train_dictionary};
pub(crate) use dualcomp::Dictionary;
pub(crate) use model::use_model;
pub(crate) use summary::{Summary, summary};

/// How many first bytes [`detect`] wants to see.
pub(crate) const SIGNATURE: u64 = 16;

/// Bytes of memory that an image, its samples, its rows and the file made of them may take for each byte of the pixels, beside what
/// limits allow by default: at most five for the image, and four times the file.
const FOR_PIXELS_AND_FILE: u64 = 16;

/// Bytes of a file that is kept beside pixels at most, and how many more for each byte of these: what is behind its end may be
/// anything.
const MOST_OF_FILE: u64 = 64 << 20;
const FOR_BYTE_OF_PIXELS: u64 = 2;

/// How much is handed on at a time.
const BUFFER: usize = 1 << 16;

/// Effort of the encoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Quickest
    Fast,
    /// Good sizes at a useful speed
    #[default]
    Default,
    /// Smallest
    Max,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fast => "fast",
            Self::Default => "default",
            Self::Max => "max",
        })
    }
}

/// What the encoder is told, in the user's terms.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) level: Level,
    /// 0: as many as there are processors.
    pub(crate) threads: usize,
    /// What bytes begin with.
    pub(crate) dictionary: Option<Dictionary>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => error.into(),
            Error::UnknownDictionary { .. } => Self::Message(format!("{error}: name it with --dictionary")),
            other => Self::Message(other.to_string()),
        }
    }
}

/// The version of the stream format and the id of the model inside, on two lines.
pub(crate) fn version_text() -> String {
    let id = model::named().map(|model| model.id()).or_else(dualcomp::embedded_model);
    let model = id.map_or_else(|| "none".to_owned(), hexadecimal);
    format!("format {}\nmodel {model}", dualcomp::FORMAT_VERSION)
}

/// What kind of DualComp file begins with `prefix`, if any.
pub(crate) fn detect(prefix: &[u8]) -> Option<Kind> {
    dualcomp::detect(prefix)
}

/// Compresses a stream of bytes with bounded memory and returns its length. Calls `progress` with the bytes that are
/// coded.
pub(crate) fn encode_bytes(
    mut input: impl Read,
    output: impl Write,
    size: Option<u64>,
    settings: Settings,
    progress: impl Fn(u64),
) -> Result<u64, Failure> {
    let options = encoder_options(&settings).with_size_hint(size);
    let grown = Cell::new(false);
    let encoder = match model::named() {
        Some(model) => dualcomp::Encoder::with_predictor(options, Some(model)),
        None => dualcomp::Encoder::new(options),
    };
    let mut encoder = dualcomp::write::Encoder::with_encoder(Watched { output, grown: &grown }, encoder);
    let mut buffer = vec![0; BUFFER];
    let mut total = 0;
    loop {
        let count = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        encoder.write_all(&buffer[..count])?;
        total += count as u64;
        // Until a block has come out, what went in only waits.
        if grown.take() {
            progress(total);
        }
    }
    encoder.finish()?;
    progress(total);
    Ok(total)
}

/// Decompresses a stream of bytes with bounded memory and returns the length of the result. Calls `progress` with the
/// bytes of the input that are decoded.
pub(crate) fn decode_bytes(
    mut input: impl BufRead,
    mut output: impl Write,
    threads: usize,
    dictionaries: &[Dictionary],
    progress: impl Fn(u64),
) -> Result<u64, Failure> {
    let taken = Cell::new(0);
    let mut options = decoder_options(threads);
    options.dictionaries.extend_from_slice(dictionaries);
    let decoder = match model::named_by(input.fill_buf()?) {
        Some(model) => dualcomp::Decoder::with_predictor(options, Some(model)),
        None => dualcomp::Decoder::new(options),
    };
    let mut decoder = dualcomp::read::Decoder::with_decoder(Counted { input, taken: &taken }, decoder);
    let mut buffer = vec![0; BUFFER];
    let mut total = 0;
    loop {
        let count = match decoder.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::from_io(error).into()),
        };
        output.write_all(&buffer[..count])?;
        total += count as u64;
        progress(taken.get());
    }
}

/// Notes that something was written.
struct Watched<'a, W> {
    output: W,
    grown: &'a Cell<bool>,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.grown.set(true);
        self.output.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Counts what is read.
struct Counted<'a, R> {
    input: R,
    taken: &'a Cell<u64>,
}

impl<R: BufRead> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.taken.set(self.taken.get() + count as u64);
        self.input.consume(count);
    }
}

/// Compresses bytes in memory.
pub(crate) fn pack(data: &[u8], settings: &Settings) -> Result<Vec<u8>, Failure> {
    let options = encoder_options(settings);
    Ok(match model::named() {
        Some(model) => dualcomp::compress_with(data, &options, Some(model))?,
        None => dualcomp::compress(data, &options)?,
    })
}

/// Compresses the body of a message, and decodes it as a client of dualcomp-http does; none if that is more than such a
/// client takes by default. Files in it are found only if `find`.
pub(crate) fn pack_body(data: &[u8], settings: Settings, find: bool) -> Result<Option<Vec<u8>>, Failure> {
    // Larger tables than for this size do not fit in what clients allow.
    const HINT: u64 = 3 << 20;
    let options = encoder_options(&settings).with_size_hint(HINT.min(data.len() as u64)).with_find_files(find);
    let coded = dualcomp::compress(data, &options)?;
    // The defaults of `dualcomp_http::DecompressionOptions`.
    let limits = Limits::default()
        .with_max_output_bytes(64 << 20)
        .with_max_memory_bytes(128 << 20)
        .with_max_ratio(1000)
        .with_max_work(1 << 19, 64);
    match dualcomp::decompress(&coded, &decoder_options(settings.threads).with_limits(limits)) {
        Ok(back) if back == data => Ok(Some(coded)),
        Ok(_) => Err("does not come back as it was; nothing is kept".to_owned().into()),
        Err(Error::LimitsExceeded(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The content coding of HTTP that a stream has: the format and the model that it needs.
pub(crate) fn content_coding(stream: &[u8]) -> Result<String, Failure> {
    let model = dualcomp::inspect(stream)?.streams.first().and_then(|stream| stream.model);
    let model = model.map(|id| format!("-{}", hexadecimal(id))).unwrap_or_default();
    Ok(format!("dualcomp-{}{model}", dualcomp::FORMAT_VERSION))
}

/// Decompresses bytes in memory.
pub(crate) fn unpack(data: &[u8], threads: usize) -> Result<Vec<u8>, Failure> {
    // What is measured is in memory already, and so may its copy be.
    let limits = Limits::default().with_max_memory_bytes(u64::MAX);
    let options = decoder_options(threads).with_limits(limits);
    Ok(match model::named_by(data) {
        Some(model) => dualcomp::decompress_with(data, &options, Some(model))?,
        None => dualcomp::decompress(data, &options)?,
    })
}

/// Compresses an image file to the last byte; nothing if it is of no kind that can be kept so.
pub(crate) fn encode_image_file(file: &[u8], settings: &Settings) -> Result<Option<Vec<u8>>, Failure> {
    Ok(dualcomp::compress_image_file(file, &encoder_options(settings))?)
}

/// Compresses an image, with the file that it comes from where that is wanted; says whether that was kept. Calls `progress`
/// with the pixels that are coded.
pub(crate) fn encode_picture(
    picture: &Picture,
    file: Option<(&[u8], KeepFile)>,
    settings: &Settings,
    progress: impl Fn(u64),
) -> Result<(Vec<u8>, bool), Failure> {
    let options = encoder_options(settings);
    let Picture { info, metadata, pixels } = picture;
    let told = |done, _| progress(done);
    let mut encoder = ImageEncoder::new(options);
    if let Some(model) = model::named() {
        encoder = encoder.with_predictor(Some(model));
    }
    let most = MOST_OF_FILE + FOR_BYTE_OF_PIXELS * pixels.len() as u64;
    if let Some((file, keep)) = file.filter(|(file, _)| file.len() as u64 <= most) {
        encoder = encoder.with_original_file(file, keep);
    }
    let coded = encoder.encode(pixels, info, metadata, told)?;
    Ok((coded.data, coded.keeps_file))
}

/// Decompresses an image, which must be all there is, and the file that it comes from if `wants_file` and that was kept.
/// Calls `progress` with the pixels that are decoded and those of the image.
pub(crate) fn decode_picture(
    mut input: impl BufRead,
    wants_file: bool,
    threads: usize,
    mut progress: impl FnMut(u64, u64),
) -> Result<(Picture, Option<Vec<u8>>), Failure> {
    let mut decoder = match model::named_by(input.fill_buf()?) {
        Some(model) => dualcomp::ImageDecoder::with_predictor(&mut input, decoder_options(threads), Some(model))?,
        None => dualcomp::ImageDecoder::new(&mut input, decoder_options(threads))?,
    };
    let (info, metadata) = (decoder.info(), decoder.metadata().clone());
    progress(0, info.pixels());
    let (pixels, file) = match wants_file {
        true => {
            // As much for an image of many pixels as these need: what was compressed comes back.
            let memory = info.bytes().unwrap_or(u64::MAX).saturating_mul(FOR_PIXELS_AND_FILE);
            let limits = decoder.limits().clone();
            let memory = limits.max_memory_bytes.saturating_add(memory);
            decoder.set_limits(limits.with_max_memory_bytes(memory))?;
            decoder.read_with_file(progress)?
        }
        false => (pixels_of(decoder, progress)?, None),
    };
    if !input.fill_buf()?.is_empty() {
        return Err("something else follows the end of the image".to_owned().into());
    }
    Ok((Picture { info, metadata, pixels }, file))
}

fn pixels_of(decoder: dualcomp::ImageDecoder<impl Read>, progress: impl FnMut(u64, u64)) -> Result<Vec<u8>, Failure> {
    let info = decoder.info();
    let length = info.bytes().and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or_else(|| "more pixels than memory can hold".to_owned())?;
    // Pages of zeros are there only once they are written to: a header alone takes no memory.
    let pixels = bytemuck::allocation::try_zeroed_vec(length);
    let mut pixels = pixels.map_err(|()| "more pixels than memory can hold".to_owned())?;
    decoder.read_area(&info.area(), &mut pixels, progress)?;
    Ok(pixels)
}

fn hexadecimal(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

fn encoder_options(settings: &Settings) -> EncoderOptions {
    let level = match settings.level {
        Level::Fast => dualcomp::Level::Fast,
        Level::Default => dualcomp::Level::Default,
        Level::Max => dualcomp::Level::Max,
    };
    let options = EncoderOptions::default().with_level(level).with_threads(settings.threads);
    options.with_dictionary(settings.dictionary.clone())
}

fn decoder_options(threads: usize) -> DecoderOptions {
    DecoderOptions::default().with_threads(threads)
}
