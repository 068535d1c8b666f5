//! Whole tokens that a match expects: one decision in place of all those that spell the token
//! (docs/spec/bytes.md, section 4).

use dualcomp_entropy::Number;
use dualcomp_entropy::{Apm, Counter, Mixer, Prior, hash, logistic};
use prefetch_index::prefetch_index;

use crate::codec::v1::bytes::byte_match::LENGTH_CLASSES;
use crate::codec::v1::bytes::contexts::Cursor;
use crate::codec::v1::bytes::history::History;
use crate::format::bytes_params::BytesParams;

/// Bytes of such a token at most, as many as a match compares: by hand (experiments/0022).
const LONGEST: usize = 32;
/// A token is asked for from this probability on, in 1/65536; the second one applies in the light form
/// (experiments/0013).
const SURE: u32 = 60_000;
const FAIRLY_SURE: u32 = 57_000;
/// Classes of streaks.
const STREAKS: usize = 8;
/// Counters under hashed contexts (docs/spec/bytes.md, section 4).
const HASHED: usize = 3;
const INPUTS: usize = HASHED + 2;
/// The rate of the mixer, and the limits of counters by length and under hashes, all by hand (experiments/0022).
const RATE: i32 = 100;
const LIMIT: u32 = 250;
const HASHED_LIMIT: u32 = 60;

/// A token that is expected, and what says how likely it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExpectedToken {
    /// Where it stands in the history.
    place: u32,
    len: u8,
    /// Its counter by length, those under hashes, and their logits.
    by_length: u16,
    counters: [u16; HASHED],
    inputs: [i32; INPUTS],
    /// In 1/65536.
    pub(crate) p: u32,
}

impl ExpectedToken {
    /// The kind of its match's length.
    #[inline(always)]
    fn length(&self) -> usize {
        usize::from(self.by_length) / STREAKS
    }

    /// The token's bytes.
    pub(crate) fn bytes<'a>(&self, history: &'a History) -> &'a [u8] {
        history.bytes(self.place as usize, self.len.into())
    }
}

/// How often expected tokens came.
#[derive(Clone)]
pub(crate) struct TokenMatch {
    by_length: Vec<Counter>,
    hashed: [Vec<Counter>; HASHED],
    /// Hashes are shifted by this.
    shift: u32,
    /// From this probability on a token is asked for.
    sure: u32,
    mixer: Mixer<INPUTS>,
    apm: Apm,
}

impl TokenMatch {
    pub(crate) fn new(params: BytesParams) -> Self {
        let often = Counter::new(60_000, 20);
        let log2 = params.token_match_log2();
        Self {
            by_length: vec![often; LENGTH_CLASSES * STREAKS],
            hashed: std::array::from_fn(|_| vec![often; 1 << log2]),
            shift: 32 - log2,
            sure: if params.is_light() { FAIRLY_SURE } else { SURE },
            mixer: Mixer::new(LENGTH_CLASSES, [18_000, 18_000, 18_000, 18_000, 0], RATE),
            apm: Apm::new(LENGTH_CLASSES, 6),
        }
    }

    /// Begins with what a dictionary has learned.
    pub(crate) fn begin_above(&mut self, start: &Self) {
        let sure = self.sure;
        self.clone_from(start);
        self.sure = sure;
    }

    /// Whether one decision tells if this token comes.
    #[inline(always)]
    pub(crate) fn asks_for(&self, repeat: &ExpectedToken) -> bool {
        repeat.p >= self.sure
    }

