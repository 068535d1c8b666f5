//! The conformance vectors: what each file in `vectors/` holds, and how it is made.

use dualcomp::{ColorType, DecoderOptions, Dictionary, Encoder, EncoderOptions, ImageInfo, Level, Metadata, Result};
use dualcomp::{
    compress, compress_image_file, decode_image, decompress, decompress_with, encode_image, encode_image_with,
};

use crate::deflated::DEFLATED;
use crate::jpegs::JPEGS;
use crate::out_of_blocks::{Decoder, out_of_blocks};
use crate::{Numbers, from_luma_and_chroma, gradient, picture, text};

/// A line for each vector: what today's encoder makes of its content.
const RECORD: &str = include_str!("../encoder.txt");

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
    /// With the dictionary of [`dictionary`].
    With(Vec<u8>),
    /// A JPEG file, which comes back to the last byte.
    File(&'static [u8]),
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
            .chain([repeats(), strands(), part(), prefix(), spaced(), long(), tiles(), linear(), colours()])
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

fn bytes(level: Level) -> [Vector; 4] {
    let inputs =
        [("empty", vec![]), ("text", text(6000)), ("zeros", vec![0; 100_000]), ("random", Numbers::new(11).bytes(700))];
    inputs.map(|(name, input)| Vector { name: format!("{name}-{level}.dcs"), level, content: Content::Bytes(input) })
}

fn images(level: Level) -> [Vector; 4] {
    let colors = [
        ("grey", ColorType::L8),
        ("rgb", ColorType::Rgb8),
        ("rgba16", ColorType::Rgba16),
        ("repeated", ColorType::Rgb8),
    ];
    colors.map(|(name, color)| {
        let times = if name == "repeated" { 3 } else { 1 };
        let info = ImageInfo::new(40, 30 * times as u32, color);
        let pixels = native(&picture(40, 30, color.bytes_per_pixel() as u32), color).repeat(times);
        let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
        Vector { name: format!("{name}-{level}.dci"), level, content }
    })
}

/// What repeats all but a byte here and there: most tokens come whole and go past the network.
fn repeats() -> Vector {
    let mut text = text(12_000).repeat(6);
    text.iter_mut().step_by(997).for_each(|byte| *byte = b'#');
    Vector { name: "repeats-default.dcs".into(), level: Level::Default, content: Content::Bytes(text) }
}

/// Two strands.
fn strands() -> Vector {
    let content = Content::Bytes(text(20_000).repeat(27));
    Vector { name: "strands-fast.dcs".into(), level: Level::Fast, content }
}

/// Six words in no order, then one: a part of each strand is coded with the network.
fn part() -> Vector {
    let pick = |numbers: &mut Numbers, i| if i < 4000 { numbers.below(6) as usize } else { 0 };
    Vector { name: "part-default.dcs".into(), level: Level::Default, content: words(108_000, pick) }
}

/// Runs that break off: a third of each strand is coded with the network.
fn prefix() -> Vector {
    let mut numbers = Numbers::new(16);
    let content = (0..540_000).map(|_| if numbers.below(500) == 0 { b'b' } else { b'a' }).collect();
    Vector { name: "prefix-default.dcs".into(), level: Level::Default, content: Content::Bytes(content) }
}

/// Each second word follows from the one two before it: twice as many contexts find that.
fn spaced() -> Vector {
    let pick = |numbers: &mut Numbers, i| match i % 4000 {
        0 => {
            *numbers = Numbers::new(14);
            0
        }
        i if i % 2 == 0 => i / 2 % 50,
        _ => 50 + numbers.below(200) as usize,
    };
    Vector { name: "spaced-default.dcs".into(), level: Level::Default, content: words(108_000, pick) }
}

/// So many of 250 words.
fn words(count: usize, pick: impl Fn(&mut Numbers, usize) -> usize) -> Content {
    let mut numbers = Numbers::new(13);
    let words: Vec<String> =
        (0..250).map(|_| (0..4).map(|_| char::from(b'a' + numbers.below(26) as u8)).collect()).collect();
    let text: String = (0..count).map(|i| words[pick(&mut numbers, i)].clone() + " ").collect();
    Content::Bytes(text.into())
}

/// A body that begins with a dictionary.
fn with(level: Level) -> Vector {
    let content = Content::With(text(12_000)[10_000..].to_vec());
    Vector { name: format!("dictionary-{level}.dcs"), level, content }
}

/// Samples of 1000 bytes, before the text that they are a dictionary for.
fn dictionary() -> Result<Dictionary> {
    Dictionary::from_samples(&text(12_000)[..10_000].chunks(1000).collect::<Vec<_>>())
}

/// A stream said to be long: larger tables, and an APM that others do not have.
fn long() -> Vector {
    Vector { name: "long-max.dcs".into(), level: Level::Max, content: Content::Start(text(6000), 4 << 20) }
}

/// A stream said to be long, in which much comes again: near, so that copies reach into themselves, and far.
fn copies() -> Vector {
    let noise = Numbers::new(15).bytes(6000);
    let content = [&noise[..], &text(6000).repeat(180), &noise].concat();
    Vector { name: "copies-fast.dcs".into(), level: Level::Fast, content: Content::Start(content, 4 << 20) }
}

/// Blocks of which none is the last, and the end.
fn start(input: &[u8], options: &EncoderOptions) -> Result<Vec<u8>> {
    let mut encoder = Encoder::new(options.clone());
    let mut output = vec![0; input.len() + (1 << 10)];
    let (mut taken, mut written) = (0, 0);
    while taken < input.len() {
        let progress = encoder.encode(&input[taken..], &mut output[written..])?;
        (taken, written) = (taken + progress.consumed, written + progress.produced);
    }
    written += encoder.flush(&mut output[written..])?.produced;
    written += encoder.finish(&mut output[written..])?.produced;
    output.truncate(written);
    Ok(output)
}

/// Two tiles with all metadata. Without the network, which would take minutes in an emulator.
fn tiles() -> Vector {
    let info = ImageInfo::new(400, 330, ColorType::L8);
    let metadata = Metadata::default()
        .with_icc(Numbers::new(12).bytes(100))
        .with_exif(b"II*\0\x08\0\0\0\0\0\0\0\0\0".to_vec())
        .with_xmp(b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>".to_vec())
        .with_iptc(vec![]);
    let content = Content::Image { model: true, info, pixels: gradient(400, 330), metadata: Box::new(metadata) };
    Vector { name: "tiles-fast.dci".into(), level: Level::Fast, content }
}

/// A photograph without the network at a level that has it.
fn linear() -> Vector {
    let info = ImageInfo::new(40, 30, ColorType::Rgb8);
    let content = Content::Image { model: false, info, pixels: picture(40, 30, 3), metadata: Box::default() };
    Vector { name: "rgb-linear.dci".into(), level: Level::Default, content }
}

/// A photograph of even numbers: its histogram has gaps, so that its fast tile had a mask when it was stored; today it is a mapped
/// one. Two bands, the second not full.
fn colours() -> Vector {
    let info = ImageInfo::new(700, 24, ColorType::Rgb8);
    let mut numbers = Numbers::new(15);
    let pixels =
        (0..700 * 24 * 3).map(|i| ((i / 3 % 700 / 16 + 20 * (i % 3)) as u8 + numbers.below(20) as u8) * 2).collect();
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "colours-fast.dci".into(), level: Level::Fast, content }
}

/// A drawn picture with opacity: boxes, some with soft edges, a slope, and specks of few colours.
fn drawn() -> Vector {
    let info = ImageInfo::new(130, 90, ColorType::Rgba8);
    let mut numbers = Numbers::new(18);
    let mut pixels = Vec::new();
    for (y, x) in (0..90u32).flat_map(|y| (0..130u32).map(move |x| (y, x))) {
        let edge = (x % 13).min(3) as u8;
        pixels.extend(match (x / 13 + y / 9) % 6 {
            0 | 1 => [240, 240, 245, 255],
            2 => [240 - 70 * edge, 240 - 50 * edge, 245 - 20 * edge, 255],
            3 => [20, 90, (x % 13 * 9) as u8, 255 - 40 * edge],
            4 => [20, 90, 0, 255],
            _ => [60 * numbers.below(3) as u8, 30, 200, 128],
        });
    }
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "drawn-fast.dci".into(), level: Level::Fast, content }
}

