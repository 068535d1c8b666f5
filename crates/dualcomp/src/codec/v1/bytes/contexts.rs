//! Where a substream stands in its bytes, and the contexts there.

use dualcomp_entropy::hash;

use crate::codec::v1::bytes::byte_match::Match;
use crate::codec::v1::bytes::history::History;
use crate::codec::v1::bytes::shape::{ByteSelectors, Shape};
use crate::codec::v1::bytes::structure::Structure;

/// Contexts of a group: each has a counter slot for each node group.
pub(crate) const CONTEXTS: usize = 8;

/// The last bytes, and the state of all contexts, for one group of contexts or two.
#[derive(Clone)]
pub(crate) struct Cursor<const GROUPS: usize> {
    /// The last eight bytes, latest lowest.
    pub(crate) last: u64,
    /// Hash of the letters and digits since the last other byte.
    word: u32,
    /// The word before that, hash of the bytes between, and the word before both.
    earlier: u32,
    gap: u32,
    older: u32,
    shape: Shape,
    structure: Structure,
    /// Where the line, the line before it and the one before that begin. Records are lines of this many bytes; 0 means that
    /// lines end with a byte of their own.
    line: usize,
    before: usize,
    oldest: usize,
    pub(crate) record: usize,
    pub(crate) found: Option<Match>,
    /// The byte that a long match expected before it was looked for anew, with the class of its length above.
    hint: Option<u32>,
    /// Whether a look-up for a match is pending.
    seeks: bool,
    /// Whether the expected token was asked for and did not come.
    pub(crate) refuted: bool,
    /// Expected tokens that came since the last that did not.
    pub(crate) streak: u32,
}

impl<const GROUPS: usize> Cursor<GROUPS> {
    /// A substream that has seen nothing.
    pub(crate) fn new() -> Self {
        Self {
            last: 0,
            word: 0,
            earlier: 0,
            gap: 0,
            older: 0,
            shape: Shape::default(),
            structure: Structure::default(),
            line: 0,
            before: 0,
            oldest: 0,
            record: 0,
            found: None,
            hint: None,
            seeks: false,
            refuted: false,
            streak: 0,
        }
    }

    /// Begins a block at this place of the history.
    pub(crate) fn open(&mut self, at: usize) {
        self.line = at;
        self.before = at;
        self.oldest = at;
        self.found = None;
        self.hint = None;
        self.seeks = false;
        self.refuted = false;
    }

    /// Counts an expected token that came, or did not.
    #[inline(always)]
    pub(crate) fn count(&mut self, came: bool) {
        self.streak = if came { self.streak.saturating_add(1) } else { 0 };
    }

