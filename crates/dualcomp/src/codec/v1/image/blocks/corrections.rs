//! Samples that are not what their coefficients give (docs/spec/image.md, section 14.3).

use dualcomp_entropy::{BitCoder, Counter};

use super::Decoded;

/// How many decisions counters remember at most, as of exceptions of lattice tiles: by hand (experiments/0022).
const LIMIT: u32 = 511;
/// Classes of what rounding cut off, and of how far samples around were off: by hand (experiments/0022).
const PARTS: usize = 16;
const AROUND: usize = 6;
/// Digits of a distance.
const DIGITS: usize = 8;

/// What is learned about corrections, for each place: what rounding cut off, class, whether the block is within the tile.
struct Corrections {
    are: Vec<Counter>,
    /// Whether a sample is above.
    up: Vec<Counter>,
    /// How many digits the distance has, and those below the first, by class and by how many there are.
    lengths: Vec<[Counter; DIGITS]>,
    digits: Vec<[Counter; DIGITS]>,
}

impl Corrections {
    fn new() -> Self {
        Self {
            are: vec![Counter::default(); 2 * AROUND * PARTS],
            up: vec![Counter::default(); 2 * AROUND * PARTS],
            lengths: vec![[Counter::default(); DIGITS]; 2 * AROUND],
            digits: vec![[Counter::default(); DIGITS]; DIGITS],
        }
    }

    /// Codes a sample, as its distance from what is decoded.
    fn code(&mut self, coder: &mut impl BitCoder, (decoded, part): Decoded, class: usize, value: u8) -> u8 {
        let place = class * PARTS + usize::from(part);
        if !decide(coder, &mut self.are[place], value != decoded) {
            return decoded;
        }
        let up = decide(coder, &mut self.up[place], value > decoded);
        let distance = usize::from(value.abs_diff(decoded)).max(1);
        let wanted = distance.ilog2() as usize;
        let mut length = 0;
        while length < DIGITS - 1 && decide(coder, &mut self.lengths[class][length], wanted > length) {
            length += 1;
        }
        let mut found = 1;
        for digit in (0..length).rev() {
            let bit = decide(coder, &mut self.digits[length][digit], distance >> digit & 1 == 1);
            found = found << 1 | usize::from(bit);
        }
        if up { decoded.wrapping_add(found as u8) } else { decoded.wrapping_sub(found as u8) }
    }
}

fn decide(coder: &mut impl BitCoder, counter: &mut Counter, bit: bool) -> bool {
    let bit = coder.code(bit, counter.p().clamp(1, 65535));
    counter.update(bit, LIMIT);
    bit
}

/// Codes the samples of a plane; `wanted` are what an encoder has.
pub(super) fn code(
    coder: &mut impl BitCoder,
    width: usize,
    decoded: &[Decoded],
    partial: impl Fn(usize) -> bool,
    wanted: Option<&Vec<u8>>,
) -> Vec<u8> {
    let mut corrections = Corrections::new();
    let mut out = Vec::with_capacity(decoded.len());
    // How far samples of the row above, and those to the left, were off.
    let mut off = vec![0u32; width];
    for (at, &decoded) in decoded.iter().enumerate() {
        let column = at % width;
        let around = off[column] + if column > 0 { off[column - 1] } else { 0 };
        let class = (u32::BITS - around.leading_zeros()).min(AROUND as u32 - 1) as usize;
        let class = class + AROUND * usize::from(partial(at));
        let value = corrections.code(coder, decoded, class, wanted.map_or(0, |wanted| wanted[at]));
        off[column] = value.abs_diff(decoded.0).into();
        out.push(value);
    }
    out
}

#[cfg(test)]
mod tests {
    use dualcomp_entropy::{RangeDecoder, RangeEncoder};

    use super::*;

    #[test]
    fn any_samples_come_back() {
        let mut x = 1u32;
        let mut next = || {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 24) as u8
        };
        let decoded: Vec<Decoded> = (0..900).map(|_| (next(), next() & 15)).collect();
        let mut lengths = Vec::new();
        for kind in 0..3 {
            let mut value = |&(decoded, part): &Decoded| match kind {
                0 => decoded,
                1 if part == 15 => decoded.saturating_add(1),
                1 => decoded,
                _ => next(),
            };
            let wanted: Vec<u8> = decoded.iter().map(&mut value).collect();
            let mut encoder = RangeEncoder::new();
            code(&mut encoder, 30, &decoded, |at| at % 30 < 4, Some(&wanted));
            let payload = encoder.finish();
            assert_eq!(code(&mut RangeDecoder::new(&payload), 30, &decoded, |at| at % 30 < 4, None), wanted);
            lengths.push(payload.len());
        }
        assert!(lengths[0] < 40 && lengths[1] < 100 && lengths[2] > 800, "{lengths:?}");
    }
}
