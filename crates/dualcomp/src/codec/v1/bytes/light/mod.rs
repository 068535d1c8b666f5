//! The light form of a substream: contexts alone, at a multiple of the speed (docs/spec/bytes.md, section 11). Bytes,
//! contexts, matches and whole tokens are those of pieces without the network; a context keeps a byte for a decision in
//! place of a counter, and one set of weights mixes what follows from that (experiments/0042, 0071).

mod lane;
#[cfg(feature = "__train")]
pub(crate) mod learn;
mod mixing;
pub(crate) mod states;
mod table;
mod tree;

use std::sync::LazyLock;

use dualcomp_entropy::{BitCoder, Number, Prior, RangeDecoder, RangeEncoder};
use fearless_simd::Level;

use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::bytes::WINDOW;
use crate::codec::v1::bytes::contexts::Cursor;
use crate::codec::v1::bytes::history::History;
use crate::codec::v1::bytes::pretrained::Pretrained;
use crate::codec::v1::bytes::shape::ByteSelectors;
use crate::codec::v1::bytes::substream::{NetworkPrefix, Substream};
use crate::codec::v1::bytes::token_match::TokenMatch;
use crate::format::block::RecordLen;
use crate::format::bytes_params::BytesParams;
use crate::runtime::at_level::at_level;
use crate::runtime::float_environment;
use crate::{Error, Result};
use lane::Lane;
use mixing::Mixing;
use table::StateTable;

/// Contexts: those of the first group but for four and six bytes, which say least beside the runs and took an eighth of the
/// time (experiments/0097).
pub(crate) const CONTEXTS: usize = 6;
/// So many of them, the first ones, are pretrained.
const PRETRAINED: usize = 5;

/// What substreams begin with: unpacked once, as streams may be short and many.
static START: LazyLock<(Mixing, Prior<'static>)> = LazyLock::new(|| {
    let (mut mixing, mut prior) = (Mixing::new(), PriorKind::LightBytes.prior());
    mixing.load(&mut prior);
    (mixing, prior)
});

/// A substream in the light form.
pub(crate) struct LightCoder {
    cursor: Cursor<1>,
    /// What selects weights for the next byte.
    selectors: ByteSelectors,
    history: History,
    token_match: TokenMatch,
    table: StateTable,
    mixing: Mixing,
    pretrained: Pretrained,
}

impl LightCoder {
    /// A substream that has coded nothing, for a stream with these parameters.
    pub(crate) fn new(params: BytesParams) -> Self {
        let (mixing, prior) = &*START;
        let mut token_match = TokenMatch::new(params);
        token_match.load(&mut prior.clone());
        Self {
            cursor: Cursor::new(),
            selectors: ByteSelectors::default(),
            history: History::new(params.places_log2(), 1),
            token_match,
            table: StateTable::new(params.counters()),
            mixing: mixing.clone(),
            pretrained: Pretrained::embedded(),
        }
    }

    /// Begins with this prior, which may be empty, and these pretrained contexts.
    pub(crate) fn begin_with(&mut self, prior: &mut Prior<'_>, params: BytesParams, pretrained: Pretrained) {
        (self.mixing, self.token_match) = (Mixing::new(), TokenMatch::new(params));
        self.mixing.load(prior);
        self.token_match.load(prior);
        self.pretrained = pretrained;
    }

    /// Writes what was learned as [`Self::begin_with`] reads it.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        self.mixing.save(out);
        self.token_match.save(out);
    }

    /// Codes a part of a block in either direction.
    pub(crate) fn code(
        &mut self,
        level: Level,
        len: usize,
        coder: &mut impl BitCoder,
        raw: Option<&[u8]>,
    ) -> Result<()> {
        self.make_room(len);
        run_at(level, &mut [Lane::new(self, coder, len, raw)])
    }

    /// Makes room for a part of a block.
    fn make_room(&mut self, len: usize) {
        self.history.open(len, WINDOW);
        self.cursor.open(self.history.len());
    }

    /// Hashes the contexts of the next byte and fetches what they will need.
    #[inline(always)]
    fn fetch(&mut self) {
        let [of] = self.cursor.hash_contexts(0, &self.history);
        // In records all three contexts of the place in the record, else the runs.
        let last = if self.cursor.record > 0 { of[4] } else { of[6] };
        self.selectors = self.cursor.selectors();
        self.table.begin([of[0], of[1], of[2], of[5], of[7], last], &self.pretrained);
    }
}

