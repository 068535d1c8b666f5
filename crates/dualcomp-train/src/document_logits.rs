//! What the contexts say of each decision, where the network says nothing: what a network is trained beside.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dualcomp::__unstable::{DocumentSetup, code_document};
use dualcomp::Error;
use dualcomp_entropy::predictor::{Depth, ImageSession, Predictor, PredictorError, TextSession};
use dualcomp_entropy::{BitCoder, Prior, logistic};
use dualcomp_tokens::Vocabulary;

use crate::context_list::spell;
use crate::in_units;

/// Stands for a decision that is not coded.
const CERTAIN: i8 = i8::MIN;

/// What was asked of the network, and then of the coder.
#[derive(Clone, Copy)]
enum Event {
    /// A token begins.
    Token,
    /// The decision's number, and its logit.
    Decision(u32, i32),
}

#[derive(Default)]
struct Events {
    all: Vec<Event>,
    asked: Option<u32>,
}

/// A network that knows nothing and notes what it is asked.
#[derive(Clone)]
pub(crate) struct NullPredictor {
    vocabulary: Arc<Vocabulary>,
    events: Arc<Mutex<Events>>,
}

impl NullPredictor {
    pub(crate) fn new(vocabulary: Vocabulary) -> Self {
        Self { vocabulary: Arc::new(vocabulary), events: Arc::default() }
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Predictor for NullPredictor {
    fn id(&self) -> [u8; 4] {
        [0; 4]
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    fn text(&self, _lanes: usize) -> Result<Box<dyn TextSession + Send>, PredictorError> {
        Ok(Box::new(self.clone()))
    }

    fn image(&self, _: Depth, _slots: usize) -> Result<Box<dyn ImageSession + Send>, PredictorError> {
        Ok(Box::new(crate::tile_logits::NullSession))
    }
}

impl TextSession for NullPredictor {
    fn advance(&mut self, _lanes: &[u32], _tokens: &[u32]) -> Result<(), PredictorError> {
        self.events().all.push(Event::Token);
        Ok(())
    }

    fn logit(&self, _lane: u32, node: u32) -> i32 {
        self.events().asked = Some(node);
        0
    }
}

impl BitCoder for NullPredictor {
    fn code(&mut self, bit: bool, one: u32) -> bool {
        let mut events = self.events();
        match events.asked.take() {
            Some(number) => events.all.push(Event::Decision(number, logistic::stretch(one))),
            // A token that was asked for, and comes.
            None if bit => events.all.push(Event::Token),
            None => {}
        }
        bit
    }
}

/// The tokens of a document, and for each decision on their paths the logit of a 1 in 20/256 nat, by one group of contexts
/// or both.
pub(crate) fn document_logits(
    document: &[u8],
    wide: bool,
    network: &NullPredictor,
    prior: &[u8],
    pretrained: Option<&'static [u8]>,
    tokens: &mut Vec<u32>,
) -> Result<Vec<i8>, Error> {
    *network.events() = Events::default();
    let setup = DocumentSetup {
        table_log2: table_log2(document.len()),
        wide,
        light: false,
        prior: Prior::new(prior),
        pretrained,
        predictor: Some(network),
    };
    code_document(document, setup, &mut network.clone())?;
    network.vocabulary.cut(document, tokens);
    let events = std::mem::take(&mut network.events().all);
    let mut events = events.into_iter().peekable();
    let mut out = Vec::new();
    for &id in tokens.iter() {
        events.next_if(|e| matches!(e, Event::Token));
        spell(&network.vocabulary, id, |number, _| {
            out.push(match events.next_if(|e| matches!(e, Event::Decision(n, _) if *n == number)) {
                Some(Event::Decision(_, logit)) => in_units(logit),
                _ => CERTAIN,
            });
        });
    }
    assert!(events.next().is_none(), "every event belongs to a token");
    Ok(out)
}

/// Room for all contexts of a document.
fn table_log2(len: usize) -> u8 {
    (len.max(1).ilog2() as u8 + 4).clamp(19, 22)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_decision_of_each_token_has_a_logit() {
        let bytes = (0..=255).map(|b| vec![b]);
        let mut tokens: Vec<Vec<u8>> =
            bytes.chain([b"the".to_vec(), b"the house".to_vec(), b"ouse".to_vec()]).collect();
        tokens.sort();
        let network = NullPredictor::new(Vocabulary::new(tokens).unwrap());
        let text = b"the house, the hose, the house ".repeat(20);
        let mut tokens = Vec::new();
        let logits = document_logits(&text, false, &network, &[], None, &mut tokens).unwrap();
        assert!(tokens.len() > 60);
        assert!(logits.len() > 4 * tokens.len());
        // Most are asked for, which codes none of their decisions.
        let coded = logits.iter().filter(|&&logit| logit != CERTAIN).count();
        assert!((1..logits.len() / 2).contains(&coded), "{coded} of {}", logits.len());
    }
}
