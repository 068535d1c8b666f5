//! What learners know before they see any data: weights and probabilities, learned beforehand on other data.

use alloc::vec::Vec;

use crate::Counter;
use crate::logistic::{squash, stretch};

/// Count of a counter that a prior sets, by hand (experiments/0022).
const COUNT: u32 = 80;
/// Weights are packed by their roots: the square of a number times this, in 1/65536. So one byte reaches four.
const WEIGHT_UNIT: i32 = 16;
/// Probabilities are packed as logits: steps of this, in 1/256 nat. So one byte reaches eleven nats.
const LOGIT_STEP: i32 = 22;
/// A probability that nothing is known of, packed.
const UNKNOWN: u8 = 0;

/// One number of a prior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// A mixer's weight, in 1/65536.
    Weight(i32),
    /// A probability in 1/65536.
    Probability(u16),
    /// The probability of a counter that has never learned.
    Unknown,
}

impl Number {
    /// The byte that stands for the nearest number; weights beyond four are taken as four.
    pub fn pack(self) -> u8 {
        match self {
            Self::Weight(weight) => {
                let cost = |&root: &i32| (root * root * WEIGHT_UNIT - weight.abs()).abs();
                let root = (0..128).min_by_key(cost).unwrap_or(0);
                (128 + if weight < 0 { -root } else { root }) as u8
            }
            Self::Probability(p) => {
                let cost = |&byte: &u8| (logit(byte) - stretch(p.into())).abs();
                (1..=255).min_by_key(cost).unwrap_or(128)
            }
            Self::Unknown => UNKNOWN,
        }
    }
}

/// The logit of a packed probability, in 1/256 nat.
fn logit(byte: u8) -> i32 {
    (i32::from(byte) - 128) * LOGIT_STEP
}

/// Reads a prior number by number, in the order it was written; nothing beyond its end.
#[derive(Clone, Debug)]
pub struct Prior<'a> {
    rest: Rest<'a>,
}

#[derive(Clone, Debug)]
enum Rest<'a> {
    Packed(&'a [u8]),
    Numbers(&'a [Number]),
}

impl<'a> Prior<'a> {
    /// A prior of numbers as [`Number::pack`] makes them.
    pub fn new(packed: &'a [u8]) -> Self {
        Self { rest: Rest::Packed(packed) }
    }

    /// A prior of numbers that are not packed.
    pub fn from_numbers(numbers: &'a [Number]) -> Self {
        Self { rest: Rest::Numbers(numbers) }
    }

    /// The next number, a weight in 1/65536; `None` if it is none.
    #[inline]
    pub fn weight(&mut self) -> Option<i32> {
        match self.rest {
            Rest::Packed(bytes) => {
                let (&byte, rest) = bytes.split_first()?;
                self.rest = Rest::Packed(rest);
                let root = i32::from(byte) - 128;
                Some(root * root.abs() * WEIGHT_UNIT)
            }
            Rest::Numbers(_) => {
                self.number().and_then(|n| if let Number::Weight(weight) = n { Some(weight) } else { None })
            }
        }
    }

    /// The next number, a probability in 1/65536; `None` if nothing is known of it.
    #[inline]
    pub fn probability(&mut self) -> Option<u16> {
        match self.rest {
            Rest::Packed(bytes) => {
                let (&byte, rest) = bytes.split_first()?;
                self.rest = Rest::Packed(rest);
                (byte != UNKNOWN).then(|| squash(logit(byte)) as u16)
            }
            Rest::Numbers(_) => self.number().and_then(|n| if let Number::Probability(p) = n { Some(p) } else { None }),
        }
    }

    fn number(&mut self) -> Option<Number> {
        let Rest::Numbers(numbers) = self.rest else { return None };
        let (&number, rest) = numbers.split_first()?;
        self.rest = Rest::Numbers(rest);
        Some(number)
    }

    /// Whether all has been read.
    pub fn is_empty(&self) -> bool {
        match self.rest {
            Rest::Packed(bytes) => bytes.is_empty(),
            Rest::Numbers(numbers) => numbers.is_empty(),
        }
    }

    /// Gives counters their prior probabilities; those that never learned stay as they are.
    pub fn counters(&mut self, counters: &mut [Counter]) {
        for counter in counters {
            if let Some(p) = self.probability() {
                *counter = Counter::new(p, COUNT);
            }
        }
    }
}

/// Writes counters as [`Prior::counters`] reads them.
pub fn save_counters(counters: &[Counter], out: &mut Vec<Number>) {
    out.extend(
        counters.iter().map(|c| if c.count() == 0 { Number::Unknown } else { Number::Probability(c.p() as u16) }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Apm, Mixer};

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
        let mut apm = Apm::new(2, 6);
        for _ in 0..50 {
            apm.refine(100, 1);
            apm.update(true);
        }
        let mut numbers = Vec::new();
        save_counters(&counters, &mut numbers);
        mixer.save(&mut numbers);
        apm.save(&mut numbers);
        let packed: Vec<u8> = numbers.iter().map(|n| n.pack()).collect();

        for (mut prior, near) in [(Prior::from_numbers(&numbers), 0), (Prior::new(&packed), 20)] {
            let mut fresh = [Counter::default(); 3];
            prior.counters(&mut fresh);
            for (fresh, counter) in fresh.iter().zip(&counters) {
                assert!((stretch(fresh.p()) - stretch(counter.p())).abs() <= near);
            }
            assert_eq!(fresh.map(Counter::count), [COUNT, 0, COUNT]);
            let mut other = Mixer::<2>::new(3, [0; 2], 500);
            other.load(&mut prior);
            let mut again = Apm::new(2, 6);
            again.load(&mut prior);
            assert!(prior.is_empty() && prior.weight().is_none() && prior.probability().is_none());
            for i in 0..3 {
                assert!((other.mix(&[300, 200], i) - mixer.mix(&[300, 200], i)).abs() <= near);
            }
            for logit in [-500, 0, 100, 200] {
                assert!((stretch(again.refine(logit, 1)) - stretch(apm.refine(logit, 1))).abs() <= near);
            }
        }
    }

    #[test]
    fn packed_numbers_are_near() {
        for weight in [-200_000, -70_000, -900, 0, 17, 2000, 65536, 250_000, 260_000] {
            let back = Prior::new(&[Number::Weight(weight).pack()]).weight().unwrap();
            assert!((back - weight).abs() <= 16 + 4 * weight.abs().isqrt(), "{weight}: {back}");
        }
        assert_eq!(Prior::new(&[Number::Unknown.pack()]).probability(), None);
        for p in (1..=u16::MAX).step_by(13) {
            let back = Prior::new(&[Number::Probability(p).pack()]).probability().unwrap();
            assert!((stretch(back.into()) - stretch(p.into())).abs() <= LOGIT_STEP, "{p}: {back}");
        }
    }
}
