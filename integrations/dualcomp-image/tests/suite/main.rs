//! The crate as a program sees it that uses `image`.

mod damage;
#[cfg(feature = "jpeg")]
mod files;
#[cfg(not(feature = "rwkv"))]
mod light;
mod limits;
mod metadata;
mod opening;
mod parts;
mod saving;

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use dualcomp_image::DciEncoder;
use image::{ColorType, DynamicImage, ImageBuffer, ImageReader};

const COLORS: [ColorType; 8] = [
    ColorType::L8,
    ColorType::La8,
    ColorType::Rgb8,
    ColorType::Rgba8,
    ColorType::L16,
    ColorType::La16,
    ColorType::Rgb16,
    ColorType::Rgba16,
];

/// A gradient with some noise on it.
fn picture(width: u32, height: u32, color: ColorType) -> DynamicImage {
    let channels = u32::from(color.channel_count());
    let mut seed = 1u32;
    let mut samples = Vec::new();
    for i in 0..width * height * channels {
        let (x, y, channel) = (i / channels % width, i / channels / width, i % channels);
        seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
        samples.push(((3 * x + 5 * y + 40 * channel) as u16).wrapping_mul(50) + (seed >> 29) as u16 * 30);
    }
    let bytes = samples.iter().map(|sample| (sample >> 8) as u8).collect();
    let own = "the buffer has the size of the image";
    match color {
        ColorType::L8 => ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageLuma8).expect(own),
        ColorType::La8 => ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageLumaA8).expect(own),
        ColorType::Rgb8 => ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageRgb8).expect(own),
        ColorType::Rgba8 => ImageBuffer::from_raw(width, height, bytes).map(DynamicImage::ImageRgba8).expect(own),
        ColorType::L16 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma16).expect(own),
        ColorType::La16 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA16).expect(own),
        ColorType::Rgb16 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb16).expect(own),
        _ => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba16).expect(own),
    }
}

/// The file of an image.
fn encode(picture: &DynamicImage) -> Vec<u8> {
    encode_with(picture, |encoder| encoder)
}

/// As [`encode`], by an encoder that is set up so.
fn encode_with(
    picture: &DynamicImage,
    set: impl FnOnce(DciEncoder<&mut Vec<u8>>) -> DciEncoder<&mut Vec<u8>>,
) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(set(DciEncoder::new(&mut file))).expect("integers can be encoded");
    file
}

/// A folder with a file of this name and content.
fn file(name: &str, content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("there is room");
    (folder, path)
}

fn reader(path: &Path) -> ImageReader<std::io::BufReader<std::fs::File>> {
    ImageReader::open(path).expect("the file exists")
}

/// Gives a byte at a time, and before each an interruption.
struct Slow {
    inner: Cursor<Vec<u8>>,
    interrupt: bool,
}

impl Slow {
    fn new(data: Vec<u8>) -> Self {
        Self { inner: Cursor::new(data), interrupt: false }
    }
}

impl Read for Slow {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.interrupt = !self.interrupt;
        if self.interrupt {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let len = buf.len().min(1);
        self.inner.read(&mut buf[..len])
    }
}

impl BufRead for Slow {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let rest = self.inner.fill_buf()?;
        Ok(&rest[..rest.len().min(1)])
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
    }
}

impl Seek for Slow {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}
