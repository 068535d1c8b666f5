//! Deflate streams: what a compressor chose, beside the text that a stream decodes to.
//!
//! zlib's search is repeated over the text. Where the stream goes on as zlib would, nearly nothing is coded; what other
//! compressors choose costs more, and no stream is impossible. Integers only.

pub(crate) mod blocks;
pub(crate) mod codes;
pub(crate) mod container;
pub(crate) mod header;
pub(crate) mod matches;
mod model;
pub(crate) mod rows;
pub(crate) mod samples;
pub(crate) mod symbols;

use dualcomp_entropy::{BitCoder, RangeDecoder, RangeEncoder};

use crate::codec::v1::deflate::blocks::{Block, Body, Writer};
use crate::codec::v1::deflate::header::{Header, run};
use crate::codec::v1::deflate::matches::{Matcher, Search, TABLES};
use crate::codec::v1::deflate::model::{Choice, Distance, Model, tree};
use crate::codec::v1::deflate::symbols::{MAX_MATCH, Token};
use crate::error::{Error, Result};

/// Tokens of a block at most: a decoder has them in memory.
pub(crate) const MAX_TOKENS: usize = 1 << 20;
/// Tokens of the first block that cost nothing to say: as many as zlib has room for by default, less one.
const TOKENS: u32 = 16383;
/// Steps that searches may take for each byte of the text and of the stream in the mean, and beyond.
const STEPS_PER_BYTE: u64 = 256;
const FREE_STEPS: u64 = 1 << 16;

/// Bytes of memory that a decoder takes beside text and stream.
pub(crate) const MEMORY: u64 = TABLES + 4 * MAX_TOKENS as u64 + (1 << 18);

/// Steps that searches of a text and a stream of so many bytes may take.
fn most_steps(text: usize, stream: usize) -> u64 {
    STEPS_PER_BYTE * (text + stream) as u64 + FREE_STEPS
}

/// Codes a stream of `len` bytes and of this text. Fails if a decoder would not make it again: searches take too long, or a
/// block is too large.
pub(crate) fn encode(text: &[u8], blocks: &[Block], filling: u8, search: Search, len: usize) -> Result<Vec<u8>> {
    let mut coding = Coding::new(RangeEncoder::new(), text, search, most_steps(text.len(), len));
    for block in blocks {
        coding.block(Some(block))?;
    }
    coding.filling(filling);
    Ok(coding.coder.finish())
}

/// Bytes that the first blocks of a stream would take, of these so many tokens; none if searches take longer than they may in
/// the mean.
pub(crate) fn cost(text: &[u8], blocks: &[Block], search: Search, tokens: usize) -> Option<usize> {
    let bytes = blocks.iter().flat_map(Block::tokens).take(tokens).map(|token| token.bytes()).sum();
    let mut coding = Coding::new(RangeEncoder::new(), text, search, most_steps(bytes, 0));
    let mut left = tokens;
    for block in blocks {
        let block = match &block.body {
            Body::Fixed(all) | Body::Own(_, all) if all.len() > left => {
                coding.tokens(&all[..left], left).ok()?;
                break;
            }
            Body::Fixed(all) | Body::Own(_, all) => {
                left -= all.len();
                block
            }
            Body::Stored { .. } => block,
        };
        coding.block(Some(block)).ok()?;
    }
    // A byte less is not worth more than some tenths of a millisecond.
    Some(coding.coder.len() + (coding.matcher.steps >> 16) as usize)
}

/// Makes a stream of at most `most` bytes of its text and payload, and says how long it is.
pub(crate) fn decode(text: &[u8], payload: &[u8], search: Search, most: usize) -> Result<Vec<u8>> {
    let mut coding = Coding::new(RangeDecoder::new(payload), text, search, most_steps(text.len(), most));
    let mut writer = Writer::new(most);
    loop {
        let start = coding.at;
        let block = coding.block(None)?;
        writer.block(&block, &text[start..])?;
        if block.last {
            break;
        }
    }
    if coding.at != text.len() {
        return Err(Error::corrupt("a deflate stream ends before its text"));
    }
    let filling = coding.filling(0);
    writer.fill(filling);
    Ok(writer.finish())
}

