//! What one lane of a bytes stream remembers.

use dualcomp_entropy::{LineIndex, hash};
use dualcomp_tokens::Branch;

use super::history::{COUNTED, History};
use super::layout::Layout;
use super::repeats::Repeat;

/// Bytes that agreed from which on a match goes on after a byte that differs.
const LASTING: u32 = 8;
/// Contexts of a group, which have lines of counters.
pub(crate) const CONTEXTS: usize = 8;

/// The last bytes of a lane and what follows from them, for one group of contexts or two.
#[derive(Clone)]
pub(super) struct Lane<const GROUPS: usize> {
    /// Next place in the history, and where the lane ends.
    pub(super) at: usize,
    pub(super) end: usize,
    /// The last token, as the network must be fed it; `None` before the first.
    pub(super) token: Option<u32>,
    /// The last token of this block: the next byte cannot make it longer.
    pub(super) previous: Option<u32>,
    /// The last eight bytes, latest lowest.
    pub(super) last: u64,
    /// Hash of the letters and digits since the last other byte.
    word: u32,
    /// The word before that, hash of the bytes between, and the word before both.
    earlier: u32,
    gap: u32,
    older: u32,
    layout: Layout,
    /// Where the line and the line before it begin.
    line: usize,
    before: usize,
    /// Place that is expected to go on like this one, and how many bytes agreed so far.
    pub(super) found: Option<(u32, u32)>,
    /// The token that is expected.
    pub(super) repeat: Option<Repeat>,
    /// Whether this token was asked to be another one.
    pub(super) refuted: bool,
    /// Expected tokens that came since the last that did not.
    pub(super) streak: u32,
    /// Whether such a place is still to be looked for.
    seeks: bool,
    /// Where the lane stands in its token, how many bytes of that are spelled, and which token it is, when encoding.
    pub(super) branch: Option<Branch>,
    pub(super) spelled: usize,
    pub(super) target: u32,
    /// Hashes of the contexts of the next byte.
    pub(super) contexts: [[u32; CONTEXTS]; GROUPS],
    /// The line of decisions that comes next, the hashes of its contexts, and then where these are found.
    pub(super) line_number: u8,
    pub(super) hashes: [[u32; CONTEXTS]; GROUPS],
    pub(super) lines: [[LineIndex; CONTEXTS]; GROUPS],
}

impl<const GROUPS: usize> Lane<GROUPS> {
    /// A lane that has seen nothing.
    pub(super) fn new() -> Self {
        Self {
            at: 0,
            end: 0,
            token: None,
            previous: None,
            last: 0,
            word: 0,
            earlier: 0,
            gap: 0,
            older: 0,
            layout: Layout::default(),
            line: 0,
            before: 0,
            found: None,
            repeat: None,
            refuted: false,
            streak: 0,
            seeks: false,
            branch: None,
            spelled: 0,
            target: 0,
            contexts: [[0; CONTEXTS]; GROUPS],
            line_number: 0,
            hashes: [[0; CONTEXTS]; GROUPS],
            lines: [[LineIndex::default(); CONTEXTS]; GROUPS],
        }
    }

    /// Begins a block at these places of the history.
    pub(super) fn open(&mut self, at: usize, end: usize) {
        self.at = at;
        self.end = end;
        self.line = at;
        self.before = at;
        self.found = None;
        self.seeks = false;
        self.repeat = None;
        self.refuted = false;
        self.previous = None;
    }

    /// Whether the lane has no more bytes in this block.
    #[inline]
    pub(super) fn is_done(&self) -> bool {
        self.at == self.end
    }

    /// Counts an expected token that came, or did not.
    #[inline(always)]
    pub(super) fn count(&mut self, came: bool) {
        self.streak = if came { self.streak.saturating_add(1) } else { 0 };
    }

