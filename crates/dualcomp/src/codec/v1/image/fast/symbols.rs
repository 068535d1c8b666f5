//! Samples as symbols (docs/spec/fast.md, section 7).

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u16x32};

use super::mask::Mask;
use super::pipeline::Format;
use super::rans::{BITS, Coder, TOTAL};
use super::tables::{ENERGIES, SYMBOLS, Tables};

/// The chance, of [`TOTAL`], that a value beyond the symbols has no more bits: by hand (experiments/0022).
const LAST_BIT: u32 = TOTAL / 8 * 5;
/// Bits of the distance of such a value at most.
const MAX_BITS: u32 = 14;
/// How fast chances of bits move: by one part in two to this. By hand (experiments/0022).
const RATE: u32 = 6;
/// Bits of a value within a symbol that have a chance of their own: the upper ones.
const MODELLED: u32 = 2;

/// How a plane is coded.
pub(super) struct PlaneCoder {
    tables: Tables,
    mask: Option<Mask>,
    /// For each energy and symbol, the chance that each of the two upper bits left out is 0.
    lower: Vec<[u16; 4]>,
    symbols: usize,
}

/// What is known of a sample before it is coded.
#[derive(Clone, Copy)]
pub(super) struct Expected {
    pub(super) energy: usize,
    pub(super) contexts: [usize; 2],
    /// The prediction in quarters.
    pub(super) quarters: i32,
    /// The row of the mask, and what differences are taken from there.
    pub(super) row: usize,
    pub(super) base: i32,
}

impl PlaneCoder {
    pub(super) fn new(plane: usize, format: Format) -> Self {
        Self {
            tables: Tables::new(format.bits),
            mask: format.mask.then(|| Mask::new(plane)),
            lower: vec![[(TOTAL / 2) as u16; 4]; ENERGIES * SYMBOLS],
            symbols: 0,
        }
    }

    /// Codes a sample in either direction and gives it; of damaged data it may be any number.
    #[inline(always)]
    pub(super) fn code<S: Simd>(
        &mut self,
        simd: S,
        coder: &mut Coder<'_>,
        state: usize,
        expected: &Expected,
        value: i32,
    ) -> i32 {
        let energy = expected.energy.min(ENERGIES - 1);
        let shift = self.tables.shift(energy);
        let (near, fraction) = match shift {
            0 => (expected.quarters >> 2, expected.quarters as usize & 3),
            _ => ((expected.quarters + 2) >> 2, 0),
        };
        // The middle of the middle symbol is nearest to the prediction.
        let (middle, half) = if shift == 0 { (15, 0) } else { (16, 1 << (shift - 1)) };
        let distance = value - near + half;
        let place = (distance >> shift) + middle;
        let symbol = place.clamp(0, SYMBOLS as i32 - 1) as usize;
        let choice = self.tables.choose(energy, fraction, expected.contexts);
        let mut table = self.tables.mix(simd, &choice);
        let mut symbol = symbol;
        match &mut self.mask {
            Some(mask) if shift == 0 => {
                let window = mask.window(expected.row, (near - middle - expected.base) as isize);
                table = mask.apply(simd, window, table);
                symbol = code_symbol(simd, coder, state, table, symbol);
                mask.see(window, symbol);
            }
            _ => symbol = code_symbol(simd, coder, state, table, symbol),
        }
        self.tables.update(simd, &choice, symbol, self.symbols);
        self.symbols = self.symbols.wrapping_add(1);
        let mut place = if coder.decodes() { symbol as i32 } else { place };
        if symbol == 0 {
            place = -(code_beyond(coder, state, -place as u32) as i32);
        } else if symbol == SYMBOLS - 1 {
            place = SYMBOLS as i32 - 1 + code_beyond(coder, state, (place - (SYMBOLS as i32 - 1)) as u32) as i32;
        }
        let mut low = 0;
        if shift > 0 {
            let bits = distance & ((1 << shift) - 1);
            low = code_lower(coder, state, &mut self.lower[energy * SYMBOLS + symbol], shift, bits as u32) as i32;
        }
        if coder.decodes() { ((place - middle) << shift | low) - half + near } else { value }
    }
}

#[inline(always)]
fn code_symbol<S: Simd>(simd: S, coder: &mut Coder<'_>, state: usize, table: u16x32<S>, symbol: usize) -> usize {
    let symbol = match coder.decodes() {
        true => {
            let target = u16x32::splat(simd, coder.peek(state) as u16);
            (table.simd_le(target).to_bitmask().count_ones() as usize).wrapping_sub(1) % SYMBOLS
        }
        false => symbol,
    };
    let mut ends = [TOTAL as u16; SYMBOLS + 1];
    table.store_slice(&mut ends[..SYMBOLS]);
    let start = u32::from(ends[symbol]);
    coder.code(state, start, u32::from(ends[symbol + 1]) - start);
    symbol
}

/// Codes a bit whose chance to be 0 is `zero` of [`TOTAL`].
#[inline(always)]
fn code_bit(coder: &mut Coder<'_>, state: usize, zero: u32, bit: bool) -> bool {
    let bit = if coder.decodes() { coder.peek(state) >= zero } else { bit };
    if bit {
        coder.code(state, zero, TOTAL - zero)
    } else {
        coder.code(state, 0, zero)
    };
    bit
}

/// Codes bits that are as often 0 as 1.
#[inline(always)]
fn code_raw(coder: &mut Coder<'_>, state: usize, bits: u32, value: u32) -> u32 {
    let frequency = TOTAL >> bits;
    let value = if coder.decodes() { coder.peek(state) >> (BITS - bits) } else { value };
    coder.code(state, value * frequency, frequency);
    value
}

/// Codes how far a value is beyond the symbols: how many bits it has, then these.
#[cold]
#[inline(never)]
fn code_beyond(coder: &mut Coder<'_>, state: usize, distance: u32) -> u32 {
    let wanted = (distance + 1).ilog2().min(MAX_BITS);
    let mut bits = 0;
    while bits < MAX_BITS && code_bit(coder, state, LAST_BIT, bits < wanted) {
        bits += 1;
    }
    let value = (distance + 1).wrapping_sub(1 << bits) & ((1 << bits) - 1);
    code_raw(coder, state, bits, value) + (1 << bits) - 1
}

/// Codes the bits that a symbol leaves out.
#[inline(always)]
fn code_lower(coder: &mut Coder<'_>, state: usize, chances: &mut [u16; 4], shift: u32, low: u32) -> u32 {
    let mut node = 1;
    let mut value = 0;
    for i in 0..MODELLED.min(shift) {
        let chance = &mut chances[node % 4];
        let zero = u32::from(*chance);
        let bit = code_bit(coder, state, zero, low >> (shift - 1 - i) & 1 == 1);
        *chance = if bit { zero - (zero >> RATE) } else { zero + ((TOTAL - zero) >> RATE) } as u16;
        value = value << 1 | u32::from(bit);
        node = node << 1 | usize::from(bit);
    }
    let rest = shift.saturating_sub(MODELLED);
    if rest > 0 {
        value = value << rest | code_raw(coder, state, rest, low & ((1 << rest) - 1));
    }
    value
}
