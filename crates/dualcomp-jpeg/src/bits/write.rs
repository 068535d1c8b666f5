//! Bits into an entropy-coded segment.

use alloc::vec::Vec;

/// Writes bits, with a zero byte behind each byte 0xFF (T.81 B.1.1.5).
pub(crate) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// The last bits, fewer than 32 between calls, in the lowest places.
    window: u64,
    len: u32,
}

impl<'a> BitWriter<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, window: 0, len: 0 }
    }

    /// Puts the lowest bits of a number, up to 32. Those above them are zeros.
    #[inline(always)]
    pub(crate) fn put(&mut self, value: u32, bits: u32) {
        debug_assert!(bits <= 32 && u64::from(value) >> bits == 0);
        self.window = self.window << bits | u64::from(value);
        self.len += bits;
        if self.len >= 32 {
            self.len -= 32;
            self.word((self.window >> self.len) as u32);
        }
    }

    fn word(&mut self, word: u32) {
        // No byte is 0xFF: no byte of the complement is zero.
        if (!word).wrapping_sub(0x0101_0101) & word & 0x8080_8080 == 0 {
            self.out.extend(word.to_be_bytes());
            return;
        }
        for byte in word.to_be_bytes() {
            self.byte(byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.out.push(byte);
        if byte == 0xFF {
            self.out.push(0);
        }
    }

    /// Writes the bytes that are complete. Returns the number of bits that are left.
    pub(crate) fn flush(&mut self) -> u32 {
        while self.len >= 8 {
            self.len -= 8;
            self.byte((self.window >> self.len) as u8);
        }
        self.len
    }

    /// Completes the last byte with the lowest bits of a number; nothing is left to complete where it is.
    pub(crate) fn pad(&mut self, padding: u8) {
        let left = self.flush();
        if left > 0 {
            let bits = 8 - left;
            self.put(u32::from(padding) & ((1 << bits) - 1), bits);
            self.flush();
        }
    }

    /// Writes two bytes that are no entropy-coded data. No byte is begun.
    pub(crate) fn marker(&mut self, code: u8) {
        debug_assert_eq!(self.len, 0);
        self.out.extend([0xFF, code]);
    }

    pub(crate) fn written(&self) -> usize {
        self.out.len()
    }
}