    /// Appends a byte.
    #[inline]
    pub(crate) fn push(&mut self, byte: u8, starts: bool, history: &mut History) {
        self.seek(history);
        history.push(byte, starts);
        self.last = self.last << 8 | u64::from(byte);
        let letter = match byte {
            b'a'..=b'z' | b'0'..=b'9' | 0x80.. => u32::from(byte) + 1,
            b'A'..=b'Z' => u32::from(byte) + 33,
            _ => 0,
        };
        self.shape.push(byte, letter > 0);
        if GROUPS > 1 {
            self.structure.push(byte, letter);
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
        let ends = if self.record > 0 { history.len() - self.line == self.record } else { byte == b'\n' };
        if ends {
            self.oldest = self.before;
            self.before = self.line;
            self.line = history.len();
        }
        self.found = match self.found {
            Some(found) if history.byte(found.place as usize) == Some(byte) => {
                history.note(self.last);
                Some(found.go_on())
            }
            found => {
                self.seeks = true;
                history.prefetch(self.last);
                found.map(Match::pass_over)
            }
        };
        self.hint = self
            .found
            .and_then(|found| Some(found.length_class()? << 8 | u32::from(history.byte(found.place as usize)?)));
    }

    /// Whether a match is still to be looked for.
    #[inline(always)]
    pub(crate) fn seeks(&self) -> bool {
        self.seeks
    }

    /// Looks for a match, if the last byte was the end of one or of none.
    #[inline(always)]
    pub(crate) fn seek(&mut self, history: &mut History) {
        if std::mem::take(&mut self.seeks) {
            let new = history.find(self.last).map(|(place, agreed)| Match { place, agreed });
            if new.is_some_and(|new| self.found.is_none_or(|found| new.agreed >= found.agreed)) {
                self.found = new;
            }
        }
    }

    /// What selects weights for the next byte.
    #[inline(always)]
    pub(crate) fn selectors(&self) -> ByteSelectors {
        self.shape.selectors()
    }

    /// Hashes of the contexts at a byte boundary; `depth` bytes of the token are spelled.
    #[inline(always)]
    pub(crate) fn hash_contexts(&self, depth: u8, history: &History) -> [[u32; CONTEXTS]; GROUPS] {
        let mut groups = [self.first_group(depth, history); GROUPS];
        if let Some(hint) = self.hint {
            groups[0][0] = hash(hint, 12 << 8);
        }
        if self.record > 0 {
            self.of_records(&mut groups[0], history);
        }
        if GROUPS > 1 {
            groups[1] = self.second_group(history);
        }
        groups
    }

    /// The byte that stands `after` bytes after the one above the next, or 256 where the line above is over.
    #[inline(always)]
    pub(crate) fn above(&self, after: usize, history: &History) -> u32 {
        let place = self.before + (history.len() - self.line) + after;
        if place < self.line { history.byte(place).map_or(256, u32::from) } else { 256 }
    }

    /// The byte that stands two records above the next, or 256 where there is none.
    #[inline(always)]
    fn two_above(&self, history: &History) -> u32 {
        let place = self.oldest + (history.len() - self.line);
        if place < self.before { history.byte(place).map_or(256, u32::from) } else { 256 }
    }

    /// In a block of records, three contexts are of the place in the record.
    #[inline(always)]
    fn of_records(&self, contexts: &mut [u32; CONTEXTS], history: &History) {
        let column = (history.len() - self.line) as u32;
        let (above, two_above) = (self.above(0, history), self.two_above(history));
        // What goes on by steps of one size.
        let stepped = if two_above < 256 { (2 * above + 256 - two_above) & 0xFF } else { 256 };
        let last = self.last as u32 & 0xFF;
        contexts[4] = hash(hash(column, above), 9 << 8);
        contexts[5] = hash(hash(column, last), 10 << 8);
        contexts[7] = hash(hash(column, stepped), 11 << 8);
    }

    /// Those of the first group where nothing is expected.
    #[inline(always)]
    pub(crate) fn first_group(&self, depth: u8, history: &History) -> [u32; CONTEXTS] {
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
            hash(self.shape.of_runs(5), hash(above, salt(7))),
            hash(hash(self.word, self.earlier), hash(self.gap, salt(8))),
        ]
    }

    #[inline(always)]
    fn second_group(&self, history: &History) -> [u32; CONTEXTS] {
        let low = self.last as u32;
        let (above, next) = (self.above(0, history), self.above(1, history));
        let Structure { opened, closed, field } = self.structure;
        let salt = |number: u32| (number + 16) << 8;
        [
            hash(hash(self.word, field), salt(1)),
            hash(low & 0xFFFF_FF00, salt(2)),
            hash(hash(self.word, self.older), salt(3)),
            hash(hash(self.shape.classes & 0xFF_FFFF, low & 0xFF), salt(4)),
            hash(hash(above << 9 | next, field << 9 | history.byte(self.line).map_or(256, u32::from)), salt(5)),
            hash(hash(opened, closed), hash(self.word, salt(6))),
            hash(hash(history.followed(low).into(), low & 0xFF), salt(7)),
            hash(self.shape.of_runs(8), salt(8)),
        ]
    }
}