/// Codes parts of a block as it was compiled for one of several kinds of processors, which all do the same.
fn run_at<C: BitCoder>(level: Level, lanes: &mut [Lane<'_, C>]) -> Result<()> {
    float_environment::check()?;
    at_level!(level, simd => lane::run(simd, lanes));
    Ok(())
}

impl Substream for LightCoder {
    fn open(&mut self, record: Option<RecordLen>) {
        self.cursor.record = record.map_or(0, RecordLen::get);
    }

    fn encode(&mut self, prefix: Option<NetworkPrefix<'_>>, raw: &[u8]) -> Result<Vec<u8>> {
        without_network(prefix)?;
        let mut coder = RangeEncoder::new();
        self.code(Level::new(), raw.len(), &mut coder, Some(raw))?;
        Ok(coder.finish())
    }

    fn decode(&mut self, prefix: Option<NetworkPrefix<'_>>, payload: &[u8], len: usize) -> Result<Vec<u8>> {
        without_network(prefix)?;
        self.code(Level::new(), len, &mut RangeDecoder::new(payload), None)?;
        Ok(self.history.last(len).to_vec())
    }

    fn starts(&self, len: usize) -> Vec<u64> {
        self.history.last_starts(len)
    }

    fn take_over(&mut self, bytes: &[u8], starts: &[u64]) {
        self.history.take_over(bytes, starts, WINDOW);
    }
}

/// The payloads of both parts of a block, on one thread.
pub(crate) fn encode_two(two: [&mut LightCoder; 2], raw: [&[u8]; 2]) -> Result<[Vec<u8>; 2]> {
    let ([a, b], [x, y]) = (two, raw);
    let mut coders = [RangeEncoder::new(), RangeEncoder::new()];
    let [c, d] = &mut coders;
    a.make_room(x.len());
    b.make_room(y.len());
    run_at(Level::new(), &mut [Lane::new(a, c, x.len(), Some(x)), Lane::new(b, d, y.len(), Some(y))])?;
    Ok(coders.map(RangeEncoder::finish))
}

/// The bytes of both parts of a block, of a payload and so many bytes each, on one thread.
pub(crate) fn decode_two(two: [&mut LightCoder; 2], parts: [(&[u8], usize); 2]) -> Result<[Vec<u8>; 2]> {
    let [a, b] = two;
    let [mut c, mut d] = parts.map(|(payload, _)| RangeDecoder::new(payload));
    let lens = parts.map(|(_, len)| len);
    a.make_room(lens[0]);
    b.make_room(lens[1]);
    run_at(Level::new(), &mut [Lane::new(a, &mut c, lens[0], None), Lane::new(b, &mut d, lens[1], None)])?;
    Ok([a.history.last(lens[0]).to_vec(), b.history.last(lens[1]).to_vec()])
}

pub(crate) fn without_network(prefix: Option<NetworkPrefix<'_>>) -> Result<()> {
    match prefix {
        Some(_) => Err(Error::corrupt("a block with the network in a stream of the light form")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> Vec<u8> {
        (0..4000u32)
            .flat_map(|i| format!("{} of {:x}\n", i % 77, i.wrapping_mul(2_654_435_761) >> (i % 31)).into_bytes())
            .chain(0..=255)
            .collect()
    }

    fn params() -> BytesParams {
        BytesParams::new(16).in_light_form()
    }

    #[test]
    fn the_prior_has_a_number_for_each_that_is_learned() {
        let mut numbers = Vec::new();
        LightCoder::new(params()).save(&mut numbers);
        assert_eq!(PriorKind::LightBytes.file().len(), numbers.len());
    }

    #[test]
    fn all_levels_of_a_processor_do_the_same() {
        let raw = text();
        let encode = |level| {
            let mut range = RangeEncoder::new();
            LightCoder::new(params()).code(level, raw.len(), &mut range, Some(&raw)).unwrap();
            range.finish()
        };
        let payload = encode(Level::new());
        assert!(payload == encode(Level::baseline()));
        assert!(payload.len() < raw.len() / 3, "{}", payload.len());
        for level in [Level::new(), Level::baseline()] {
            let mut light = LightCoder::new(params());
            light.code(level, raw.len(), &mut RangeDecoder::new(&payload), None).unwrap();
            assert!(light.history.last(raw.len()) == raw);
        }
    }

    #[test]
    fn blocks_and_what_another_substream_coded_help_each_other() {
        let raw = text();
        let (mut one, mut two) = (LightCoder::new(params()), LightCoder::new(params()));
        let first = one.encode(None, &raw).unwrap();
        two.take_over(&raw, &one.starts(raw.len()));
        let again = [one.encode(None, &raw).unwrap(), two.encode(None, &raw).unwrap()];
        assert!(again.iter().all(|again| again.len() < first.len() / 4), "{} {}", first.len(), again[1].len());
        let mut back = LightCoder::new(params());
        assert!(back.decode(None, &first, raw.len()).unwrap() == raw);
        assert!(back.decode(None, &again[0], raw.len()).unwrap() == raw);
    }

    #[test]
    fn two_parts_in_turns_are_those_of_each_alone() {
        let raw = text();
        let (x, y) = raw.split_at(raw.len() / 3);
        let alone = [x, y].map(|part| LightCoder::new(params()).encode(None, part).unwrap());
        let fresh = || LightCoder::new(params());
        assert!(encode_two([&mut fresh(), &mut fresh()], [x, y]).unwrap() == alone);
        let parts = [(&alone[0][..], x.len()), (&alone[1][..], y.len())];
        assert!(decode_two([&mut fresh(), &mut fresh()], parts).unwrap() == [x, y]);
        assert!(decode_two([&mut fresh(), &mut fresh()], [parts[0], (&[], 0)]).unwrap() == [x, &[]]);
    }

    #[test]
    fn any_payload_decodes_to_as_many_bytes() {
        let mut state = 1u32;
        for len in [1, 7, 100] {
            let payload: Vec<u8> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .take(len)
            .collect();
            assert_eq!(LightCoder::new(params()).decode(None, &payload, 10 * len).unwrap().len(), 10 * len);
        }
    }
}
