//! Every call into the `dualcomp` library, so that the rest deals with files and words only.

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use clap::ValueEnum;
pub(crate) use dualcomp::{ColorType, ImageInfo, Kind, Metadata};
use dualcomp::{DecoderOptions, EncoderOptions, Error, Limits};

use crate::batch::Failure;
use crate::inspect::{ChunkSummary, ImageSummary, Summary};
use crate::picture::Picture;

/// How many first bytes [`detect`] wants to see.
pub(crate) const SIGNATURE: u64 = 16;

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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) level: Level,
    /// 0: as many as there are processors.
    pub(crate) threads: usize,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => error.into(),
            other => Self::Message(other.to_string()),
        }
    }
}

/// The version of the stream format and the id of the model inside, on two lines.
pub(crate) fn version_text() -> String {
    let model = match dualcomp::embedded_model() {
        Ok(Some(id)) => hexadecimal(id),
        Ok(None) => "none".to_owned(),
        Err(error) => error.to_string(),
    };
    format!("format {}\nmodel {model}", dualcomp::FORMAT_VERSION)
}

/// What kind of DualComp file begins with `prefix`, if any.
pub(crate) fn detect(prefix: &[u8]) -> Option<Kind> {
    dualcomp::detect(prefix)
}

/// The library's description of an image.
pub(crate) fn image_info(width: u32, height: u32, color: ColorType) -> ImageInfo {
    ImageInfo::new(width, height, color)
}

/// Compresses a stream of bytes with bounded memory.
pub(crate) fn encode_bytes(
    mut input: impl Read,
    output: impl Write,
    size: Option<u64>,
    settings: Settings,
) -> Result<(), Failure> {
    let options = encoder_options(settings).with_size_hint(size);
    let mut encoder = dualcomp::write::Encoder::new(output, options)?;
    io::copy(&mut input, &mut encoder)?;
    encoder.finish()?;
    Ok(())
}

/// Decompresses a stream of bytes with bounded memory.
pub(crate) fn decode_bytes(input: impl BufRead, mut output: impl Write, threads: usize) -> Result<(), Failure> {
    let mut decoder = dualcomp::read::Decoder::new(input, decoder_options(threads))?;
    io::copy(&mut decoder, &mut output)?;
    Ok(())
}

/// Compresses bytes in memory.
pub(crate) fn pack(data: &[u8], settings: Settings) -> Result<Vec<u8>, Failure> {
    Ok(dualcomp::compress(data, &encoder_options(settings))?)
}

/// Decompresses bytes in memory.
pub(crate) fn unpack(data: &[u8], threads: usize) -> Result<Vec<u8>, Failure> {
    // What is measured is in memory already, and so may its copy be.
    let limits = Limits::default().with_max_memory_bytes(u64::MAX);
    Ok(dualcomp::decompress(data, &decoder_options(threads).with_limits(limits))?)
}

/// Compresses an image.
pub(crate) fn encode_picture(picture: &Picture, settings: Settings) -> Result<Vec<u8>, Failure> {
    let options = encoder_options(settings);
    let Picture { info, metadata, pixels } = picture;
    Ok(dualcomp::encode_image(pixels, info, metadata, &options)?)
}

/// Decompresses an image.
pub(crate) fn decode_picture(input: impl Read, threads: usize) -> Result<Picture, Failure> {
    let decoder = dualcomp::ImageDecoder::new(input, decoder_options(threads))?;
    let (info, metadata) = (decoder.info(), decoder.metadata().clone());
    let length = info.bytes().and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or_else(|| "more pixels than memory can hold".to_owned())?;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(length).map_err(|error| error.to_string())?;
    pixels.resize(length, 0);
    decoder.read_pixels(&mut pixels)?;
    Ok(Picture { info, metadata, pixels })
}

/// What a compressed file says about itself.
pub(crate) fn summary(input: impl Read) -> Result<Summary, Failure> {
    let found = dualcomp::inspect(input)?;
    let chunks = found.streams.iter().flat_map(|stream| &stream.chunks);
    Ok(Summary {
        kind: match found.streams.first().map(|stream| stream.kind) {
            Some(Kind::Image) => "image",
            _ => "bytes",
        },
        streams: found.streams.len(),
        model: found.streams.iter().find_map(|stream| stream.model).map(hexadecimal),
        image: found.streams.iter().find_map(|stream| stream.image).map(|info| ImageSummary {
            width: info.width,
            height: info.height,
            color: format!("{:?}", info.color),
            subpixels: info.pixels() * info.color.channels() as u64,
        }),
        raw_bytes: found.streams.iter().map(|stream| stream.raw_len).sum(),
        coded_bytes: found.streams.iter().map(|stream| stream.coded_len).sum(),
        chunks: chunks
            .map(|chunk| ChunkSummary {
                kind: chunk.kind.map_or_else(|| format!("unknown ({})", chunk.code), |kind| kind.to_string()),
                offset: chunk.offset,
                raw_bytes: chunk.raw_len,
                coded_bytes: chunk.coded_len,
            })
            .collect(),
    })
}

fn hexadecimal(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

fn encoder_options(settings: Settings) -> EncoderOptions {
    let level = match settings.level {
        Level::Fast => dualcomp::Level::Fast,
        Level::Default => dualcomp::Level::Default,
        Level::Max => dualcomp::Level::Max,
    };
    EncoderOptions::default().with_level(level).with_threads(settings.threads)
}

fn decoder_options(threads: usize) -> DecoderOptions {
    DecoderOptions::default().with_threads(threads)
}
