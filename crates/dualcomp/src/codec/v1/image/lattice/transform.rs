//! Colours as a rounded linear function of three whole numbers (docs/spec/image.md, section 12).

use crate::Error;

/// What chroma is measured from: its planes hold bytes.
const MIDDLE: i64 = 128;
/// Digits of coefficients behind the point.
const DIGITS: u32 = 16;
/// Bytes of a transform that is written out: twelve coefficients.
const WRITTEN: usize = 48;

/// Red, green and blue of a triple (luma and two chromas): of each colour, what the luma, both chromas and 1 count,
/// in 1/65536 level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transform(pub(crate) [[i32; 4]; 3]);

impl Transform {
    /// Transforms that a tile names by a number, from 1 on. The coefficients of each are those of its source, rounded.
    pub(crate) const KNOWN: [Self; 4] = [
        // JFIF 1.02, as libjpeg's `jdcolor.c` rounds it: BT.601 of full range.
        Self([[65536, 0, 91881, 32768], [65536, -22554, -46802, 32768], [65536, 116_130, 0, 32768]]),
        // BT.601 of limited range, with the coefficients of libwebp's `yuv.h` (in 1/16384 there).
        Self([
            [76308, 0, 104_596, 32768 - 16 * 76308],
            [76308, -25676, -53280, 32768 - 16 * 76308],
            [76308, 132_200, 0, 32768 - 16 * 76308],
        ]),
        // BT.709-6, section 3, of limited range.
        Self([
            [76309, 0, 117_489, 32768 - 16 * 76309],
            [76309, -13975, -34925, 32768 - 16 * 76309],
            [76309, 138_438, 0, 32768 - 16 * 76309],
        ]),
        // The same of full range.
        Self([[65536, 0, 103_206, 32768], [65536, -12276, -30679, 32768], [65536, 121_608, 0, 32768]]),
    ];

    /// What a triple's colours are before rounding, in 1/65536 level.
    // Index loops, here and in what follows: `map` may stay a call (experiments/0086).
    #[inline(always)]
    fn sums(&self, triple: [u8; 3]) -> [i64; 3] {
        let luma = i64::from(triple[0]);
        let (first, second) = (i64::from(triple[1]) - MIDDLE, i64::from(triple[2]) - MIDDLE);
        let mut sums = [0; 3];
        for c in 0..3 {
            let [of_luma, of_first, of_second, one] = self.0[c];
            let chroma = i64::from(of_first) * first + i64::from(of_second) * second;
            sums[c] = i64::from(of_luma) * luma + chroma + i64::from(one);
        }
        sums
    }

    /// Red, green and blue of a triple.
    #[inline(always)]
    pub(crate) fn colors(&self, triple: [u8; 3]) -> [u8; 3] {
        let sums = self.sums(triple);
        let mut colors = [0; 3];
        for c in 0..3 {
            colors[c] = (sums[c] >> DIGITS).clamp(0, 255) as u8;
        }
        colors
    }

    /// The same, with the eighth of a level that rounding cut off each.
    #[inline(always)]
    pub(crate) fn colors_and_eighths(&self, triple: [u8; 3]) -> [(u8, usize); 3] {
        let sums = self.sums(triple);
        let mut colors = [(0, 0); 3];
        for c in 0..3 {
            colors[c] = ((sums[c] >> DIGITS).clamp(0, 255) as u8, (sums[c] >> (DIGITS - 3) & 7) as usize);
        }
        colors
    }

    /// Writes it: by its number, if it has one.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match Self::KNOWN.iter().position(|known| known == self) {
            Some(index) => out.push(index as u8 + 1),
            None => {
                out.push(0);
                out.extend(self.0.as_flattened().iter().flat_map(|coefficient| coefficient.to_le_bytes()));
            }
        }
    }

    /// Reads what [`Self::write`] wrote, and gives what follows.
    pub(crate) fn read(data: &[u8]) -> Result<(Self, &[u8]), Error> {
        let (&number, rest) = data.split_first().ok_or(Error::corrupt("the tile ends before its transform"))?;
        if let Some(index) = usize::from(number).checked_sub(1) {
            let known = Self::KNOWN.get(index).ok_or(Error::corrupt("the tile's transform has no such number"))?;
            return Ok((*known, rest));
        }
        let (written, rest) =
            rest.split_first_chunk::<WRITTEN>().ok_or(Error::corrupt("the tile ends before its transform"))?;
        let mut transform = Self([[0; 4]; 3]);
        for (coefficient, bytes) in transform.0.as_flattened_mut().iter_mut().zip(written.as_chunks().0) {
            *coefficient = i32::from_le_bytes(*bytes);
        }
        Ok((transform, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_that_of_libjpeg() {
        // As `jdcolor.c` builds its tables.
        let fix = |x: f64| (x * 65536.0 + 0.5) as i32;
        let [red, green, blue] = Transform::KNOWN[0].0;
        assert_eq!((red[2], blue[1]), (fix(1.402), fix(1.772)));
        assert_eq!((green[1], green[2]), (-fix(0.34414), -fix(0.71414)));
        assert_eq!(Transform::KNOWN[0].colors([100, 128, 128]), [100; 3]);
        assert_eq!(Transform::KNOWN[0].colors([76, 85, 255]), [254, 0, 0]);
        assert_eq!(Transform::KNOWN[1].colors([235, 128, 128]), [255; 3]);
        assert_eq!(Transform::KNOWN[2].colors([16, 128, 128]), [0; 3]);
    }

    #[test]
    fn all_are_read_as_they_are_written() {
        let odd = Transform([[i32::MIN; 4], [i32::MAX; 4], [1, -2, 3, -4]]);
        for transform in Transform::KNOWN.into_iter().chain([odd]) {
            let mut data = Vec::new();
            transform.write(&mut data);
            data.push(77);
            assert_eq!(Transform::read(&data).unwrap(), (transform, &[77][..]));
            // Whatever it is, every triple has some colours.
            for triple in [[0; 3], [255; 3], [0, 255, 0]] {
                assert_eq!(transform.colors_and_eighths(triple).map(|(color, _)| color), transform.colors(triple));
            }
        }
        assert!(Transform::read(&[]).is_err() && Transform::read(&[0; 48]).is_err() && Transform::read(&[5]).is_err());
    }
}
