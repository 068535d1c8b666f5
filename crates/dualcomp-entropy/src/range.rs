//! A binary range coder (Martin 1979, carries as in LZMA) with 48 bits of range and 16-bit probabilities.

use alloc::vec::Vec;
use core::hint::black_box;

/// Codes one decision after the other, in either direction, so that a model is written once.
pub trait BitCoder {
    /// Codes a decision that is 1 with probability `one / 65536`, `one` in 1..=65535.
    /// An encoder writes `bit` and returns it; a decoder returns what was written and ignores `bit`.
    ///
    /// # Panics
    /// Where debug assertions are on, if `one` is out of range. Where they are off, a wrong `one` codes wrongly, and 0
    /// may never return.
    fn code(&mut self, bit: bool, one: u32) -> bool;

    /// Whether bits are read: these are known late, and a program may go on by a guess.
    #[inline(always)]
    fn reads(&self) -> bool {
        false
    }

    /// What a bit that was just coded stands for. Where bits are read this is a branch and not a choice of values, which
    /// `black_box` keeps it from becoming: a decoder goes on while the bit is still unknown (experiments/0097).
    #[inline(always)]
    fn choose<T: Copy>(&self, bit: bool, of: [T; 2]) -> T
    where
        Self: Sized,
    {
        if !self.reads() {
            of[usize::from(bit)]
        } else if bit {
            black_box(());
            of[1]
        } else {
            of[0]
        }
    }
}

/// Bits of the range: as many as leave 16-bit probabilities exact and fit, shifted by a byte, in 64.
const TOP: u32 = 48;
/// The range stays above this, so that a probability of 16 bits loses nothing to rounding.
const MIN_RANGE: u64 = 1 << (TOP - 8);

/// Writes decisions as bytes.
///
/// ```
/// use dualcomp_entropy::{BitCoder, RangeDecoder, RangeEncoder};
///
/// let mut encoder = RangeEncoder::new();
/// for i in 0..1000 {
///     encoder.code(i % 50 == 0, 65536 / 50);
/// }
/// let bytes = encoder.finish();
/// assert_eq!(bytes.len(), 18); // 1000 decisions of 0.14 bits
/// let mut decoder = RangeDecoder::new(&bytes);
/// assert!((0..1000).all(|i| decoder.code(false, 65536 / 50) == (i % 50 == 0)));
/// ```
#[derive(Clone, Debug)]
pub struct RangeEncoder {
    low: u64,
    range: u64,
    /// A byte that a carry may still change, and how many 0xFF follow it.
    held: Option<u8>,
    pending: usize,
    out: Vec<u8>,
}

impl Default for RangeEncoder {
    fn default() -> Self {
        Self::new()
    }
}

impl RangeEncoder {
    /// A coder that has written nothing.
    pub fn new() -> Self {
        Self { low: 0, range: 1 << TOP, held: None, pending: 0, out: Vec::new() }
    }

    /// Bytes written so far, up to a handful still held back.
    pub fn len(&self) -> usize {
        self.out.len() + self.pending
    }

    /// Whether no byte was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shift(&mut self) {
        let carry = (self.low >> TOP) as u8;
        let byte = (self.low >> (TOP - 8)) as u8;
        if byte != 0xFF || carry != 0 {
            if let Some(held) = self.held {
                self.out.push(held.wrapping_add(carry));
            }
            self.out.extend(core::iter::repeat_n(0xFFu8.wrapping_add(carry), self.pending));
            self.pending = 0;
            self.held = Some(byte);
        } else {
            self.pending += 1;
        }
        self.low = (self.low << 8) & ((1 << TOP) - 1);
    }

    /// The bytes written. Zeros at the end are left out: a decoder reads zeros beyond it.
    pub fn finish(mut self) -> Vec<u8> {
        // The number in low..low + range with the most zeros at its end.
        for zeros in (0..TOP).rev() {
            let mask = (1u64 << zeros) - 1;
            let rounded = (self.low + mask) & !mask;
            if rounded < self.low + self.range {
                self.low = rounded;
                break;
            }
        }
        for _ in 0..=TOP / 8 {
            self.shift();
        }
        while self.out.last() == Some(&0) {
            self.out.pop();
        }
        self.out
    }
}

