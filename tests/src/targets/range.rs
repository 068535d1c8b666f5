//! The range coder against one that keeps its whole result as a number, where carries are plain additions.

use dualcomp_entropy::{BitCoder, RangeDecoder, RangeEncoder};

const TOP: u32 = 48;

/// The coder of docs/spec/entropy.md, as naively as it can be written.
struct Naive {
    /// Digits of base 256, the first ones first. The last six are in step with `range`.
    low: Vec<u8>,
    range: u64,
}

impl Naive {
    fn new() -> Self {
        Self { low: vec![0; 6], range: 1 << TOP }
    }

    fn add(&mut self, mut number: u64) {
        for digit in self.low.iter_mut().rev() {
            number += u64::from(*digit);
            *digit = number as u8;
            number >>= 8;
        }
        assert_eq!(number, 0, "the result is below 1");
    }

    fn code(&mut self, bit: bool, one: u32) {
        let bound = (self.range >> 16) * u64::from(one);
        if bit {
            self.range = bound;
        } else {
            self.add(bound);
            self.range -= bound;
        }
        while self.range < 1 << (TOP - 8) {
            self.range <<= 8;
            self.low.push(0);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        let tail = self.low[self.low.len() - 6..].iter().fold(0, |tail, &digit| tail << 8 | u64::from(digit));
        let round = |zeros: u32| (1u64 << zeros) - 1;
        let up = |zeros: u32| ((tail + round(zeros)) & !round(zeros)) - tail;
        if let Some(zeros) = (0..TOP).rev().find(|&zeros| up(zeros) < self.range) {
            self.add(up(zeros));
        }
        while self.low.last() == Some(&0) {
            self.low.pop();
        }
        self.low
    }
}

/// Codes the decisions that the bytes describe, three for each.
pub fn range_coder(data: &[u8]) {
    let decisions: Vec<(bool, u32)> = data
        .chunks_exact(3)
        .map(|code| (code[0] & 1 == 1, (u32::from(code[1]) << 8 | u32::from(code[2])).max(1)))
        .collect();
    let (mut naive, mut encoder) = (Naive::new(), RangeEncoder::new());
    for &(bit, one) in &decisions {
        naive.code(bit, one);
        encoder.code(bit, one);
    }
    let bytes = encoder.finish();
    assert_eq!(bytes, naive.finish());
    let mut decoder = RangeDecoder::new(&bytes);
    for &(bit, one) in &decisions {
        assert_eq!(decoder.code(false, one), bit);
    }
}
