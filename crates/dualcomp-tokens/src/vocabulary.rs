//! A sorted list of byte strings, its longest-match segmentation and its decision tree.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::byteset::ByteSet;
use crate::tree::{self, Branch, Node};

/// Byte strings that text is cut into, in byte order.
///
/// ```
/// use dualcomp_tokens::Vocabulary;
///
/// let vocabulary = Vocabulary::bytes_only();
/// assert_eq!(vocabulary.len(), 256);
/// assert_eq!(vocabulary.longest_match(b"abc"), u32::from(b'a'));
/// ```
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// All tokens one after the other; token `i` is `bytes[ends[i - 1]..ends[i]]`.
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// Index of the first token of each first byte, and the end.
    first: Vec<u32>,
    /// For each token the bytes that make it a longer token.
    longer: Vec<ByteSet>,
    nodes: Vec<Node>,
    root: Branch,
}

impl Vocabulary {
    /// A vocabulary of these tokens.
    ///
    /// # Errors
    /// If they are not strictly ascending, if a single byte is missing, if one is empty or longer than 255
    /// bytes, or if there are more than 65,535.
    pub fn new(tokens: Vec<Vec<u8>>) -> Result<Self, VocabularyError> {
        if tokens.len() > 65_535 {
            return Err(VocabularyError::TooMany { tokens: tokens.len() });
        }
        let mut bytes = Vec::new();
        let mut ends = Vec::with_capacity(tokens.len());
        for (index, token) in tokens.iter().enumerate() {
            if token.is_empty() || token.len() > 255 {
                return Err(VocabularyError::Length { index, length: token.len() });
            }
            if index > 0 && tokens[index - 1] >= *token {
                return Err(VocabularyError::Order { index });
            }
            bytes.extend_from_slice(token);
            ends.push(bytes.len() as u32);
        }
        let mut first = Vec::with_capacity(257);
        for byte in 0..=255u8 {
            let index = tokens.partition_point(|t| t[0] < byte);
            if tokens.get(index).is_none_or(|t| t[..] != [byte]) {
                return Err(VocabularyError::MissingByte { byte });
            }
            first.push(index as u32);
        }
        first.push(tokens.len() as u32);
        let mut longer = vec![ByteSet::default(); tokens.len()];
        for token in &tokens {
            if let [start @ .., byte] = token.as_slice()
                && let Ok(shorter) = tokens.binary_search_by(|token| token.as_slice().cmp(start))
            {
                longer[shorter].insert(*byte);
            }
        }
        let (nodes, root) = tree::build(&tokens);
        Ok(Self { bytes, ends, first, longer, nodes, root })
    }

    /// The 256 single bytes.
    pub fn bytes_only() -> Self {
        let tokens = (0..=255u8).map(|b| Vec::from([b])).collect();
        match Self::new(tokens) {
            Ok(vocabulary) => vocabulary,
            Err(_) => unreachable!("the single bytes are a vocabulary"),
        }
    }

    /// Number of tokens.
    #[allow(clippy::len_without_is_empty, reason = "there are always at least 256")]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The id of the mark that stands before the first token of a text: one past the last token.
    pub fn start(&self) -> u32 {
        self.ends.len() as u32
    }

    /// The bytes of token `id`.
    ///
    /// # Panics
    /// If `id` is not below [`Self::len`].
    #[inline]
    pub fn token(&self, id: u32) -> &[u8] {
        let start = if id == 0 { 0 } else { self.ends[id as usize - 1] as usize };
        &self.bytes[start..self.ends[id as usize] as usize]
    }

    /// The longest token that `text` begins with. Takes time in the logarithm of the vocabulary per byte.
    ///
    /// # Panics
    /// If `text` is empty.
    pub fn longest_match(&self, text: &[u8]) -> u32 {
        let byte = usize::from(text[0]);
        let (mut lo, mut hi) = (self.first[byte], self.first[byte + 1]);
        // The single byte itself comes first among the tokens that begin with it.
        let mut best = lo;
        for (depth, &byte) in text.iter().enumerate().skip(1) {
            lo += u32::from(self.token(lo).len() == depth);
            let next = |bound: u16| {
                let (mut a, mut b) = (lo, hi);
                while a < b {
                    let mid = a + (b - a) / 2;
                    if u16::from(self.token(mid)[depth]) < bound {
                        a = mid + 1;
                    } else {
                        b = mid;
                    }
                }
                a
            };
            let (a, b) = (next(u16::from(byte)), next(u16::from(byte) + 1));
            if a == b {
                break;
            }
            (lo, hi) = (a, b);
            if self.token(lo).len() == depth + 1 {
                best = lo;
            }
        }
        best
    }

