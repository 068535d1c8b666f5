//! Bits out of an entropy-coded segment.

use super::Stop;

/// Reads bits and leaves out the zero byte behind each byte 0xFF (T.81 B.1.1.5). A marker ends the bits.
pub(crate) struct BitReader<'a> {
    data: &'a [u8],
    /// Of the first byte that is not in `window` yet.
    at: usize,
    /// The next bits, from the highest one on. Behind `len` bits there are zeros or what will be read next.
    window: u64,
    len: u32,
}

/// A place in the bits to which a reader can be sent back.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    at: usize,
    len: u32,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at, window: 0, len: 0 }
    }

    /// The next 16 bits; zeros or bits of no meaning where there are fewer, which [`Self::skip`] finds.
    #[inline(always)]
    pub(crate) fn peek16(&mut self) -> usize {
        if self.len < 16 {
            self.refill();
        }
        (self.window >> 48) as usize
    }

    /// Goes on by bits that were looked at.
    #[inline(always)]
    pub(crate) fn skip(&mut self, bits: u32) -> Result<(), Stop> {
        self.len = self.len.checked_sub(bits).ok_or(Stop)?;
        self.window <<= bits;
        Ok(())
    }

    /// Up to 16 bits as a number.
    #[inline(always)]
    pub(crate) fn take(&mut self, bits: u32) -> Result<u32, Stop> {
        debug_assert!(bits <= 16);
        let value = self.peek16() >> (16 - bits);
        self.skip(bits)?;
        Ok(value as u32)
    }

    #[inline(never)]
    fn refill(&mut self) {
        if let Some(bytes) = self.data.get(self.at..self.at + 8).and_then(|bytes| bytes.try_into().ok()) {
            let word = u64::from_be_bytes(bytes);
            // No byte is 0xFF: no byte of the complement is zero.
            if (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 == 0 {
                self.window |= word >> self.len;
                let bytes = (64 - self.len) / 8;
                self.at += bytes as usize;
                self.len += 8 * bytes;
                return;
            }
        }
        while self.len <= 56 {
            let byte = match self.data.get(self.at) {
                Some(0xFF) if self.data.get(self.at + 1) == Some(&0) => {
                    self.at += 2;
                    0xFF
                }
                Some(0xFF) | None => return,
                Some(&byte) => {
                    self.at += 1;
                    byte
                }
            };
            self.window |= u64::from(byte) << (56 - self.len);
            self.len += 8;
        }
    }

    /// The bits that are left of the byte in which the next bit is, and their number, below 8.
    pub(crate) fn padding(&self) -> (u8, u32) {
        let bits = self.len % 8;
        // In two steps, as the number may be 0.
        ((self.window >> 32 >> (32 - bits)) as u8, bits)
    }

    /// Where the byte is that follows the one in which the next bit is, or the next byte if no byte is begun.
    pub(crate) fn next_byte(&self) -> usize {
        self.back(self.at, self.len / 8)
    }

    /// The last three bits of the marker RSTm, if it is what follows the byte that is begun.
    pub(crate) fn marker(&self) -> Option<u8> {
        match self.data.get(self.next_byte()..)? {
            [0xFF, code @ 0xD0..=0xD7, ..] => Some(code & 7),
            _ => None,
        }
    }

    /// Goes on behind a marker that [`Self::marker`] found.
    pub(crate) fn pass_marker(&mut self) {
        *self = Self::new(self.data, self.next_byte() + 2);
    }

    pub(crate) fn place(&self) -> Place {
        Place { at: self.at, len: self.len }
    }

    /// Where the byte is in which the next bit was at a place.
    pub(crate) fn byte_of(&self, place: Place) -> usize {
        self.back(place.at, place.len.div_ceil(8))
    }

    /// Goes back by bytes that were read.
    fn back(&self, mut at: usize, bytes: u32) -> usize {
        for _ in 0..bytes {
            // A zero behind 0xFF was never read as a byte of its own.
            let stuffed = at >= 2 && self.data[at - 1] == 0 && self.data[at - 2] == 0xFF;
            at -= if stuffed { 2 } else { 1 };
        }
        at
    }
}
