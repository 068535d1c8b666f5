//! Numbers as binary decisions: the exponent in unary, the bits below the leading one, the sign.

use fearless_simd::Simd;

use super::model::{Direction, Model, SET, Selectors};
use super::sets;
use super::slots::NODES;

/// Bits of a magnitude at most.
const MOST_BITS: u32 = 17;

impl<const M: usize, const H: usize> Model<M, H> {
    /// Codes a number; `kind` is the salt of such numbers, and `sign` gives the contexts of its sign, and what picks weights for it.
    #[inline(always)]
    pub(super) fn code_value<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        value: i32,
        kind: u32,
        contexts: &[u32; N],
        sign: impl FnOnce(u32) -> ([u32; 12], Selectors),
    ) -> i32 {
        self.find(simd, contexts, kind);
        let magnitude = value.unsigned_abs();
        let bits = 32 - magnitude.leading_zeros();
        let mut exponent = 0;
        while exponent < MOST_BITS {
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
        let magnitude =
            if exponent > 1 { self.code_mantissa(simd, coder, magnitude, exponent, kind, contexts) } else { 1 };
        let (contexts, selectors) = sign(magnitude);
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

    /// The bits of a magnitude below its leading one: trees of two bits.
    #[inline(always)]
    fn code_mantissa<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        coder: &mut Direction<'_>,
        magnitude: u32,
        exponent: u32,
        kind: u32,
        contexts: &[u32; N],
    ) -> u32 {
        let [first, others @ ..] = &mut self.selectors.sets;
        *first = sets::MANTISSAS + (exponent as usize).min(15);
        for set in others {
            *set += sets::WITH_MANTISSAS;
        }
        self.selectors.refined = [1848 + exponent as usize, 1168 + exponent as usize];
        let mut decoded = 1;
        let mut node = 0;
        for place in (0..exponent - 1).rev() {
            let coded = exponent - 2 - place;
            if coded.is_multiple_of(2) {
                let path = exponent << 20 | decoded;
                self.find(simd, contexts, kind.wrapping_add(path.wrapping_mul(0x0234_5679)));
                node = 1;
            }
            let bit = self.code(simd, coder, magnitude >> place & 1 != 0, node - 1, (coded as usize).min(SET - 1));
            node = node << 1 | usize::from(bit);
            decoded = decoded << 1 | u32::from(bit);
        }
        decoded
    }
}
