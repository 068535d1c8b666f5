//! The rounding of the processor, which a host program may have changed for its threads.
//!
//! The network, least squares, the light form, fast and drawn tiles and JPEG coefficients compute in `f32` and rely on
//! rounding to the nearest even number and on subnormal numbers (docs/spec/numerics.md). Safe code can neither set nor
//! read the processor's control register, but it can see what it does.

use std::hint::black_box;

use crate::error::{Error, Result};

/// Half of the distance from 1 to the next number.
const HALF_STEP: f32 = 1.0 / (1 << 24) as f32;

/// Sums that differ in each other rounding mode, and a subnormal number: bits of the results.
fn observe() -> [u32; 4] {
    let (one, half) = (black_box(1.0f32), black_box(HALF_STEP));
    let above = one + half;
    let below = -one - half;
    let more = one + black_box(half * 1.5);
    let subnormal = black_box(f32::MIN_POSITIVE) * black_box(0.5);
    [above, below, more, subnormal].map(f32::to_bits)
}

/// What [`observe`] gives where numbers are rounded to the nearest, ties to even, and subnormal ones are kept.
const EXPECTED: [u32; 4] = [0x3F80_0000, 0xBF80_0000, 0x3F80_0001, 0x0040_0000];

/// Fails if this thread rounds in another way than streams are defined by. Takes nanoseconds.
pub(crate) fn check() -> Result<()> {
    verdict(observe())
}

fn verdict(observed: [u32; 4]) -> Result<()> {
    if observed == EXPECTED {
        return Ok(());
    }
    Err(Error::parameter("the program has changed how this thread rounds floating-point numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_rounding_passes() {
        assert_eq!(observe(), EXPECTED);
        check().unwrap();
    }

    #[test]
    fn other_roundings_are_refused() {
        let [above, below, more, subnormal] = EXPECTED;
        for observed in [
            // Upwards, downwards, towards zero, flushed to zero.
            [above + 1, below, more, subnormal],
            [above, below + 1, more - 1, subnormal],
            [above, below, more - 1, subnormal],
            [above, below, more, 0],
        ] {
            assert!(verdict(observed).is_err());
        }
    }
}