/// Codes a stream in either direction: what is known says what to encode, and a decoder knows nothing.
struct Coding<'a, C> {
    coder: C,
    text: &'a [u8],
    at: usize,
    matcher: Matcher<'a>,
    /// Steps that searches may take.
    most_steps: u64,
    model: Model,
    /// Of the block before: its kind and the tokens of the last one that had any.
    kind: u32,
    tokens: u32,
}

impl<'a, C: BitCoder> Coding<'a, C> {
    fn new(coder: C, text: &'a [u8], search: Search, most_steps: u64) -> Self {
        let matcher = Matcher::new(text, search);
        Self { coder, text, at: 0, matcher, most_steps, model: Model::new(), kind: 3, tokens: TOKENS }
    }

    fn block(&mut self, known: Option<&Block>) -> Result<Block> {
        let kind = known.map_or(0, |block| match block.body {
            Body::Stored { .. } => 0,
            Body::Fixed(_) => 1,
            Body::Own(..) => 2,
        });
        let kind = tree(&mut self.coder, &mut self.model.kind[self.kind as usize], 2, kind);
        let body = match kind {
            0 => self.stored(known)?,
            1 | 2 => {
                let all = known.map_or(&[][..], |block| match &block.body {
                    Body::Fixed(tokens) | Body::Own(_, tokens) => tokens,
                    Body::Stored { .. } => &[],
                });
                let start = self.at;
                let count = self.count(known.is_some(), all)?;
                let tokens = self.tokens(all, count)?;
                if kind == 1 {
                    Body::Fixed(tokens)
                } else {
                    let header = known.and_then(|block| match &block.body {
                        Body::Own(header, _) => Some(header),
                        _ => None,
                    });
                    Body::Own(self.header(&tokens, start, header)?, tokens)
                }
            }
            _ => return Err(Error::corrupt("a block of a deflate stream is of no kind")),
        };
        self.kind = kind;
        let done = usize::from(self.at == self.text.len());
        let last = self.model.is_last[done].code(&mut self.coder, known.is_some_and(|block| block.last));
        Ok(Block { last, body })
    }

    fn stored(&mut self, known: Option<&Block>) -> Result<Body> {
        let (len, filling) = match known.map(|block| &block.body) {
            Some(&Body::Stored { len, filling }) => (len, filling),
            _ => (0, 0),
        };
        let len = self.model.count.code(&mut self.coder, len as u32) as usize;
        if len > self.text.len() - self.at || len > usize::from(u16::MAX) {
            return Err(Error::corrupt("a stored block of a deflate stream is too long"));
        }
        let filling = self.filling(filling);
        self.at += len;
        self.matcher.skip(self.at);
        Ok(Body::Stored { len, filling })
    }

    /// Codes the bits that fill a byte.
    fn filling(&mut self, bits: u8) -> u8 {
        tree(&mut self.coder, &mut self.model.filling, 7, bits.into()) as u8
    }

    /// Codes how many tokens a block has: as many as the one before, all that the text has, or so many.
    fn count(&mut self, known: bool, all: &[Token]) -> Result<usize> {
        let count = all.len() as u32;
        let ends = known && self.at + all.iter().map(|token| token.bytes()).sum::<usize>() == self.text.len();
        let way = if count == self.tokens { 0 } else { 1 + u32::from(!ends) };
        let count = match tree(&mut self.coder, &mut self.model.end, 2, way) {
            0 => self.tokens,
            1 => return Ok(if known { all.len() } else { usize::MAX }),
            _ => self.model.count.code(&mut self.coder, count),
        };
        if count as usize > MAX_TOKENS {
            return Err(Error::corrupt("a block of a deflate stream has too many tokens"));
        }
        self.tokens = count;
        Ok(count as usize)
    }

    /// Codes so many tokens, or those of the rest of the text.
    fn tokens(&mut self, known: &[Token], count: usize) -> Result<Vec<Token>> {
        let mut tokens = Vec::new();
        let mut known = known.iter().copied();
        while tokens.len() < count && (self.at < self.text.len() || count != usize::MAX) {
            if tokens.len() == MAX_TOKENS {
                return Err(Error::corrupt("a block of a deflate stream has too many tokens"));
            }
            let token = self.token(known.next())?;
            tokens.push(token);
            if self.matcher.steps > self.most_steps {
                return Err(Error::corrupt("the searches of a deflate stream take too long"));
            }
        }
        Ok(tokens)
    }

