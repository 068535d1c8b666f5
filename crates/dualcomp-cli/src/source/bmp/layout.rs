//! What the headers of a BMP file say of its pixels.

use crate::source::CUT;
use crate::source::bits::Words;
use crate::source::pixels::check_pixels;

/// Bytes of the header of the file, which the header of the bitmap follows.
pub(super) const FILE_HEADER: u64 = 14;

/// The layout of the pixels.
pub(super) struct Layout {
    pub(super) header: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) bits: u64,
    /// Red, green, blue, opacity; zeros where there are none.
    pub(super) masks: [u32; 4],
    /// Where the palette is, how many colours it has, and bytes of a colour.
    pub(super) palette: (u64, u64, u64),
    pub(super) pixels: u64,
}

impl Layout {
    pub(super) fn row(&self) -> u64 {
        (self.width * self.bits).div_ceil(32) * 4
    }

    pub(super) fn end(&self) -> u64 {
        self.pixels + self.row() * self.height
    }
}

pub(super) fn layout(words: Words<'_>) -> Result<Layout, String> {
    let header = u64::from(words.u32(14)?);
    let (width, height, bits, compression) = match header {
        12 => (u32::from(words.u16(18)?), u32::from(words.u16(20)?), words.u16(24)?, 0),
        40 | 52 | 56 | 108 | 124 => (words.u32(18)?, words.u32(22)?, words.u16(28)?, words.u32(30)?),
        _ => return Err("its header is of a kind that is not known".to_owned()),
    };
    let after = FILE_HEADER + header;
    let (mut masks, mut palette_at) = ([0; 4], after);
    match (compression, bits) {
        (0, 1 | 2 | 4 | 8) => {}
        (0, 16) => masks = [0x7C00, 0x3E0, 0x1F, 0],
        (0, 24 | 32) => masks = [0xFF_0000, 0xFF00, 0xFF, 0],
        (3, 16 | 32) => {
            for (index, mask) in masks.iter_mut().enumerate().take(if header >= 56 { 4 } else { 3 }) {
                *mask = words.u32(54 + 4 * index as u64)?;
            }
            if header == 40 {
                palette_at += 12;
            }
        }
        (1 | 2, _) => return Err("its RLE compression may leave pixels open".to_owned()),
        (4 | 5, _) => return Err("it holds a file of another format".to_owned()),
        _ => return Err("its pixels are of a kind that is not known".to_owned()),
    }
    let colors = match (header, bits) {
        (12, 1..=8) => 1 << bits,
        (_, 1..=8) => match u64::from(words.u32(46)?) {
            0 => 1 << bits,
            used => used,
        },
        (12, _) => 0,
        _ => u64::from(words.u32(46)?),
    };
    let layout = Layout {
        header,
        width: width.into(),
        // A negative height: the rows begin at the top.
        height: u64::from((height as i32).unsigned_abs()),
        bits: bits.into(),
        masks,
        palette: (palette_at, colors, if header == 12 { 3 } else { 4 }),
        pixels: words.u32(10)?.into(),
    };
    // Also bounds the sums above and below.
    if layout.palette.1 > 1 << 16 || width > 1 << 24 || layout.height > 1 << 24 {
        return Err("its sides or its palette are too large".to_owned());
    }
    check_pixels(width, (height as i32).unsigned_abs())?;
    let (at, colors, size) = layout.palette;
    if layout.end() > words.file.len() as u64 || at + colors * size > layout.pixels {
        return Err(CUT.to_owned());
    }
    Ok(layout)
}
