//! Blocks of deflate, and how they are written.

use crate::codec::v1::deflate::codes::{ORDER, codes};
use crate::codec::v1::deflate::header::{Header, run};
use crate::codec::v1::deflate::symbols::{END, Token, distance_symbol, length_symbol};
use crate::error::{Error, Result};

/// A block, without the bytes that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) last: bool,
    pub(crate) body: Body,
}

impl Block {
    /// How many tokens it has.
    pub(crate) fn tokens(&self) -> &[Token] {
        match &self.body {
            Body::Stored { .. } => &[],
            Body::Fixed(tokens) | Body::Own(_, tokens) => tokens,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Bytes as they are: how many, and the bits that fill the byte before.
    Stored { len: usize, filling: u8 },
    /// Tokens in the codes of the standard.
    Fixed(Vec<Token>),
    /// Tokens in codes of their own.
    Own(Header, Vec<Token>),
}

/// Writes blocks.
pub(crate) struct Writer {
    out: Vec<u8>,
    bits: u64,
    count: u32,
    /// Bytes that may be written.
    most: usize,
}

impl Writer {
    pub(crate) fn new(most: usize) -> Self {
        Self { out: Vec::new(), bits: 0, count: 0, most }
    }

    fn put(&mut self, bits: u32, count: u32) {
        self.bits |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.bits as u8);
            self.bits >>= 8;
            self.count -= 8;
        }
    }

    fn check(&self, more: usize) -> Result<()> {
        if self.out.len() + more > self.most {
            return Err(Error::corrupt("a deflate stream is longer than its span says"));
        }
        Ok(())
    }

    /// Bits to the next whole byte.
    pub(crate) fn filling(&self) -> u32 {
        (8 - self.count) % 8
    }

    /// Writes a block of this text, which has at least the bytes of the block.
    pub(crate) fn block(&mut self, block: &Block, text: &[u8]) -> Result<()> {
        self.check(0)?;
        self.put(block.last.into(), 1);
        match &block.body {
            Body::Stored { len, filling } => {
                self.put(0, 2);
                self.fill(*filling);
                self.check(4 + len)?;
                self.put(*len as u32, 16);
                self.put(!*len as u32 & 0xFFFF, 16);
                self.out.extend_from_slice(&text[..*len]);
                Ok(())
            }
            Body::Fixed(tokens) => {
                self.put(1, 2);
                let (literals, distances) = fixed();
                self.tokens(tokens, text, &codes(&literals), &codes(&distances))
            }
            Body::Own(header, tokens) => {
                self.put(2, 2);
                let (literals, distances) =
                    header.code_lengths().ok_or(Error::corrupt("code lengths of a deflate stream"))?;
                self.header(header)?;
                self.tokens(tokens, text, &codes(&literals), &codes(&distances))
            }
        }
    }

    fn header(&mut self, header: &Header) -> Result<()> {
        self.put(header.literals as u32 - 257, 5);
        self.put(header.distances as u32 - 1, 5);
        self.put(header.lengths.len() as u32 - 4, 4);
        let mut by_symbol = [0; 19];
        for (&symbol, &len) in ORDER.iter().zip(&header.lengths) {
            by_symbol[symbol] = len;
            self.put(len.into(), 3);
        }
        let codes = codes(&by_symbol);
        for &(symbol, extra) in &header.spelling {
            self.symbol(&codes, usize::from(symbol))?;
            self.put(extra.into(), run(symbol).0);
        }
        self.check(0)
    }

    fn symbol(&mut self, codes: &[(u16, u8)], symbol: usize) -> Result<()> {
        match codes.get(symbol) {
            Some(&(code, len)) if len > 0 => self.put(code.into(), len.into()),
            _ => return Err(Error::corrupt("a deflate stream needs a symbol that has no code")),
        }
        Ok(())
    }

    fn tokens(
        &mut self,
        tokens: &[Token],
        mut text: &[u8],
        literals: &[(u16, u8)],
        distances: &[(u16, u8)],
    ) -> Result<()> {
        for &token in tokens {
            if token.len == 0 {
                self.symbol(literals, usize::from(text[0]))?;
            } else {
                let (symbol, extra, base) = length_symbol(token.len);
                self.symbol(literals, symbol)?;
                self.put((token.len - base).into(), extra);
                let (symbol, extra, base) = distance_symbol(token.distance);
                self.symbol(distances, symbol)?;
                self.put((token.distance - base).into(), extra);
            }
            text = &text[token.bytes()..];
            self.check(0)?;
        }
        self.symbol(literals, END)
    }

    /// Fills the byte with these bits.
    pub(crate) fn fill(&mut self, bits: u8) {
        let count = self.filling();
        self.put(u32::from(bits) & ((1 << count) - 1), count);
    }

    /// All that was written, once the last byte is full.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// Code lengths of the standard.
pub(crate) fn fixed() -> (Vec<u8>, Vec<u8>) {
    let literals = [(8, 144), (9, 112), (7, 24), (8, 8)];
    (literals.iter().flat_map(|&(len, count)| std::iter::repeat_n(len, count)).collect(), vec![5; 30])
}
