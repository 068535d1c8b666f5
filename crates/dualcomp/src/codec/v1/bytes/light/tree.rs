//! The tree of a byte, in the form in which it is walked.

use dualcomp_tokens::{BYTE_TREE, ByteBranch};

/// A node, as [`dualcomp_tokens::ByteNode`].
#[derive(Clone, Copy)]
pub(crate) struct Walk {
    pub(crate) first: u8,
    pub(crate) last: u8,
    pub(crate) split: u8,
    pub(crate) group: u8,
    pub(crate) index: u8,
    /// Where each outcome leads: to a node by its number, or to a byte, with these flags.
    pub(crate) next: [u16; 2],
}

/// Is a byte.
pub(crate) const BYTE: u16 = 1 << 8;
/// Is a node of another group.
pub(crate) const GROUP: u16 = 1 << 9;

/// Is the outcome 1.
pub(crate) const ONE: u16 = 1 << 10;

/// All nodes; there is none of the last number.
pub(crate) static WALK: [Walk; 256] = {
    let mut walk = [Walk { first: 0, last: 0, split: 0, group: 0, index: 0, next: [0; 2] }; 256];
    let mut number = 0;
    while number < BYTE_TREE.len() {
        let node = &BYTE_TREE[number];
        let mut outcome = 0;
        while outcome < 2 {
            walk[number].next[outcome] = match node.branches[outcome] {
                ByteBranch::Byte(byte) => byte as u16 | BYTE,
                ByteBranch::Node(below) if BYTE_TREE[below as usize].group != node.group => below as u16 | GROUP,
                ByteBranch::Node(below) => below as u16,
            };
            walk[number].next[outcome] |= if outcome == 1 { ONE } else { 0 };
            outcome += 1;
        }
        walk[number].first = node.first;
        walk[number].last = node.last;
        walk[number].split = node.split;
        walk[number].group = node.group;
        walk[number].index = node.index;
        number += 1;
    }
    walk
};
