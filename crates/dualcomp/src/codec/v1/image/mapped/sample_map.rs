//! Which value a number of a channel stands for (docs/spec/image.md, section 15).

use crate::error::{Error, Result};
use crate::format::{put_number, take_number};

/// What the numbers of a channel stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SampleMap {
    /// For themselves.
    Same,
    /// For these values, which grow: one to 256 of them.
    Values(Vec<u16>),
    /// For samples of 16 bits that had fewer.
    Scaled(Scaling),
}

/// The codes of maps; those of scaled samples are above.
const SAME: u8 = 0;
const VALUES: u8 = 1;
/// Values at most, and bytes of a set of those of eight bits.
const MAX_VALUES: usize = 256;
const SET: usize = MAX_VALUES / 8;

impl SampleMap {
    /// Numbers for these values, which grow: one to 256 of them.
    pub(crate) fn of_values(values: Vec<u16>) -> Self {
        debug_assert!((1..=MAX_VALUES).contains(&values.len()) && values.is_sorted_by(|a, b| a < b));
        Self::Values(values)
    }

    /// How many numbers there are; as many as samples of 16 bits if they stand for themselves.
    pub(crate) fn numbers(&self) -> usize {
        match self {
            Self::Same => 1 << 16,
            Self::Values(values) => values.len(),
            Self::Scaled(scaling) => 1 << scaling.bits,
        }
    }

    /// The value of each number, for samples of this many bytes.
    pub(crate) fn values(&self, depth: usize) -> Vec<u16> {
        match self {
            Self::Same if depth == 1 => (0..=255).collect(),
            Self::Same => (0..=u16::MAX).collect(),
            Self::Values(values) => values.clone(),
            Self::Scaled(scaling) => (0..1u32 << scaling.bits).map(|number| scaling.value(number as u16)).collect(),
        }
    }

    pub(super) fn put(&self, out: &mut Vec<u8>, depth: usize) {
        match self {
            Self::Same => out.push(SAME),
            Self::Values(values) if depth == 1 => {
                out.push(VALUES);
                let mut set = [0u8; SET];
                values.iter().for_each(|&value| set[usize::from(value) / 8 % SET] |= 1 << (value % 8));
                out.extend_from_slice(&set);
            }
            Self::Values(values) => {
                out.extend_from_slice(&[VALUES, (values.len() - 1) as u8]);
                let mut next = 0;
                for &value in values {
                    put_number(out, u64::from(value) - next);
                    next = u64::from(value) + 1;
                }
            }
            Self::Scaled(scaling) => out.push(scaling.code()),
        }
    }

    pub(super) fn take(data: &mut &[u8], depth: usize) -> Result<Self> {
        let error = || Error::corrupt("a channel has no such map");
        match *data.split_off_first().ok_or_else(error)? {
            SAME => Ok(Self::Same),
            VALUES if depth == 1 => {
                let set = data.split_off(..SET).ok_or_else(error)?;
                let values: Vec<u16> = (0..MAX_VALUES as u16)
                    .filter(|&value| set[usize::from(value) / 8] >> (value % 8) & 1 == 1)
                    .collect();
                if values.is_empty() { Err(error()) } else { Ok(Self::Values(values)) }
            }
            VALUES => {
                let count = usize::from(*data.split_off_first().ok_or_else(error)?) + 1;
                let (mut values, mut next) = (Vec::with_capacity(count), 0);
                for _ in 0..count {
                    let value = u16::try_from(take_number(data)?.saturating_add(next)).map_err(|_| error())?;
                    values.push(value);
                    next = u64::from(value) + 1;
                }
                Ok(Self::Values(values))
            }
            code if depth == 2 => Scaling::from_code(code).map(Self::Scaled).ok_or_else(error),
            _ => Err(error()),
        }
    }
}

/// How samples of fewer bits became samples of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaling {
    way: u8,
    bits: u8,
}

impl Scaling {
    /// Ways: zeros below; the upper bits once more below; as near as can be to the same part of the largest; unchanged.
    pub(crate) const SHIFTED: u8 = 1;
    pub(crate) const REPEATED: u8 = 2;
    pub(crate) const ROUNDED: u8 = 3;
    pub(crate) const SMALL: u8 = 4;
    /// Bits that samples had.
    const BITS: std::ops::RangeInclusive<u8> = 8..=15;

