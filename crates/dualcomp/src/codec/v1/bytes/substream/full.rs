//! The full form of a substream: contexts, matches and the network, mixed.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use dualcomp_entropy::predictor::{Predictor, TextSession};
use dualcomp_entropy::{Number, Prior};
use dualcomp_tokens::Vocabulary;
use fearless_simd::Level;

use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::bytes::WINDOW;
use crate::codec::v1::bytes::dictionary::Tables;
use crate::codec::v1::bytes::lane;
use crate::codec::v1::bytes::lane::Lane;
use crate::codec::v1::bytes::pretrained::Pretrained;
use crate::codec::v1::bytes::substream::learned::{Block, Learned};
use crate::codec::v1::bytes::substream::{NetworkPrefix, Substream};
use crate::codec::v1::direction::Direction;
use crate::format::block::RecordLen;
use crate::format::bytes_params::BytesParams;
use crate::runtime::float_environment;
use crate::{Error, Result};

/// The tokens of pieces without the network.
static BYTES: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::bytes_only);

/// State of a substream with `GROUPS` groups of contexts, and of the network.
pub(crate) struct SubstreamCoder<const GROUPS: usize> {
    /// The lock is never taken: it makes coders `Sync`, which sessions are not.
    pub(super) session: Option<Mutex<Box<dyn TextSession + Send>>>,
    pub(super) learned: Learned<GROUPS>,
    params: BytesParams,
    /// What the first piece begins with.
    dictionary: Option<Arc<Tables>>,
    /// Whether the last piece was coded with the network; none before the first.
    network: Option<bool>,
}

impl<const GROUPS: usize> SubstreamCoder<GROUPS> {
    pub(crate) fn new(params: BytesParams) -> Self {
        Self { session: None, learned: Learned::new(params), network: None, params, dictionary: None }
    }

    /// The first piece begins with this dictionary.
    pub(super) fn with_dictionary(self, dictionary: Option<Arc<Tables>>) -> Self {
        Self { dictionary, ..self }
    }

    /// Begins with a prior that is for blocks with the network, or for others, and with these pretrained contexts.
    pub(crate) fn begin_with(&mut self, prior: &mut Prior<'_>, pretrained: Pretrained, network: bool) {
        self.learned.load(prior);
        self.learned.mixing.begin_with(prior, pretrained);
        self.network = Some(network);
    }

