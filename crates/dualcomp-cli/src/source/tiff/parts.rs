//! Strips and tiles: where they are, and whether they hold more than samples.

use flate2::{Decompress, FlushDecompress, Status};

use super::tags::{self, DEFLATE, LZW, PACK_BITS};
use super::{CUT, Tiff};
use crate::source::pixels::check_pixels;

impl Tiff<'_> {
    /// Finds the strips or tiles of an image whose pixels have so many bits, and looks for what follows their samples.
    pub(super) fn check_parts(&mut self, pixel_bits: u64) -> Result<(), String> {
        let [strips, tiles] = [[tags::STRIP_OFFSETS, tags::STRIP_BYTES], [tags::TILE_OFFSETS, tags::TILE_BYTES]];
        let stripes = self.entry(tiles[0]).is_none();
        let others = if stripes { &[tags::TILE_WIDTH, tags::TILE_HEIGHT, tags::TILE_BYTES][..] } else { &strips };
        if others.iter().any(|&tag| self.entry(tag).is_some()) {
            self.audit.leave_out("strips beside its tiles, or tiles beside its strips");
        }
        let [offsets, lengths] = if stripes { strips } else { tiles };
        let (offsets, lengths) = (self.numbers(offsets), self.numbers(lengths));
        if offsets.is_empty() || offsets.len() != lengths.len() {
            return Err(CUT.to_owned());
        }
        // Else the same bytes could be looked at any number of times.
        if lengths.iter().sum::<u64>() > self.words.file.len() as u64 {
            return Err("its strips are longer than the file".to_owned());
        }
        let [width, height] = self.sides(tags::WIDTH, tags::HEIGHT)?;
        let planes = if self.number(tags::PLANAR, 1) == 2 { self.number(tags::SAMPLES_PER_PIXEL, 1) } else { 1 };
        if !stripes && planes > 1 {
            // The decoder fails where the last of them are not whole.
            return Err("the tiles of its channels stand apart".to_owned());
        }
        let ([part_width, part_height], across) = match stripes {
            true => ([width, self.number(tags::ROWS_PER_STRIP, u64::MAX).clamp(1, height)], 1),
            false => {
                let sides = self.sides(tags::TILE_WIDTH, tags::TILE_HEIGHT)?;
                (sides, width.div_ceil(sides[0]))
            }
        };
        let row = (part_width * (pixel_bits / planes)).div_ceil(8);
        let down = height.div_ceil(part_height);
        let compression = self.number(tags::COMPRESSION, 1);
        for (index, (&offset, &length)) in (0..).zip(offsets.iter().zip(&lengths)) {
            // The last strip ends with the image, the last tile does not.
            let rows = if stripes { part_height.min(height - (index % down) * part_height) } else { part_height };
            let (is_expected, stored) = (index < across * down * planes, self.words.bytes(offset, length)?);
            // Decoders go on behind it.
            if compression == 1 && is_expected && length < row * rows {
                return Err(CUT.to_owned());
            }
            if !is_expected || holds_more(compression, stored, row * rows) {
                self.audit.leave_out("what follows its samples");
                break;
            }
        }
        self.used.extend(offsets.into_iter().zip(lengths));
        Ok(())
    }

    /// Width and height by their tags: of what a decoder would take.
    fn sides(&self, width: u16, height: u16) -> Result<[u64; 2], String> {
        let sides = [self.number(width, 0), self.number(height, 0)];
        // Integers of a TIFF file have at most 32 bits.
        check_pixels(sides[0] as u32, sides[1] as u32)?;
        Ok(sides)
    }
}

/// Whether a strip or tile has more than the `len` bytes of its samples, or something other than zeros behind these. Of what
/// cannot be read the decoder says so.
fn holds_more(compression: u64, stored: &[u8], len: u64) -> bool {
    let end = match compression {
        1 => return stored.len() as u64 > len,
        LZW => end_of_lzw(stored, len),
        PACK_BITS => end_of_pack_bits(stored, len),
        _ if DEFLATE.contains(&compression) => end_of_deflate(stored, len),
        // Rows coded by T.6 are compared with what is stored (`super::fax`).
        _ => Some(stored.len()),
    };
    end.is_none_or(|end| stored.iter().skip(end).any(|&byte| byte != 0))
}

/// Where the data ends; nothing if there is more of it than `len` bytes.
fn end_of_deflate(stored: &[u8], len: u64) -> Option<usize> {
    let (mut state, mut buffer) = (Decompress::new(true), [0; 1 << 14]);
    loop {
        let (input, output) = (state.total_in(), state.total_out());
        let status = state.decompress(&stored[input as usize..], &mut buffer, FlushDecompress::None);
        if state.total_out() > len {
            return None;
        }
        match status {
            Ok(Status::StreamEnd) => return Some(state.total_in() as usize),
            Ok(_) if (state.total_in(), state.total_out()) != (input, output) => {}
            _ => return Some(stored.len()),
        }
    }
}

