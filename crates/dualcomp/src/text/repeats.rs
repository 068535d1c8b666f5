//! Whole tokens that a match expects: one decision in place of all those that spell the token
//! (docs/coding.md, section 3.2).

#[cfg(feature = "learn")]
use dualcomp_entropy::Number;
use dualcomp_entropy::{Counter, Mixer, Prior, Refiner, hash, logistic};

use super::cursor::Cursor;
use super::history::{COUNTED, History};

/// Bytes that must have agreed.
const LEAST: u32 = 8;
/// Bytes of such a token at most.
const MOST: usize = 32;
/// From this probability on, in 1/65536, a token is asked for.
const SURE: u32 = 62_000;
/// Kinds of lengths, two for each power of two.
const LENGTHS: usize = 2 * (COUNTED.ilog2() - LEAST.ilog2() + 1) as usize;
/// Kinds of streaks.
const STREAKS: usize = 8;
/// Logarithm of the counters under a token, and under the last bytes.
const HASHED: u32 = 12;
const INPUTS: usize = 4;
const RATE: i32 = 100;

/// A token that is expected, and what says how likely it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    /// Where it stands in the history.
    place: u32,
    len: u8,
    counters: [u16; INPUTS - 1],
    /// In 1/65536.
    pub(super) p: u32,
}

impl Repeat {
    /// The kind of its match's length.
    #[inline(always)]
    fn length(&self) -> usize {
        usize::from(self.counters[0]) / STREAKS
    }

    /// Whether one decision tells if this token comes.
    pub(super) fn is_asked(&self) -> bool {
        self.p >= SURE
    }

    /// The token's bytes.
    pub(super) fn bytes<'a>(&self, history: &'a History) -> &'a [u8] {
        history.bytes(self.place as usize, self.len.into())
    }
}

/// How often expected tokens came.
pub(super) struct Repeats {
    by_length: Vec<Counter>,
    by_token: Vec<Counter>,
    by_bytes: Vec<Counter>,
    mixer: Mixer<INPUTS>,
    refiner: Refiner,
}

impl Repeats {
    pub(super) fn new() -> Self {
        let often = Counter::new(60_000, 20);
        Self {
            by_length: vec![often; LENGTHS * STREAKS],
            by_token: vec![often; 1 << HASHED],
            by_bytes: vec![often; 1 << HASHED],
            mixer: Mixer::new(LENGTHS, [24_000, 24_000, 24_000, 0], RATE),
            refiner: Refiner::new(LENGTHS, 6),
        }
    }

    /// Takes over what a prior has learned; the counters under hashes are too many for one.
    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(&mut self.by_length);
        self.mixer.load(prior);
        self.refiner.load(prior);
    }

    /// Writes what [`Self::load`] reads.
    #[cfg(feature = "learn")]
    pub(super) fn save(&self, out: &mut Vec<Number>) {
        dualcomp_entropy::save_counters(&self.by_length, out);
        self.mixer.save(out);
        self.refiner.save(out);
    }

    /// The token that the match expects next, if it is known to its end and among so many bytes.
    #[inline(always)]
    pub(super) fn expect<const GROUPS: usize>(
        &mut self,
        cursor: &Cursor<GROUPS>,
        history: &History,
        left: usize,
    ) -> Option<Repeat> {
        let (place, agreed) = cursor.found.filter(|&(_, agreed)| agreed >= LEAST)?;
        let at = place as usize;
        if !history.starts(at) {
            return None;
        }
        let first = history.byte(at)?;
        let most = MOST.min(left);
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
        let log = agreed.ilog2();
        let length = 2 * (log - LEAST.ilog2()) + (agreed >> (log - 1) & 1);
        let streak = cursor.streak.min(STREAKS as u32 - 1);
        let counters = [
            (length * STREAKS as u32 + streak) as u16,
            (hash(token, u32::from(agreed >= 32)) >> (32 - HASHED)) as u16,
            (hash(cursor.last as u32 & 0xFFFF, first.into()) >> (32 - HASHED)) as u16,
        ];
        let mut repeat = Repeat { place, len: len as u8, counters, p: 0 };
        repeat.p = self.mix(&repeat).1;
        Some(repeat)
    }

    /// The logits of a token's counters, and the probability that it comes.
    #[inline(always)]
    fn mix(&mut self, repeat: &Repeat) -> ([i32; INPUTS], u32) {
        let [length, token, bytes] = repeat.counters;
        let inputs = [
            logistic::stretch_coarse(self.by_length[usize::from(length)].p()),
            logistic::stretch_coarse(self.by_token[usize::from(token)].p()),
            logistic::stretch_coarse(self.by_bytes[usize::from(bytes)].p()),
            256,
        ];
        let logit = self.mixer.mix(&inputs, repeat.length());
        let refined = self.refiner.refine(logit, repeat.length());
        (inputs, ((logistic::squash(logit) + refined) >> 1).clamp(1, 65535))
    }

    /// Learns whether a token came that was expected.
    #[inline(always)]
    pub(super) fn learn(&mut self, repeat: &Repeat, came: bool) {
        let (inputs, _) = self.mix(repeat);
        let [length, token, bytes] = repeat.counters;
        self.by_length[usize::from(length)].update(came, 250);
        self.by_token[usize::from(token)].update(came, 60);
        self.by_bytes[usize::from(bytes)].update(came, 60);
        self.mixer.update(&inputs, came);
        self.refiner.update(came);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where `agreed` bytes are those before `place`.
    fn cursor(place: u32, agreed: u32) -> Cursor<1> {
        let mut cursor = Cursor::new();
        cursor.found = Some((place, agreed));
        cursor
    }

    #[test]
    fn a_token_is_expected_from_its_start_to_the_next_one() {
        let mut history = History::new(12, 1);
        history.open(64, 1 << 20);
        for (i, byte) in b"one two three".iter().enumerate() {
            history.push(*byte, [0, 4, 8].contains(&i));
        }
        let mut repeats = Repeats::new();
        let repeat = repeats.expect(&cursor(4, 8), &history, 8).unwrap();
        assert_eq!(repeat.bytes(&history), b"two ");
        // In the middle of a token, without a known end, after too few bytes, and too long for what is left.
        assert_eq!(repeats.expect(&cursor(5, 8), &history, 8), None);
        assert_eq!(repeats.expect(&cursor(8, 8), &history, 8), None);
        assert_eq!(repeats.expect(&cursor(4, LEAST - 1), &history, 8), None);
        assert_eq!(repeats.expect(&cursor(4, 8), &history, 3), None);
        assert!(repeats.expect(&cursor(4, 8), &history, 4).is_some());
    }

    #[test]
    fn lengths_have_kinds_of_their_own_and_what_comes_is_learned() {
        let mut history = History::new(12, 1);
        history.open(64, 1 << 20);
        for _ in 0..8 {
            history.push(b'a', true);
        }
        let mut repeats = Repeats::new();
        let kinds = [8, 11, 12, 16, 511, 768, COUNTED]
            .map(|agreed| repeats.expect(&cursor(4, agreed), &history, 8).unwrap().length());
        assert_eq!(kinds, [0, 0, 1, 2, 11, 13, 13]);
        for came in [false, true] {
            for _ in 0..200 {
                let repeat = repeats.expect(&cursor(4, 8), &history, 8).unwrap();
                repeats.learn(&repeat, came);
            }
            assert_eq!(repeats.expect(&cursor(4, 8), &history, 8).unwrap().is_asked(), came);
        }
    }
}
