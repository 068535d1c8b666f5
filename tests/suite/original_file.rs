//! PNG files that are kept beside their pixels.

use std::io::Cursor;

use dualcomp::{
    ChunkKind, ColorType, DecoderOptions, EncoderOptions, Error, ImageDecoder, ImageEncoder, ImageInfo, KeepFile,
    Level, Limits, Metadata, decode_image, inspect,
};
use dualcomp_tests::picture;
use image::{DynamicImage, ImageReader};
use png::{BitDepth, ColorType as Png, Compression, Filter};

const SIDE: u32 = 96;

/// What a PNG file of one kind has.
struct Sample {
    color: Png,
    depth: BitDepth,
    palette: Vec<u8>,
    opacity: Vec<u8>,
}

impl Sample {
    fn new(color: Png, depth: BitDepth) -> Self {
        Self::colors(color, depth, &[], &[])
    }

    fn colors(color: Png, depth: BitDepth, palette: &[u8], opacity: &[u8]) -> Self {
        Self { color, depth, palette: palette.to_vec(), opacity: opacity.to_vec() }
    }

    /// A file of these rows, each without its filter.
    fn file(&self, rows: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, SIDE, SIDE);
        encoder.set_color(self.color);
        encoder.set_depth(self.depth);
        encoder.set_compression(Compression::Balanced);
        encoder.set_filter(Filter::Adaptive);
        if !self.palette.is_empty() {
            encoder.set_palette(self.palette.clone());
        }
        if !self.opacity.is_empty() {
            encoder.set_trns(self.opacity.clone());
        }
        encoder.write_header().unwrap().write_image_data(rows).unwrap();
        out
    }

    /// Any rows of this kind whose indices are all there.
    fn rows(&self) -> Vec<u8> {
        let bits = self.color.samples() * self.depth as usize * SIDE as usize;
        let mut rows = picture(bits.div_ceil(8) as u32, SIDE, 1);
        if self.color == Png::Indexed && self.depth == BitDepth::Eight {
            let colors = (self.palette.len() / 3) as u8;
            rows.iter_mut().for_each(|index| *index %= colors);
        }
        rows
    }
}

fn kinds() -> Vec<Sample> {
    let palette = picture(16, 1, 3);
    let plain = [
        (Png::Grayscale, BitDepth::One),
        (Png::Grayscale, BitDepth::Two),
        (Png::Grayscale, BitDepth::Four),
        (Png::Grayscale, BitDepth::Eight),
        (Png::Grayscale, BitDepth::Sixteen),
        (Png::GrayscaleAlpha, BitDepth::Eight),
        (Png::GrayscaleAlpha, BitDepth::Sixteen),
        (Png::Rgb, BitDepth::Eight),
        (Png::Rgb, BitDepth::Sixteen),
        (Png::Rgba, BitDepth::Eight),
        (Png::Rgba, BitDepth::Sixteen),
    ];
    let mut all: Vec<Sample> = plain.into_iter().map(|(color, depth)| Sample::new(color, depth)).collect();
    all.extend([
        Sample::colors(Png::Grayscale, BitDepth::Four, &[], &[0, 3]),
        Sample::colors(Png::Grayscale, BitDepth::Sixteen, &[], &[0, 3]),
        Sample::colors(Png::Rgb, BitDepth::Eight, &[], &[0, 3, 0, 4, 0, 5]),
        Sample::colors(Png::Rgb, BitDepth::Sixteen, &[], &[0, 3, 0, 4, 0, 5]),
        Sample::colors(Png::Indexed, BitDepth::Eight, &palette, &[]),
        Sample::colors(Png::Indexed, BitDepth::Eight, &palette, &[0, 128, 255]),
        Sample::colors(Png::Indexed, BitDepth::Four, &palette, &[7]),
        Sample::colors(Png::Indexed, BitDepth::One, &palette[..6], &[]),
    ]);
    all
}

/// Pixels as the `image` crate decodes them.
fn pixels(file: &[u8]) -> (ImageInfo, Vec<u8>) {
    let image = ImageReader::with_format(Cursor::new(file), image::ImageFormat::Png).decode().unwrap();
    let color = match &image {
        DynamicImage::ImageLuma8(_) => ColorType::L8,
        DynamicImage::ImageLumaA8(_) => ColorType::La8,
        DynamicImage::ImageRgb8(_) => ColorType::Rgb8,
        DynamicImage::ImageRgba8(_) => ColorType::Rgba8,
        DynamicImage::ImageLuma16(_) => ColorType::L16,
        DynamicImage::ImageLumaA16(_) => ColorType::La16,
        DynamicImage::ImageRgb16(_) => ColorType::Rgb16,
        _ => ColorType::Rgba16,
    };
    (ImageInfo::new(image.width(), image.height(), color), image.as_bytes().to_vec())
}

