//! What zlib would find, and write next: chains of places where the same three bytes stand, by a hash.

mod find_long;
mod levels;
mod longer;
#[cfg(test)]
mod tests;

use crate::codec::v1::deflate::matches::levels::Level;
pub(crate) use crate::codec::v1::deflate::matches::levels::Search;
use crate::codec::v1::deflate::matches::longer::{Longer, common};
use crate::codec::v1::deflate::symbols::{MAX_MATCH, MIN_MATCH, Token, WINDOW};

/// Matches of three bytes are of use only within this (`TOO_FAR`).
const TOO_FAR: usize = 4096;
/// zlib's matches end this much before the window does (`MIN_LOOKAHEAD`).
const LOOKAHEAD: usize = MAX_MATCH + MIN_MATCH + 1;

/// A match that was found; of length 0 if none was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) len: usize,
    pub(crate) distance: usize,
}

/// What is likely next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// The match here, and by how much the one of the next byte is longer, at levels that compare them.
    pub(crate) here: Match,
    pub(crate) longer: usize,
}

/// Finds matches of a text.
pub(crate) struct Matcher<'a> {
    text: &'a [u8],
    search: Search,
    level: Level,
    /// Whether a match is compared with that of the next byte.
    lazy: bool,
    reach: usize,
    heads: Vec<u32>,
    before: Box<[u32; WINDOW]>,
    /// At levels that enter all places.
    longer: Option<Longer>,
    /// Bytes up to here are entered, or left out for good.
    entered: usize,
    /// The match at a place that was looked at before its time.
    pending: Option<(usize, Match)>,
    /// Steps of searches so far: places that were looked at, and eight bytes that were compared.
    pub(crate) steps: u64,
}

/// Bytes of the tables of a matcher at most.
pub(crate) const TABLES: u64 = 4 * ((1 << 16) + WINDOW as u64) + Longer::BYTES;

impl<'a> Matcher<'a> {
    pub(crate) fn new(text: &'a [u8], search: Search) -> Self {
        let level = Level::of(search);
        Self {
            text,
            search,
            level,
            lazy: search.level >= 4,
            reach: if search.far { WINDOW } else { WINDOW - LOOKAHEAD },
            heads: vec![0; 1 << search.hash_bits],
            before: Box::new([0; WINDOW]),
            longer: (search.level >= 4 && text.len() >= Longer::MIN_TEXT).then(|| Longer::new(search.hash_bits)),
            entered: 0,
            pending: None,
            steps: 0,
        }
    }

    /// The hash of the three bytes at a place; none behind the last such.
    fn hash(&self, at: usize) -> Option<usize> {
        let &[a, b, c] = self.text.get(at..at + MIN_MATCH)?.first_chunk()?;
        let shift = u32::from(self.search.hash_bits).div_ceil(MIN_MATCH as u32);
        let hash = ((u32::from(a) << shift ^ u32::from(b)) << shift) ^ u32::from(c);
        Some(hash as usize & ((1 << self.search.hash_bits) - 1))
    }

    /// Enters places up to this one.
    fn enter(&mut self, end: usize) {
        for at in self.entered..end {
            let Some(hash) = self.hash(at) else { break };
            self.before[at % WINDOW] = self.heads[hash];
            self.heads[hash] = at as u32;
            // From the next place on this one is too far for all but the first place of a list.
            let gone = (at + 1).checked_sub(self.reach).filter(|&gone| gone > 0).and_then(|gone| self.hash(gone));
            if let Some(longer) = &mut self.longer {
                longer.enter(self.text, at, hash);
                if let Some(gone) = gone {
                    longer.leave(gone);
                }
            }
        }
        self.entered = self.entered.max(end);
    }

    /// Bytes that agree from both places on, up to `most`.
    fn agree(&mut self, one: usize, other: usize, most: usize) -> usize {
        let len = common(&self.text[one..one + most], &self.text[other..other + most]);
        self.steps += len as u64 / 8;
        len
    }

    /// Places before this one with its hash that a match reaches, nearest first.
    #[inline(always)]
    fn walk(&mut self, at: usize, mut chain: u32, mut see: impl FnMut(&mut Self, usize) -> bool) {
        let Some(hash) = self.hash(at) else { return };
        let mut place = self.heads[hash] as usize;
        // The place itself is entered where the next one was looked at.
        if place == at {
            place = self.before[at % WINDOW] as usize;
        }
        if place >= at {
            return;
        }
        let mut reach = self.reach;
        // As in zlib, place 0 ends a chain, and all places but the first are nearer by one.
        while place > 0 && at - place <= reach && chain > 0 {
            self.steps += 1;
            if see(self, place) {
                return;
            }
            let next = self.before[place % WINDOW] as usize;
            if next >= place {
                return;
            }
            place = next;
            chain -= 1;
            reach = self.reach - 1;
        }
    }

