//! Experts of a channel mix, and the choice among them (docs/spec/numerics.md, section 10).

use crate::lanes::Chunk;
use crate::numerics::squared_relu;
use crate::product::{Packed, Products};
use crate::weights::{Expert, Routed};

/// An expert.
#[derive(Debug)]
pub(super) struct Mix {
    key: Packed,
    hidden_inverse: f32,
    pub(super) value: Packed,
}

impl Mix {
    pub(super) fn new(expert: &Expert) -> Self {
        Self {
            key: Packed::new(&expert.key),
            hidden_inverse: expert.hidden_inverse,
            value: Packed::sparse(&expert.value),
        }
    }

    /// From rows to what `value` is multiplied by, with room for what lies between.
    #[inline(always)]
    pub(super) fn hide<S: Products>(&self, s: S, input: &[i8], hidden: &mut [Chunk], squares: &mut [i8]) {
        self.key.multiply(s, input, hidden);
        squared_relu(s, hidden, self.hidden_inverse, squares);
    }
}

/// What picks one expert for each row.
#[derive(Debug)]
pub(super) struct Router {
    logits: Packed,
    common: Vec<Mix>,
}

impl Router {
    pub(super) fn new(routed: &Routed) -> Self {
        Self { logits: Packed::new(&routed.router), common: routed.common.iter().map(Mix::new).collect() }
    }

    /// The expert of a row, and what its output is multiplied by.
    #[inline(always)]
    pub(super) fn choose<'a, S: Products>(&'a self, s: S, input: &[i8], own: &'a Mix) -> (&'a Mix, f32) {
        let mut logits = [Chunk::ZERO];
        self.logits.multiply(s, input, &mut logits);
        let (best, weight) = largest(&logits[0].0[..1 + self.common.len()]);
        (best.checked_sub(1).map_or(own, |place| &self.common[place]), weight)
    }
}

/// The first of the largest logits, and twice the gate of its distance to the largest of the others.
fn largest(logits: &[f32]) -> (usize, f32) {
    let (mut best, mut next) = (0, f32::NEG_INFINITY);
    for (place, &logit) in logits.iter().enumerate().skip(1) {
        if logit > logits[best] {
            (next, best) = (logits[best], place);
        } else if logit > next {
            next = logit;
        }
    }
    let distance = logits[best] - next;
    let gate = 0.5 + (0.5 * distance) / (1.0 + distance * distance).sqrt();
    (best, gate + gate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_logit_decides_and_the_first_of_equals() {
        assert_eq!(largest(&[0.0, 0.0, 0.0]), (0, 1.0));
        assert_eq!(largest(&[-1.0, 2.0, 2.0, 1.0]), (1, 1.0));
        assert_eq!(largest(&[0.5, -0.25]), (0, 1.6));
        assert_eq!(largest(&[1.0, 0.25, 1.75]), (2, 1.6));
    }
}
