//! The contexts that coding a document would look up.

use dualcomp::__unstable::ContextHashes;
use dualcomp_entropy::hash;
use dualcomp_tokens::{BYTE_TREE, Branch, ByteBranch, Node, Vocabulary};

/// Contexts of the first group.
const CONTEXTS: usize = 8;

/// What a look-up tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// Which way a node group was left.
    Exit(u8),
    /// Whether a token ends.
    End(bool),
}

/// The decisions at one byte of a token.
#[derive(Clone, Default)]
struct Asked {
    /// Whether the token's end before it is one.
    end: bool,
    /// Node groups with decisions, and the way out of each.
    groups: Vec<(u8, u8)>,
}

/// The decisions that spell each token, by depth.
pub(crate) struct ContextList<'a> {
    vocabulary: &'a Vocabulary,
    asked: Vec<Vec<Asked>>,
    contexts: ContextHashes,
}

impl<'a> ContextList<'a> {
    pub(crate) fn new(vocabulary: &'a Vocabulary) -> Self {
        let asked = (0..vocabulary.len() as u32).map(|id| asked(vocabulary, id)).collect();
        Self { vocabulary, asked, contexts: ContextHashes::new() }
    }

    /// Passes on the hashes of all node groups that coding this document looks up, with what follows.
    pub(crate) fn document(&mut self, text: &[u8], mut look_up: impl FnMut([u32; CONTEXTS], Symbol)) {
        self.contexts.open(text.len());
        let mut tokens = Vec::new();
        self.vocabulary.cut(text, &mut tokens);
        for id in tokens {
            let token = self.vocabulary.token(id);
            for (depth, asked) in self.asked[id as usize].iter().enumerate() {
                let hashes = self.contexts.hashes(depth as u8);
                let groups = |group: u8| hashes.map(|h| hash(h, group.into()));
                if asked.end {
                    look_up(groups(0), Symbol::End(depth == token.len()));
                }
                for &(group, exit) in &asked.groups {
                    look_up(groups(group), Symbol::Exit(exit));
                }
                if let Some(&byte) = token.get(depth) {
                    self.contexts.push(byte, depth == 0);
                }
            }
        }
    }
}

/// Passes on the decisions that spell a token, with their numbers.
pub(crate) fn spell(vocabulary: &Vocabulary, id: u32, mut each: impl FnMut(u32, Node)) {
    let token = vocabulary.token(id);
    let mut branch = vocabulary.root();
    while let Branch::Node(number) = branch {
        let node = vocabulary.node(number);
        let depth = usize::from(node.depth);
        let bit = match BYTE_TREE.get(usize::from(node.byte_node)) {
            Some(byte_node) => token.get(depth).is_some_and(|&byte| byte >= byte_node.split),
            None => depth == token.len(),
        };
        each(number, node);
        branch = node.branches[usize::from(bit)];
    }
}

fn asked(vocabulary: &Vocabulary, id: u32) -> Vec<Asked> {
    let token = vocabulary.token(id);
    let mut asked = vec![Asked::default(); token.len() + 1];
    spell(vocabulary, id, |_, node| {
        let depth = usize::from(node.depth);
        let Some(byte_node) = BYTE_TREE.get(usize::from(node.byte_node)) else {
            asked[depth].end = true;
            return;
        };
        let groups = &mut asked[depth].groups;
        if groups.last().is_none_or(|&(group, _)| group != byte_node.group) {
            groups.push((byte_node.group, exit(byte_node.group, token[depth])));
        }
    });
    asked
}

/// The exit of a node group that leads to a byte.
fn exit(group: u8, byte: u8) -> u8 {
    let mut byte_node = BYTE_TREE[usize::from(dualcomp_tokens::node_group(group.into())[0])];
    loop {
        let outcome = usize::from(byte >= byte_node.split);
        match (byte_node.exits[outcome], byte_node.branches[outcome]) {
            (16.., ByteBranch::Node(below)) => byte_node = BYTE_TREE[usize::from(below)],
            (exit, _) => return exit,
        }
    }
}
