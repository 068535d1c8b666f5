//! The match: where the byte that is expected next stands, and how much speaks for it (docs/spec/bytes.md, section 5).

use crate::codec::v1::bytes::places::LONGEST;

/// Bytes that agree are counted up to this, in ten bits (experiments/0022).
pub(crate) const COUNTED: u32 = 1023;
/// From here on classes of lengths and whole tokens: shorter matches make streams larger (experiments/0013, 0093).
pub(crate) const LONG_ENOUGH: u32 = 8;
/// Classes of such lengths, two for each power of two.
pub(crate) const LENGTH_CLASSES: usize = 2 * (COUNTED.ilog2() - LONG_ENOUGH.ilog2() + 1) as usize;
/// Lengths that counters tell apart: none, up to [`LONGEST`], and a match that was asked for in vain.
pub(crate) const LENGTHS: usize = LONGEST as usize + 2;
pub(crate) const REFUTED: u32 = LONGEST + 1;
/// Classes of these lengths, which select weights (experiments/0093).
pub(crate) const MATCHES: usize = 8;
/// After a byte that differs a match counts half of its bytes, half of this at most (experiments/0093).
const HALVED: u32 = 24;

/// A place in the history, and how many bytes before it agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) place: u32,
    pub(crate) agreed: u32,
}

impl Match {
    /// The byte that was expected has come.
    #[inline(always)]
    pub(crate) fn go_on(self) -> Self {
        Self { place: self.place + 1, agreed: (self.agreed + 1).min(COUNTED) }
    }

    /// Another one has come. What follows is likely to agree again.
    #[inline(always)]
    pub(crate) fn pass_over(self) -> Self {
        Self { place: self.place + 1, agreed: (self.agreed.min(HALVED) / 2).max(1) }
    }

    /// The class of its length if that is long enough.
    #[inline(always)]
    pub(crate) fn length_class(self) -> Option<u32> {
        (self.agreed >= LONG_ENOUGH).then(|| {
            let log = self.agreed.ilog2();
            2 * (log - LONG_ENOUGH.ilog2()) + (self.agreed >> (log - 1) & 1)
        })
    }

    /// Its length as counters tell it apart, above 0.
    #[inline(always)]
    pub(crate) fn length(self, refuted: bool) -> u32 {
        if refuted { REFUTED } else { self.agreed.min(LONGEST) }
    }
}

/// The class of such a length, or of 0 where nothing is expected.
#[inline(always)]
pub(crate) fn certainty(length: usize) -> usize {
    static CLASSES: [u8; 64] = {
        let mut classes = [0; 64];
        let mut length = 1;
        while length < LENGTHS {
            classes[length] = match length {
                1..=4 => 1,
                5..=7 => 2,
                8..=15 => 3,
                16..=23 => 4,
                24..=31 => 5,
                32 => 6,
                _ => 7,
            };
            length += 1;
        }
        classes
    };
    CLASSES[length & 63].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn of(agreed: u32) -> Match {
        Match { place: 9, agreed }
    }

    #[test]
    fn lengths_have_classes() {
        let classes = [7, 8, 11, 12, 16, 511, 768, COUNTED].map(|agreed| of(agreed).length_class());
        assert_eq!(classes, [None, Some(0), Some(0), Some(1), Some(2), Some(11), Some(13), Some(13)]);
        assert_eq!(LENGTH_CLASSES, 14);
        let certain = [0, 1, 4, 5, 7, 8, 16, 24, 31, 32, 33].map(certainty);
        assert_eq!(certain, [0, 1, 1, 2, 2, 3, 4, 5, 5, 6, 7]);
        assert_eq!([of(3).length(false), of(99).length(false), of(3).length(true)], [3, 32, 33]);
    }

    #[test]
    fn a_match_goes_on_behind_a_byte_that_differs() {
        assert_eq!(of(5).go_on(), Match { place: 10, agreed: 6 });
        assert_eq!(of(COUNTED).go_on().agreed, COUNTED);
        let halves = [1, 2, 7, 23, 24, COUNTED].map(|agreed| of(agreed).pass_over());
        assert_eq!(halves.map(|half| half.agreed), [1, 1, 3, 11, 12, 12]);
        assert!(halves.iter().all(|half| half.place == 10));
    }
}
