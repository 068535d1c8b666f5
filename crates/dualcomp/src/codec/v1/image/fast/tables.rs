//! Adaptive tables of cumulative frequencies of 32 symbols (docs/spec/fast.md, section 7.1).

use fearless_simd::prelude::*;
use fearless_simd::{Simd, i16x32, u16x32};

use super::rans::TOTAL;

/// Symbols of a table. The first and the last also stand for all values beyond them.
pub(super) const SYMBOLS: usize = 32;
/// Where frequencies of tables end: each symbol gets one more when it is coded.
const TOP: u16 = (TOTAL - SYMBOLS as u32) as u16;

/// Levels of the expected error: four for each power of two, from 1/16 on.
pub(super) const ENERGIES: usize = 44;
/// Quarters that a prediction lies above a value.
pub(super) const FRACTIONS: usize = 4;
/// Bits at most that a symbol leaves out.
pub(super) const MAX_SHIFT: usize = 3;

/// Cumulative frequencies: what comes before each symbol.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Table([u16; SYMBOLS]);

impl Table {
    #[inline(always)]
    fn load<S: Simd>(&self, simd: S) -> u16x32<S> {
        u16x32::load_array_ref(simd, &self.0)
    }
}

/// What a table moves to when a symbol is seen.
static TARGETS: [Table; SYMBOLS] = {
    let mut targets = [Table([0; SYMBOLS]); SYMBOLS];
    let mut symbol = 0;
    while symbol < SYMBOLS {
        let mut i = symbol + 1;
        while i < SYMBOLS {
            targets[symbol].0[i] = TOP;
            i += 1;
        }
        symbol += 1;
    }
    targets
};

/// One more for each symbol before.
static RAMP: Table = {
    let mut ramp = Table([0; SYMBOLS]);
    let mut i = 0;
    while i < SYMBOLS {
        ramp.0[i] = i as u16;
        i += 1;
    }
    ramp
};

/// How fast tables move: by one part in two to this, after this many symbols.
static RATES: [u8; 256] = {
    let mut rates = [0; 256];
    let mut seen = 0;
    while seen < 256 {
        rates[seen] = match seen {
            0..3 => 3,
            3..8 => 4,
            8..24 => 5,
            24..60 => 6,
            60..150 => 7,
            150..255 => 8,
            _ => 9,
        };
        seen += 1;
    }
    rates
};

/// What is added before a difference is shifted, in turn, so that small differences count too.
static DITHER: [i16; 64] = {
    let mut dither = [0; 64];
    let mut i = 0;
    while i < 64 {
        dither[i] = (((i as i16 * 37 + 11) & 63) * 8) + ((i as i16 * 5) & 7);
        i += 1;
    }
    dither
};

/// Bits that symbols leave out at each energy.
static SHIFTS: [u8; ENERGIES] = {
    let mut shifts = [0; ENERGIES];
    let mut q = 0;
    while q < ENERGIES {
        let energy = energy(q);
        let mut shift = 0;
        while shift < MAX_SHIFT && energy >= 3.2 * (1 << shift) as f64 {
            shift += 1;
        }
        shifts[q] = shift as u8;
        q += 1;
    }
    shifts
};

/// The energy of which samples of more than eight bits begin with the tables, for each energy in units of their own: itself
/// where nothing is left out, else one of those that leave out one bit, at the same place between two powers of two.
const fn alike(q: usize) -> usize {
    let one = (if q % 4 < 2 { 6 } else { 5 }) * 4 + q % 4;
    if q < one { q } else { one }
}

/// The expected error in the middle of a level.
const fn energy(q: usize) -> f64 {
    let power = 1u64 << (q >> 2);
    power as f64 / 16.0 * (1.125 + (q & 3) as f64 / 4.0)
}

/// 1 / (1 + e^-x), by repeated multiplication, which is the same everywhere.
const fn logistic(x: f64) -> f64 {
    // e^(-1/64)
    const STEP: f64 = 0.984_496_437_005_408_4;
    let size = if x < 0.0 { -x } else { x } * 64.0;
    if size >= 1280.0 {
        return if x < 0.0 { 0.0 } else { 1.0 };
    }
    let whole = size as u64;
    let (mut power, mut factor, mut left) = (1.0, STEP, whole);
    while left > 0 {
        if left % 2 == 1 {
            power *= factor;
        }
        factor *= factor;
        left /= 2;
    }
    // Between two steps the exponential is nearly a line.
    power *= 1.0 - (size - whole as f64) * (1.0 - STEP);
    if x < 0.0 { power / (1.0 + power) } else { 1.0 / (1.0 + power) }
}

/// What tables begin with: mixtures of three logistics.
static BEGIN: [[Table; FRACTIONS]; ENERGIES] = {
    let mut tables = [[Table([0; SYMBOLS]); FRACTIONS]; ENERGIES];
    let mut q = 0;
    while q < ENERGIES {
        let mut f = 0;
        while f < FRACTIONS {
            let scale = energy(q) * 0.72 + 0.12;
            let (middle, half, width) = match SHIFTS[q] {
                0 => (15.0, f as f64 / 4.0, 1.0),
                shift => (16.0, (1 << (shift - 1)) as f64, (1 << shift) as f64),
            };
            let mut i = 1;
            while i < SYMBOLS {
                let low = (i as f64 - middle) * width - half - 0.5;
                let below = 0.7 * logistic(low / scale)
                    + 0.25 * logistic(low / (2.0 * scale))
                    + 0.05 * logistic(low / (5.0 * scale));
                tables[q][f].0[i] = (below * TOP as f64 + 0.5) as u16;
                i += 1;
            }
            f += 1;
        }
        q += 1;
    }
    tables
};