impl BitCoder for RangeEncoder {
    #[inline]
    fn code(&mut self, bit: bool, one: u32) -> bool {
        debug_assert!((1..65536).contains(&one));
        let bound = (self.range >> 16) * u64::from(one);
        // A choice of values: a branch would often be guessed wrongly.
        let (below, range) = if bit { (0, bound) } else { (bound, self.range - bound) };
        self.low += below;
        self.range = range;
        while self.range < MIN_RANGE {
            self.range <<= 8;
            self.shift();
        }
        bit
    }
}

/// Reads decisions back. Any bytes decode to some decisions; reading beyond the end gives zeros.
#[derive(Clone, Debug)]
pub struct RangeDecoder<'a> {
    code: u64,
    range: u64,
    rest: core::slice::Iter<'a, u8>,
}

impl<'a> RangeDecoder<'a> {
    /// A decoder at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut rest = bytes.iter();
        let code = (0..TOP / 8).fold(0, |code, _| code << 8 | u64::from(rest.next().copied().unwrap_or(0)));
        Self { code, range: 1 << TOP, rest }
    }
}

impl BitCoder for RangeDecoder<'_> {
    #[inline(always)]
    fn reads(&self) -> bool {
        true
    }

    #[inline]
    fn code(&mut self, _: bool, one: u32) -> bool {
        debug_assert!((1..65536).contains(&one));
        let bound = (self.range >> 16) * u64::from(one);
        let bit = self.code < bound;
        if bit {
            self.range = bound;
        } else {
            self.code -= bound;
            self.range -= bound;
        }
        while self.range < MIN_RANGE {
            self.range <<= 8;
            self.code = self.code << 8 | u64::from(self.rest.next().copied().unwrap_or(0));
        }
        bit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits and probabilities of all sizes, from a linear congruence.
    fn decisions(seed: u32, count: usize) -> Vec<(bool, u32)> {
        let mut x = seed;
        let mut next = || {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            x >> 8
        };
        (0..count)
            .map(|_| {
                let one = match next() % 4 {
                    0 => 1,
                    1 => 65535,
                    2 => (next() % 65535) + 1,
                    _ => 1 << (next() % 16),
                };
                (next() % 65536 < one, one)
            })
            .collect()
    }

    #[test]
    fn decodes_what_was_encoded() {
        for seed in 0..200 {
            let list = decisions(seed, 500 + seed as usize);
            let mut encoder = RangeEncoder::new();
            for &(bit, one) in &list {
                encoder.code(bit, one);
            }
            let bytes = encoder.finish();
            let mut decoder = RangeDecoder::new(&bytes);
            for &(bit, one) in &list {
                assert_eq!(decoder.code(false, one), bit);
            }
        }
    }

    #[test]
    fn carries_run_through() {
        // Unlikely zeros push `low` towards the top, where carries happen.
        let mut encoder = RangeEncoder::new();
        let bits: Vec<bool> = (0..4000).map(|i| i % 7 != 0).collect();
        for &bit in &bits {
            encoder.code(bit, 3);
        }
        let bytes = encoder.finish();
        let mut decoder = RangeDecoder::new(&bytes);
        assert!(bits.iter().all(|&bit| decoder.code(false, 3) == bit));
    }

    #[test]
    fn only_decoders_read() {
        let (encoder, decoder) = (RangeEncoder::new(), RangeDecoder::new(&[]));
        assert!(!encoder.reads() && decoder.reads());
        for bit in [false, true] {
            let values = [encoder.choose(bit, [3, 5]), decoder.choose(bit, [3, 5])];
            assert_eq!(values, [if bit { 5 } else { 3 }; 2]);
        }
    }

    #[test]
    fn nothing_takes_no_bytes() {
        assert!(RangeEncoder::new().finish().is_empty());
    }
}
