//! Coding of tokens, decision by decision.

use dualcomp_entropy::BitCoder;
use dualcomp_entropy::predictor::TextSession;
use dualcomp_tokens::{Branch, FORKS, Node, Vocabulary};
use fearless_simd::Simd;

use super::repeats::Repeat;
use super::strand::{Block, LANE, Learned};
use crate::{Error, Result};

/// Where the decisions so far have led.
#[derive(Clone, Copy)]
pub(super) enum Next {
    /// A decision of this number, in this line of decisions.
    Decision { number: u32, node: Node, line: u8 },
    /// A token's end.
    Token(u32),
}

impl<const GROUPS: usize> Learned<GROUPS> {
    /// Codes tokens that are asked for until one does not come or another one must be spelled, and that one. The network
    /// sees the last of the tokens before it.
    #[inline(always)]
    pub(super) fn tokens<S: Simd>(
        &mut self,
        simd: S,
        block: Block<'_>,
        network: &mut Option<&mut (dyn TextSession + Send)>,
        coder: &mut impl BitCoder,
    ) -> Result<()> {
        let vocabulary = block.vocabulary;
        self.cursor.refuted = false;
        let (target, expected) = loop {
            let left = block.end - self.history.len();
            if left == 0 {
                return Ok(());
            }
            let target = block.raw.map(|raw| vocabulary.longest_match(&raw[raw.len() - left..]));
            self.look_ahead(block)?;
            self.cursor.seek(&mut self.history);
            let repeat = self.repeats.expect(&self.cursor, &self.history, left);
            let Some(asked) = repeat.filter(Repeat::is_asked) else { break (target, repeat) };
            let Some(id) = self.ask(&asked, vocabulary, target, coder)? else {
                self.cursor.refuted = true;
                break (target, None);
            };
            self.first = None;
            self.push(vocabulary.token(id), 0);
            self.note(id, network.is_some());
        };
        let first = match self.first.take() {
            Some(first) => first,
            None => self.fetch_first(block)?,
        };
        if let Some(session) = network {
            let last = self.token.unwrap_or(vocabulary.start());
            session.advance(&[LANE], &[last]).map_err(Error::Model)?;
        }
        let target = target.map_or(&[][..], |id| vocabulary.token(id));
        let id = self.spell(simd, block, network.as_deref(), first, target, coder)?;
        if let Some(repeat) = expected {
            let came = vocabulary.token(id) == repeat.bytes(&self.history);
            self.repeats.learn(&repeat, came);
            self.cursor.count(came);
        }
        Ok(())
    }

    /// Finds the first decision of the next token, and fetches what it needs, unless that was done or the token may come
    /// whole.
    #[inline(always)]
    fn look_ahead(&mut self, block: Block<'_>) -> Result<()> {
        if self.first.is_none() && self.history.len() < block.end && !self.cursor.may_repeat() {
            self.first = Some(self.fetch_first(block)?);
        }
        Ok(())
    }

    /// The first decision of the next token; fetches what it needs.
    #[inline(always)]
    fn fetch_first(&mut self, block: Block<'_>) -> Result<Next> {
        let first = self.settle(block.vocabulary, block.vocabulary.root(), block.end - self.history.len())?;
        if let Next::Decision { line, .. } = first {
            self.mixing.fetch(&self.cursor, line, Some(0), &self.history);
        }
        Ok(first)
    }

    /// Codes whether a token comes, and returns which one if it does.
    #[inline(always)]
    fn ask(
        &mut self,
        repeat: &Repeat,
        vocabulary: &Vocabulary,
        target: Option<u32>,
        coder: &mut impl BitCoder,
    ) -> Result<Option<u32>> {
        let bytes = repeat.bytes(&self.history);
        let comes = target.is_some_and(|id| vocabulary.token(id) == bytes);
        let came = coder.code(comes, repeat.p);
        self.repeats.learn(repeat, came);
        self.cursor.count(came);
        if !came {
            return Ok(None);
        }
        let id = target.unwrap_or_else(|| vocabulary.longest_match(bytes));
        if vocabulary.token(id) != bytes {
            return Err(Error::corrupt("what is repeated is not a token"));
        }
        Ok(Some(id))
    }

