//! Dictionaries (docs/spec/dictionary.md): samples are coded as one stream, once. What that leaves lies below the
//! streams that need it, which never change it.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use dualcomp_entropy::hash;
use dualcomp_entropy::predictor::{Predictor, PredictorError, TextSession};
use prefetch_index::prefetch_index;

use crate::Result;
use crate::codec::v1::bytes::below::MixingStart;
use crate::codec::v1::bytes::places::{LONG, MIN_MATCH, agreeing};
use crate::codec::v1::bytes::substream::full::SubstreamCoder;
use crate::codec::v1::bytes::token_match::TokenMatch;
use crate::format::bytes_params::BytesParams;

/// The model of dictionaries that name no other: the one inside this library.
pub(crate) const MODEL: [u8; 4] = [0x7d, 0x1b, 0x23, 0x06];
/// Bytes of the samples that the network reads (experiments/0030).
const NETWORK: usize = 64 << 10;

/// Samples, and what is made of them when a stream first needs it.
pub(crate) struct Tables {
    samples: Vec<u8>,
    /// Where each sample ends.
    ends: Vec<usize>,
    /// A [`Prepared`] for one group of contexts and two, each without the network and with it.
    forms: [Mutex<Option<Arc<dyn Any + Send + Sync>>>; 4],
}

/// What a substream with a dictionary begins with.
pub(crate) struct Prepared<const GROUPS: usize> {
    pub(crate) history: Arc<DictionaryHistory>,
    pub(crate) mixing: MixingStart<GROUPS>,
    pub(crate) token_match: TokenMatch,
}

impl Tables {
    /// Of samples that end at these places, at least one.
    pub(crate) fn new(samples: Vec<u8>, ends: Vec<usize>) -> Self {
        Self { samples, ends, forms: Default::default() }
    }

    /// All samples, one after the other.
    pub(crate) fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// Where each sample ends.
    pub(crate) fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// What streams begin with that have so many groups of contexts, and begin with the network or not.
    pub(crate) fn prepared<const GROUPS: usize>(
        &self,
        predictor: Option<&dyn Predictor>,
    ) -> Result<Arc<Prepared<GROUPS>>> {
        // Who comes second waits: twice the work would not be done sooner.
        let mut slot = self.form(GROUPS > 1, predictor.is_some()).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = slot.clone().and_then(|any| any.downcast().ok()) {
            return Ok(prepared);
        }
        let prepared = Arc::new(self.prepare(predictor)?);
        *slot = Some(prepared.clone());
        Ok(prepared)
    }

    /// Whether a stream of this form need not wait.
    pub(crate) fn is_prepared(&self, second_group: bool, network: bool) -> bool {
        self.form(second_group, network).lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn form(&self, second_group: bool, network: bool) -> &Mutex<Option<Arc<dyn Any + Send + Sync>>> {
        &self.forms[2 * usize::from(second_group) + usize::from(network)]
    }

    /// Bytes that one form takes, roughly: table, history with its places, mixers.
    pub(crate) fn memory(&self) -> usize {
        4 * self.params().counters() + 18 * self.samples.len() + (2 << 20)
    }

    /// Bytes of the samples that the network reads: the last ones.
    pub(crate) fn network_len(&self) -> usize {
        self.samples.len().min(NETWORK)
    }

    /// The table of all contexts of the samples.
    pub(crate) fn params(&self) -> BytesParams {
        let log2 = self.samples.len().next_power_of_two().ilog2() as u8 + 6;
        BytesParams::new(log2.clamp(18, 24))
    }

    fn prepare<const GROUPS: usize>(&self, predictor: Option<&dyn Predictor>) -> Result<Prepared<GROUPS>> {
        let mut coder = SubstreamCoder::<GROUPS>::new(self.params());
        let reads = self.samples.len() - self.network_len();
        let mut at = 0;
        for &end in &self.ends {
            coder.learn(self.samples[at..end].split_at(reads.clamp(at, end) - at), predictor)?;
            at = end;
        }
        Ok(coder.into_dictionary())
    }
}

/// Stands for the network where it reads nothing.
pub(crate) struct NoLogits;

impl TextSession for NoLogits {
    fn advance(&mut self, _: &[u32], _: &[u32]) -> std::result::Result<(), PredictorError> {
        Ok(())
    }

    fn logit(&self, _: u32, _: u32) -> i32 {
        0
    }
}

/// The samples of a dictionary as history.
pub(crate) struct DictionaryHistory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) starts: Vec<u64>,
    pub(crate) followers: Vec<u16>,
    /// For each hash of five bytes, and of [`LONG`], the place after their last occurrence.
    places: Vec<[u32; 2]>,
    shift: u32,
}

impl DictionaryHistory {
    pub(crate) fn new(bytes: Vec<u8>, starts: Vec<u64>, followers: Vec<u16>) -> Self {
        let log2 = (bytes.len().next_power_of_two().ilog2() + 1).max(12);
        let mut history = Self { places: vec![[0; 2]; 1 << log2], shift: 32 - log2, bytes, starts, followers };
        for at in 1..=history.bytes.len() {
            let before = &history.bytes[..at];
            if let Some(slot) = history.slot(before) {
                history.places[slot][0] = at as u32;
            }
            if let Some(slot) = history.long_slot(before) {
                history.places[slot][1] = at as u32;
            }
        }
        history
    }

    /// The place after an earlier occurrence of the last bytes of a stream, and how many agree: of that of the long
    /// string, if it agrees, else of that of the short one.
    pub(crate) fn find(&self, stream: &[u8]) -> Option<(u32, u32)> {
        let at = |slot: Option<usize>, which: usize| {
            let place = self.places[slot?][which];
            let agree = agreeing(&self.bytes[..place as usize], stream);
            (agree >= MIN_MATCH as u32).then_some((place, agree))
        };
        at(self.long_slot(stream), 1).or_else(|| at(self.slot(stream), 0))
    }

    /// Fetches what [`Self::find`] will look at first, so that it need not wait for memory.
    #[inline]
    pub(crate) fn prefetch(&self, last: u64) {
        prefetch_index(&self.places, (hash(last as u32, (last >> 32) as u32 & 0xFF) >> self.shift) as usize);
    }

    fn slot(&self, before: &[u8]) -> Option<usize> {
        let [a, b, c, d, e] = *before.last_chunk::<MIN_MATCH>()?;
        Some((hash(u32::from_be_bytes([b, c, d, e]), a.into()) >> self.shift) as usize)
    }

    fn long_slot(&self, before: &[u8]) -> Option<usize> {
        let string = before.last_chunk::<LONG>()?;
        Some((string.iter().fold(0, |h, &b| hash(h, b.into())) >> self.shift) as usize)
    }
}
