//! What follows each state of a context, counted: what the prior is made of.

use dualcomp_entropy::Number;

use super::states::STATES;
use super::{CONTEXTS, LightCoder};

/// How often a 0 and a 1 followed each state of each context.
pub type Outcomes = [[[u64; 2]; 256]; CONTEXTS];

/// None of either.
pub fn no_outcomes() -> Box<Outcomes> {
    Box::new([[[0; 2]; 256]; CONTEXTS])
}

impl LightCoder {
    /// Counts in addition to these, none in the beginning.
    pub(crate) fn count(&mut self, outcomes: Box<Outcomes>) {
        self.mixing.outcomes = Some(outcomes);
    }

    /// What was counted.
    pub(crate) fn counted(&mut self) -> Option<Box<Outcomes>> {
        self.mixing.outcomes.take()
    }
}

/// The first numbers of a prior, the logits of all states: outcomes that were counted, and four as the state has them.
pub fn first_logits(outcomes: &Outcomes) -> Vec<Number> {
    let probability = |(state, &[zeros, ones]): (usize, &[u64; 2])| {
        let sum = (ones << 16) + 4 * u64::from(STATES.p[state]);
        Number::Probability((sum / (zeros + ones + 4)).clamp(1, 65535) as u16)
    };
    outcomes.iter().flat_map(|states| states.iter().enumerate().map(probability)).collect()
}