    /// Codes the decisions of a token from the first one on, and returns it.
    #[inline(always)]
    fn spell<S: Simd>(
        &mut self,
        simd: S,
        block: Block<'_>,
        network: Option<&(dyn TextSession + Send)>,
        first: Next,
        target: &[u8],
        coder: &mut impl BitCoder,
    ) -> Result<u32> {
        let vocabulary = block.vocabulary;
        let left = block.end - self.history.len();
        let (mut number, mut node, mut line) = match first {
            Next::Decision { number, node, line } => (number, node, line),
            Next::Token(id) => {
                self.push(vocabulary.token(id), 0);
                self.note(id, network.is_some());
                return Ok(id);
            }
        };
        self.mixing.look_up(simd);
        loop {
            let depth = usize::from(node.depth);
            let bit = match FORKS.get(usize::from(node.fork)) {
                Some(fork) => target.get(depth).is_some_and(|&byte| byte >= fork.split),
                None => target.len() == depth,
            };
            let logit = network.map_or(0, |session| session.logit(LANE, number));
            let decision = self.mixing.predict(simd, node.fork, logit, &self.cursor, &self.history);
            let bit = coder.code(bit, decision.p);
            let next = self.settle(vocabulary, node.branches[usize::from(bit)], left)?;
            let here = (node.depth, line);
            // What comes next is fetched while this decision is learned.
            let done = match next {
                Next::Decision { number: next, node: below, line: other } => {
                    if (below.depth, other) != here {
                        self.push(&vocabulary.token(below.sample)[..usize::from(below.depth)], depth);
                        let moved = (below.depth > node.depth).then_some(below.depth);
                        self.mixing.fetch(&self.cursor, other, moved, &self.history);
                    }
                    (number, node, line) = (next, below, other);
                    None
                }
                Next::Token(id) => {
                    self.push(vocabulary.token(id), depth);
                    self.note(id, network.is_some());
                    self.look_ahead(block)?;
                    Some(id)
                }
            };
            self.mixing.learn(simd, &decision, bit);
            if let Some(id) = done {
                self.mixing.put_back();
                return Ok(id);
            }
            if (node.depth, line) != here {
                self.mixing.put_back();
                self.cursor.seek(&mut self.history);
                self.mixing.look_up(simd);
            }
        }
    }

    /// Where a branch leads with `left` bytes to come at the token's start, past forks that are certain.
    #[inline(always)]
    fn settle(&self, vocabulary: &Vocabulary, mut branch: Branch, left: usize) -> Result<Next> {
        loop {
            match branch {
                Branch::Token(id) if vocabulary.token(id).len() <= left => return Ok(Next::Token(id)),
                Branch::Token(_) => return Err(too_long()),
                Branch::Node(number) => {
                    let node = vocabulary.node(number);
                    let (depth, ends) = (usize::from(node.depth), node.fork == Node::END);
                    if depth >= left + usize::from(ends) {
                        return Err(too_long());
                    }
                    match self.only(vocabulary, depth, node.fork) {
                        Some(only) => branch = node.branches[usize::from(only)],
                        None => {
                            let line = if ends { 0 } else { FORKS[usize::from(node.fork)].line };
                            return Ok(Next::Decision { number, node, line });
                        }
                    }
                }
            }
        }
    }

    /// Appends what is not pushed yet of the first bytes of a token.
    #[inline(always)]
    fn push(&mut self, token: &[u8], pushed: usize) {
        for i in pushed..token.len() {
            self.cursor.push(token[i], i == 0, &mut self.history);
        }
    }

    /// Keeps a token for the network.
    #[inline(always)]
    fn note(&mut self, id: u32, network: bool) {
        if network {
            (self.token, self.previous) = (Some(id), Some(id));
        }
    }

    /// The outcome of a fork, if the other one leads to bytes alone that would have made the token before a longer one.
    #[inline(always)]
    fn only(&self, vocabulary: &Vocabulary, depth: usize, fork: u8) -> Option<bool> {
        let previous = self.previous.filter(|_| depth == 0)?;
        let fork = FORKS.get(usize::from(fork))?;
        if vocabulary.is_shorter(previous, fork.split, fork.last) {
            return Some(false);
        }
        vocabulary.is_shorter(previous, fork.first, fork.split - 1).then_some(true)
    }
}

fn too_long() -> Error {
    Error::corrupt("a token runs over the end of its strand")
}
