//! The binary decisions that spell a token (docs/coding.md, section 2).

use alloc::vec::Vec;

/// Where a decision leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// To the next decision.
    Node(u32),
    /// To the token with this id.
    Token(u32),
}

/// One decision between groups of tokens that agree on all earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where bit 0 and bit 1 lead.
    pub branches: [Branch; 2],
    /// A token of the group: its first [`Self::depth`] bytes, and the bits of the next one above
    /// [`Self::bit`], are those spelled so far.
    pub sample: u32,
    /// Whole bytes spelled.
    pub depth: u8,
    /// Which bit of the next byte is decided, 7 first, or [`Node::END`].
    pub bit: u8,
}

impl Node {
    /// The decision whether the token ends here (bit 1) or goes on.
    pub const END: u8 = 8;
}

/// Builds the tree over sorted tokens; numbers count up depth first, branch 0 before branch 1.
pub(crate) fn build(tokens: &[Vec<u8>]) -> (Vec<Node>, Branch) {
    let mut nodes = Vec::with_capacity(tokens.len());
    let root = grow(tokens, 0, tokens.len(), 0, 7, &mut nodes);
    (nodes, root)
}

/// The subtree of tokens `lo..hi`, which agree on `depth` bytes and the bits above `bit` of the next.
/// Recurses once per decision, at most 9 times 255 deep.
fn grow(tokens: &[Vec<u8>], lo: usize, hi: usize, mut depth: usize, mut bit: u8, nodes: &mut Vec<Node>) -> Branch {
    if hi - lo == 1 {
        return Branch::Token(lo as u32);
    }
    loop {
        let middle = if bit == Node::END {
            lo + usize::from(tokens[lo].len() == depth)
        } else {
            lo + tokens[lo..hi].partition_point(|t| t[depth] >> bit & 1 == 0)
        };
        let next = match bit {
            Node::END => (depth, 7),
            0 => (depth + 1, Node::END),
            _ => (depth, bit - 1),
        };
        if middle == lo || middle == hi {
            (depth, bit) = next;
            continue;
        }
        let number = nodes.len();
        let at = Branch::Node(number as u32);
        let node = Node { branches: [at; 2], sample: lo as u32, depth: depth as u8, bit };
        nodes.push(node);
        let branches = if bit == Node::END {
            // Going on comes first: it is branch 0.
            let more = grow(tokens, middle, hi, next.0, next.1, nodes);
            [more, Branch::Token(lo as u32)]
        } else {
            let zero = grow(tokens, lo, middle, next.0, next.1, nodes);
            [zero, grow(tokens, middle, hi, next.0, next.1, nodes)]
        };
        nodes[number].branches = branches;
        return at;
    }
}
