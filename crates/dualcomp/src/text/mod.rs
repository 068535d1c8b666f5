//! Coding of the blocks of a bytes stream (docs/coding.md, section 3).
//!
//! A block is cut in lanes of equal length, and each lane in tokens. The lanes take turns, one token each, so
//! that a network sees as many tokens at once as there are lanes; contexts and matches are common to all.

mod history;
mod lane;
mod mixing;

#[cfg(feature = "learn")]
use dualcomp_entropy::Prior;
use dualcomp_entropy::predictor::{Predictor, TextSession};
use dualcomp_entropy::{BitCoder, RangeDecoder, RangeEncoder};
use dualcomp_tokens::{Branch, Node, Vocabulary};

use crate::Error;
use crate::prior::Use;
use history::History;
use lane::Lane;
use mixing::{Decision, Mixing};

/// Lanes of a block at most.
pub(crate) const MAX_LANES: u8 = 64;
/// Bytes that matches are looked for in.
const WINDOW: usize = 8 << 20;

/// What a bytes stream has learned: lives from block to block.
pub(crate) struct TextCoder {
    /// The network with its tokens.
    network: Option<Network>,
    bytes: Vocabulary,
    lanes: Vec<Lane>,
    history: History,
    mixing: Mixing,
    /// Whether a block was coded, and so a prior taken over.
    begun: bool,
}

struct Network {
    session: Box<dyn TextSession + Send>,
    vocabulary: Vocabulary,
}

impl TextCoder {
    /// A coder that has seen nothing. Takes about 4.3 bytes times 2^`table_log2`, and up to 16 MiB of history.
    pub(crate) fn new(table_log2: u8, predictor: Option<&dyn Predictor>) -> Result<Self, Error> {
        let network = |p: &dyn Predictor| {
            let session = p.text(usize::from(MAX_LANES)).map_err(Error::Model)?;
            Ok(Network { session, vocabulary: p.vocabulary().clone() })
        };
        let log2 = u32::from(table_log2);
        Ok(Self {
            network: predictor.map(network).transpose()?,
            bytes: Vocabulary::bytes_only(),
            lanes: vec![Lane::default(); usize::from(MAX_LANES)],
            history: History::new((log2 - 2).min(20)),
            mixing: Mixing::new(log2),
            begun: false,
        })
    }

    /// A coder that starts with this prior.
    #[cfg(feature = "learn")]
    pub(crate) fn with_prior(
        table_log2: u8,
        predictor: Option<&dyn Predictor>,
        prior: &mut Prior<'_>,
    ) -> Result<Self, Error> {
        let mut coder = Self::new(table_log2, predictor)?;
        coder.mixing.load(prior);
        coder.begun = true;
        Ok(coder)
    }

    /// What this coder has learned, as a prior.
    #[cfg(feature = "learn")]
    pub(crate) fn save(&self, out: &mut Vec<u16>) {
        self.mixing.save(out);
    }

    /// The payload of a block. `network` needs a predictor.
    pub(crate) fn encode(&mut self, raw: &[u8], lanes: u8, network: bool) -> Result<Vec<u8>, Error> {
        let mut coder = RangeEncoder::new();
        self.code(raw.len(), lanes, network, &mut coder, Some(raw))?;
        Ok(coder.finish())
    }

    /// The bytes of a block. Any payload gives some bytes or an error.
    pub(crate) fn decode(
        &mut self,
        payload: &[u8],
        raw_len: usize,
        lanes: u8,
        network: bool,
    ) -> Result<Vec<u8>, Error> {
        let base = self.code(raw_len, lanes, network, &mut RangeDecoder::new(payload), None)?;
        // Every lane has run to its end.
        Ok((base..base + raw_len).map(|at| self.history.byte(at).unwrap_or_default()).collect())
    }

    /// Codes a block in either direction and returns where it stands in the history.
    fn code(
        &mut self,
        length: usize,
        lanes: u8,
        network: bool,
        coder: &mut impl BitCoder,
        raw: Option<&[u8]>,
    ) -> Result<usize, Error> {
        if network && self.network.is_none() {
            return Err(Error::parameter("a network block without a model"));
        }
        if !self.begun {
            self.mixing.load(&mut if network { Use::NetworkBytes } else { Use::MixedBytes }.prior());
            self.begun = true;
        }
        let base = self.history.open(length, WINDOW);
        let share = length.div_ceil(usize::from(lanes));
        for (i, lane) in self.lanes[..usize::from(lanes)].iter_mut().enumerate() {
            lane.open(base + (i * share).min(length), base + ((i + 1) * share).min(length));
        }
        let mut active = Vec::with_capacity(usize::from(lanes));
        let mut tokens = Vec::with_capacity(usize::from(lanes));
        loop {
            active.clear();
            active.extend((0..u32::from(lanes)).filter(|&i| self.lanes[i as usize].at < self.lanes[i as usize].end));
            if active.is_empty() {
                return Ok(base);
            }
            if let Some(model) = self.network.as_mut().filter(|_| network) {
                let start = model.vocabulary.start();
                tokens.clear();
                tokens.extend(active.iter().map(|&i| self.lanes[i as usize].token.unwrap_or(start)));
                model.session.advance(&active, &tokens).map_err(Error::Model)?;
            }
            for &i in &active {
                let lane = &self.lanes[i as usize];
                let rest = raw.map(|raw| &raw[lane.at - base..lane.end - base]);
                self.token(i, network, coder, rest)?;
            }
        }
    }

    /// Codes one token of a lane; `rest` holds the bytes to encode.
    fn token(
        &mut self,
        index: u32,
        network: bool,
        coder: &mut impl BitCoder,
        rest: Option<&[u8]>,
    ) -> Result<(), Error> {
        let network = self.network.as_ref().filter(|_| network);
        let vocabulary = network.map_or(&self.bytes, |n| &n.vocabulary);
        let lane = &mut self.lanes[index as usize];
        let target: &[u8] = rest.map_or(&[], |rest| vocabulary.token(vocabulary.longest_match(rest)));
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
                    lane.token = network.is_some().then_some(id).or(lane.token);
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
                network: network.map_or(0, |n| n.session.logit(index, number)),
            };
            let bit = self.mixing.code(decision, lane, &self.history, coder, bit);
            branch = node.branches[usize::from(bit)];
        }
    }
}
