//! What a substream of the full form has learned, and where it stands.

use dualcomp_entropy::{Number, Prior};
use dualcomp_tokens::Vocabulary;

use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::bytes::contexts::Cursor;
use crate::codec::v1::bytes::dictionary::Prepared;
use crate::codec::v1::bytes::history::History;
use crate::codec::v1::bytes::mixer_set::MixerSet;
use crate::codec::v1::bytes::mixing::Mixing;
use crate::codec::v1::bytes::token_match::TokenMatch;
use crate::format::bytes_params::BytesParams;

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

impl<const GROUPS: usize> Learned<GROUPS> {
    pub(super) fn new(params: BytesParams) -> Self {
        Self {
            cursor: Cursor::new(),
            history: History::new(params.places_log2(), GROUPS),
            mixing: Mixing::new(params),
            token_match: TokenMatch::new(params),
            token: None,
            fetched: false,
            previous: None,
        }
    }

    /// Begins with the mixers of this prior.
    pub(super) fn start(&mut self, prior: PriorKind) {
        let (mixer_set, rest) = &*MixerSet::begun(prior);
        self.mixing.begin(mixer_set);
        self.token_match.load(&mut rest.clone());
    }

    /// Begins with a dictionary.
    pub(super) fn begin_above(&mut self, prepared: &Prepared<GROUPS>, params: BytesParams) {
        self.history = History::above(prepared.history.clone(), params.places_log2(), GROUPS);
        self.mixing.begin_above(&prepared.mixing);
        self.token_match.begin_above(&prepared.token_match);
    }

    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        self.mixing.load(prior);
        self.token_match.load(prior);
    }

    /// Writes what [`Self::load`] reads, and the counters by byte.
    pub(super) fn save(&self, out: &mut Vec<Number>) {
        self.mixing.save(out);
        self.token_match.save(out);
        self.mixing.save_by_byte(out);
    }
}
