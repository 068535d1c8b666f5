//! The parameters of a stream of bytes.

/// What a header says of a stream of bytes (docs/spec/format.md, section 2): the counters of a substream's context table,
/// whether contexts of the second group are looked up, and whether it is coded in the light form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BytesParams {
    /// The table has 2^`table_log2` counters, 14 to 24.
    table_log2: u8,
    /// Half as many counters again.
    half: bool,
    second_group: bool,
    light: bool,
}

impl BytesParams {
    const HALF: u8 = 1 << 7;
    const SECOND_GROUP: u8 = 1 << 6;
    const LIGHT: u8 = 1 << 5;
    const LOG2: u8 = Self::LIGHT - 1;

    /// A table of 2^`table_log2` counters, 14 to 24; one group of contexts.
    pub(crate) const fn new(table_log2: u8) -> Self {
        Self { table_log2, half: false, second_group: false, light: false }
    }

    /// Half as many counters again.
    pub(crate) const fn and_half(self) -> Self {
        Self { half: true, ..self }
    }

    /// The same with contexts of the second group.
    pub(crate) const fn with_second_group(self) -> Self {
        Self { second_group: true, ..self }
    }

    /// The same in the light form, which is quicker: contexts of the first group alone, in a table of a power of two.
    pub(crate) const fn in_light_form(self) -> Self {
        Self { light: true, ..self }
    }

    /// Whether it is coded in the light form.
    pub(crate) const fn is_light(self) -> bool {
        self.light
    }

    /// Whether there are contexts of the second group.
    pub(crate) const fn has_second_group(self) -> bool {
        self.second_group
    }

    /// Whether it is for streams known to be long, at the highest level.
    pub(crate) fn is_large(self) -> bool {
        self.counters() >= 1 << 23
    }

    /// What a header's byte stands for, unless it stands for nothing.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        let table_log2 = byte & Self::LOG2;
        let plain = byte & Self::LIGHT == 0 || byte & (Self::SECOND_GROUP | Self::HALF) == 0;
        ((14..=24).contains(&table_log2) && plain).then_some(Self {
            table_log2,
            half: byte & Self::HALF != 0,
            second_group: byte & Self::SECOND_GROUP != 0,
            light: byte & Self::LIGHT != 0,
        })
    }

    /// The byte that stands for this.
    pub(crate) fn to_byte(self) -> u8 {
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        self.table_log2
            | flag(self.half, Self::HALF)
            | flag(self.second_group, Self::SECOND_GROUP)
            | flag(self.light, Self::LIGHT)
    }

    /// Counters, of four bytes each.
    pub(crate) fn counters(self) -> usize {
        let power = 1 << self.table_log2;
        if self.half { power + power / 2 } else { power }
    }

    /// The logarithm of the places that are remembered for matches, one for four counters, and at most 2^20, or 2^19 beside
    /// a second group of contexts.
    pub(crate) fn places_log2(self) -> u32 {
        (self.counters().ilog2() - 2).min(20 - u32::from(self.has_second_group()))
    }

    /// The logarithm of the counters under each hash that tell how often expected tokens come.
    pub(crate) fn token_match_log2(self) -> u32 {
        (self.counters().ilog2() - 5).clamp(13, 15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_for_sizes() {
        for byte in 0..=255 {
            let size = BytesParams::from_byte(byte);
            // The light form has no second group, and a power of two.
            let light_alone = byte & 0x20 == 0 || byte & 0xC0 == 0;
            assert_eq!(size.is_some(), (14..=24).contains(&(byte & 31)) && light_alone);
            assert!(size.is_none_or(|size| size.to_byte() == byte));
        }
        assert_eq!(BytesParams::new(22).counters(), 1 << 22);
        assert_eq!(BytesParams::new(22).and_half().counters(), 6 << 20);
        let large = [
            BytesParams::new(22).and_half().with_second_group(),
            BytesParams::new(23),
            BytesParams::new(24).and_half(),
        ];
        assert_eq!(large.map(BytesParams::is_large), [false, true, true]);
        assert_eq!([14, 20, 24].map(|log2| BytesParams::new(log2).places_log2()), [12, 18, 20]);
        assert_eq!([14, 20, 24].map(|log2| BytesParams::new(log2).with_second_group().places_log2()), [12, 18, 19]);
        assert_eq!([14, 18, 19, 21, 24].map(|log2| BytesParams::new(log2).token_match_log2()), [13, 13, 14, 15, 15]);
        assert_eq!(
            [BytesParams::new(21), BytesParams::new(21).in_light_form()].map(BytesParams::is_light),
            [false, true]
        );
    }
}
