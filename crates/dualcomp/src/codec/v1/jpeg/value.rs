//! Numbers as binary decisions: the exponent in unary, the bits below the leading one, the sign.

use fearless_simd::Simd;

use super::model::slots::NODES;
use super::model::{MANTISSAS, MAX_CONTEXTS, Model, SET, Selectors};
use super::sets;
use crate::codec::v1::direction::Direction;

/// A number's contexts.
pub(crate) struct Symbol {
    /// The salt of such numbers.
    pub(crate) kind: u32,
    /// Whether the number is not 0.
    pub(crate) certain: bool,
    pub(crate) contexts: [u32; MAX_CONTEXTS],
}

/// Bits of a magnitude at most.
const MAX_BITS: u32 = 17;

impl<const M: usize> Model<M> {
    /// Codes a number. `sign` gives the contexts of its sign, and what picks weights for it; `direct`, where there is one
    /// mixer, which counter codes it alone.
    #[inline(always)]
    pub(crate) fn code_value<S: Simd>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        value: i32,
        symbol: &Symbol,
        direct: impl FnOnce() -> usize,
        sign: impl FnOnce() -> ([u32; MAX_CONTEXTS], Selectors),
    ) -> i32 {
        let &Symbol { kind, certain, ref contexts } = symbol;
        self.find(simd, contexts, kind);
        let magnitude = value.unsigned_abs();
        let bits = 32 - magnitude.leading_zeros();
        let mut exponent = u32::from(certain);
        while exponent < MAX_BITS {
            if exponent == NODES as u32 {
                self.find(simd, contexts, kind.wrapping_add(0x0080_0000));
            }
            let node =
                if exponent < NODES as u32 { exponent as usize } else { (exponent as usize - NODES).min(NODES - 1) };
            if !self.code(simd, coder, bits > exponent, node, (exponent as usize).min(SET - 1)) {
                break;
            }
            exponent += 1;
        }
        if exponent == 0 {
            return 0;
        }
        let magnitude = if exponent > 1 { self.code_mantissa(simd, coder, magnitude, exponent, symbol) } else { 1 };
        if M == 1 {
            let negative = self.direct(coder, value < 0, direct());
            return if negative { -(magnitude as i32) } else { magnitude as i32 };
        }
        let (contexts, selectors) = sign();
        self.selectors = selectors;
        self.find(simd, &contexts, kind.wrapping_add(0x0100_0000));
        let negative = self.code(
            simd,
            coder,
            value < 0,
            (exponent as usize - 1).min(NODES - 1),
            (exponent as usize - 1).min(SET - 1),
        );
        if negative { -(magnitude as i32) } else { magnitude as i32 }
    }

    /// The bits of a magnitude below its leading one: a tree of two, then counters alone.
    #[inline(always)]
    fn code_mantissa<S: Simd>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        magnitude: u32,
        exponent: u32,
        symbol: &Symbol,
    ) -> u32 {
        let [first, others @ ..] = &mut self.selectors.sets;
        *first = sets::MANTISSAS + (exponent as usize).min(15);
        for set in others {
            *set += sets::WITH_MANTISSAS;
        }
        self.selectors.refined = 1848 + exponent as usize;
        let mut decoded = 1;
        let mut node = 0;
        for place in (0..exponent - 1).rev() {
            let (bit, coded) = (magnitude >> place & 1 != 0, exponent - 2 - place);
            if coded == 0 {
                let path = exponent << 20 | decoded;
                self.find(simd, &symbol.contexts, symbol.kind.wrapping_add(path.wrapping_mul(0x0234_5679)));
            }
            let bit = if coded < 2 {
                self.code(simd, coder, bit, node, coded as usize)
            } else {
                let path = if coded < 4 { decoded } else { 16 + coded };
                self.direct(coder, bit, MANTISSAS + (exponent << 5 | path) as usize)
            };
            node = 1 + usize::from(bit);
            decoded = decoded << 1 | u32::from(bit);
        }
        decoded
    }
}