/// A grey photograph with opacity, of twelve bits that became sixteen.
fn deep() -> Vector {
    let info = ImageInfo::new(48, 40, ColorType::La16);
    let mut numbers = Numbers::new(19);
    let twelve = (0..48 * 40).flat_map(|i| [i % 48 * 60 + i / 48 * 20 + numbers.below(40), 4000 + numbers.below(90)]);
    let samples = twelve.flat_map(|n: u32| ((n << 4 | n >> 8) as u16).to_ne_bytes());
    // So long that it is coded.
    let metadata = Box::new(Metadata::default().with_xmp(text(600)));
    let content = Content::Image { model: true, info, pixels: samples.collect(), metadata };
    Vector { name: "deep-fast.dci".into(), level: Level::Fast, content }
}

/// Colours of eight bits that became sixteen, from luma and chroma.
fn eight() -> Vector {
    let info = ImageInfo::new(64, 48, ColorType::Rgb16);
    let pixels = from_luma_and_chroma(64, 48).iter().flat_map(|&value| [value, value]).collect();
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "eight-fast.dci".into(), level: Level::Fast, content }
}

/// A photograph that has every third value, coded with the network.
fn gaps() -> Vector {
    let info = ImageInfo::new(64, 48, ColorType::Rgb8);
    let mut numbers = Numbers::new(20);
    let slope = |i: u32| i / 3 % 64 / 2 + i / 192 / 3 + 9 * (i % 3);
    let pixels = (0..64 * 48 * 3).map(|i| (slope(i) + numbers.below(6)) as u8 * 3).collect();
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "gaps-default.dci".into(), level: Level::Default, content }
}