/// The same of runs (TIFF 6.0, section 9).
fn end_of_pack_bits(stored: &[u8], len: u64) -> Option<usize> {
    let (mut at, mut out) = (0, 0);
    while out < len {
        let Some(&head) = stored.get(at) else { return Some(stored.len()) };
        let (input, output) = match head {
            0..128 => (2 + usize::from(head), 1 + u64::from(head)),
            128 => (1, 0),
            _ => (2, 257 - u64::from(head)),
        };
        (at, out) = (at + input, out + output);
    }
    (out == len).then_some(at)
}

/// The same of strings (TIFF 6.0, section 13), of which only the lengths are needed.
fn end_of_lzw(stored: &[u8], len: u64) -> Option<usize> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut lengths = [1_u64; 4096];
    let (mut next, mut before, mut out) = (END + 1, None, 0);
    let (mut bit, mut width) = (0, 9);
    while out <= len {
        let first = bit / 8;
        // Codes of at most 12 bits reach into three bytes, of which the last may be missing.
        let Some(&[first, second]) = stored.get(first..first + 2) else { return Some(stored.len()) };
        let third = stored.get(bit / 8 + 2).copied().unwrap_or_default();
        let window = u32::from_be_bytes([0, first, second, third]);
        let code = (window >> (24 - bit % 8 - width) & ((1 << width) - 1)) as usize;
        bit += width;
        match code {
            CLEAR => (next, before, width) = (END + 1, None, 9),
            END => return Some(bit.div_ceil(8)),
            _ => {
                if let Some(before) = before
                    && next < lengths.len()
                {
                    lengths[next] = before + 1;
                    next += 1;
                }
                if code >= next {
                    return Some(stored.len());
                }
                out += lengths[code];
                before = Some(lengths[code]);
                // One code early.
                if next + 1 == 1 << width && width < 12 {
                    width += 1;
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// The stored forms of 300 bytes, of which many repeat.
    fn stored() -> Vec<(u64, Vec<u8>)> {
        let samples: Vec<u8> = (0..300_u32).map(|at| (at * at / 90) as u8).collect();
        let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        deflate.write_all(&samples).unwrap();
        // Runs of one value, then the rest as it is.
        let mut runs = vec![129, 0, 255, 1, 128];
        runs = [&runs[..], &[126], &samples[..127], &[42], &samples[..43]].concat();
        vec![(1, samples), (8, deflate.finish().unwrap()), (PACK_BITS, runs), (LZW, lzw(300))]
    }

    /// So many bytes of one value: longer and longer strings of it, with codes of growing width, then the end.
    fn lzw(len: u64) -> Vec<u8> {
        let (mut bits, mut width, mut next, mut left) = (vec![(256, 9), (7, 9)], 9, 258, len - 1);
        while left > 0 {
            let string = left.min(next - 256);
            bits.push((if string == 1 { 7 } else { 256 + string }, width));
            left -= string;
            next += 1;
            width += usize::from(next + 1 == 1 << width);
        }
        bits.push((257, width));
        let bits: Vec<u8> =
            bits.iter().flat_map(|&(code, width)| (0..width).rev().map(move |at| (code >> at) as u8 & 1)).collect();
        bits.chunks(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit) << (8 - byte.len())).collect()
    }

    #[test]
    fn ends_are_found() {
        for (compression, data) in stored() {
            assert!(!holds_more(compression, &data, 300), "{compression}");
            assert!(!holds_more(compression, &data[..data.len() - 2], 300), "{compression}");
            assert!(holds_more(compression, &data, 299), "{compression}");
            assert!(holds_more(compression, &[&data[..], b"\0more"].concat(), 300), "{compression}");
            assert_eq!(holds_more(compression, &[&data[..], b"\0\0"].concat(), 300), compression == 1);
        }
        // Widths grow: as far as strings of one value need them, and one of twelve bits.
        for len in [30_000, 33_000, 500_000, 7_000_000] {
            let data = lzw(len);
            assert_eq!(end_of_lzw(&data, len), Some(data.len()), "{len}");
            assert_eq!(end_of_lzw(&data, len - 1), None, "{len}");
        }
    }

    #[test]
    fn noise_ends_somewhere() {
        let noise: Vec<u8> = (0..3000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for compression in [1, 2, LZW, 8, PACK_BITS, 50000] {
            for start in 0..200 {
                holds_more(compression, &noise[start..], 1000);
                holds_more(compression, &noise[start..start + start % 7], 0);
            }
        }
    }
}
