//! Coding of tokens, decision by decision.

use dualcomp_entropy::BitCoder;
use dualcomp_entropy::predictor::TextSession;
use dualcomp_tokens::{BYTE_TREE, Branch, Node, Vocabulary};
use fearless_simd::Simd;

use crate::codec::v1::bytes::byte_match::LONG_ENOUGH;
use crate::codec::v1::bytes::mixing::Decision;
use crate::codec::v1::bytes::substream::learned::{Block, Learned};
use crate::codec::v1::bytes::token_match::ExpectedToken;
use crate::{Error, Result};

/// The only lane of the network's sessions.
const LANE: u32 = 0;

/// A token that is being spelled.
#[derive(Clone, Copy)]
pub(crate) struct Spelling<'a> {
    /// The bytes to encode; none to a decoder.
    target: &'a [u8],
    /// Bytes left in the block before the token.
    left: usize,
    /// The token that is expected, unless it was asked for.
    expected: Option<ExpectedToken>,
    /// The next node, how many bytes of the token are appended, and the node group.
    number: u32,
    spelled: usize,
    group: u8,
}

impl<const GROUPS: usize> Learned<GROUPS> {
    /// Codes whole tokens for as long as they come, and begins to spell one unless the block is complete. The network sees
    /// the last token before the spelled one.
    #[inline(always)]
    pub(crate) fn begin<'a>(
        &mut self,
        block: Block<'a>,
        network: &mut Option<&mut (dyn TextSession + Send)>,
        coder: &mut impl BitCoder,
    ) -> Result<Option<Spelling<'a>>> {
        let vocabulary = block.vocabulary;
        self.cursor.refuted = false;
        let mut fetched = std::mem::take(&mut self.fetched);
        let (left, target, expected) = loop {
            let left = block.end - self.history.len();
            if left == 0 {
                return Ok(None);
            }
            let target = block.raw.map(|raw| vocabulary.longest_match(&raw[raw.len() - left..]));
            // A look-up for a match takes as long as it takes to fetch the counters of the next decisions.
            if self.cursor.seeks() {
                if !fetched {
                    self.mixing.slots.fetch(&self.cursor, 0, Some(0), &self.history);
                    fetched = true;
                }
                self.cursor.seek(&mut self.history);
            }
            let repeat = self.token_match.expect(&self.cursor, &self.history, left);
            let asked = repeat.filter(|repeat| self.token_match.asks_for(repeat));
            if let Some(repeat) = asked
                && let Some(id) = self.ask(&repeat, vocabulary, target, coder)?
            {
                self.push(vocabulary.token(id), 0);
                self.note(id, network.is_some());
                fetched = false;
                continue;
            }
            if !fetched {
                self.mixing.slots.fetch(&self.cursor, 0, Some(0), &self.history);
            }
            self.cursor.refuted = asked.is_some();
            break (left, target, repeat.filter(|_| asked.is_none()));
        };
        if let Some(session) = network {
            let last = self.token.unwrap_or(vocabulary.start());
            session.advance(&[LANE], &[last]).map_err(Error::Model)?;
        }
        let target = target.map_or(&[][..], |id| vocabulary.token(id));
        let Branch::Node(number) = vocabulary.root() else { return Err(too_long()) };
        Ok(Some(Spelling { target, left, expected, number, spelled: 0, group: 0 }))
    }

    /// Codes whether a token comes, and returns which one if it does.
    #[inline(always)]
    fn ask(
        &mut self,
        repeat: &ExpectedToken,
        vocabulary: &Vocabulary,
        target: Option<u32>,
        coder: &mut impl BitCoder,
    ) -> Result<Option<u32>> {
        let bytes = repeat.bytes(&self.history);
        let comes = target.is_some_and(|id| vocabulary.token(id) == bytes);
        let came = coder.code(comes, repeat.p);
        self.token_match.learn(repeat, came);
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

    /// Codes the decisions of one byte and one node group. After the last ones of a token appends its bytes, and returns
    /// true.
    #[inline(always)]
    pub(crate) fn spell<S: Simd>(
        &mut self,
        simd: S,
        block: Block<'_>,
        network: Option<&(dyn TextSession + Send)>,
        spelling: &mut Spelling<'_>,
        coder: &mut impl BitCoder,
    ) -> Result<bool> {
        let Spelling { target, left, mut number, mut spelled, .. } = *spelling;
        let vocabulary = block.vocabulary;
        self.cursor.seek(&mut self.history);
        self.mixing.slots.look_up(simd);
        loop {
            let node = vocabulary.node(number);
            let (made, branch) = match self.only(vocabulary, spelled, node.byte_node) {
                Some(only) => (None, node.branches[usize::from(only)]),
                None => {
                    let bit = if node.byte_node == Node::END {
                        target.len() == spelled
                    } else {
                        target.get(spelled).is_some_and(|&byte| byte >= BYTE_TREE[usize::from(node.byte_node)].split)
                    };
                    let network = network.map_or(0, |session| session.logit(LANE, number));
                    let decision = Decision { byte_node: node.byte_node, network, bit };
                    let made = self.mixing.code(simd, decision, &self.cursor, &self.history, coder);
                    let branch = coder.choose(made.bit, node.branches);
                    (Some(made), branch)
                }
            };
            // The memory that comes next is asked for, which takes about as long as learning.
            let mut moves = false;
            match branch {
                Branch::Node(next) => {
                    number = next;
                    let node = vocabulary.node(number);
                    let (depth, ends) = (usize::from(node.depth), node.byte_node == Node::END);
                    if depth >= left + usize::from(ends) {
                        return Err(too_long());
                    }
                    let group = if ends { 0 } else { BYTE_TREE[usize::from(node.byte_node)].group };
                    moves = (depth, group) != (spelled, spelling.group);
                    if moves {
                        self.push(&vocabulary.token(node.sample)[..depth], spelled);
                        let begins = (spelled < depth).then_some(node.depth);
                        (spelled, spelling.group) = (depth, group);
                        self.mixing.slots.fetch(&self.cursor, group, begins, &self.history);
                    }
                }
                Branch::Token(id) => {
                    let token = vocabulary.token(id);
                    if token.len() > left {
                        return Err(too_long());
                    }
                    self.push(token, spelled);
                    // The next decisions are of the next byte, unless that comes as a whole.
                    self.fetched =
                        network.is_none() && self.cursor.found.is_none_or(|found| found.agreed < LONG_ENOUGH);
                    if self.fetched {
                        self.mixing.slots.fetch(&self.cursor, 0, Some(0), &self.history);
                    }
                }
            }
            if let Some(made) = made {
                self.mixing.learn(simd, made);
            }
            if let Branch::Token(id) = branch {
                self.mixing.slots.put_back();
                if let Some(repeat) = spelling.expected {
                    let came = vocabulary.token(id) == repeat.bytes(&self.history);
                    self.token_match.learn(&repeat, came);
                    self.cursor.count(came);
                }
                self.note(id, network.is_some());
                return Ok(true);
            }
            if moves {
                self.mixing.slots.put_back();
                (spelling.number, spelling.spelled) = (number, spelled);
                return Ok(false);
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

    /// Notes a token as the network's next input.
    #[inline(always)]
    fn note(&mut self, id: u32, network: bool) {
        if network {
            (self.token, self.previous) = (Some(id), Some(id));
        }
    }

    /// The outcome of a node that is certain: all bytes of the other outcome would make the previous token a longer
    /// one.
    #[inline(always)]
    fn only(&self, vocabulary: &Vocabulary, depth: usize, byte_node: u8) -> Option<bool> {
        let previous = self.previous.filter(|_| depth == 0)?;
        let node = BYTE_TREE.get(usize::from(byte_node))?;
        if vocabulary.is_shorter(previous, node.split, node.last) {
            return Some(false);
        }
        vocabulary.is_shorter(previous, node.first, node.split - 1).then_some(true)
    }
}

fn too_long() -> Error {
    Error::corrupt("a token runs over the end of its substream")
}

#[cfg(test)]
mod tests {
    use crate::codec::v1::bytes::substream::AnySubstream;
    use crate::format::bytes_params::BytesParams;

    #[test]
    fn whole_tokens_come_where_text_repeats() {
        // Without the network every byte is a token.
        let mut substream = AnySubstream::new(BytesParams::new(18), None);
        let coder = substream.coder();
        let text = b"the same line comes again and again\n".repeat(40);
        let length = coder.encode(None, &text).unwrap().len();
        assert!(length < 120, "{length}");
        let flags = coder.starts(text.len());
        assert_eq!(flags.iter().map(|word| word.count_ones() as usize).sum::<usize>(), text.len());
    }

    #[test]
    fn any_payload_ends_at_the_end_of_its_block() {
        let mut state = 1u32;
        for len in [1, 7, 100] {
            for _ in 0..20 {
                let payload: Vec<u8> = std::iter::repeat_with(|| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .take(len)
                .collect();
                // Bytes alone are never too long, so that there is always a result.
                let mut substream = AnySubstream::new(BytesParams::new(14), None);
                assert_eq!(substream.coder().decode(None, &payload, len).unwrap().len(), len);
            }
        }
    }
}
