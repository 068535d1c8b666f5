//! The header of a block with codes of its own: lengths of codes, and how they are spelled (RFC 1951, section 3.2.7).

use crate::codec::v1::deflate::codes::{MAX_BITS, MAX_LENGTH_BITS, ORDER, zlib_lengths};
use crate::codec::v1::deflate::symbols::{DISTANCES, END, LITERALS, Token, distance_symbol, length_symbol};

/// A header as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Code lengths of literals, ends and lengths, and of distances; 257 to 286 and 1 to 30.
    pub(crate) literals: usize,
    pub(crate) distances: usize,
    /// Lengths of the codes below, in the order of [`ORDER`]; 4 to 19.
    pub(crate) lengths: Vec<u8>,
    /// How code lengths are spelled: a length below 16, or a run with its extra bits.
    pub(crate) spelling: Vec<(u8, u8)>,
}

/// Extra bits of the three kinds of runs, and how long a run is at least.
pub(crate) const fn run(symbol: u8) -> (u32, usize) {
    match symbol {
        16 => (2, 3),
        17 => (3, 3),
        18 => (7, 11),
        _ => (0, 1),
    }
}

impl Header {
    /// What zlib would write for a block of these tokens of a text.
    pub(crate) fn of_zlib(tokens: &[Token], text: &[u8]) -> Self {
        let (mut literals, mut distances) = ([0u32; LITERALS], [0u32; DISTANCES]);
        literals[END] = 1;
        let mut rest = text;
        for &token in tokens {
            if token.len == 0 {
                // A text is at least as long as its tokens say; what is not there counts as nothing.
                literals[rest.first().copied().map_or(END, usize::from)] += 1;
            } else {
                literals[length_symbol(token.len).0] += 1;
                distances[distance_symbol(token.distance).0] += 1;
            }
            rest = rest.get(token.bytes()..).unwrap_or_default();
        }
        let (literals, distances) = (zlib_lengths(&literals, MAX_BITS), zlib_lengths(&distances, MAX_BITS));
        let mut spelling = Vec::new();
        spell(&literals, &mut spelling);
        spell(&distances, &mut spelling);
        let mut counts = [0u32; 19];
        for &(symbol, _) in &spelling {
            counts[usize::from(symbol)] += 1;
        }
        let mut by_symbol = zlib_lengths(&counts, MAX_LENGTH_BITS);
        by_symbol.resize(ORDER.len(), 0);
        let mut lengths: Vec<u8> = ORDER.iter().map(|&symbol| by_symbol[symbol]).collect();
        while lengths.len() > 4 && lengths.last() == Some(&0) {
            lengths.pop();
        }
        Self { literals: literals.len(), distances: distances.len(), lengths, spelling }
    }

    /// The code lengths of literals and of distances; none if the spelling is of another number or begins with a run of
    /// what was before.
    pub(crate) fn code_lengths(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut all: Vec<u8> = Vec::with_capacity(self.literals + self.distances);
        for &(symbol, extra) in &self.spelling {
            let times = run(symbol).1 + usize::from(extra);
            let len = match symbol {
                0..16 => symbol,
                16 => *all.last()?,
                _ => 0,
            };
            if all.len() + if symbol < 16 { 1 } else { times } > self.literals + self.distances {
                return None;
            }
            all.extend(std::iter::repeat_n(len, if symbol < 16 { 1 } else { times }));
        }
        if all.len() != self.literals + self.distances {
            return None;
        }
        let distances = all.split_off(self.literals);
        Some((all, distances))
    }
}

/// Spells lengths as zlib does.
fn spell(lengths: &[u8], out: &mut Vec<(u8, u8)>) {
    let mut before = None;
    let mut rest = lengths;
    while let Some(&len) = rest.first() {
        let most = match (len, before) {
            (0, _) => 138,
            _ if before == Some(len) => 6,
            _ => 7,
        };
        let count = rest.iter().take(most).take_while(|&&other| other == len).count();
        rest = &rest[count..];
        let least = if len != 0 && before != Some(len) { 4 } else { 3 };
        if count < least {
            out.extend(std::iter::repeat_n((len, 0), count));
        } else if len != 0 {
            let new = usize::from(before != Some(len));
            out.extend(std::iter::repeat_n((len, 0), new));
            out.push((16, (count - new - 3) as u8));
        } else if count <= 10 {
            out.push((17, (count - 3) as u8));
        } else {
            out.push((18, (count - 11) as u8));
        }
        before = Some(len);
    }
}
