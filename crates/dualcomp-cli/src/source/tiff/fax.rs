//! Bilevel rows that are coded by ITU-T T.6, CCITT group 4.

use std::convert::Infallible;

use dualcomp::ColorType;
use fax::{BitWriter, Bits, Color, encoder::Encoder};

use super::{Tiff, tags};
use crate::picture::Picture;

/// T.6 in a TIFF file.
const GROUP_4: u64 = 4;

/// Whoever writes columns and changes of colour as integers of 16 bits has no more.
const MAX_COLUMNS: usize = i16::MAX as usize;

/// Whether the strips of a file are what its rows give when they are coded again. The decoder makes up pixels where a strip is
/// damaged, and says nothing; and what it passes over may be anything.
pub(crate) fn check(file: &[u8], picture: &Picture) -> Result<(), String> {
    let tiff = Tiff::open(file)?;
    if tiff.number(tags::COMPRESSION, 1) != GROUP_4 {
        return Ok(());
    }
    let (width, height) = (picture.info.width as usize, u64::from(picture.info.height));
    let (offsets, lengths) = (tiff.numbers(tags::STRIP_OFFSETS), tiff.numbers(tags::STRIP_BYTES));
    let unusual = || Err("its CCITT data is damaged, or coded in an unusual way".to_owned());
    if tiff.number(tags::BITS_PER_SAMPLE, 1) != 1 || width > MAX_COLUMNS || picture.info.color != ColorType::L8 {
        return unusual();
    }
    let rows = tiff.number(tags::ROWS_PER_STRIP, u64::MAX).clamp(1, height) as usize;
    // What T.6 calls black is stored as a one, which is black where zeros are white.
    let black = if tiff.number(tags::PHOTOMETRIC, 0) == 0 { 0 } else { 0xFF };
    let strips = picture.pixels.chunks(rows * width);
    if strips.len() != offsets.len() {
        return unusual();
    }
    for (strip, (offset, length)) in strips.zip(offsets.into_iter().zip(lengths)) {
        let stored = without_zeros(tiff.words.bytes(offset, length)?);
        let mut coded = encode(strip, width, black);
        if without_zeros(&coded.bytes) != stored {
            coded.end();
        }
        if without_zeros(&coded.bytes) != stored {
            return unusual();
        }
    }
    Ok(())
}

/// Rows of so many samples, of which one value is black.
fn encode(rows: &[u8], width: usize, black: u8) -> Coded {
    let mut coded = Coded::default();
    let mut encoder = Encoder::new(&mut coded);
    for row in rows.chunks_exact(width) {
        let colors = row.iter().map(|&sample| if sample == black { Color::Black } else { Color::White });
        // The width is bounded by the caller.
        let Ok(()) = encoder.encode_line(colors, width as u16);
    }
    coded
}

/// Bits, the upper ones of a byte first, and zeros that fill up the last byte.
#[derive(Default)]
struct Coded {
    bytes: Vec<u8>,
    bits: usize,
}

impl Coded {
    /// Writes what may end a strip (T.6, 2.4.1.1).
    fn end(&mut self) {
        let mut end = self;
        for _ in 0..2 {
            let Ok(()) = end.write(Bits { data: 1, len: 12 });
        }
    }
}

impl BitWriter for &mut Coded {
    type Error = Infallible;

    fn write(&mut self, code: Bits) -> Result<(), Infallible> {
        for at in (0..code.len).rev() {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            self.bytes[self.bits / 8] |= (code.data >> at & 1) as u8 * (0x80 >> (self.bits % 8)) as u8;
            self.bits += 1;
        }
        Ok(())
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1)]
}

#[cfg(test)]
mod tests {
    use super::super::tests::build;
    use super::*;
    use crate::source::{Format, read};

    /// 40 rows of 70 samples.
    fn rows() -> Vec<u8> {
        (0..2800_u32).map(|at| if at * at / 700 % 5 < 2 { 0 } else { 255 }).collect()
    }

    fn file(strip: &[u8]) -> Vec<u8> {
        let length = (strip.len() as u32).to_le_bytes();
        let tags: &[(u16, u8, &[u8])] = &[
            (256, 3, &[70, 0]),
            (257, 3, &[40, 0]),
            (258, 3, &[1, 0]),
            (259, 3, &[4, 0]),
            (262, 3, &[0, 0]),
            (273, 4, &[0; 4]),
            (277, 3, &[1, 0]),
            (278, 3, &[40, 0]),
            (279, 4, &length),
        ];
        build(tags, strip)
    }

    #[test]
    fn damage_is_found() {
        let mut coded = encode(&rows(), 70, 0);
        // The decoder looks ahead.
        let bare = [&coded.bytes[..], &[0; 4]].concat();
        coded.end();
        let whole = coded.bytes;
        for strip in [&bare[..], &whole, &[&whole[..], &[0; 3]].concat()] {
            let (picture, left_out) = read(&file(strip), Format::Tiff).unwrap();
            assert!(picture.pixels == rows() && left_out.is_empty());
        }
        assert!(read(&file(&[&whole[..], b"more"].concat()), Format::Tiff).is_err());
        let mut taken = 0;
        for bit in 0..8 * whole.len() {
            let mut other = whole.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            if let Ok((picture, _)) = read(&file(&other), Format::Tiff) {
                // Another picture, and all that the file says.
                assert!(picture.pixels != rows());
                taken += 1;
            }
        }
        assert!(taken < whole.len(), "{taken}");
    }
}
