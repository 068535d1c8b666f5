//! Deflate streams taken apart: blocks and tokens, and the text they stand for.

use crate::codec::v1::deflate::MAX_TOKENS;
use crate::codec::v1::deflate::blocks::{Block, Body, fixed};
use crate::codec::v1::deflate::codes::{MAX_BITS, ORDER, codes};
use crate::codec::v1::deflate::header::{Header, run};
use crate::codec::v1::deflate::symbols::{DISTANCES, END, LITERALS, MAX_MATCH, Token, WINDOW, distance_of, length_of};

/// Why a block cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The bytes end before it does.
    Short,
    /// It is no block, or one that no coder is for.
    Invalid,
}

/// Reads bits, the lowest of a byte first.
#[derive(Clone, Copy)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits that were read.
    pub(crate) at: usize,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The next bits, zeros behind the end.
    fn peek(&self) -> u32 {
        let byte = self.at / 8;
        let word = match self.bytes.get(byte..byte + 4) {
            Some(word) => word.try_into().map_or(0, u32::from_le_bytes),
            None => {
                self.bytes[byte.min(self.bytes.len())..].iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte))
            }
        };
        word >> (self.at % 8)
    }

    fn skip(&mut self, count: u32) -> Result<(), Stop> {
        self.at += count as usize;
        if self.at > 8 * self.bytes.len() { Err(Stop::Short) } else { Ok(()) }
    }

    /// The next bits, 24 at most.
    pub(crate) fn take(&mut self, count: u32) -> Result<u32, Stop> {
        let bits = self.peek() & ((1 << count) - 1);
        self.skip(count)?;
        Ok(bits)
    }

    /// The bits to the next whole byte.
    pub(crate) fn fill(&mut self) -> Result<u8, Stop> {
        Ok(self.take((8 - self.at as u32 % 8) % 8)? as u8)
    }
}

/// Symbols by the bits that spell them.
struct Table {
    /// Symbol and length for each way that the longest code can begin; length 0 if it is no code.
    entries: Vec<(u16, u8)>,
    longest: u32,
}

impl Table {
    /// The table of a code of these lengths, which is complete unless it is of one symbol and that is allowed.
    fn new(lengths: &[u8], single: bool) -> Result<Self, Stop> {
        let longest = u32::from(lengths.iter().copied().max().unwrap_or(0)).max(1);
        let space: u32 = lengths.iter().filter(|&&len| len > 0).map(|&len| 1 << (longest - u32::from(len))).sum();
        let used = lengths.iter().filter(|&&len| len > 0).count();
        if space != 1 << longest && !(single && used <= 1) {
            return Err(Stop::Invalid);
        }
        let mut entries = vec![(0, 0); 1 << longest];
        for (symbol, &(code, len)) in codes(lengths).iter().enumerate().filter(|(_, (_, len))| *len > 0) {
            for entry in entries.iter_mut().skip(code.into()).step_by(1 << len) {
                *entry = (symbol as u16, len);
            }
        }
        Ok(Self { entries, longest })
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<usize, Stop> {
        let (symbol, len) = self.entries[bits.peek() as usize & ((1 << self.longest) - 1)];
        if len == 0 {
            return Err(Stop::Invalid);
        }
        bits.skip(len.into())?;
        Ok(symbol.into())
    }
}

/// What a stream decodes to: its bytes, or how many they are.
pub(crate) trait Text {
    fn len(&self) -> usize;
    fn stored(&mut self, bytes: &[u8]);
    fn literal(&mut self, byte: u8);
    fn copy(&mut self, token: Token);
}

impl Text for Vec<u8> {
    fn len(&self) -> usize {
        self.len()
    }

    fn stored(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    fn literal(&mut self, byte: u8) {
        self.push(byte);
    }

    fn copy(&mut self, token: Token) {
        let start = self.len() - usize::from(token.distance);
        for at in start..start + usize::from(token.len) {
            self.push(self[at]);
        }
    }
}

impl Text for usize {
    fn len(&self) -> usize {
        *self
    }

    fn stored(&mut self, bytes: &[u8]) {
        *self += bytes.len();
    }

