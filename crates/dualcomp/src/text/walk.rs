//! The contexts that coding a document would look up.

use dualcomp_entropy::hash;
use dualcomp_tokens::{Branch, Node, Vocabulary};

use super::WINDOW;
use super::history::History;
use super::lane::{CONTEXTS, Lane};

/// What a look-up tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// A half byte.
    Half(u8),
    /// Whether a token ends.
    End(bool),
}

/// The decisions that spell each token, by depth: the end, and both half bytes.
pub(crate) struct Walk<'a> {
    vocabulary: &'a Vocabulary,
    asked: Vec<Vec<[bool; 3]>>,
    history: History,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(vocabulary: &'a Vocabulary) -> Self {
        let asked = (0..vocabulary.len() as u32).map(|id| asked(vocabulary, id)).collect();
        Self { vocabulary, asked, history: History::new(12) }
    }

    /// Passes on the hashes of all lines that coding this document looks up, context by context, with what follows.
    pub(crate) fn document(&mut self, text: &[u8], mut look_up: impl FnMut([u32; CONTEXTS], Symbol)) {
        let mut lane = Lane::default();
        let base = self.history.open(text.len(), WINDOW);
        lane.open(base, base + text.len());
        let mut tokens = Vec::new();
        self.vocabulary.cut(text, &mut tokens);
        for id in tokens {
            let token = self.vocabulary.token(id);
            for (depth, asked) in self.asked[id as usize].iter().enumerate() {
                let hashes = lane.contexts(depth as u8, &self.history);
                let lines = |half: u32| hashes.map(|h| hash(h, half));
                if asked[0] {
                    look_up(lines(0), Symbol::End(depth == token.len()));
                }
                let Some(&byte) = token.get(depth) else { break };
                if asked[1] {
                    look_up(lines(0), Symbol::Half(byte >> 4));
                }
                if asked[2] {
                    look_up(lines(u32::from(byte >> 4) | 16), Symbol::Half(byte & 15));
                }
                lane.push(byte, depth == 0, &mut self.history);
            }
        }
    }
}

fn asked(vocabulary: &Vocabulary, id: u32) -> Vec<[bool; 3]> {
    let token = vocabulary.token(id);
    let mut asked = vec![[false; 3]; token.len() + 1];
    let mut branch = vocabulary.root();
    while let Branch::Node(number) = branch {
        let node = vocabulary.node(number);
        let depth = usize::from(node.depth);
        let bit = if node.bit == Node::END {
            asked[depth][0] = true;
            depth == token.len()
        } else {
            asked[depth][if node.bit >= 4 { 1 } else { 2 }] = true;
            token[depth] >> node.bit & 1 == 1
        };
        branch = node.branches[usize::from(bit)];
    }
    asked
}
