//! Huffman tables (T.81 annex C, F.2.2.3).

use crate::bits::{BitReader, Stop};

/// Bits of a code that are looked up at once.
const QUICK: u32 = 10;

/// A table for both directions.
#[derive(Clone)]
pub(crate) struct Huffman {
    /// For each beginning of a code: the symbol, then the length in the bits above; 0 for longer codes and no codes.
    quick: [u16; 1 << QUICK],
    /// For each length: the first code that is longer, with zeros behind it up to 16 bits.
    bounds: [u32; 17],
    /// For each length: what is added to a code to find the place of its symbol.
    offsets: [i32; 17],
    symbols: [u8; 256],
    /// For each symbol: its first code, then the length in the bits above; 0 where it has none.
    codes: [u32; 256],
}

/// A table that has no codes.
pub(crate) static EMPTY: Huffman =
    Huffman { quick: [0; 1 << QUICK], bounds: [0; 17], offsets: [0; 17], symbols: [0; 256], codes: [0; 256] };

impl Huffman {
    /// Makes a table of the number of codes of each length and the symbols in the order of their codes. `None` if
    /// there are more codes than bits can tell apart.
    pub(crate) fn new(counts: &[u8; 16], listed: &[u8]) -> Option<Self> {
        let (mut quick, mut codes) = ([0; 1 << QUICK], [0; 256]);
        let (mut bounds, mut offsets) = ([0; 17], [0; 17]);
        let mut symbols = [0; 256];
        symbols.get_mut(..listed.len())?.copy_from_slice(listed);
        let (mut code, mut at) = (0u32, 0);
        for len in 1..=16 {
            offsets[len as usize] = at as i32 - code as i32;
            for _ in 0..counts[len as usize - 1] {
                let symbol = *listed.get(at)?;
                at += 1;
                if code >> len != 0 {
                    return None;
                }
                if codes[usize::from(symbol)] == 0 {
                    codes[usize::from(symbol)] = len << 16 | code;
                }
                if len <= QUICK {
                    let first = (code << (QUICK - len)) as usize;
                    quick[first..first + (1 << (QUICK - len))].fill((len as u16) << 8 | u16::from(symbol));
                }
                code += 1;
            }
            bounds[len as usize] = code << (16 - len);
            code <<= 1;
        }
        (at == listed.len()).then_some(Self { quick, bounds, offsets, symbols, codes })
    }

    /// The next symbol.
    #[inline(always)]
    pub(crate) fn decode(&self, bits: &mut BitReader<'_>) -> Result<u8, Stop> {
        let next = bits.peek16();
        let found = self.quick[next >> (16 - QUICK)];
        if found != 0 {
            bits.skip(u32::from(found >> 8))?;
            return Ok(found as u8);
        }
        let len = (QUICK as usize + 1..=16).find(|&len| (next as u32) < self.bounds[len]).ok_or(Stop)?;
        bits.skip(len as u32)?;
        let place = (next >> (16 - len)) as i32 + self.offsets[len];
        self.symbols.get(place as usize).copied().ok_or(Stop)
    }

    /// The code of a symbol and its length, 0 if it has none.
    #[inline(always)]
    pub(crate) fn code(&self, symbol: u8) -> (u32, u32) {
        let code = self.codes[usize::from(symbol)];
        (code & 0xFFFF, code >> 16)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::bits::BitWriter;

    #[test]
    fn codes_of_every_length_come_back() {
        // One code of each length, two of the last.
        let mut counts = [1; 16];
        counts[15] = 2;
        let symbols: Vec<u8> = (0..17).map(|i| i * 11).collect();
        let table = Huffman::new(&counts, &symbols).unwrap();
        let mut out = Vec::new();
        let mut bits = BitWriter::new(&mut out);
        for &symbol in &symbols {
            let (code, len) = table.code(symbol);
            bits.put(code, len);
        }
        bits.pad(0xFF);
        let mut bits = BitReader::new(&out, 0);
        for &symbol in &symbols {
            assert_eq!(table.decode(&mut bits), Ok(symbol));
        }
        assert_eq!(table.code(1), (0, 0));
    }

    #[test]
    fn too_many_codes_are_no_table() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, &[1, 2, 3]).is_none());
        counts[0] = 2;
        assert!(Huffman::new(&counts, &[1, 2]).is_some());
        assert!(Huffman::new(&counts, &[1, 2, 3]).is_none());
    }
}
