//! Sets of bytes.

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ByteSet([u64; 4]);

impl ByteSet {
    pub(crate) fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Whether all bytes from `first` to `last` are in the set.
    #[inline]
    pub(crate) fn covers(&self, first: u8, last: u8) -> bool {
        let (from, to) = (usize::from(first >> 6), usize::from(last >> 6));
        let mut all = true;
        for i in from..=to {
            let mut range = u64::MAX;
            range &= if i == from { u64::MAX << (first & 63) } else { range };
            range &= if i == to { u64::MAX >> (63 - (last & 63)) } else { range };
            all &= range & !self.0[i] == 0;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_covered_if_each_byte_is_in() {
        let mut set = ByteSet::default();
        let within = |byte: u8| !byte.is_multiple_of(7) || byte == 63 * 3 || (60..=70).contains(&byte);
        (0..=255).filter(|&byte| within(byte)).for_each(|byte| set.insert(byte));
        for first in 0..=255 {
            for last in first..=255 {
                assert_eq!(set.covers(first, last), (first..=last).all(within), "{first} {last}");
            }
        }
    }
}