    /// Appends a byte.
    #[inline]
    pub(super) fn push(&mut self, byte: u8, starts: bool, history: &mut History) {
        self.seek(history);
        history.put(self.at, byte, starts);
        self.at += 1;
        self.last = self.last << 8 | u64::from(byte);
        let letter = match byte {
            b'a'..=b'z' | b'0'..=b'9' | 0x80.. => u32::from(byte) + 1,
            b'A'..=b'Z' => u32::from(byte) + 33,
            _ => 0,
        };
        if GROUPS > 1 {
            self.layout.push(byte, letter);
            history.follow(self.last);
        }
        if letter > 0 {
            self.word = hash(self.word, letter);
        } else {
            if self.word != 0 {
                (self.older, self.earlier, self.gap) = (self.earlier, self.word, 0);
            }
            self.gap = hash(self.gap, u32::from(byte) + 1);
            self.word = 0;
        }
        if byte == b'\n' {
            self.before = self.line;
            self.line = self.at;
        }
        self.found = match self.found {
            Some((place, agreed)) if history.byte(place as usize) == Some(byte) => {
                history.note(self.at, self.last);
                Some((place + 1, (agreed + 1).min(COUNTED)))
            }
            found => {
                self.seeks = true;
                history.prefetch(self.last);
                // What follows a long match is likely to go on after one byte that differs.
                found.filter(|&(_, agreed)| agreed >= LASTING).map(|(place, _)| (place + 1, 1))
            }
        };
    }

    /// Looks for a match, if the last byte was the end of one or of none.
    #[inline(always)]
    pub(super) fn seek(&mut self, history: &mut History) {
        if std::mem::take(&mut self.seeks) {
            self.found = history.find(self.at, self.last).or(self.found);
        }
    }

    /// Appends what is not spelled yet of the first bytes of a token.
    #[inline(always)]
    pub(super) fn spell(&mut self, token: &[u8], history: &mut History) {
        while self.spelled < token.len() {
            self.push(token[self.spelled], self.spelled == 0, history);
            self.spelled += 1;
        }
    }

    /// Hashes of the contexts at a byte boundary; `depth` bytes of the token are spelled.
    #[inline(always)]
    pub(super) fn hash_contexts(&self, depth: u8, history: &History) -> [[u32; CONTEXTS]; GROUPS] {
        let mut groups = [self.first_group(depth, history); GROUPS];
        if GROUPS > 1 {
            groups[1] = self.second_group(history);
        }
        groups
    }

    /// The byte that stands `after` bytes after the one above the next, or 256 where the line above is over.
    #[inline(always)]
    fn above(&self, after: usize, history: &History) -> u32 {
        let place = self.before + (self.at - self.line) + after;
        let above = if place < self.line { history.byte(place) } else { None };
        above.map_or(256, u32::from)
    }

    #[inline(always)]
    fn first_group(&self, depth: u8, history: &History) -> [u32; CONTEXTS] {
        let low = self.last as u32;
        let above = self.above(0, history);
        let salt = |order: u32| order << 8 | if order < 2 { u32::from(depth) } else { 0 };
        [
            hash(low & 0xFF, salt(1)),
            hash(low & 0xFFFF, salt(2)),
            hash(low & 0xFF_FFFF, salt(3)),
            hash(low, salt(4)),
            hash(hash(low, (self.last >> 32) as u32 & 0xFFFF), salt(5)),
            hash(hash(self.word, low & 0xFF), salt(6)),
            hash(above << 17 | self.above(1, history) << 8 | low & 0xFF, salt(7)),
            hash(hash(self.word, self.earlier), hash(self.gap, salt(8))),
        ]
    }

    #[inline(always)]
    fn second_group(&self, history: &History) -> [u32; CONTEXTS] {
        let (low, high) = (self.last as u32, (self.last >> 32) as u32);
        let (above, next) = (self.above(0, history), self.above(1, history));
        let first = if self.line < self.at { history.byte(self.line) } else { None };
        let Layout { shape, opened, closed, field } = self.layout;
        let salt = |number: u32| (number + 16) << 8;
        [
            hash(hash(low, high & 0xFF), salt(1)),
            hash(low & 0xFFFF_FF00, salt(2)),
            hash(hash(self.word, self.older), salt(3)),
            hash(hash(shape & 0xFF_FFFF, low & 0xFF), salt(4)),
            hash(hash(above << 9 | next, field << 9 | first.map_or(256, u32::from)), salt(5)),
            hash(hash(opened, closed), hash(self.word, salt(6))),
            hash(hash(history.followed(low).into(), low & 0xFF), salt(7)),
            hash(hash(low, high), salt(8)),
        ]
    }
}
