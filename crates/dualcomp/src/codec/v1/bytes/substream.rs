//! One substream of the blocks of a stream: a coder of its own.

use std::any::Any;
use std::sync::{Arc, LazyLock};

use dualcomp_entropy::predictor::{Predictor, TextSession};
use dualcomp_entropy::{Number, Prior};
use dualcomp_tokens::Vocabulary;
use fearless_simd::Level;

use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::bytes::WINDOW;
use crate::codec::v1::bytes::contexts::Cursor;
use crate::codec::v1::bytes::dictionary::{NoLogits, Prepared, Tables};
use crate::codec::v1::bytes::history::History;
use crate::codec::v1::bytes::lane;
use crate::codec::v1::bytes::lane::Lane;
use crate::codec::v1::bytes::light::LightCoder;
use crate::codec::v1::bytes::mixer_set::MixerSet;
use crate::codec::v1::bytes::mixing::Mixing;
use crate::codec::v1::bytes::pretrained::Pretrained;
use crate::codec::v1::bytes::token_match::TokenMatch;
use crate::codec::v1::direction::Direction;
use crate::format::block::RecordLen;
use crate::format::bytes_params::BytesParams;
use crate::runtime::float_environment;
use crate::{Error, Result};

/// The tokens of pieces without the network.
static BYTES: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::bytes_only);
/// The only lane of the network's sessions.
pub(crate) const LANE: u32 = 0;

/// A substream that codes one part of each block after the other.
pub(crate) trait Substream: Send {
    /// Says what the next block consists of.
    fn open(&mut self, record: Option<RecordLen>);

    /// The payload of its part of a block.
    fn encode(&mut self, prefix: Option<NetworkPrefix<'_>>, raw: &[u8]) -> Result<Vec<u8>>;

    /// The bytes of its part of a block. Any payload gives some bytes or an error.
    fn decode(&mut self, prefix: Option<NetworkPrefix<'_>>, payload: &[u8], len: usize) -> Result<Vec<u8>>;

    /// A flag for each of the last `len` bytes: whether a token starts there.
    fn starts(&self, len: usize) -> Vec<u64>;

    /// Appends bytes that another substream has coded to the history, to find matches there.
    fn take_over(&mut self, bytes: &[u8], starts: &[u64]);

    /// The same as what it is, to find two of a kind.
    fn as_any(&mut self) -> &mut dyn Any;
}

/// The first bytes of a part of a block, which are coded with the network.
#[derive(Clone, Copy)]
pub(crate) struct NetworkPrefix<'a> {
    pub(crate) predictor: &'a dyn Predictor,
    /// Length in bytes, at most that of the part.
    pub(crate) len: usize,
}

/// A substream that has coded nothing, for a stream with these parameters.
pub(crate) fn substream(params: BytesParams, dictionary: Option<Arc<Tables>>) -> Box<dyn Substream> {
    if params.is_light() {
        Box::new(LightCoder::new(params))
    } else if params.has_second_group() {
        Box::new(SubstreamCoder::<2> { dictionary, ..SubstreamCoder::new(params) })
    } else {
        Box::new(SubstreamCoder::<1> { dictionary, ..SubstreamCoder::new(params) })
    }
}

/// State of a substream with `GROUPS` groups of contexts, and of the network.
pub(crate) struct SubstreamCoder<const GROUPS: usize> {
    session: Option<Box<dyn TextSession + Send>>,
    learned: Learned<GROUPS>,
    params: BytesParams,
    /// What the first piece begins with.
    dictionary: Option<Arc<Tables>>,
    /// Whether the last piece was coded with the network; none before the first.
    network: Option<bool>,
}

/// What a substream has learned, and where it stands.
pub(crate) struct Learned<const GROUPS: usize> {
    pub(crate) cursor: Cursor<GROUPS>,
    pub(crate) history: History,
    pub(crate) mixing: Mixing<GROUPS>,
    pub(crate) token_match: TokenMatch,
    /// The last token, as the network must be fed it; none before the first.
    pub(crate) token: Option<u32>,
    /// Whether memory was asked for that the next decisions need.
    pub(crate) fetched: bool,
    /// The last token of this block: the next byte cannot make it longer.
    pub(crate) previous: Option<u32>,
}

/// A block that is being coded.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    /// Where it ends in the history.
    pub(crate) end: usize,
    /// The tokens that it is cut into.
    pub(crate) vocabulary: &'a Vocabulary,
    /// The bytes to encode.
    pub(crate) raw: Option<&'a [u8]>,
}