    /// Writes what was learned as [`Self::begin_with`] reads it.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        self.learned.save(out);
    }

    /// The last `len` bytes of the history.
    pub(crate) fn last(&self, len: usize) -> &[u8] {
        self.learned.history.last(len)
    }

    /// Codes its part of a block in either direction.
    pub(crate) fn code(
        &mut self,
        level: Level,
        prefix: Option<NetworkPrefix<'_>>,
        len: usize,
        coder: &mut Direction<'_>,
        raw: Option<&[u8]>,
    ) -> Result<()> {
        if let Some(first) = self.code_with_network(level, prefix, len, coder, raw)? {
            self.piece(level, None, len - first, coder, raw.map(|raw| &raw[first..]))?;
        }
        Ok(())
    }

    /// As [`Self::code`] for two substreams in turns, of a length and the bytes to encode each.
    pub(crate) fn code_two(
        [one, two]: [&mut Self; 2],
        level: Level,
        prefix: Option<NetworkPrefix<'_>>,
        parts: [(usize, Option<&[u8]>); 2],
        [a, b]: [&mut Direction<'_>; 2],
    ) -> Result<()> {
        let [(x, raw_x), (y, raw_y)] = parts;
        let first = one.code_with_network(level, prefix, x, a, raw_x)?;
        let second = two.code_with_network(level, prefix, y, b, raw_y)?;
        match (first, second) {
            (Some(i), Some(j)) => {
                let one = one.lane(x - i, a, raw_x.map(|raw| &raw[i..]));
                let two = two.lane(y - j, b, raw_y.map(|raw| &raw[j..]));
                lane::run(level, &mut [one, two])
            }
            (Some(i), None) => one.piece(level, None, x - i, a, raw_x.map(|raw| &raw[i..])),
            (None, Some(j)) => two.piece(level, None, y - j, b, raw_y.map(|raw| &raw[j..])),
            (None, None) => Ok(()),
        }
    }

    /// Makes room for a part of a block and codes what has the network of it, so many bytes; none if there is no piece
    /// without the network.
    fn code_with_network(
        &mut self,
        level: Level,
        prefix: Option<NetworkPrefix<'_>>,
        len: usize,
        coder: &mut Direction<'_>,
        raw: Option<&[u8]>,
    ) -> Result<Option<usize>> {
        float_environment::check()?;
        if let Some(tables) = self.dictionary.take() {
            self.learned.begin_above(&*tables.prepared(prefix.map(|prefix| prefix.predictor))?, self.params);
            self.network = Some(prefix.is_some());
        }
        // At once, so that no part of it is forgotten before all of it is there.
        self.learned.history.open(len, WINDOW);
        let first = prefix.map_or(0, |prefix| prefix.len.min(len));
        if let Some(NetworkPrefix { predictor, .. }) = prefix {
            self.piece(level, Some(predictor), first, coder, raw.map(|raw| &raw[..first]))?;
        }
        Ok((prefix.is_none() || first < len).then_some(first))
    }

    /// A piece without the network that is about to be coded.
    fn lane<'a, 'b>(
        &'a mut self,
        len: usize,
        coder: &'a mut Direction<'b>,
        raw: Option<&'a [u8]>,
    ) -> Lane<'a, 'b, GROUPS> {
        let end = self.open_piece(false, len);
        Lane::new(&mut self.learned, Block { end, vocabulary: &BYTES, raw }, None, coder)
    }

    /// Codes bytes with the network if there is a predictor, or without.
    pub(super) fn piece(
        &mut self,
        level: Level,
        predictor: Option<&dyn Predictor>,
        len: usize,
        coder: &mut Direction<'_>,
        raw: Option<&[u8]>,
    ) -> Result<()> {
        let Some(predictor) = predictor else { return lane::run(level, &mut [self.lane(len, coder, raw)]) };
        let end = self.open_piece(true, len);
        let session = match &mut self.session {
            Some(session) => session,
            none => none.insert(Mutex::new(predictor.text(1).map_err(Error::Model)?)),
        };
        let session = session.get_mut().unwrap_or_else(PoisonError::into_inner);
        let block = Block { end, vocabulary: predictor.vocabulary(), raw };
        lane::run(level, &mut [Lane::new(&mut self.learned, block, Some(&mut **session), coder)])
    }

    /// Begins a piece with the network or without; returns where it ends in the history.
    fn open_piece(&mut self, network: bool, len: usize) -> usize {
        let learned = &mut self.learned;
        let prior = match (GROUPS, network) {
            (1, true) => PriorKind::NetworkBytes,
            (1, false) => PriorKind::ContextsBytes,
            (_, true) => PriorKind::NetworkTwoGroups,
            (_, false) => PriorKind::ContextsTwoGroups,
        };
        match self.network {
            None => learned.start(prior),
            Some(had) if had != network => learned.mixing.switch(prior),
            Some(_) => {}
        }
        self.network = Some(network);
        learned.cursor.open(learned.history.len());
        learned.previous = None;
        learned.fetched = false;
        learned.history.len() + len
    }
}

impl<const GROUPS: usize> Substream for SubstreamCoder<GROUPS> {
    fn open(&mut self, record: Option<RecordLen>) {
        self.learned.cursor.record = record.map_or(0, RecordLen::get);
    }

    fn encode(&mut self, prefix: Option<NetworkPrefix<'_>>, raw: &[u8]) -> Result<Vec<u8>> {
        let mut coder = Direction::encode();
        self.code(Level::new(), prefix, raw.len(), &mut coder, Some(raw))?;
        Ok(coder.finish())
    }

    fn decode(&mut self, prefix: Option<NetworkPrefix<'_>>, payload: &[u8], len: usize) -> Result<Vec<u8>> {
        self.code(Level::new(), prefix, len, &mut Direction::decode(payload), None)?;
        Ok(self.last(len).to_vec())
    }

    fn starts(&self, len: usize) -> Vec<u64> {
        self.learned.history.last_starts(len)
    }

    fn take_over(&mut self, bytes: &[u8], starts: &[u64]) {
        self.learned.history.take_over(bytes, starts, WINDOW);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::v1::bytes::BY_BYTE_NUMBERS;

    fn has_a_number_for_each<const GROUPS: usize>(of: PriorKind) {
        let mut numbers = Vec::new();
        SubstreamCoder::<GROUPS>::new(BytesParams::new(14)).save(&mut numbers);
        assert_eq!(of.file().len(), numbers.len() - BY_BYTE_NUMBERS, "{of:?}");
    }

    #[test]
    fn priors_have_a_number_for_each_that_is_learned() {
        has_a_number_for_each::<1>(PriorKind::NetworkBytes);
        has_a_number_for_each::<1>(PriorKind::ContextsBytes);
        has_a_number_for_each::<2>(PriorKind::NetworkTwoGroups);
        has_a_number_for_each::<2>(PriorKind::ContextsTwoGroups);
        assert_eq!(PriorKind::AllBytes.file().len(), BY_BYTE_NUMBERS);
    }
}