    /// Loads a prior, which has no counters under hashes.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(&mut self.by_length);
        self.mixer.load(prior);
        self.apm.load(prior);
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        dualcomp_entropy::save_counters(&self.by_length, out);
        self.mixer.save(out);
        self.apm.save(out);
    }

    /// The token that the match expects next, if its end is in the history and it has at most `left` bytes. How likely it is
    /// [`Self::mix`] tells.
    #[inline(always)]
    pub(crate) fn foresee<const GROUPS: usize>(
        &self,
        cursor: &Cursor<GROUPS>,
        history: &History,
        left: usize,
    ) -> Option<ExpectedToken> {
        let found = cursor.found?;
        let length = found.length_class()?;
        let at = found.place as usize;
        if !history.starts(at) {
            return None;
        }
        let first = history.byte(at)?;
        let most = LONGEST.min(left);
        let (mut len, mut token) = (1, hash(u32::from(first), 0));
        loop {
            let byte = history.byte(at + len)?;
            if history.starts(at + len) {
                break;
            }
            if len == most {
                return None;
            }
            token = hash(token, byte.into());
            len += 1;
        }
        let streak = cursor.streak.min(STREAKS as u32 - 1);
        let near = cursor.above(0, history) << 8 | cursor.last as u32 & 0xFF;
        let hashes = [
            hash(token, streak.min(3) << 4 | found.agreed.ilog2()),
            hash(cursor.last as u32 & 0xFFFF, first.into()),
            hash(token, near),
        ];
        let mut counters = [0; HASHED];
        for i in 0..HASHED {
            counters[i] = (hashes[i] >> self.shift) as u16;
        }
        let by_length = (length * STREAKS as u32 + streak) as u16;
        Some(ExpectedToken { place: found.place, len: len as u8, by_length, counters, inputs: [256; INPUTS], p: 0 })
    }

    /// Fetches the counters of a token, so that [`Self::mix`] need not wait for memory.
    #[inline(always)]
    pub(crate) fn prefetch(&self, repeat: &ExpectedToken) {
        for i in 0..HASHED {
            prefetch_index(&self.hashed[i], repeat.counters[i].into());
        }
    }

    /// As [`Self::foresee`], with how likely it is.
    #[inline(always)]
    pub(crate) fn expect<const GROUPS: usize>(
        &mut self,
        cursor: &Cursor<GROUPS>,
        history: &History,
        left: usize,
    ) -> Option<ExpectedToken> {
        let mut repeat = self.foresee(cursor, history, left)?;
        self.mix(&mut repeat);
        Some(repeat)
    }

    /// The logits of a token's counters, and the probability that it comes.
    #[inline(always)]
    pub(crate) fn mix(&mut self, repeat: &mut ExpectedToken) {
        repeat.inputs[0] = logistic::stretch_coarse(self.by_length[usize::from(repeat.by_length)].p());
        for i in 0..HASHED {
            repeat.inputs[1 + i] = logistic::stretch_coarse(self.hashed[i][usize::from(repeat.counters[i])].p());
        }
        let logit = self.mixer.mix(&repeat.inputs, repeat.length());
        repeat.p = self.apm.final_probability(logit, repeat.length());
    }

    /// Learns whether a token came: the one that was expected last.
    #[inline(always)]
    pub(crate) fn learn(&mut self, repeat: &ExpectedToken, came: bool) {
        self.by_length[usize::from(repeat.by_length)].update(came, LIMIT);
        for i in 0..HASHED {
            self.hashed[i][usize::from(repeat.counters[i])].update(came, HASHED_LIMIT);
        }
        self.mixer.update(&repeat.inputs, came);
        self.apm.update(came);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::v1::bytes::byte_match::{LONG_ENOUGH, Match};

    /// Where `agreed` bytes are those before `place`.
    fn cursor(place: u32, agreed: u32) -> Cursor<1> {
        let mut cursor = Cursor::new();
        cursor.found = Some(Match { place, agreed });
        cursor
    }

    #[test]
    fn a_token_is_expected_from_its_start_to_the_next_one() {
        let mut history = History::new(12, 1);
        history.open(64, 1 << 20);
        for (i, byte) in b"one two three".iter().enumerate() {
            history.push(*byte, [0, 4, 8].contains(&i));
        }
        let mut token_match = TokenMatch::new(BytesParams::new(18));
        let repeat = token_match.expect(&cursor(4, 8), &history, 8).unwrap();
        assert_eq!(repeat.bytes(&history), b"two ");
        // In the middle of a token, without a known end, after too few bytes, and too long for what is left.
        assert_eq!(token_match.expect(&cursor(5, 8), &history, 8), None);
        assert_eq!(token_match.expect(&cursor(8, 8), &history, 8), None);
        assert_eq!(token_match.expect(&cursor(4, LONG_ENOUGH - 1), &history, 8), None);
        assert_eq!(token_match.expect(&cursor(4, 8), &history, 3), None);
        assert!(token_match.expect(&cursor(4, 8), &history, 4).is_some());
    }

    #[test]
    fn what_comes_is_learned_by_class_of_length() {
        let mut history = History::new(12, 1);
        history.open(64, 1 << 20);
        for _ in 0..8 {
            history.push(b'a', true);
        }
        let mut token_match = TokenMatch::new(BytesParams::new(18));
        let classes = [8, 12].map(|agreed| token_match.expect(&cursor(4, agreed), &history, 8).unwrap().length());
        assert_eq!(classes, [0, 1]);
        for came in [false, true] {
            for _ in 0..200 {
                let repeat = token_match.expect(&cursor(4, 8), &history, 8).unwrap();
                token_match.learn(&repeat, came);
            }
            let repeat = token_match.expect(&cursor(4, 8), &history, 8).unwrap();
            assert_eq!(token_match.asks_for(&repeat), came);
        }
    }
}