    /// The match that zlib would find here if it knows one of `known` bytes already.
    fn find(&mut self, at: usize, known: usize) -> Match {
        let most = (self.text.len() - at).min(MAX_MATCH);
        let nice = self.level.nice.min(most);
        let chain = if known >= self.level.good { self.level.chain >> 2 } else { self.level.chain };
        let mut best = Match { len: known.max(MIN_MATCH - 1), distance: 0 };
        if best.len >= most {
            return Match::default();
        }
        match self.find_long(at, best.len, chain, nice, most) {
            Some(found) => best = found,
            None => best = self.find_all(at, best, chain, nice, most),
        }
        let short = best.len <= 5 && self.search.filtered;
        if best.distance == 0 || (self.lazy && (short || best.len == MIN_MATCH && best.distance > TOO_FAR)) {
            return Match::default();
        }
        best
    }

    /// The best match of a walk that is better than one known.
    fn find_all(&mut self, at: usize, mut best: Match, chain: u32, nice: usize, most: usize) -> Match {
        let (text, here) = (self.text, &self.text[at..at + most]);
        // Of a place that is better, this byte agrees.
        let mut wanted = here[best.len];
        self.walk(at, chain, |this, place| {
            if text[place + best.len] != wanted {
                return false;
            }
            let len = common(&text[place..place + most], here);
            this.steps += len as u64 / 8;
            if len > best.len {
                best = Match { len, distance: at - place };
                wanted = here[len.min(most - 1)];
            }
            len >= nice || len == most
        });
        best
    }

    /// What is likely at a place, up to which all was passed.
    pub(crate) fn outlook(&mut self, at: usize) -> Outlook {
        let here = match self.pending.take() {
            Some((place, found)) if place == at => found,
            _ => self.find(at, 0),
        };
        if !self.lazy || here.len < MIN_MATCH || here.len >= self.level.lazy || at + 1 >= self.text.len() {
            return Outlook { here, longer: 0 };
        }
        self.enter(at + 1);
        let next = self.find(at + 1, here.len);
        self.pending = (next.len > here.len).then_some((at + 1, next));
        Outlook { here, longer: next.len.saturating_sub(here.len) }
    }

    /// Passes a token.
    pub(crate) fn pass(&mut self, at: usize, token: Token) {
        let end = at + token.bytes();
        if token.len > 0 {
            self.pending = None;
            if !self.lazy && usize::from(token.len) > self.level.lazy {
                self.enter(at + 1);
                self.entered = end;
                return;
            }
        }
        self.enter(end);
    }

    /// Passes bytes that stand for themselves.
    pub(crate) fn skip(&mut self, end: usize) {
        self.pending = None;
        self.enter(end);
    }

    /// How many places before that of this distance have as many bytes in common with the text here; none if it is not in
    /// reach of a search.
    pub(crate) fn rank(&mut self, at: usize, token: Token) -> Option<u32> {
        let (len, distance) = (usize::from(token.len), usize::from(token.distance));
        if let Some(rank) = self.rank_long(at, len, distance) {
            return rank;
        }
        let (mut rank, mut found) = (0, None);
        self.walk(at, MAX_PLACES, |this, place| {
            if at - place >= distance {
                found = (at - place == distance).then_some(rank);
                return true;
            }
            rank += u32::from(this.agree(place, at, len) == len);
            false
        });
        found
    }

    /// The distance of a match of so many bytes with this rank.
    pub(crate) fn ranked(&mut self, at: usize, len: usize, rank: u32) -> Option<usize> {
        if let Some(found) = self.ranked_long(at, len, rank) {
            return Some(found);
        }
        let (mut left, mut found) = (rank, None);
        self.walk(at, MAX_PLACES, |this, place| {
            if this.agree(place, at, len) < len {
                return false;
            }
            if left == 0 {
                found = Some(at - place);
                return true;
            }
            left -= 1;
            false
        });
        found
    }
}

/// Places that are looked at for a rank.
const MAX_PLACES: u32 = 4096;
