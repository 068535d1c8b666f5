//! Tokens of deflate, and the symbols and extra bits that spell them (RFC 1951, section 3.2.5).

/// Bytes of a match, least and most.
pub(crate) const MIN_MATCH: usize = 3;
pub(crate) const MAX_MATCH: usize = 258;
/// Bytes back to which a match can reach.
pub(crate) const WINDOW: usize = 1 << 15;
/// Symbols of literals, the end of a block and lengths; and of distances.
pub(crate) const LITERALS: usize = 286;
pub(crate) const DISTANCES: usize = 30;
/// The end of a block.
pub(crate) const END: usize = 256;

/// A literal, if the length is 0, or a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) len: u16,
    pub(crate) distance: u16,
}

impl Token {
    pub(crate) const LITERAL: Self = Self { len: 0, distance: 0 };

    /// Bytes that it stands for.
    pub(crate) fn bytes(self) -> usize {
        usize::from(self.len).max(1)
    }
}

/// The symbol of a length, how many extra bits follow, and the least length of the symbol.
pub(crate) fn length_symbol(len: u16) -> (usize, u32, u16) {
    let above = u32::from(len) - MIN_MATCH as u32;
    let symbol = match above {
        0..8 => above,
        255 => 28,
        _ => {
            let extra = above.ilog2() - 2;
            4 * extra + (above >> extra)
        }
    };
    let (extra, base) = length_of(symbol as usize);
    (END + 1 + symbol as usize, extra, base)
}

/// Extra bits and the least length of the symbol `END + 1 + code`, for codes below 29.
pub(crate) fn length_of(code: usize) -> (u32, u16) {
    let (extra, base) = match code {
        0..8 => (0, code),
        28 => (0, MAX_MATCH - MIN_MATCH),
        _ => (code / 4 - 1, (4 + code % 4) << (code / 4 - 1)),
    };
    (extra as u32, (base + MIN_MATCH) as u16)
}

/// The symbol of a distance, how many extra bits follow, and the least distance of the symbol.
pub(crate) fn distance_symbol(distance: u16) -> (usize, u32, u16) {
    let above = u32::from(distance) - 1;
    let symbol = match above {
        0..4 => above,
        _ => 2 * above.ilog2() + (above >> (above.ilog2() - 1) & 1),
    };
    let (extra, base) = distance_of(symbol as usize);
    (symbol as usize, extra, base)
}

/// Extra bits and the least distance of a symbol.
pub(crate) fn distance_of(symbol: usize) -> (u32, u16) {
    let (extra, base) = match symbol {
        0..4 => (0, symbol),
        _ => (symbol / 2 - 1, (2 + symbol % 2) << (symbol / 2 - 1)),
    };
    (extra as u32, (base + 1) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_cover_all_lengths_and_distances() {
        let lengths: Vec<usize> = (3..=258).map(|len| length_symbol(len).0).collect();
        assert_eq!((lengths[0], lengths[7], lengths[8], lengths[254], lengths[255]), (257, 264, 265, 284, 285));
        let distances: Vec<usize> = (1..=WINDOW as u32).map(|distance| distance_symbol(distance as u16).0).collect();
        assert_eq!((distances[0], distances[4], distances[5], distances[6], distances[WINDOW - 1]), (0, 4, 4, 5, 29));
        for symbols in [lengths, distances] {
            assert!(symbols.windows(2).all(|pair| pair[1] == pair[0] || pair[1] == pair[0] + 1));
        }
        for len in 3..=258 {
            let (_, extra, base) = length_symbol(len);
            assert!(base <= len && len - base < 1 << extra);
        }
        for distance in 1..=WINDOW as u32 {
            let (_, extra, base) = distance_symbol(distance as u16);
            assert!(u32::from(base) <= distance && distance - u32::from(base) < 1 << extra);
        }
    }
}
