//! Rows of PNG files from pixels: samples as the file packs them, filtered (PNG, third edition, sections 7 and 9).

use crate::error::{Error, Result};
use crate::format::image::info::{ColorType, ImageInfo};

/// How rows are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) info: ImageInfo,
    /// Bits of a sample: 1, 2, 4, 8 or 16. Fewer than 8 in one channel only.
    pub(crate) depth: u8,
}

impl Rows {
    /// The layout of an image whose samples have so many bits in the file; none if it cannot have them.
    pub(crate) fn new(info: ImageInfo, depth: u8) -> Option<Self> {
        let fits = match depth {
            1 | 2 | 4 => info.color == ColorType::L8,
            8 | 16 => usize::from(depth) == 8 * info.color.bytes_per_sample(),
            _ => false,
        };
        fits.then_some(Self { info, depth })
    }

    /// Bytes of a row without its filter, and of all rows with them.
    pub(crate) fn row_len(&self) -> u64 {
        let bits = u64::from(self.info.width) * self.info.color.channels() as u64 * u64::from(self.depth);
        bits.div_ceil(8)
    }

    pub(crate) fn len(&self) -> u64 {
        (1 + self.row_len()).saturating_mul(self.info.height.into())
    }

    /// Bytes from a sample to that of the pixel before it.
    pub(crate) fn step(&self) -> usize {
        self.info.color.bytes_per_pixel()
    }

    /// All rows behind their filters, of pixels as the library has them. There is a filter for each row.
    pub(crate) fn filtered(&self, pixels: &[u8], filters: &[u8]) -> Result<Vec<u8>> {
        let (row_len, step) = (self.row_len() as usize, self.step());
        let mut out = Vec::with_capacity(self.len() as usize);
        let (mut above, mut row) = (vec![0; row_len], Vec::with_capacity(row_len));
        for (pixels, &filter) in pixels.chunks_exact(pixels.len() / filters.len()).zip(filters) {
            row.clear();
            self.pack(pixels, &mut row)?;
            out.push(filter);
            if filter > 4 {
                return Err(Error::corrupt("a row of a PNG file has no filter"));
            }
            for i in 0..row.len().min(above.len()) {
                let before = i >= step;
                let left = if before { row[i - step] } else { 0 };
                let corner = if before { above[i - step] } else { 0 };
                out.push(row[i].wrapping_sub(predicted(filter, left, above[i], corner)));
            }
            std::mem::swap(&mut above, &mut row);
        }
        Ok(out)
    }

    /// A row as the file has it.
    fn pack(&self, pixels: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match self.depth {
            8 => out.extend_from_slice(pixels),
            16 => out
                .extend(pixels.as_chunks::<2>().0.iter().flat_map(|&sample| u16::from_ne_bytes(sample).to_be_bytes())),
            depth => {
                let samples = 8 / usize::from(depth);
                for pixels in pixels.chunks(samples) {
                    let mut byte = 0;
                    for (place, &pixel) in pixels.iter().enumerate() {
                        if pixel >> depth != 0 {
                            return Err(Error::corrupt("a sample of a PNG file has too many bits"));
                        }
                        byte |= pixel << (8 - usize::from(depth) * (place + 1));
                    }
                    out.push(byte);
                }
            }
        }
        Ok(())
    }
}

/// What a filter takes a byte for, by those of the pixel to the left, above and between. Others than 0 to 4 take it for 0.
pub(crate) fn predicted(filter: u8, left: u8, above: u8, corner: u8) -> u8 {
    match filter {
        1 => left,
        2 => above,
        3 => (u16::from(left) + u16::from(above)).div_euclid(2) as u8,
        4 => {
            let (left_apart, above_apart) = (i32::from(above) - i32::from(corner), i32::from(left) - i32::from(corner));
            // How far each is from their estimate, left and above less the corner.
            let (a, b, c) = (left_apart.abs(), above_apart.abs(), (left_apart + above_apart).abs());
            if a <= b && a <= c {
                left
            } else if b <= c {
                above
            } else {
                corner
            }
        }
        _ => 0,
    }
}