/// Structures of twelve bytes: a time, a number of two bytes that nothing tells, one of five kinds, a counter.
fn records() -> Vector {
    let mut numbers = Numbers::new(16);
    let record = |i: u32| {
        let other = numbers.below(1 << 16) as u16;
        let (time, kind) = (1_700_000_000 + 60 * i, (i % 5) as u8);
        [&time.to_le_bytes()[..], &other.to_le_bytes(), &[7, kind], &(3 * i).to_le_bytes()].concat()
    };
    let content = Content::Bytes((0..900).flat_map(record).collect());
    Vector { name: "records-fast.dcs".into(), level: Level::Fast, content }
}

/// An icon of deep colours: pieces of one stroke, drawn again and again.
fn strokes() -> Vector {
    let info = ImageInfo::new(150, 130, ColorType::Rgba16);
    let mut numbers = Numbers::new(17);
    let stroke = numbers.bytes(40 * 8);
    let mut samples = Vec::new();
    while samples.len() < 150 * 130 * 8 {
        let from = numbers.below(23) as usize;
        samples.extend_from_slice(&stroke[8 * from..8 * (from + 8 + from % 9)]);
    }
    samples.truncate(150 * 130 * 8);
    let pixels = native(&samples, ColorType::Rgba16);
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: "strokes-fast.dci".into(), level: Level::Fast, content }
}

/// Colours that came from luma and chroma.
fn lattice(level: Level) -> Vector {
    let (info, pixels) = (ImageInfo::new(64, 48, ColorType::Rgb8), from_luma_and_chroma(64, 48));
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: format!("lattice-{level}.dci"), level, content }
}

/// Colours that a JPEG decoder made.
fn blocks(name: &str, level: Level, decoder: Decoder) -> Vector {
    let (info, pixels) = (ImageInfo::new(160, 128, ColorType::Rgb8), out_of_blocks(160, 128, decoder));
    let content = Content::Image { model: true, info, pixels, metadata: Box::default() };
    Vector { name: format!("{name}-{level}.dci"), level, content }
}

/// A JPEG file of [`picture`].
fn jpeg((kind, level): (&str, Level)) -> Vector {
    let file = JPEGS.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, file)| file);
    Vector { name: format!("jpeg-{kind}-{level}.dci"), level, content: Content::File(file) }
}

/// A file that holds a deflate stream.
fn deflated(name: &str) -> Vector {
    let file = DEFLATED.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, file)| file);
    let (stem, end) = name.split_once('.').unwrap_or((name, ""));
    Vector { name: format!("{end}-{stem}-fast.dcs"), level: Level::Fast, content: Content::Bytes(file.to_vec()) }
}

/// Samples with the upper byte first in the order of this machine, as the library takes them.
fn native(samples: &[u8], color: ColorType) -> Vec<u8> {
    if color.bytes_per_sample() == 1 || cfg!(target_endian = "big") {
        return samples.to_vec();
    }
    samples.chunks_exact(2).flat_map(|sample| [sample[1], sample[0]]).collect()
}
