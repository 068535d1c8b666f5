//! What one lane of a bytes stream remembers.

use dualcomp_entropy::{LineIndex, hash};
use dualcomp_tokens::Branch;

use super::history::{History, LONGEST};

/// Bytes that agreed from which on a match goes on after a byte that differs.
const LASTING: u32 = 8;
/// Contexts that have lines of counters.
pub(crate) const CONTEXTS: usize = 8;

/// The last bytes of a lane and what follows from them.
#[derive(Clone, Default)]
pub(super) struct Lane {
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
    /// The word before that, and hash of the bytes between.
    earlier: u32,
    gap: u32,
    /// Where the line and the line before it begin.
    line: usize,
    before: usize,
    /// Place that is expected to go on like this one, and how many bytes agreed so far.
    pub(super) found: Option<(u32, u32)>,
    /// Whether such a place is still to be looked for.
    seeks: bool,
    /// Where the lane stands in its token, how many bytes of that are spelled, and which token it is, when encoding.
    pub(super) branch: Option<Branch>,
    pub(super) spelled: usize,
    pub(super) target: u32,
    /// Hashes of the contexts of the next byte.
    pub(super) contexts: [u32; CONTEXTS],
    /// The line of decisions that comes next, the hashes of its contexts, and then where these are found.
    pub(super) line_number: u8,
    pub(super) hashes: [u32; CONTEXTS],
    pub(super) lines: [LineIndex; CONTEXTS],
}

impl Lane {
    /// Begins a block at these places of the history.
    pub(super) fn open(&mut self, at: usize, end: usize) {
        self.at = at;
        self.end = end;
        self.line = at;
        self.before = at;
        self.found = None;
        self.seeks = false;
        self.previous = None;
    }

    /// Whether the lane has no more bytes in this block.
    #[inline]
    pub(super) fn is_done(&self) -> bool {
        self.at == self.end
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
        if letter > 0 {
            self.word = hash(self.word, letter);
        } else {
            if self.word != 0 {
                (self.earlier, self.gap) = (self.word, 0);
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
                Some((place + 1, (agreed + 1).min(LONGEST)))
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
    pub(super) fn hash_contexts(&self, depth: u8, history: &History) -> [u32; CONTEXTS] {
        let low = self.last as u32;
        let column = self.at - self.line;
        let above = if self.before + column < self.line { history.byte(self.before + column) } else { None };
        let above = above.map_or(256, u32::from);
        let salt = |order: u32| order << 8 | if order < 2 { u32::from(depth) } else { 0 };
        [
            hash(low & 0xFF, salt(1)),
            hash(low & 0xFFFF, salt(2)),
            hash(low & 0xFF_FFFF, salt(3)),
            hash(low, salt(4)),
            hash(hash(low, (self.last >> 32) as u32 & 0xFFFF), salt(5)),
            hash(hash(self.word, low & 0xFF), salt(6)),
            hash(above << 16 | low & 0xFFFF, salt(7)),
            hash(hash(self.word, self.earlier), hash(self.gap, salt(8))),
        ]
    }
}
