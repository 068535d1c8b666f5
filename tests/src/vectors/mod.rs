//! The conformance vectors: what each file in `vectors/` holds, and how it is made.

mod bytes;
mod images;

use dualcomp::{
    DecoderOptions, EncoderOptions, ImageDecoder, ImageEncoder, ImageInfo, KeepFile, Level, Metadata, Result,
};
use dualcomp::{
    compress, compress_image_file, decode_image, decompress, decompress_with, encode_image, encode_image_with,
};

use crate::out_of_blocks::Decoder;
use bytes::{
    bytes, copies, deflated, dictionary, long, part, prefix, records, repeats, spaced, start, streams, substreams,
    two_streams, with,
};
use images::{
    blocks, colours, deep, drawn, eight, gaps, images, jpeg, lattice, lattice_linear, linear, original, png_pixels,
    strokes, tiles,
};

/// A line for each vector: what today's encoder makes of its content.
const RECORD: &str = include_str!("../../encoder.txt");

/// The lines of `encoder.txt`, in the order of [`Vector::all`].
pub fn recorded() -> impl Iterator<Item = &'static str> {
    RECORD.lines()
}

/// The line of `encoder.txt` for a stream: the vector's name, length in bytes, CRC-32.
pub fn record(name: &str, stream: &[u8]) -> String {
    format!("{name} {} {:08x}", stream.len(), crc32fast::hash(stream))
}

/// A coded file and what it decodes to.
#[derive(Debug)]
pub struct Vector {
    /// The file's name.
    pub name: String,
    level: Level,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Bytes(Vec<u8>),
    /// The start of a stream that is said to be longer, after a flush.
    Start(Vec<u8>, u64),
    /// Two streams, the second of them with a chunk of no known kind.
    Streams([Vec<u8>; 2]),
    /// With the dictionary of [`dictionary`].
    With(Vec<u8>),
    /// A JPEG file, which comes back to the last byte.
    File(&'static [u8]),
    /// A PNG file, which comes back to the last byte beside its pixels.
    Original(&'static [u8]),
    Image {
        /// Whether the encoder has the library's model.
        model: bool,
        info: ImageInfo,
        pixels: Vec<u8>,
        metadata: Box<Metadata>,
    },
}

impl Vector {
    /// All vectors, each kind of input at each level.
    pub fn all() -> Vec<Self> {
        let levels = [Level::Fast, Level::Default, Level::Max];
        levels
            .iter()
            .flat_map(|&level| bytes(level).into_iter().chain(images(level)))
            .chain([repeats(), substreams(), part(), prefix(), spaced(), long(), tiles(), linear(), colours()])
            .chain([streams(), lattice_linear(), original()])
            .chain(levels.map(with))
            .chain([copies(), records(), strokes(), drawn(), deep(), eight(), gaps()])
            .chain([Level::Fast, Level::Default, Level::Max].map(lattice))
            .chain([Level::Fast, Level::Default].map(|level| blocks("blocks", level, Decoder::Usual)))
            .chain([blocks("blocks-zune", Level::Fast, Decoder::Zune)])
            .chain([("baseline", Level::Fast), ("progressive", Level::Default), ("inks", Level::Max)].map(jpeg))
            .chain(["fastest.gz", "zopfli.gz", "flushed.zz", "two.zip", "filtered.png"].map(deflated))
            .collect()
    }

    /// Encodes the content.
    ///
    /// # Errors
    /// Those of the encoder.
    pub fn make(&self) -> Result<Vec<u8>> {
        let options = EncoderOptions::default().with_level(self.level);
        match &self.content {
            Content::Bytes(input) => compress(input, &options),
            Content::Streams(inputs) => two_streams(inputs, &options),
            Content::Original(file) => {
                let Some((info, pixels)) = png_pixels(file) else { return Ok(Vec::new()) };
                let encoder = ImageEncoder::new(options).with_original_file(file, KeepFile::Always);
                Ok(encoder.encode(&pixels, &info, &Metadata::default(), |_, _| ())?.data)
            }
            Content::With(input) => compress(input, &options.with_dictionary(dictionary()?)),
            // All of these become shorter.
            Content::File(file) => Ok(compress_image_file(file, &options)?.unwrap_or_default()),
            Content::Start(input, said) => start(input, &options.with_size_hint(*said)),
            Content::Image { model: true, info, pixels, metadata } => encode_image(pixels, info, metadata, &options),
            Content::Image { info, pixels, metadata, .. } => encode_image_with(pixels, info, metadata, &options, None),
        }
    }

    /// Whether a coded file decodes to the content.
    ///
    /// # Errors
    /// Those of the decoder.
    pub fn is_coded_by(&self, file: &[u8]) -> Result<bool> {
        Ok(match &self.content {
            Content::Bytes(input) | Content::Start(input, _) => decompress(file, &Default::default())? == *input,
            Content::Streams(inputs) => decompress(file, &Default::default())? == inputs.concat(),
            Content::Original(original) => {
                let found = ImageDecoder::new(file, Default::default())?.read_with_file(|_, _| ())?;
                png_pixels(original).is_some_and(|(_, pixels)| found == (pixels, Some(original.to_vec())))
            }
            Content::With(input) => {
                decompress(file, &DecoderOptions::default().with_dictionary(dictionary()?))? == *input
            }
            Content::File(content) => decompress_with(file, &Default::default(), None)? == *content,
            Content::Image { info, pixels, metadata, .. } => {
                let image = decode_image(file, &Default::default())?;
                image.info == *info && image.pixels == *pixels && image.metadata == **metadata
            }
        })
    }
}
