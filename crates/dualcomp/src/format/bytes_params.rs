//! The size of a context table, which contexts it is for, and when tokens are asked for.

/// Counters of a substream's context table: a power of two, or half as many again; whether there are contexts of the second
/// group; and whether tokens are asked for early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TableSize(u8);

impl TableSize {
    /// Marks half as many again.
    const HALF: u8 = 1 << 7;
    /// Marks contexts of the second group.
    const WIDE: u8 = 1 << 6;
    /// Marks tokens that are asked for early.
    const EARLY: u8 = 1 << 5;
    const LOG2: u8 = Self::EARLY - 1;

    /// 2^`log2` counters; `log2` from 14 to 24.
    pub(crate) const fn new(log2: u8) -> Self {
        Self(log2)
    }

    /// Half as many again.
    pub(crate) const fn and_half(self) -> Self {
        Self(self.0 | Self::HALF)
    }

    /// The same with contexts of the second group.
    pub(crate) const fn wide(self) -> Self {
        Self(self.0 | Self::WIDE)
    }

    /// The same with tokens that are asked for early, which is quicker.
    pub(crate) const fn early(self) -> Self {
        Self(self.0 | Self::EARLY)
    }

    /// Whether tokens are asked for early.
    pub(crate) fn is_early(self) -> bool {
        self.0 & Self::EARLY != 0
    }

    /// Whether there are contexts of the second group.
    pub(crate) const fn is_wide(self) -> bool {
        self.0 & Self::WIDE != 0
    }

    /// Whether it is for streams known to be long, at the highest level.
    pub(crate) fn is_large(self) -> bool {
        self.counters() >= 1 << 23
    }

    /// The size that a header's byte stands for, unless it stands for none.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        (14..=24).contains(&(byte & Self::LOG2)).then_some(Self(byte))
    }

    /// The byte that stands for this size.
    pub(crate) fn to_byte(self) -> u8 {
        self.0
    }

    /// Counters, of four bytes each.
    pub(crate) fn counters(self) -> usize {
        let power = 1 << (self.0 & Self::LOG2);
        if self.0 & Self::HALF == 0 { power } else { power + power / 2 }
    }

    /// The logarithm of the places that are remembered for matches, one for four counters, and at most 2^20, or 2^19 beside
    /// a second group of contexts.
    pub(crate) fn places_log2(self) -> u32 {
        (self.counters().ilog2() - 2).min(20 - u32::from(self.is_wide()))
    }

    /// The logarithm of the counters under each hash that tell how often expected tokens come.
    pub(crate) fn repeats_log2(self) -> u32 {
        (self.counters().ilog2() - 5).clamp(13, 15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_for_sizes() {
        for byte in 0..=255 {
            let size = TableSize::from_byte(byte);
            assert_eq!(size.is_some(), (14..=24).contains(&(byte & 31)));
            assert!(size.is_none_or(|size| size.to_byte() == byte));
        }
        assert_eq!(TableSize::new(22).counters(), 1 << 22);
        assert_eq!(TableSize::new(22).and_half().counters(), 6 << 20);
        let large = [TableSize::new(22).and_half().wide(), TableSize::new(23), TableSize::new(24).and_half()];
        assert_eq!(large.map(TableSize::is_large), [false, true, true]);
        assert_eq!([14, 20, 24].map(|log2| TableSize::new(log2).places_log2()), [12, 18, 20]);
        assert_eq!([14, 20, 24].map(|log2| TableSize::new(log2).wide().places_log2()), [12, 18, 19]);
        assert_eq!([14, 18, 19, 21, 24].map(|log2| TableSize::new(log2).repeats_log2()), [13, 13, 14, 15, 15]);
        assert_eq!([TableSize::new(21), TableSize::new(21).early()].map(TableSize::is_early), [false, true]);
    }
}
