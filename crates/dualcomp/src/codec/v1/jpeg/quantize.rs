//! Numbers as contexts see them.

/// The level of a magnitude: its exponent and, from 4 on, the two bits below the leading one.
#[inline(always)]
pub(crate) fn level(magnitude: u32) -> u32 {
    if magnitude == 0 {
        return 0;
    }
    let exponent = magnitude.ilog2();
    1 + exponent * 4 + if exponent >= 2 { magnitude >> (exponent - 2) & 3 } else { 0 }
}

/// The level of a number in units of `1 / scale`, of any sign.
#[inline(always)]
pub(crate) fn level_of(number: f32, scale: f32) -> u32 {
    // Rust converts what does not fit to the nearest that does.
    level(((number * scale).abs() as u32).min(1 << 20))
}

/// The same with the sign.
#[inline(always)]
pub(crate) fn signed_level(number: f32, scale: f32) -> i32 {
    let level = level_of(number, scale) as i32;
    if number < 0.0 { -level } else { level }
}
