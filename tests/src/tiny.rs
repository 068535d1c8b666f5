//! A model in place of the network, so that what is coded with one can be tested a hundred times as often.

use std::sync::Arc;

use dualcomp::Vocabulary;
use dualcomp::predictor::{COMPONENTS, Depth, ImageSession, Mixture, Predictor, PredictorError, Site, TextSession};

/// What its streams name it.
pub const ID: [u8; 4] = *b"Tiny";

/// The model, as the functions of the library take it.
pub fn tiny() -> Option<Arc<dyn Predictor>> {
    Some(Arc::new(Tiny { vocabulary: Vocabulary::bytes_only() }))
}

/// Its answers are arbitrary, but depend on all that it is fed with: coders that do not feed theirs alike soon differ.
struct Tiny {
    vocabulary: Vocabulary,
}

impl Predictor for Tiny {
    fn id(&self) -> [u8; 4] {
        ID
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    fn text(&self, lanes: usize) -> Result<Box<dyn TextSession + Send>, PredictorError> {
        Ok(Box::new(Text { states: vec![0; lanes] }))
    }

    fn image(&self, _: Depth, slots: usize) -> Result<Box<dyn ImageSession + Send>, PredictorError> {
        Ok(Box::new(Image { states: vec![0; slots], now: Vec::new() }))
    }
}

fn mix(state: u32, input: u32) -> u32 {
    (state ^ input).wrapping_mul(0x9E37_79B1).rotate_left(13)
}

/// A number from `-bound` to `bound`.
fn number(state: u32, bound: i32) -> i32 {
    (state >> 8) as i32 % (bound + 1) * if state & 1 == 0 { 1 } else { -1 }
}

struct Text {
    states: Vec<u32>,
}

impl TextSession for Text {
    fn advance(&mut self, lanes: &[u32], tokens: &[u32]) -> Result<(), PredictorError> {
        for (&lane, &token) in lanes.iter().zip(tokens) {
            let state = self.states.get_mut(lane as usize).ok_or("there is no such lane")?;
            *state = mix(*state, token);
        }
        Ok(())
    }

    fn logit(&self, lane: u32, node: u32) -> i32 {
        number(mix(self.states[lane as usize], node), 2815)
    }
}

struct Image {
    states: Vec<u32>,
    now: Vec<u32>,
}

impl ImageSession for Image {
    fn advance(&mut self, sites: &[Site], features: &[i8]) -> Result<(), PredictorError> {
        self.now.clear();
        for (site, features) in sites.iter().zip(features.chunks((features.len() / sites.len().max(1)).max(1))) {
            let state = self.states.get_mut(site.slot as usize).ok_or("there is no such slot")?;
            let before = if site.column == 0 { 0 } else { *state };
            *state = features.iter().fold(mix(before, site.column), |state, &feature| mix(state, feature as u32));
            self.now.push(*state);
        }
        Ok(())
    }

    fn mixtures(
        &mut self,
        channel: usize,
        residuals: &[[i16; 2]],
        out: &mut Vec<Mixture>,
    ) -> Result<(), PredictorError> {
        out.clear();
        out.extend(self.now.iter().zip(residuals).map(|(&state, known)| {
            let state = mix(mix(mix(state, channel as u32), known[0] as u32), known[1] as u32);
            let mut mixture = Mixture::default();
            for component in 0..COMPONENTS {
                let state = mix(state, component as u32);
                mixture.weights[component] = number(state, 2815) as i16;
                mixture.means[component] = number(mix(state, 1), 8192) as i16;
                mixture.scales[component] = 32 + number(mix(state, 2), 128) as i16;
            }
            mixture
        }));
        Ok(())
    }
}
