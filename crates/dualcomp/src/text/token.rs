//! Coding of one token, decision by decision.

use dualcomp_entropy::BitCoder;
use dualcomp_entropy::predictor::TextSession;
use dualcomp_tokens::{Branch, Node};

use super::groups::GROUPS;
use super::mixing::Decision;
use super::{Block, Learned};
use crate::Error;

impl Learned {
    /// Codes one token of a lane; `network` has seen the one before it.
    #[inline(always)]
    pub(super) fn token(
        &mut self,
        index: u32,
        network: Option<&dyn TextSession>,
        block: Block<'_>,
        coder: &mut impl BitCoder,
    ) -> Result<(), Error> {
        let Block { base, vocabulary, raw, .. } = block;
        let lane = &mut self.lanes[index as usize];
        let target: &[u8] = match raw {
            Some(raw) => vocabulary.token(vocabulary.longest_match(&raw[lane.at - base..lane.end - base])),
            None => &[],
        };
        let mut spelled = 0;
        let mut branch = vocabulary.root();
        loop {
            let (number, node) = match branch {
                Branch::Node(number) => (number, vocabulary.node(number)),
                Branch::Token(id) => {
                    let token = vocabulary.token(id);
                    if token.len() - spelled > lane.end - lane.at {
                        return Err(Error::corrupt("a token runs over the end of its lane"));
                    }
                    for &byte in &token[spelled..] {
                        lane.push(byte, spelled == 0, &mut self.history);
                        spelled += 1;
                    }
                    if network.is_some() {
                        lane.token = Some(id);
                    }
                    return Ok(());
                }
            };
            let depth = usize::from(node.depth);
            let sample = vocabulary.token(node.sample);
            if depth - spelled >= lane.end - lane.at + usize::from(node.bit == Node::END) {
                return Err(Error::corrupt("a token runs over the end of its lane"));
            }
            while spelled < depth {
                lane.push(sample[spelled], spelled == 0, &mut self.history);
                spelled += 1;
            }
            let (bit, partial) = if node.bit == Node::END {
                (target.len() == depth, 0)
            } else {
                let byte = target.get(depth).copied().unwrap_or(0);
                (byte >> node.bit & 1 == 1, u32::from(sample[depth]) >> node.bit >> 1)
            };
            let decision = Decision {
                bit: node.bit,
                depth: node.depth,
                partial,
                network: network.map_or(0, |session| session.logit(index / GROUPS as u32, number)),
            };
            let bit = self.mixing.code(decision, lane, &self.history, coder, bit);
            branch = node.branches[usize::from(bit)];
        }
    }
}
