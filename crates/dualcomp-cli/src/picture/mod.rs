//! Decoded images, and image files made of them.

mod write;

use dualcomp::{ImageInfo, Metadata};

pub(crate) use write::{OutputFormat, Pam, best_png, bitmap, encode, encode_narrow, repeated};

/// A decoded image: samples interleaved row by row, 16-bit ones in the machine's byte order.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) info: ImageInfo,
    pub(crate) metadata: Metadata,
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    /// Whether samples take two bytes.
    pub(crate) fn is_16_bit(&self) -> bool {
        self.info.color.bytes_per_sample() == 2
    }

    /// Whether more than half of the pixels equal the one before them, as in screenshots and diagrams: the encoder
    /// tells photos from drawn images by the same rule (docs/guide/encoder.md).
    pub(crate) fn is_drawn(&self) -> bool {
        let pixel = self.info.color.bytes_per_pixel();
        let equal = self.pixels.chunks_exact(pixel).zip(self.pixels[pixel..].chunks_exact(pixel));
        2 * equal.filter(|(before, after)| before == after).count() > self.pixels.len() / pixel
    }

    /// Every pixel as red, green, blue and alpha of 16 bits, by exact multiplication: equal for
    /// images that look the same whatever their colour types.
    pub(crate) fn widened(&self) -> impl Iterator<Item = [u16; 4]> {
        let wide = self.is_16_bit();
        let sample = move |pixel: &[u8], index: usize| match wide {
            true => u16::from_ne_bytes([pixel[2 * index], pixel[2 * index + 1]]),
            false => u16::from(pixel[index]) * 257,
        };
        let channels = self.info.color.channels();
        self.pixels.chunks_exact(self.info.color.bytes_per_pixel()).map(move |pixel| match channels {
            1 => [sample(pixel, 0), sample(pixel, 0), sample(pixel, 0), u16::MAX],
            2 => [sample(pixel, 0), sample(pixel, 0), sample(pixel, 0), sample(pixel, 1)],
            3 => [sample(pixel, 0), sample(pixel, 1), sample(pixel, 2), u16::MAX],
            _ => [sample(pixel, 0), sample(pixel, 1), sample(pixel, 2), sample(pixel, 3)],
        })
    }
}