    fn token(&mut self, known: Option<Token>) -> Result<Token> {
        let at = self.at;
        let &byte = self.text.get(at).ok_or(Error::corrupt("a deflate stream goes on behind its text"))?;
        let outlook = self.matcher.outlook(at);
        let is = known.is_some_and(|token| token.len > 0);
        let token = if !self.model.is_match(&mut self.coder, outlook, byte, is) {
            Token::LITERAL
        } else {
            let choice = known.map_or(Choice::default(), |token| Choice {
                len: token.len,
                distance: if (usize::from(token.len), usize::from(token.distance))
                    == (outlook.here.len, outlook.here.distance)
                {
                    Distance::Found
                } else {
                    self.rank(at, token).map_or(Distance::Plain(token.distance), Distance::Ranked)
                },
            });
            let Choice { len, distance } = self.model.length_and_distance(&mut self.coder, outlook, choice);
            if usize::from(len) > MAX_MATCH.min(self.text.len() - at) {
                return Err(Error::corrupt("a match of a deflate stream goes on behind its text"));
            }
            let distance = match distance {
                Distance::Found => outlook.here.distance,
                Distance::Plain(distance) => usize::from(distance),
                Distance::Ranked(rank) => match known {
                    Some(token) => token.distance.into(),
                    None => self
                        .matcher
                        .ranked(at, usize::from(len), rank)
                        .ok_or(Error::corrupt("a match of a deflate stream is not there"))?,
                },
            };
            Token { len, distance: distance as u16 }
        };
        self.matcher.pass(at, token);
        self.at += token.bytes();
        Ok(token)
    }

    /// The rank of a known match. It takes the steps of a search for the rank and of one for the place, which a decoder makes.
    fn rank(&mut self, at: usize, token: Token) -> Option<u32> {
        let before = self.matcher.steps;
        let rank = self.matcher.rank(at, token)?;
        self.matcher.steps += self.matcher.steps - before + u64::from(token.len) / 8;
        Some(rank)
    }

    /// Codes the header of a block of these tokens, which begins at a place of the text.
    fn header(&mut self, tokens: &[Token], start: usize, known: Option<&Header>) -> Result<Header> {
        let usual = Header::of_zlib(tokens, &self.text[start..]);
        if self.model.as_zlib.code(&mut self.coder, known == Some(&usual)) {
            return Ok(usual);
        }
        let known = known.unwrap_or(&usual);
        let (coder, model) = (&mut self.coder, &mut self.model.header);
        let literals = 257 + tree(coder, &mut model.literals, 5, known.literals as u32 - 257) as usize;
        let distances = 1 + tree(coder, &mut model.distances, 5, known.distances as u32 - 1) as usize;
        let count = 4 + tree(coder, &mut model.count, 4, known.lengths.len() as u32 - 4) as usize;
        if literals > symbols::LITERALS || distances > symbols::DISTANCES || count > codes::ORDER.len() {
            return Err(Error::corrupt("a header of a deflate stream is out of range"));
        }
        let mut lengths = Vec::with_capacity(count);
        for i in 0..count {
            let usual = usize::from(usual.lengths.get(i).copied().unwrap_or(0));
            let len = u32::from(known.lengths.get(i).copied().unwrap_or(0));
            lengths.push(tree(coder, &mut model.lengths[usual], 3, len) as u8);
        }
        let (mut expected, of_distances) = usual.code_lengths().unwrap_or_default();
        expected.resize(literals, 0);
        expected.extend(of_distances);
        expected.resize(literals + distances, 0);
        let (mut spelling, mut done) = (Vec::new(), 0);
        while done < expected.len() {
            let (symbol, extra) = known.spelling.get(spelling.len()).copied().unwrap_or((0, 0));
            let symbol = tree(coder, &mut model.symbols[usize::from(expected[done])], 5, symbol.into()) as u8;
            if symbol > 18 {
                return Err(Error::corrupt("a code length of a deflate stream is out of range"));
            }
            let (bits, least) = run(symbol);
            let extra = match symbol {
                16..19 => tree(coder, &mut model.extra[usize::from(symbol) - 16], bits, extra.into()) as u8,
                _ => 0,
            };
            done += least + usize::from(extra);
            spelling.push((symbol, extra));
        }
        Ok(Header { literals, distances, lengths, spelling })
    }
}
