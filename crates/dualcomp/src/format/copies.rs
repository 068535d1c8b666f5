//! The window of a stream and the copies of what is in it (docs/spec/format.md, section 4.7).

use crate::error::{Error, Result};
use crate::format::{put_number, take_number};

/// A copy of earlier bytes of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    /// Bytes that are no copy since the last one.
    pub(crate) skip: u64,
    pub(crate) len: u64,
    /// How far back they begin.
    pub(crate) distance: u64,
}

/// Logarithms of the bytes of a window.
pub(crate) const WINDOW_LOGS: std::ops::RangeInclusive<u8> = 16..=28;
/// Bytes of the copies of a chunk at most, but for its checksum.
pub(crate) const MAX_COPIES: usize = 1 << 16;
/// Bytes of a copy at most.
const MAX_LEN: u64 = 1 << 30;

/// Appends a copy as it stands in a chunk.
pub(crate) fn put_copy(out: &mut Vec<u8>, copy: &Copy) {
    for number in [copy.skip, copy.len, copy.distance] {
        put_number(out, number);
    }
}

/// Takes a copy from the front of a chunk's content, in a stream with a window of this many bytes.
pub(crate) fn take_copy(content: &mut &[u8], window: u64) -> Result<Copy> {
    let (skip, len, distance) = (take_number(content)?, take_number(content)?, take_number(content)?);
    if !(1..=MAX_LEN).contains(&len) {
        return Err(Error::corrupt("the length of a copy is out of range"));
    }
    if !(1..=window).contains(&distance) {
        return Err(Error::corrupt("a copy begins before the window"));
    }
    Ok(Copy { skip, len, distance })
}

/// Bytes that the copies of a chunk make, as far as they are right.
pub(crate) fn copied_len(mut content: &[u8]) -> u64 {
    std::iter::from_fn(|| take_copy(&mut content, u64::MAX).ok()).fold(0, |sum, copy| sum.saturating_add(copy.len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_read_as_they_are_written() {
        let copy = |skip, len, distance| Copy { skip, len, distance };
        let put = |copy: &Copy| {
            let mut out = Vec::new();
            put_copy(&mut out, copy);
            out
        };
        for good in [copy(0, 1, 1), copy(u64::MAX >> 1, 1 << 30, 1 << 20)] {
            assert_eq!(take_copy(&mut &put(&good)[..], 1 << 20).unwrap(), good);
        }
        for bad in [copy(0, 0, 1), copy(0, (1 << 30) + 1, 1), copy(0, 1, 0), copy(0, 1, (1 << 20) + 1)] {
            assert!(take_copy(&mut &put(&bad)[..], 1 << 20).is_err(), "{bad:?}");
        }
        assert!(take_copy(&mut &[1, 1][..], 1 << 20).is_err());
        assert_eq!([copied_len(&[9, 5, 1, 0, 7, 12, 3]), copied_len(&[])], [12, 0]);
    }
}