impl<const GROUPS: usize> SubstreamCoder<GROUPS> {
    pub(crate) fn new(params: BytesParams) -> Self {
        Self {
            session: None,
            learned: Learned {
                cursor: Cursor::new(),
                history: History::new(params.places_log2(), GROUPS),
                mixing: Mixing::new(params),
                token_match: TokenMatch::new(params),
                token: None,
                fetched: false,
                previous: None,
            },
            network: None,
            params,
            dictionary: None,
        }
    }

    /// Begins with a prior that is for blocks with the network, or for others, and with these pretrained contexts.
    pub(crate) fn begin_with(&mut self, prior: &mut Prior<'_>, pretrained: Pretrained, network: bool) {
        self.learned.load(prior);
        self.learned.mixing.begin_with(prior, pretrained);
        self.network = Some(network);
    }

    /// Writes what was learned as [`Self::begin_with`] reads it.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        self.learned.mixing.save(out);
        self.learned.token_match.save(out);
        self.learned.mixing.save_by_byte(out);
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
    fn piece(
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
            none => none.insert(predictor.text(1).map_err(Error::Model)?),
        };
        let block = Block { end, vocabulary: predictor.vocabulary(), raw };
        lane::run(level, &mut [Lane::new(&mut self.learned, block, Some(&mut **session), coder)])
    }

    /// Begins a piece with the network or without; returns where it ends in the history.
    fn open_piece(&mut self, network: bool, len: usize) -> usize {
        let learned = &mut self.learned;
        let prior = match (GROUPS, network) {
            (1, true) => PriorKind::NetworkBytes,
            (1, false) => PriorKind::MixedBytes,
            (_, true) => PriorKind::WideBytes,
            (_, false) => PriorKind::WideMixedBytes,
        };
        match self.network {
            None => {
                let (mixer_set, rest) = &*MixerSet::begun(prior);
                learned.mixing.begin(mixer_set);
                learned.token_match.load(&mut rest.clone());
            }
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

impl<const GROUPS: usize> SubstreamCoder<GROUPS> {
    /// Learns a sample of a dictionary; the network reads the second part of it.
    pub(crate) fn learn(&mut self, (first, second): (&[u8], &[u8]), predictor: Option<&dyn Predictor>) -> Result<()> {
        let Learned { history, cursor, token, .. } = &mut self.learned;
        history.open(first.len() + second.len(), usize::MAX);
        (*cursor, *token) = (Cursor::new(), None);
        for (part, reads) in [(first, false), (second, true)] {
            if part.is_empty() {
                continue;
            }
            if let Some(predictor) = predictor {
                self.session = Some(if reads { predictor.text(1).map_err(Error::Model)? } else { Box::new(NoLogits) });
            }
            self.piece(Level::new(), predictor, part.len(), &mut Direction::encode(), Some(part))?;
        }
        Ok(())
    }

    /// What a dictionary keeps.
    pub(crate) fn into_dictionary(self) -> Prepared<GROUPS> {
        let Learned { history, mixing, token_match, .. } = self.learned;
        Prepared { history: Arc::new(history.into_dictionary()), mixing: mixing.into_dictionary(), token_match }
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

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl<const GROUPS: usize> Learned<GROUPS> {
    /// Begins with a dictionary.
    fn begin_above(&mut self, prepared: &Prepared<GROUPS>, params: BytesParams) {
        self.history = History::above(prepared.history.clone(), params.places_log2(), GROUPS);
        self.mixing.begin_above(&prepared.mixing);
        self.token_match.begin_above(&prepared.token_match);
    }

    fn load(&mut self, prior: &mut Prior<'_>) {
        self.mixing.load(prior);
        self.token_match.load(prior);
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
        has_a_number_for_each::<1>(PriorKind::MixedBytes);
        has_a_number_for_each::<2>(PriorKind::WideBytes);
        has_a_number_for_each::<2>(PriorKind::WideMixedBytes);
        assert_eq!(PriorKind::AllBytes.file().len(), BY_BYTE_NUMBERS);
    }
}