    fn literal(&mut self, _: u8) {
        *self += 1;
    }

    fn copy(&mut self, token: Token) {
        *self += usize::from(token.len);
    }
}

/// Reads a block. Its text may become `most` bytes.
pub(crate) fn block(bits: &mut Bits<'_>, text: &mut impl Text, most: usize) -> Result<Block, Stop> {
    let last = bits.take(1)? == 1;
    let body = match bits.take(2)? {
        0 => {
            let filling = bits.fill()?;
            let (len, other) = (bits.take(16)?, bits.take(16)?);
            if len != !other & 0xFFFF || text.len() + len as usize > most {
                return Err(Stop::Invalid);
            }
            let start = bits.at / 8;
            let bytes = bits.bytes.get(start..start + len as usize).ok_or(Stop::Short)?;
            text.stored(bytes);
            bits.at += 8 * bytes.len();
            Body::Stored { len: bytes.len(), filling }
        }
        1 => {
            let (literals, distances) = fixed();
            Body::Fixed(tokens(bits, text, most, &literals, &distances)?)
        }
        2 => {
            let header = header(bits)?;
            let (literals, distances) = header.code_lengths().ok_or(Stop::Invalid)?;
            let tokens = tokens(bits, text, most, &literals, &distances)?;
            Body::Own(header, tokens)
        }
        _ => return Err(Stop::Invalid),
    };
    Ok(Block { last, body })
}

fn header(bits: &mut Bits<'_>) -> Result<Header, Stop> {
    let (literals, distances) = (257 + bits.take(5)? as usize, 1 + bits.take(5)? as usize);
    let count = 4 + bits.take(4)? as usize;
    if literals > LITERALS || distances > DISTANCES {
        return Err(Stop::Invalid);
    }
    let mut lengths = Vec::with_capacity(count);
    let mut by_symbol = [0; 19];
    for &symbol in &ORDER[..count] {
        let len = bits.take(3)? as u8;
        lengths.push(len);
        by_symbol[symbol] = len;
    }
    let table = Table::new(&by_symbol, false)?;
    let (mut spelling, mut done) = (Vec::new(), 0);
    while done < literals + distances {
        let symbol = table.symbol(bits)? as u8;
        let (count, least) = run(symbol);
        let extra = bits.take(count)? as u8;
        done += least + usize::from(extra);
        spelling.push((symbol, extra));
    }
    Ok(Header { literals, distances, lengths, spelling })
}

fn tokens(
    bits: &mut Bits<'_>,
    text: &mut impl Text,
    most: usize,
    literals: &[u8],
    distances: &[u8],
) -> Result<Vec<Token>, Stop> {
    let standard = literals.len() > LITERALS;
    let literals = Table::new(literals, false)?;
    // The two symbols that the standard leaves out have codes, too.
    let distances = if standard { Table::new(&[5; 32], false)? } else { Table::new(distances, true)? };
    debug_assert!(u32::from(MAX_BITS) >= literals.longest);
    let mut tokens = Vec::new();
    loop {
        let symbol = literals.symbol(bits)?;
        if symbol == END {
            return Ok(tokens);
        }
        if tokens.len() == MAX_TOKENS || text.len() + MAX_MATCH > most {
            return Err(Stop::Invalid);
        }
        if symbol < END {
            text.literal(symbol as u8);
            tokens.push(Token::LITERAL);
            continue;
        }
        if symbol >= LITERALS {
            return Err(Stop::Invalid);
        }
        let code = symbol - END - 1;
        let (extra, base) = length_of(code);
        let len = base + bits.take(extra)? as u16;
        let symbol = distances.symbol(bits)?;
        if symbol >= DISTANCES {
            return Err(Stop::Invalid);
        }
        let (extra, base) = distance_of(symbol);
        let distance = base + bits.take(extra)? as u16;
        // The longest length can be spelled by another symbol too, which would not come back.
        let unusual = usize::from(len) == MAX_MATCH && length_of(code).0 > 0;
        if usize::from(distance) > text.len().min(WINDOW) || unusual {
            return Err(Stop::Invalid);
        }
        let token = Token { len, distance };
        text.copy(token);
        tokens.push(token);
    }
}
