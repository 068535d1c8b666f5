//! Counters under hashed contexts.

use alloc::vec;
use alloc::vec::Vec;

use crate::Counter;

/// Mixes two numbers into a hash of 32 bits.
#[inline]
pub fn hash(a: u32, b: u32) -> u32 {
    let x = (u64::from(a) << 32 | u64::from(b)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (x ^ x >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9).wrapping_shr(32) as u32
}

/// A table of lines of counters. A context's hash picks a line, and seven other bits of it tell whether the line is
/// its own. A context without a line takes over the less used of two.
#[derive(Clone, Debug)]
pub struct ContextTable {
    lines: Vec<[Counter; LINE]>,
    checks: Vec<u8>,
    mask: u32,
}

/// Counters in a line.
const LINE: usize = 16;

/// A place in a [`ContextTable`]: 16 counters of one context. Counter 1 should be the one used most: it tells
/// how much the line is worth.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line(u32);

impl ContextTable {
    /// A table of 2^`log2` counters, four bytes each; `log2` from 5 to 28.
    ///
    /// # Panics
    /// If `log2` is out of range.
    pub fn new(log2: u32) -> Self {
        assert!((5..=28).contains(&log2), "log2 of a context table");
        let lines = 1usize << (log2 - 4);
        Self { lines: vec![[Counter::default(); LINE]; lines], checks: vec![0; lines], mask: lines as u32 - 1 }
    }

    /// The line of the context with this hash.
    #[inline]
    pub fn line(&mut self, hash: u32) -> Line {
        let check = (hash >> 24) as u8 | 1;
        let first = hash & self.mask;
        let second = first ^ 1;
        if self.checks[first as usize] == check {
            return Line(first);
        }
        if self.checks[second as usize] == check {
            return Line(second);
        }
        let worth = |line: u32| self.lines[line as usize][1].count();
        let line = if worth(first) <= worth(second) { first } else { second };
        self.checks[line as usize] = check;
        self.lines[line as usize] = [Counter::default(); LINE];
        Line(line)
    }

    /// Counter `index` (below 16) of a line.
    ///
    /// # Panics
    /// If `index` is out of range, or the line is another table's.
    #[inline(always)]
    pub fn counter(&mut self, line: Line, index: usize) -> &mut Counter {
        &mut self.lines[line.0 as usize][index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_counters() {
        let mut table = ContextTable::new(12);
        for context in 0..50 {
            let line = table.line(hash(context, 1));
            table.counter(line, 1).update(true, 30);
            table.counter(line, 3).update(context % 2 == 0, 30);
        }
        let right = (0..50)
            .filter(|&context| {
                let line = table.line(hash(context, 1));
                (table.counter(line, 3).p() > 32768) == (context % 2 == 0)
            })
            .count();
        assert!(right >= 45, "{right}");
    }
}