    /// A way from this many bits, if there is that.
    pub(crate) fn new(way: u8, bits: u8) -> Option<Self> {
        let scaling = Self { way, bits };
        ((Self::SHIFTED..=Self::SMALL).contains(&way) && Self::BITS.contains(&bits)).then_some(scaling)
    }

    fn code(self) -> u8 {
        self.way << 4 | self.bits
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::new(code >> 4, code & 15)
    }

    /// The sample that a number, which has no more bits, stands for.
    pub(crate) fn value(self, number: u16) -> u16 {
        let (bits, number) = (u32::from(self.bits), u32::from(number));
        let value = match self.way {
            Self::SHIFTED => number << (16 - bits),
            Self::REPEATED => number << (16 - bits) | number >> (2 * bits - 16),
            Self::ROUNDED => {
                let most = (1 << bits) - 1;
                (number * 0xFFFF + most / 2) / most
            }
            _ => number,
        };
        value as u16
    }

    /// The number that would stand for a sample, if any does.
    pub(crate) fn number(self, sample: u16) -> Option<u16> {
        let (bits, value) = (u32::from(self.bits), u32::from(sample));
        let number = match self.way {
            Self::ROUNDED => (value * ((1 << bits) - 1) + 0x7FFF) / 0xFFFF,
            Self::SMALL => value,
            _ => value >> (16 - bits),
        };
        (number < 1 << bits && self.value(number as u16) == sample).then_some(number as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_come_back() {
        let scaled = |way, bits| SampleMap::Scaled(Scaling::new(way, bits).unwrap());
        let few = SampleMap::of_values(vec![0, 7, 255]);
        let all = SampleMap::of_values((0..=255).collect());
        let wide = SampleMap::of_values((0..256).map(|i| i * 257).collect());
        for (depth, map) in [
            (1, SampleMap::Same),
            (2, SampleMap::Same),
            (1, few.clone()),
            (2, few),
            (1, all),
            (2, wide),
            (2, scaled(Scaling::SHIFTED, 9)),
            (2, scaled(Scaling::SMALL, 8)),
        ] {
            let mut out = vec![];
            map.put(&mut out, depth);
            let mut rest = &out[..];
            assert_eq!(SampleMap::take(&mut rest, depth).unwrap(), map);
            assert!(rest.is_empty());
            assert!(SampleMap::take(&mut &out[..out.len() - 1], depth).is_err());
        }
        for code in [0x0F, 0x17, 0x50, 0xFF] {
            assert!(SampleMap::take(&mut &[code][..], 2).is_err());
        }
        assert!(SampleMap::take(&mut &[0x28][..], 1).is_err(), "eight bits are not scaled");
        assert!(SampleMap::take(&mut &[&[1][..], &[0; 32]].concat()[..], 1).is_err(), "no value");
        assert!(SampleMap::take(&mut &[1, 1, 0xFF, 0xFF, 3, 0][..], 2).is_err(), "beyond all samples");
    }

    #[test]
    fn scaled_samples_have_the_number_that_they_came_from() {
        for way in Scaling::SHIFTED..=Scaling::SMALL {
            for bits in 8..=15 {
                let scaling = Scaling::new(way, bits).unwrap();
                let values: Vec<u16> = (0..1u32 << bits).map(|number| scaling.value(number as u16)).collect();
                assert!(values.is_sorted_by(|a, b| a < b));
                let numbers: Vec<_> = values.iter().map(|&value| scaling.number(value)).collect();
                assert!(numbers.iter().enumerate().all(|(i, &number)| number == Some(i as u16)), "{way} {bits}");
                let known = (0..=u16::MAX).filter(|&sample| scaling.number(sample).is_some()).count();
                assert_eq!(known, 1 << bits);
            }
        }
        assert_eq!(Scaling::new(Scaling::REPEATED, 12).unwrap().value(0xABC), 0xABCA);
        assert!(Scaling::new(0, 8).is_none() && Scaling::new(1, 16).is_none());
    }
}