/// Symbols that tables count as seen at first: before any, and when a context takes over the table of its energy
/// (experiments/0026).
const SEEN: [u8; 2] = [8, 4];

/// Contexts of the second and the third table.
pub(super) const CONTEXTS: usize = 256;
/// Tables of a context: for each fraction where no bits are left out, then for each number of bits left out.
const KINDS: usize = FRACTIONS + MAX_SHIFT;

/// The tables of a plane.
pub(super) struct Tables {
    /// Bits that symbols leave out at each energy, and which table of a context is the first one used then.
    shifts: [u8; ENERGIES],
    kinds: [u8; ENERGIES],
    energy: Vec<Table>,
    contexts: [Vec<Table>; 2],
    seen_energy: Vec<u8>,
    /// 0 for tables that are not used yet.
    seen_contexts: [Vec<u8>; 2],
}

/// Which tables a symbol is coded with.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    energy: usize,
    contexts: [usize; 2],
}

impl Tables {
    /// Tables for samples of 8 bits, or of 9 to 16.
    pub(super) fn new(bits: u32) -> Self {
        let (mut shifts, mut kinds, mut energy) = (SHIFTS, [0; ENERGIES], BEGIN);
        for q in 0..ENERGIES {
            if bits > 8 {
                let own = q + 4 * (bits as usize - 8);
                energy[q] = BEGIN[alike(own)];
                shifts[q] = SHIFTS[alike(own)] + (own / 4 - alike(own) / 4) as u8;
            }
            if shifts[q] > 0 {
                kinds[q] = (FRACTIONS - 1) as u8 + if bits > 8 { 1 } else { shifts[q] };
            }
        }
        let contexts = || vec![Table([0; SYMBOLS]); CONTEXTS * KINDS];
        let seen = || vec![0; CONTEXTS * KINDS];
        Self {
            shifts,
            kinds,
            energy: energy.as_flattened().to_vec(),
            contexts: [contexts(), contexts()],
            seen_energy: vec![SEEN[0]; ENERGIES * FRACTIONS],
            seen_contexts: [seen(), seen()],
        }
    }

    /// Bytes that they take.
    pub(super) const MEMORY: u64 = 65 * (ENERGIES * FRACTIONS + 2 * CONTEXTS * KINDS) as u64;

    /// Bits that symbols leave out at this energy.
    #[inline(always)]
    pub(super) fn shift(&self, energy: usize) -> u32 {
        u32::from(self.shifts[energy])
    }

    /// The tables of a level of energy, a fraction and two contexts.
    #[inline(always)]
    pub(super) fn choose(&mut self, energy: usize, fraction: usize, contexts: [usize; 2]) -> Choice {
        // A fraction is 0 where bits are left out.
        let kind = usize::from(self.kinds[energy]) + fraction;
        let choice = Choice {
            energy: energy * FRACTIONS + fraction,
            contexts: [(contexts[0] % CONTEXTS) * KINDS + kind, (contexts[1] % CONTEXTS) * KINDS + kind],
        };
        for i in 0..2 {
            let seen = &mut self.seen_contexts[i][choice.contexts[i]];
            if *seen == 0 {
                *seen = SEEN[1];
                self.contexts[i][choice.contexts[i]] = self.energy[choice.energy];
            }
        }
        choice
    }

    /// Half of what the first table says and a quarter of what each other does, so that no frequency is 0.
    #[inline(always)]
    pub(super) fn mix<S: Simd>(&self, simd: S, choice: &Choice) -> u16x32<S> {
        let first = self.energy[choice.energy].load(simd) >> 1;
        let second = self.contexts[0][choice.contexts[0]].load(simd) >> 2;
        let third = self.contexts[1][choice.contexts[1]].load(simd) >> 2;
        first + second + third + RAMP.load(simd)
    }

    /// Moves the tables towards a symbol; `turn` counts symbols.
    #[inline(always)]
    pub(super) fn update<S: Simd>(&mut self, simd: S, choice: &Choice, symbol: usize, turn: usize) {
        let dither = DITHER[turn % DITHER.len()];
        let target = TARGETS[symbol % SYMBOLS].load(simd).bitcast::<i16x32<S>>();
        adapt(simd, &mut self.energy[choice.energy], &mut self.seen_energy[choice.energy], target, dither);
        for i in 0..2 {
            let at = choice.contexts[i];
            adapt(simd, &mut self.contexts[i][at], &mut self.seen_contexts[i][at], target, dither);
        }
    }
}

/// Moves a table towards a target, and counts that.
#[inline(always)]
fn adapt<S: Simd>(simd: S, table: &mut Table, seen: &mut u8, target: i16x32<S>, dither: i16) {
    let rate = RATES[usize::from(*seen)];
    let now = table.load(simd).bitcast::<i16x32<S>>();
    let step = (target - now).saturating_add(i16x32::splat(simd, dither & ((1 << rate) - 1)));
    let next = now + (step >> u32::from(rate));
    next.bitcast::<u16x32<S>>().store_array(&mut table.0);
    *seen = seen.saturating_add(1);
}
