//! Numbers in 7-bit groups, section 1.

use crate::error::{Error, Result};

/// Bytes of the longest number: values stay below 2^63.
const MAX_LEN: usize = 9;

/// Appends `value` (below 2^63), lowest seven bits first, bit 7 set in all bytes but the last.
pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    debug_assert!(value < 1 << 63);
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes that [`put_number`] appends.
pub(crate) fn number_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// A number that is read byte by byte.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PartialNumber {
    value: u64,
    len: usize,
}

impl PartialNumber {
    /// Takes the next byte; gives the value if it was the last.
    pub(crate) fn push(&mut self, byte: u8) -> Result<Option<u64>> {
        self.value |= u64::from(byte & 0x7F) << (7 * self.len);
        self.len += 1;
        if byte & 0x80 == 0 {
            // One value has one form, so that nothing can hide in a stream.
            if byte == 0 && self.len > 1 {
                return Err(Error::corrupt("a number is longer than it needs to be"));
            }
            return Ok(Some(self.value));
        }
        if self.len == MAX_LEN {
            return Err(Error::corrupt("a number is too large"));
        }
        Ok(None)
    }
}

/// Takes a number off the front of `bytes`.
pub(crate) fn take_number(bytes: &mut &[u8]) -> Result<u64> {
    let mut number = PartialNumber::default();
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        if let Some(value) = number.push(byte)? {
            return Ok(value);
        }
    }
    Err(Error::corrupt("the chunk ends within a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for shift in 0..63 {
            for value in [(1u64 << shift) - 1, 1 << shift, (1 << shift) + 1] {
                let mut bytes = Vec::new();
                put_number(&mut bytes, value);
                assert_eq!(bytes.len(), number_len(value));
                let mut rest = bytes.as_slice();
                assert_eq!(take_number(&mut rest).unwrap(), value);
                assert!(rest.is_empty());
                assert!(take_number(&mut &bytes[..bytes.len() - 1]).is_err());
            }
        }
    }

    #[test]
    fn long_forms_and_large_values_are_errors() {
        assert!(take_number(&mut [0x80, 0].as_slice()).is_err());
        assert!(take_number(&mut [0xFF; 10].as_slice()).is_err());
        let largest = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
        assert_eq!(take_number(&mut largest.as_slice()).unwrap(), (1 << 63) - 1);
    }
}