    /// Whether token `id` and any one of the bytes from `first` to `last` are a longer token together. Where text is cut
    /// into longest matches, none of these bytes follows the token then.
    ///
    /// ```
    /// use dualcomp_tokens::Vocabulary;
    ///
    /// let mut tokens: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    /// tokens.extend([b"is".to_vec(), b"it".to_vec()]);
    /// tokens.sort();
    /// let vocabulary = Vocabulary::new(tokens)?;
    /// let i = u32::from(b'i');
    /// assert!(vocabulary.is_shorter(i, b's', b't'));
    /// assert!(!vocabulary.is_shorter(i, b's', b'u'));
    /// # Ok::<(), dualcomp_tokens::VocabularyError>(())
    /// ```
    ///
    /// # Panics
    /// If `id` is not below [`Self::len`].
    #[inline]
    pub fn is_shorter(&self, id: u32, first: u8, last: u8) -> bool {
        self.longer[id as usize].covers(first, last)
    }

    /// Cuts `text` into longest matches from left to right.
    pub fn cut(&self, text: &[u8], out: &mut Vec<u32>) {
        let mut at = 0;
        while at < text.len() {
            let id = self.longest_match(&text[at..]);
            out.push(id);
            at += self.token(id).len();
        }
    }

    /// Where the decisions that spell a token begin.
    #[inline]
    pub fn root(&self) -> Branch {
        self.root
    }

    /// The decision with this number, below `len() - 1`.
    ///
    /// # Panics
    /// If there is none.
    #[inline]
    pub fn node(&self, number: u32) -> Node {
        self.nodes[number as usize]
    }
}

/// Why a list of tokens is no vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VocabularyError {
    /// More than 65,535 tokens.
    TooMany {
        /// How many there are.
        tokens: usize,
    },
    /// A token of no bytes or of more than 255.
    Length {
        /// Its place in the list.
        index: usize,
        /// Its length in bytes.
        length: usize,
    },
    /// A token that does not come after the one before it.
    Order {
        /// Its place in the list.
        index: usize,
    },
    /// A single byte that is no token.
    MissingByte {
        /// The byte.
        byte: u8,
    },
}

impl fmt::Display for VocabularyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { tokens } => write!(f, "{tokens} tokens are too many"),
            Self::Length { index, length } => write!(f, "token {index} has {length} bytes"),
            Self::Order { index } => write!(f, "token {index} is out of order"),
            Self::MissingByte { byte } => write!(f, "the byte {byte:#04x} is no token"),
        }
    }
}

impl core::error::Error for VocabularyError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Vocabulary {
        let mut tokens: Vec<Vec<u8>> = (0..=255u8).map(|b| vec![b]).collect();
        tokens.extend([&b"the"[..], b"th", b"then", b" a", b" an"].map(<[u8]>::to_vec));
        tokens.sort();
        Vocabulary::new(tokens).unwrap()
    }

    #[test]
    fn cuts_longest_first() {
        let v = small();
        let mut ids = vec![];
        v.cut(b"then an\xff", &mut ids);
        let words: Vec<_> = ids.iter().map(|&i| v.token(i)).collect();
        assert_eq!(words, [&b"then"[..], b" an", b"\xff"]);
    }

    #[test]
    fn every_token_is_spelled_by_its_own_decisions() {
        let v = small();
        let mut met = vec![false; v.len()];
        let mut nodes = vec![];
        let mut open = vec![v.root()];
        while let Some(branch) = open.pop() {
            match branch {
                Branch::Token(id) => assert!(!core::mem::replace(&mut met[id as usize], true)),
                Branch::Node(number) => {
                    nodes.push(number);
                    let node = v.node(number);
                    open.extend([node.branches[1], node.branches[0]]);
                }
            }
        }
        assert!(met.iter().all(|&m| m));
        // Numbered in the order of the walk.
        assert_eq!(nodes, (0..v.len() as u32 - 1).collect::<Vec<_>>());
    }

    #[test]
    fn refuses_what_is_no_vocabulary() {
        let bytes = || (0..=255u8).map(|b| vec![b]).collect::<Vec<_>>();
        let mut gap = bytes();
        gap.remove(7);
        assert_eq!(Vocabulary::new(gap).unwrap_err(), VocabularyError::MissingByte { byte: 7 });
        let mut twice = bytes();
        twice.push(vec![255]);
        assert_eq!(Vocabulary::new(twice).unwrap_err(), VocabularyError::Order { index: 256 });
        let mut long = bytes();
        long.push(vec![255; 256]);
        assert!(matches!(Vocabulary::new(long), Err(VocabularyError::Length { length: 256, .. })));
    }
}
