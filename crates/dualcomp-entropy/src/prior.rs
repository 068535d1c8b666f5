//! What learners know before they see any data: numbers of 16 bits, learned beforehand on other data.

use alloc::vec::Vec;

use crate::Counter;

/// Decisions that a counter's prior is worth.
const WORTH: u32 = 80;
/// A counter that has never learned.
const UNKNOWN: u16 = 1 << 15;

/// Reads a prior number by number, in the order it was written; nothing beyond its end.
#[derive(Clone, Debug)]
pub struct Prior<'a> {
    rest: &'a [u8],
}

impl<'a> Prior<'a> {
    /// A prior of numbers of two bytes each, the lower first.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next number.
    #[inline]
    pub fn take(&mut self) -> Option<u16> {
        let (number, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u16::from_le_bytes(*number))
    }

    /// Whether all has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Gives counters their prior probabilities; those that never learned stay as they are.
    pub fn counters(&mut self, counters: &mut [Counter]) {
        for counter in counters {
            if let Some(p) = self.take().filter(|&p| p != UNKNOWN) {
                *counter = Counter::new(p, WORTH);
            }
        }
    }
}

/// Writes counters as [`Prior::counters`] reads them.
pub fn save_counters(counters: &[Counter], out: &mut Vec<u16>) {
    out.extend(counters.iter().map(|c| match c.p() as u16 {
        _ if c.count() == 0 => UNKNOWN,
        UNKNOWN => UNKNOWN + 1,
        p => p,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mixer, Refiner};

    #[test]
    fn what_is_saved_comes_back() {
        let mut counters = [Counter::default(); 3];
        counters[0].update(true, 100);
        counters[2].update(false, 100);
        let mut mixer = Mixer::<2>::new(3, [1000, -70_000], 500);
        for i in 0..200 {
            mixer.mix(&[i, -i], 1);
            mixer.update(&[i, -i], i % 3 == 0);
        }
        let mut refiner = Refiner::new(2, 6);
        for _ in 0..50 {
            refiner.refine(100, 1);
            refiner.update(true);
        }
        let mut numbers = Vec::new();
        save_counters(&counters, &mut numbers);
        mixer.save(&mut numbers);
        refiner.save(&mut numbers);
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();

        let mut prior = Prior::new(&bytes);
        let mut fresh = [Counter::default(); 3];
        prior.counters(&mut fresh);
        assert_eq!(fresh.map(Counter::p), counters.map(Counter::p));
        assert_eq!(fresh.map(Counter::count), [WORTH, 0, WORTH]);
        let mut other = Mixer::<2>::new(3, [0; 2], 500);
        other.load(&mut prior);
        let mut again = Refiner::new(2, 6);
        again.load(&mut prior);
        assert!(prior.is_empty() && prior.take().is_none());
        for i in 0..3 {
            assert!((other.mix(&[300, 200], i) - mixer.mix(&[300, 200], i)).abs() <= 1);
        }
        for logit in [-500, 0, 100, 200] {
            assert_eq!(again.refine(logit, 1), refiner.refine(logit, 1));
        }
    }
}
