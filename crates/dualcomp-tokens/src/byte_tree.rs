//! The binary decisions that spell a byte (docs/spec/bytes.md, section 1).

use crate::splits::SPLITS;

/// Where one outcome of a [`ByteNode`] leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteBranch {
    /// To the next decision, by its number.
    Node(u8),
    /// To this byte.
    Byte(u8),
}

/// One decision on the branch to a byte: whether it is at least [`Self::split`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteNode {
    /// The least byte that is left.
    pub first: u8,
    /// The greatest byte that is left.
    pub last: u8,
    /// The least byte of outcome 1.
    pub split: u8,
    /// Where outcome 0 and outcome 1 lead.
    pub branches: [ByteBranch; 2],
    /// Decisions before it.
    pub depth: u8,
    /// The group it belongs to: up to fifteen nodes of a subtree that are nearest to its root, from 0.
    pub group: u8,
    /// Its place in the group, from 1; the group's first node has 1, and others come after the one above them.
    pub index: u8,
    /// For each outcome: its number among those that leave the group, in 0..16, or 16 and the index of the node of the
    /// group that it leads to.
    pub exits: [u8; 2],
}

/// All nodes; numbers count up in a depth-first walk, outcome 0 first, so that the first decision is number 0.
pub static BYTE_TREE: [ByteNode; 255] = BUILT.0;

/// The nodes of each group, by their index less one; as many as `GROUP_LEN` says.
static GROUPS: [[u8; GROUP_NODES]; GROUP_COUNT] = BUILT.1;

static GROUP_LEN: [u8; GROUP_COUNT] = BUILT.2;

/// Groups of nodes.
const GROUP_COUNT: usize = groups();

/// Nodes of a group at most.
pub const GROUP_NODES: usize = 15;

/// The numbers of a group's nodes, in the order of their indices.
///
/// # Panics
/// If there is no such group.
#[inline]
pub fn node_group(group: usize) -> &'static [u8] {
    &GROUPS[group][..usize::from(GROUP_LEN[group])]
}

const BUILT: ([ByteNode; 255], [[u8; GROUP_NODES]; GROUP_COUNT], [u8; GROUP_COUNT]) = build();

const UNKNOWN: ByteNode = ByteNode {
    first: 0,
    last: 0,
    split: 0,
    branches: [ByteBranch::Byte(0); 2],
    depth: 0,
    group: 0,
    index: 0,
    exits: [0; 2],
};

/// Nodes without groups.
const fn nodes() -> [ByteNode; 255] {
    let mut nodes = [UNKNOWN; 255];
    // Intervals to come, the next one last: first and last byte, the node above and its outcome, depth.
    let mut open = [(0u8, 0u8, 0usize, 0usize, 0u8); 32];
    open[0] = (0, 255, 255, 0, 0);
    let (mut count, mut number) = (1, 0);
    while count > 0 {
        count -= 1;
        let (first, last, above, outcome, depth) = open[count];
        let branch = if first == last { ByteBranch::Byte(first) } else { ByteBranch::Node(number as u8) };
        if above < 255 {
            nodes[above].branches[outcome] = branch;
        }
        if first < last {
            let split = SPLITS[number];
            nodes[number] = ByteNode { first, last, split, depth, ..UNKNOWN };
            open[count] = (split, last, number, 1, depth + 1);
            open[count + 1] = (first, split - 1, number, 0, depth + 1);
            count += 2;
            number += 1;
        }
    }
    nodes
}

/// The nodes of the group that begins with one: breadth first. Returns how many there are.
const fn gather(nodes: &[ByteNode; 255], root: u8, out: &mut [u8; GROUP_NODES]) -> usize {
    out[0] = root;
    let (mut count, mut next) = (1, 0);
    while next < count {
        let mut outcome = 0;
        while outcome < 2 {
            if let ByteBranch::Node(below) = nodes[out[next] as usize].branches[outcome]
                && count < GROUP_NODES
            {
                out[count] = below;
                count += 1;
            }
            outcome += 1;
        }
        next += 1;
    }
    count
}

