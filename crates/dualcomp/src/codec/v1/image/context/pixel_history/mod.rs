//! Pixel history: which pixels came after the same exact neighbours, a match model in two dimensions
//! (docs/spec/image.md, section 8).

mod states;

use dualcomp_entropy::{Counter, logistic};
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::{Binarization, KINDS};
pub(crate) use states::{GROUPS, HISTORY_STATES, HistoryStates};
use states::{HistoryState, LONGEST};

/// Templates, the widest first.
pub(crate) const TEMPLATES: usize = 4;
/// States of the second pixel beside the first: it does not count, expects the same, the opposite, or the opposite and
/// came more than once.
const SECOND: usize = 4;
const CONFIDENCES: usize = TEMPLATES * (LONGEST as usize + 1) * SECOND * KINDS;

/// For each template a table of the last two pixels after the same neighbours, and how often they came lately.
pub(crate) struct PixelHistory {
    entries: Vec<u64>,
    shift: u32,
    /// Whether the expected outcome comes, under template, times, second pixel and kind of decision.
    confidence: Vec<Counter>,
}

/// The inputs of all templates for one decision, and their counters.
#[derive(Clone, Copy)]
pub(crate) struct HistoryInputs {
    pub(crate) logits: [i32; TEMPLATES],
    /// The place of the counter and the outcome it expects, or none.
    places: [Option<(u32, bool)>; TEMPLATES],
}

impl PixelHistory {
    /// With 2^`log2` entries for each template, up to 2^16.
    pub(crate) fn new(log2: u32) -> Self {
        Self {
            entries: vec![0; TEMPLATES << log2],
            shift: 32 - log2,
            confidence: vec![Counter::default(); CONFIDENCES],
        }
    }

    /// The counters of all templates.
    pub(crate) fn confidence(&mut self) -> &mut [Counter] {
        &mut self.confidence
    }

    #[inline(always)]
    fn place(&self, template: usize, hash: u32) -> usize {
        template << (32 - self.shift) | (hash >> self.shift) as usize
    }

    /// Fetches what [`Self::look`] will read.
    #[inline(always)]
    pub(crate) fn prefetch(&self, hashes: &[u32; TEMPLATES]) {
        for i in 0..TEMPLATES {
            prefetch_index(&self.entries, self.place(i, hashes[i]));
        }
    }

    /// Looks up the states of a pixel's templates.
    #[inline(always)]
    pub(crate) fn look(&self, hashes: &[u32; TEMPLATES]) -> HistoryStates {
        let mut states = HistoryStates([HistoryState::default(); TEMPLATES]);
        for i in 0..TEMPLATES {
            states.0[i] = HistoryState::from_entry(self.entries[self.place(i, hashes[i])], hashes[i]);
        }
        states
    }

    /// The inputs for a decision about a channel.
    #[inline(always)]
    pub(crate) fn ask(&self, states: &HistoryStates, channel: usize, binarization: &Binarization) -> HistoryInputs {
        let mut history_inputs = HistoryInputs { logits: [0; TEMPLATES], places: [None; TEMPLATES] };
        for i in 0..TEMPLATES {
            let HistoryState { first, times, second, others } = states.0[i];
            let (first, second) = (i32::from(first[channel]), i32::from(second[channel]));
            let first_in = times > 0 && binarization.low <= first && first < binarization.high;
            let second_in = others > 0 && binarization.low <= second && second < binarization.high;
            if !first_in && !second_in {
                continue;
            }
            let (yes, also) = (first >= binarization.threshold, second >= binarization.threshold);
            let (bit, times, agreement) = if first_in {
                let agreement = if !second_in {
                    0
                } else if also == yes {
                    1
                } else {
                    2 + u32::from(others > 1)
                };
                (yes, times, agreement)
            } else {
                (also, 0, others.min(SECOND as u32) - 1)
            };
            let place = ((i as u32 * (LONGEST + 1) + times) * SECOND as u32 + agreement) * KINDS as u32;
            let place = place + binarization.kind as u32;
            let logit = logistic::stretch(self.confidence[place as usize].p());
            history_inputs.logits[i] = if bit { logit } else { -logit };
            history_inputs.places[i] = Some((place, bit));
        }
        history_inputs
    }

    /// Learns how a decision came out.
    #[inline(always)]
    pub(crate) fn update(&mut self, history_inputs: &HistoryInputs, outcome: bool) {
        for i in 0..TEMPLATES {
            if let Some((place, bit)) = history_inputs.places[i] {
                self.confidence[place as usize].update(bit == outcome, 511);
            }
        }
    }

    /// Notes a pixel under its templates.
    #[inline(always)]
    pub(crate) fn note(&mut self, hashes: &[u32; TEMPLATES], pixel: [u8; 3]) {
        for i in 0..TEMPLATES {
            let place = self.place(i, hashes[i]);
            self.entries[place] = HistoryState::from_entry(self.entries[place], hashes[i]).with(pixel).entry(hashes[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes a grey pixel.
    fn step(pixel_history: &mut PixelHistory, value: u8) {
        let states = pixel_history.look(&[7; TEMPLATES]);
        let mut binarization = Binarization::new(100, 1);
        while binarization.next() {
            let (history_inputs, bit) =
                (pixel_history.ask(&states, 0, &binarization), i32::from(value) >= binarization.threshold);
            pixel_history.update(&history_inputs, bit);
            binarization.answer(bit);
        }
        pixel_history.note(&[7; TEMPLATES], [value, 1, 2]);
    }

    /// The logits of the first question.
    fn asked(pixel_history: &PixelHistory, hash: u32) -> [i32; TEMPLATES] {
        let mut binarization = Binarization::new(100, 1);
        binarization.next();
        pixel_history.ask(&pixel_history.look(&[hash; TEMPLATES]), 0, &binarization).logits
    }

    #[test]
    fn expects_what_came_before() {
        let mut pixel_history = PixelHistory::new(8);
        for _ in 0..40 {
            step(&mut pixel_history, 200);
        }
        assert!(asked(&pixel_history, 7).iter().all(|&logit| logit > 100));
        assert_eq!(asked(&pixel_history, 8), [0; TEMPLATES]);
    }

    #[test]
    fn keeps_two_pixels() {
        let mut pixel_history = PixelHistory::new(8);
        for value in [200, 200, 200, 50] {
            step(&mut pixel_history, value);
        }
        let mut states = pixel_history.look(&[7; TEMPLATES]);
        assert_eq!(states.0[0], HistoryState { first: [200, 1, 2], times: 2, second: [50, 1, 2], others: 1 });
        states.narrow(0, 50);
        assert_eq!((states.0[0].times, states.0[0].others, states.known()), (0, 1, true));
        states.narrow(1, 2);
        assert!(!states.known());
    }
}
