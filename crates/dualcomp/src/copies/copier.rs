//! Puts copies between the bytes of a stream, as a decoder gives them out.

use std::collections::VecDeque;

use crate::copies::window::Window;
use crate::error::{Error, Result};
use crate::format::copies::Copy;

/// The window of a stream, and copies that were announced.
pub(crate) struct Copier {
    window: Window,
    /// Copies that are not complete. The first one's `skip` and `len` are what is left of them.
    waiting: VecDeque<Copy>,
    /// Bytes of the stream up to the end of the last of them.
    end: u64,
}

impl Copier {
    /// For a window of 2^`log2` bytes.
    pub(crate) fn new(log2: u8) -> Self {
        Self { window: Window::new(log2.into()), waiting: VecDeque::new(), end: 0 }
    }

    /// Bytes of the window.
    pub(crate) fn window(&self) -> u64 {
        self.window.size() as u64
    }

    /// Bytes of memory that it may take.
    pub(crate) fn memory(&self) -> u64 {
        self.window() + (self.waiting.capacity() * size_of::<Copy>()) as u64
    }

    /// Takes note of a copy to come, behind those before.
    pub(crate) fn announce(&mut self, mut copy: Copy) -> Result<()> {
        let start = self.end.checked_add(copy.skip).ok_or(Error::corrupt("a copy lies too far ahead"))?;
        if copy.distance > start {
            return Err(Error::corrupt("a copy begins before the stream"));
        }
        if self.waiting.is_empty() {
            // Some of the bytes in front of it were given out already.
            let given = self.window.len() - self.end;
            copy.skip = copy.skip.checked_sub(given).ok_or(Error::corrupt("a copy comes too late"))?;
        }
        self.end = start.checked_add(copy.len).ok_or(Error::corrupt("a copy lies too far ahead"))?;
        self.waiting.push_back(copy);
        Ok(())
    }

    /// Whether all copies are complete.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes up to the next copy; 0 if there is something to copy.
    pub(crate) fn until_copy(&self) -> u64 {
        self.waiting.front().map_or(u64::MAX, |copy| copy.skip)
    }

    /// Takes note of bytes that are given out, at most up to the next copy.
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        self.window.push(bytes);
        if let Some(copy) = self.waiting.front_mut() {
            copy.skip -= bytes.len() as u64;
        }
    }

    /// Copies what is due to the front of `output`; returns how much.
    pub(crate) fn copy(&mut self, output: &mut [u8]) -> usize {
        let mut made = 0;
        while let Some(copy) = self.waiting.front_mut().filter(|copy| copy.skip == 0) {
            let now = (output.len() - made).min(usize::try_from(copy.len).unwrap_or(usize::MAX));
            self.window.copy(copy.distance, &mut output[made..made + now]);
            copy.len -= now as u64;
            made += now;
            if copy.len > 0 {
                break;
            }
            self.waiting.pop_front();
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(skip: u64, len: u64, distance: u64) -> Copy {
        Copy { skip, len, distance }
    }

    /// What comes out of literal bytes, taken in slices, into room for `room` bytes at a time.
    fn all(copier: &mut Copier, mut literals: &[u8], room: usize) -> String {
        let mut out = Vec::new();
        loop {
            let mut piece = vec![0; room];
            let made = copier.copy(&mut piece);
            out.extend_from_slice(&piece[..made]);
            let now = (room.min(literals.len()) as u64).min(copier.until_copy()) as usize;
            let (given, rest) = literals.split_at(now);
            copier.pass(given);
            out.extend_from_slice(given);
            literals = rest;
            if made == 0 && now == 0 {
                return String::from_utf8(out).unwrap();
            }
        }
    }

    #[test]
    fn copies_come_where_they_belong() {
        for room in 1..20 {
            let mut copier = Copier::new(16);
            copier.announce(copy(3, 5, 2)).unwrap();
            copier.announce(copy(0, 1, 8)).unwrap();
            assert_eq!(all(&mut copier, b"abcde", room), "abcbcbcbade", "{room}");
            // Two literal bytes came since the last copy.
            assert!(copier.announce(copy(1, 1, 1)).is_err());
            copier.announce(copy(2, 2, 11)).unwrap();
            copier.announce(copy(1, 1, 1)).unwrap();
            assert_eq!((copier.is_idle(), all(&mut copier, b"f", room).as_str()), (false, "abff"));
            assert!(copier.is_idle());
        }
    }

    #[test]
    fn copies_begin_in_the_stream() {
        assert!(Copier::new(16).announce(copy(0, 1, 1)).is_err());
        assert!(Copier::new(16).announce(copy(5, 1, 6)).is_err());
        assert!(Copier::new(16).announce(copy(u64::MAX, 1, 5)).is_err());
        let mut copier = Copier::new(16);
        copier.announce(copy(5, 1, 5)).unwrap();
        copier.announce(copy(0, 1, 6)).unwrap();
        assert!(copier.announce(copy(u64::MAX, 1, 6)).is_err());
    }
}