/// Marks the nodes of all groups, which are numbered in the order in which their first nodes are met, and returns how
/// many groups there are.
const fn mark(nodes: &mut [ByteNode; 255]) -> usize {
    let (mut groups, mut number) = (0, 0);
    // A node without an index when its turn comes begins a group: all above it have theirs.
    while number < nodes.len() {
        if nodes[number].index == 0 {
            let mut members = [0; GROUP_NODES];
            let count = gather(nodes, number as u8, &mut members);
            let mut i = 0;
            while i < count {
                nodes[members[i] as usize].group = groups as u8;
                nodes[members[i] as usize].index = i as u8 + 1;
                i += 1;
            }
            groups += 1;
        }
        number += 1;
    }
    groups
}

const fn groups() -> usize {
    mark(&mut nodes())
}

const fn build() -> ([ByteNode; 255], [[u8; GROUP_NODES]; GROUP_COUNT], [u8; GROUP_COUNT]) {
    let mut nodes = nodes();
    mark(&mut nodes);
    let (mut members, mut lengths) = ([[0; GROUP_NODES]; GROUP_COUNT], [0; GROUP_COUNT]);
    let mut number = 0;
    while number < nodes.len() {
        let ByteNode { group, index, .. } = nodes[number];
        members[group as usize][index as usize - 1] = number as u8;
        lengths[group as usize] += 1;
        number += 1;
    }
    let mut group = 0;
    while group < GROUP_COUNT {
        let (mut exits, mut i) = (0, 0);
        while i < lengths[group] as usize {
            let at = members[group][i] as usize;
            let mut outcome = 0;
            while outcome < 2 {
                nodes[at].exits[outcome] = match nodes[at].branches[outcome] {
                    ByteBranch::Node(below) if nodes[below as usize].group as usize == group => {
                        16 + nodes[below as usize].index
                    }
                    _ => {
                        exits += 1;
                        exits - 1
                    }
                };
                outcome += 1;
            }
            i += 1;
        }
        group += 1;
    }
    (nodes, members, lengths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_leaf() {
        for byte in 0..=255u8 {
            let (mut branch, mut depth) = (ByteBranch::Node(0), 0);
            while let ByteBranch::Node(number) = branch {
                let node = BYTE_TREE[usize::from(number)];
                assert!(node.first <= byte && byte <= node.last && node.first < node.split && node.split <= node.last);
                assert_eq!(node.depth, depth);
                branch = node.branches[usize::from(byte >= node.split)];
                depth += 1;
            }
            assert_eq!(branch, ByteBranch::Byte(byte));
        }
    }

    #[test]
    fn lines_hold_together() {
        for number in 0..GROUP_COUNT {
            let nodes = node_group(number);
            let mut exits = [false; 16];
            for (i, &at) in nodes.iter().enumerate() {
                let node = BYTE_TREE[usize::from(at)];
                assert_eq!((usize::from(node.group), usize::from(node.index)), (number, i + 1));
                for (branch, exit) in node.branches.into_iter().zip(node.exits) {
                    match branch {
                        ByteBranch::Node(below) if usize::from(BYTE_TREE[usize::from(below)].group) == number => {
                            assert_eq!(exit, 16 + BYTE_TREE[usize::from(below)].index);
                            assert!(BYTE_TREE[usize::from(below)].index > node.index);
                        }
                        // The first node of another group, or a byte.
                        ByteBranch::Node(below) if BYTE_TREE[usize::from(below)].index != 1 => panic!("{at}: {node:?}"),
                        _ => assert!(!core::mem::replace(&mut exits[usize::from(exit)], true)),
                    }
                }
            }
            assert_eq!(exits.iter().filter(|&&e| e).count(), nodes.len() + 1);
        }
    }
}
