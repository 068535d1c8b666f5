//! The binary decisions that spell a token (docs/spec/bytes.md, section 1).

use alloc::vec::Vec;

use crate::byte_tree::{BYTE_TREE, ByteBranch};

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
    /// Where outcome 0 and outcome 1 lead.
    pub branches: [Branch; 2],
    /// A token of the group: its first [`Self::depth`] bytes are those spelled so far.
    pub sample: u32,
    /// Whole bytes spelled.
    pub depth: u8,
    /// The number of the next byte's node in [`BYTE_TREE`], or [`Node::END`].
    pub byte_node: u8,
}

impl Node {
    /// The decision whether the token ends here (outcome 1) or goes on.
    pub const END: u8 = 255;
}

/// Builds the tree over sorted tokens; numbers count up depth first, branch 0 before branch 1.
pub(crate) fn build(tokens: &[Vec<u8>]) -> (Vec<Node>, Branch) {
    let mut nodes = Vec::with_capacity(tokens.len());
    let root = grow(tokens, 0, tokens.len(), 0, 0, &mut nodes);
    (nodes, root)
}

/// The subtree of tokens `lo..hi`, which agree on `depth` bytes and on the decisions above `byte_node` of the next.
/// Recurses once per decision, at most 255 times the depth of the code.
fn grow(
    tokens: &[Vec<u8>],
    lo: usize,
    hi: usize,
    mut depth: usize,
    mut byte_node: u8,
    nodes: &mut Vec<Node>,
) -> Branch {
    if hi - lo == 1 {
        return Branch::Token(lo as u32);
    }
    loop {
        let (middle, next) = if byte_node == Node::END {
            // Going on is outcome 0, and the token that ends is the first.
            (lo + usize::from(tokens[lo].len() == depth), [(depth, 0); 2])
        } else {
            let decision = BYTE_TREE[usize::from(byte_node)];
            let below = decision.branches.map(|branch| match branch {
                ByteBranch::Node(number) => (depth, number),
                ByteBranch::Byte(_) => (depth + 1, Node::END),
            });
            (lo + tokens[lo..hi].partition_point(|t| t[depth] < decision.split), below)
        };
        if middle == lo || middle == hi {
            (depth, byte_node) = next[usize::from(middle == lo)];
            continue;
        }
        let number = nodes.len();
        let at = Branch::Node(number as u32);
        nodes.push(Node { branches: [at; 2], sample: lo as u32, depth: depth as u8, byte_node });
        let branches = if byte_node == Node::END {
            [grow(tokens, middle, hi, depth, 0, nodes), Branch::Token(lo as u32)]
        } else {
            let [zero, one] = next;
            [grow(tokens, lo, middle, zero.0, zero.1, nodes), grow(tokens, middle, hi, one.0, one.1, nodes)]
        };
        nodes[number].branches = branches;
        return at;
    }
}