fn coded(file: &[u8], keep: KeepFile) -> (Vec<u8>, bool) {
    let (info, pixels) = pixels(file);
    let coded = with_threads(2, file, &pixels, &info, keep);
    assert!(coded == with_threads(1, file, &pixels, &info, keep));
    coded
}

fn with_threads(threads: usize, file: &[u8], pixels: &[u8], info: &ImageInfo, keep: KeepFile) -> (Vec<u8>, bool) {
    let options = EncoderOptions::default().with_level(Level::Fast).with_threads(threads);
    let encoder = ImageEncoder::new(options).with_original_file(file, keep);
    let coded = encoder.encode(pixels, info, &Metadata::default(), |_, _| ()).unwrap();
    (coded.data, coded.keeps_file)
}

#[test]
fn files_of_all_kinds_come_back_with_their_pixels() {
    for sample in kinds() {
        let what = format!("{:?} {:?} {}", sample.color, sample.depth, sample.opacity.len());
        let file = sample.file(&sample.rows());
        let (stream, kept) = coded(&file, KeepFile::Always);
        assert!(kept, "{what}");
        let decoder = ImageDecoder::new(stream.as_slice(), DecoderOptions::default()).unwrap();
        assert_eq!(decoder.info(), pixels(&file).0);
        let (read, back) = decoder.read_with_file(|_, _| ()).unwrap();
        assert!(read == pixels(&file).1 && back.as_ref() == Some(&file), "{what}");
        // Who wants pixels passes over it.
        assert!(decode_image(&stream, &Default::default()).unwrap().pixels == read);
        let chunks = &inspect(stream.as_slice()).unwrap().streams[0].chunks;
        let chunk = chunks.iter().find(|chunk| chunk.kind == Some(ChunkKind::OriginalFile)).unwrap();
        assert_eq!(chunk.raw_len, file.len() as u64);
    }
}

#[test]
fn a_file_is_kept_where_that_is_cheap_or_asked_for() {
    let small = Sample::new(Png::Rgb, BitDepth::Eight).file(&picture(SIDE, SIDE, 3));
    let (image, kept) = coded(&small, KeepFile::IfCheap);
    let (with, always) = coded(&small, KeepFile::Always);
    let more = with.len() - image.len();
    assert_eq!((kept, always), (more <= image.len() / 100, true));
    // Bytes behind the end are part of a file.
    let trailing = [&small, &b"more"[..]].concat();
    let (stream, kept) = coded(&trailing, KeepFile::Always);
    assert!(kept);
    let decoder = ImageDecoder::new(stream.as_slice(), DecoderOptions::default()).unwrap();
    assert_eq!(decoder.read_with_file(|_, _| ()).unwrap().1, Some(trailing));
    // One that other pixels were taken for is not kept, nor one of another format.
    let (info, mut other) = pixels(&small);
    other[1000] ^= 1;
    for file in [&small, &b"BM"[..]] {
        assert!(!with_threads(1, file, &other, &info, KeepFile::Always).1);
    }
}

#[test]
fn a_damaged_file_is_an_error_for_who_wants_it() {
    let file = Sample::new(Png::Rgb, BitDepth::Eight).file(&picture(SIDE, SIDE, 3));
    let (stream, _) = coded(&file, KeepFile::Always);
    let chunks = &inspect(stream.as_slice()).unwrap().streams[0].chunks;
    let chunk = chunks.iter().find(|chunk| chunk.kind == Some(ChunkKind::OriginalFile)).unwrap();
    let (start, end) = (chunk.offset as usize, (chunk.offset + chunk.coded_len) as usize);
    let open = |stream: &[u8], limits| {
        let decoder = ImageDecoder::new(stream, DecoderOptions::default().with_limits(limits)).unwrap();
        decoder.read_with_file(|_, _| ())
    };
    for at in (start..end).step_by(7) {
        let mut damaged = stream.clone();
        damaged[at] ^= 1;
        assert!(open(&damaged, Limits::default()).is_err(), "{at}");
    }
    // Left out as a whole, it is not missed: the pixels are all there.
    let without = [&stream[..start], &stream[end..]].concat();
    assert_eq!(open(&without, Limits::default()).unwrap().1, None);
    let twice = [&stream[..end], &stream[start..]].concat();
    assert!(open(&twice, Limits::default()).is_err());
    for limits in
        [Limits::default().with_max_output_bytes(file.len() as u64 - 1), Limits::default().with_max_work(2000, 0)]
    {
        assert!(matches!(open(&stream, limits).unwrap_err(), Error::LimitsExceeded(_)));
    }
}
