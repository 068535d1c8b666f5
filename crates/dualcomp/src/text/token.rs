//! Coding of tokens, decision by decision.

use dualcomp_entropy::predictor::TextSession;
use dualcomp_entropy::{BitCoder, Line};
use dualcomp_tokens::{Branch, FORKS, Node, Vocabulary};
use fearless_simd::Simd;

use super::lane::{CONTEXTS, Lane};
use super::mixing::Decision;
use super::repeats::Repeat;
use super::strand::{Block, Learned};
use crate::Error;

impl<const GROUPS: usize> Learned<GROUPS> {
    /// Begins the next token of a lane.
    #[inline(always)]
    pub(super) fn begin(&mut self, index: u32, block: Block<'_>) {
        let Block { base, vocabulary, raw, .. } = block;
        let lane = &mut self.lanes[index as usize];
        lane.branch = Some(vocabulary.root());
        lane.spelled = 0;
        if let Some(raw) = raw {
            lane.target = vocabulary.longest_match(&raw[lane.at - base..lane.end - base]);
        }
        lane.refuted = false;
        lane.repeat = self.repeats.expect(lane, &self.history);
        if !lane.repeat.is_some_and(|repeat| repeat.is_asked()) {
            self.mixing.expect(lane, 0, Some(0), &self.history);
        }
    }

    /// Codes the decisions of one line for a lane, or what is left of it before the token ends; `network` has seen
    /// the token before. Returns whether the token is complete.
    #[inline(always)]
    pub(super) fn turn<S: Simd>(
        &mut self,
        simd: S,
        index: u32,
        network: Option<&(dyn TextSession + Send)>,
        block: Block<'_>,
        coder: &mut impl BitCoder,
    ) -> Result<bool, Error> {
        let Block { vocabulary, raw, .. } = block;
        let lane = &mut self.lanes[index as usize];
        if let Some(repeat) = lane.repeat.filter(Repeat::is_asked) {
            return self.ask(index, repeat, network.is_some(), block, coder);
        }
        let target: &[u8] = if raw.is_some() { vocabulary.token(lane.target) } else { &[] };
        lane.seek(&mut self.history);
        let mut lines = [[Line::default(); CONTEXTS]; GROUPS];
        self.mixing.look_up(simd, lane, &mut lines);
        let mut branch = lane.branch.unwrap_or(vocabulary.root());
        let begun = (lane.spelled, lane.line_number);
        loop {
            let (number, node) = match branch {
                Branch::Node(number) => (number, vocabulary.node(number)),
                Branch::Token(id) => {
                    let token = vocabulary.token(id);
                    if token.len() - lane.spelled > lane.end - lane.at {
                        return Err(Error::corrupt("a token runs over the end of its lane"));
                    }
                    self.mixing.put_back(lane, &lines);
                    if let Some(repeat) = lane.repeat.take() {
                        let came = token == repeat.bytes(&self.history);
                        self.repeats.learn(&repeat, came);
                        lane.count(came);
                    }
                    lane.spell(token, &mut self.history);
                    if network.is_some() {
                        (lane.token, lane.previous) = (Some(id), Some(id));
                    }
                    return Ok(true);
                }
            };
            let (depth, ends) = (usize::from(node.depth), node.fork == Node::END);
            let sample = vocabulary.token(node.sample);
            if depth - lane.spelled >= lane.end - lane.at + usize::from(ends) {
                return Err(Error::corrupt("a token runs over the end of its lane"));
            }
            let line = if ends { 0 } else { FORKS[usize::from(node.fork)].line };
            if (depth, line) != begun {
                self.mixing.put_back(lane, &lines);
                let moved = lane.spelled < depth;
                lane.spell(&sample[..depth], &mut self.history);
                lane.branch = Some(branch);
                self.mixing.expect(lane, line, moved.then_some(node.depth), &self.history);
                return Ok(false);
            }
            let bit = if ends {
                target.len() == depth
            } else {
                target.get(depth).is_some_and(|&byte| byte >= FORKS[usize::from(node.fork)].split)
            };
            if let Some(only) = only(lane, vocabulary, depth, node.fork) {
                branch = node.branches[usize::from(only)];
                continue;
            }
            let network = network.map_or(0, |session| session.logit(index, number));
            let decision = Decision { fork: node.fork, network, bit };
            let bit = self.mixing.code(simd, decision, lane, &mut lines, &self.history, coder);
            branch = node.branches[usize::from(bit)];
        }
    }

    /// Takes the tokens of a lane that are asked for, until one does not come.
    #[inline(always)]
    pub(super) fn repeat(
        &mut self,
        index: u32,
        network: bool,
        block: Block<'_>,
        coder: &mut impl BitCoder,
    ) -> Result<(), Error> {
        while let Some(repeat) = self.lanes[index as usize].repeat.filter(Repeat::is_asked) {
            if self.ask(index, repeat, network, block, coder)? && !self.lanes[index as usize].is_done() {
                self.begin(index, block);
            }
        }
        Ok(())
    }

    /// Codes whether a token comes, takes it if it does, and returns that.
    #[inline(always)]
    fn ask(
        &mut self,
        index: u32,
        repeat: Repeat,
        network: bool,
        block: Block<'_>,
        coder: &mut impl BitCoder,
    ) -> Result<bool, Error> {
        let lane = &mut self.lanes[index as usize];
        let vocabulary = block.vocabulary;
        let bytes = repeat.bytes(&self.history);
        let came = coder.code(block.raw.is_some() && vocabulary.token(lane.target) == bytes, repeat.p);
        self.repeats.learn(&repeat, came);
        lane.repeat = None;
        lane.count(came);
        if !came {
            lane.refuted = true;
            self.mixing.expect(lane, 0, Some(0), &self.history);
            return Ok(false);
        }
        let id = if block.raw.is_some() { lane.target } else { vocabulary.longest_match(bytes) };
        let token = vocabulary.token(id);
        if token != bytes {
            return Err(Error::corrupt("what is repeated is not a token"));
        }
        lane.spell(token, &mut self.history);
        if network {
            (lane.token, lane.previous) = (Some(id), Some(id));
        }
        Ok(true)
    }
}

/// The outcome of a fork, if the other one leads to bytes alone that would have made the token before a longer one.
#[inline(always)]
fn only<const GROUPS: usize>(lane: &Lane<GROUPS>, vocabulary: &Vocabulary, depth: usize, fork: u8) -> Option<bool> {
    let previous = lane.previous.filter(|_| depth == 0)?;
    let fork = FORKS.get(usize::from(fork))?;
    if vocabulary.is_shorter(previous, fork.split, fork.last) {
        return Some(false);
    }
    vocabulary.is_shorter(previous, fork.first, fork.split - 1).then_some(true)
}
