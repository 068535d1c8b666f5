//! The shape of what came last, and the weights that it selects (docs/spec/bytes.md, section 3.3).

use dualcomp_entropy::hash;

/// Classes of the last bytes, what runs of one class they are, and how long the word is that they end with.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shape {
    /// Of the last ten bytes, three bits each, the latest lowest.
    pub(crate) classes: u32,
    /// Of the last ten runs, likewise, and bytes of the latest one, [`LONG_RUN`] at most.
    runs: u32,
    run: u32,
    /// Letters and digits since the last other byte, [`LONG_WORD`] at most.
    letters: u32,
}

/// Longer words are not told apart (experiments/0095).
const LONG_WORD: u32 = 7;
/// Nor longer runs (experiments/0096).
const LONG_RUN: u32 = 7;
/// Sets of weights by the last two bytes, by the classes of the last four, and by the node and the word: twice or four times as
/// many make texts 0.02 to 0.05 % smaller (experiments/0095).
pub(crate) const BY_TWO: usize = 1 << 10;
pub(crate) const BY_FOUR: usize = 1 << 10;
pub(crate) const BY_WORD: usize = 1 << 11;
/// Spreads nodes over the sets by word: the golden ratio (Knuth).
const SPREAD: u32 = 0x9E37_79B1;

/// What selects weights, the same for all decisions of a byte.
#[derive(Clone, Copy, Default)]
pub(crate) struct ByteSelectors {
    /// The classes of the last four, below [`BY_FOUR`].
    pub(crate) four: usize,
    /// The class of the last byte, below 8.
    pub(crate) class: usize,
    /// A hash of that and of the length of the word.
    word: u32,
}

impl Shape {
    /// Takes note of a byte.
    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8, is_letter: bool) {
        let class = CLASSES[usize::from(byte)] as u32;
        self.classes = self.classes << 3 | class;
        (self.runs, self.run) = if class == self.runs & 7 {
            (self.runs, (self.run + 1).min(LONG_RUN))
        } else {
            (self.runs << 3 | class, 1)
        };
        self.letters = if is_letter { (self.letters + 1).min(LONG_WORD) } else { 0 };
    }

    /// A hash of the last runs, up to ten, and of the length of the latest.
    #[inline(always)]
    pub(crate) fn of_runs(self, count: u32) -> u32 {
        hash(self.runs & ((1 << (3 * count)) - 1), self.run)
    }

    /// What selects weights for the next byte.
    #[inline(always)]
    pub(crate) fn selectors(self) -> ByteSelectors {
        ByteSelectors {
            four: upper(hash(self.classes & 0xFFF, 0), BY_FOUR),
            class: (self.classes & 7) as usize,
            word: hash((self.classes & 7) << 3 | self.letters, 0),
        }
    }
}

impl ByteSelectors {
    /// The word and the node of a decision, below [`BY_WORD`].
    #[inline(always)]
    pub(crate) fn by_word(self, node: u8) -> usize {
        upper(self.word.wrapping_add(SPREAD.wrapping_mul(node.into())), BY_WORD)
    }
}

/// The last two bytes, below [`BY_TWO`]; the light form does not ask for them.
#[inline(always)]
pub(crate) fn by_two(last: u64) -> usize {
    upper(hash(last as u32 & 0xFFFF, 0), BY_TWO)
}

/// The upper bits of a hash, as many as a number below a power of two has.
#[inline(always)]
fn upper(hash: u32, below: usize) -> usize {
    (hash >> (32 - below.ilog2())) as usize
}

/// Classes of bytes: small letters and all above ASCII, capitals, digits, space, ends of lines, marks of sentences,
/// marks of markup, others.
static CLASSES: [u8; 256] = {
    let mut classes = [7; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | 0x80.. => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            b' ' => 3,
            b'\n' | b'\r' => 4,
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'-' | b'_' => 5,
            b'<' | b'>' | b'=' | b'"' | b'\'' | b'/' => 6,
            _ => 7,
        };
        byte += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Shape {
        let mut shape = Shape::default();
        for byte in text.bytes() {
            shape.push(byte, byte.is_ascii_alphanumeric());
        }
        shape
    }

    #[test]
    fn shapes_are_of_classes_and_words() {
        assert_eq!(after("Ab 1").classes, 0o1032);
        assert_eq!(["", "a b", "<td", "seven77", "eight888"].map(|text| after(text).letters), [0, 1, 2, 7, 7]);
    }

    #[test]
    fn runs_are_of_one_class() {
        let of = |text: &str| after(text).of_runs(5);
        assert_eq!(after("12.34 eleven letters").run, 7);
        assert_eq!(of("Ab, cdef"), of("Zx; stuv"));
        assert!(of("x 10.5") != of("x 10.55") && of("x 10.5") != of("x 1,0.5"));
        assert!(of("a 1 b 2 c") == of("c 1 b 2 c") && of("1 b 2 c") == of("ab 2 c 1 b 2 c"));
    }

    #[test]
    fn selectors_tell_bytes_classes_words_and_nodes_apart() {
        let of = |text: &str| after(text).selectors();
        let (one, other) = (of("I am"), of("I do"));
        assert!(by_two(0x616D) != by_two(0x646F) && by_two(0x1_616D) == by_two(0x616D));
        assert!(one.four == other.four && one.by_word(9) == other.by_word(9));
        assert!(one.four != of("i am").four && one.by_word(9) != of("I a").by_word(9));
        assert!(one.by_word(9) != one.by_word(10) && one.class == 0 && of("1 ").class == 3);
        assert!((0..=255).all(|node| one.by_word(node) < BY_WORD));
    }
}
