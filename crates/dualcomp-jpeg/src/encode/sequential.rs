//! Blocks of sequential scans (T.81 F.1.2).

use super::NO_CODE;
use crate::Error;
use crate::bits::BitWriter;
use crate::huffman::Huffman;
use crate::zigzag::NATURAL;

/// Writes the difference to the last mean (T.81 F.1.2.1).
#[inline(always)]
pub(super) fn mean(bits: &mut BitWriter<'_>, dc: &Huffman, last_mean: &mut i32, mean: i32) -> Result<(), Error> {
    let difference = mean - *last_mean;
    *last_mean = mean;
    value(bits, dc, 0, difference)
}

/// Writes a symbol for a number of zeros and the length of a value, then the value (T.81 F.1.2.1.1, F.1.2.2.1).
#[inline(always)]
pub(super) fn value(bits: &mut BitWriter<'_>, table: &Huffman, zeros: u32, value: i32) -> Result<(), Error> {
    let size = 32 - value.unsigned_abs().leading_zeros();
    if size > 15 {
        return Err(NO_CODE);
    }
    let lowest = if value < 0 { value + (1 << size) - 1 } else { value };
    symbol(bits, table, (zeros << 4 | size) as u8, lowest as u32, size)
}

/// Writes a symbol and up to 16 bits behind it.
#[inline(always)]
pub(super) fn symbol(
    bits: &mut BitWriter<'_>,
    table: &Huffman,
    symbol: u8,
    behind: u32,
    number: u32,
) -> Result<(), Error> {
    let (code, len) = table.code(symbol);
    if len == 0 {
        return Err(NO_CODE);
    }
    bits.put(code << number | behind, len + number);
    Ok(())
}

/// Writes a block, with so many runs of 16 zeros behind the last coefficient.
#[inline(always)]
pub(super) fn block(
    bits: &mut BitWriter<'_>,
    dc: &Huffman,
    ac: &Huffman,
    last_mean: &mut i32,
    block: &[i16; 64],
    zero_runs: u8,
) -> Result<(), Error> {
    mean(bits, dc, last_mean, block[0].into())?;
    let mut zeros = 0;
    for &place in &NATURAL[1..] {
        let coefficient = block[usize::from(place)];
        if coefficient == 0 {
            zeros += 1;
            continue;
        }
        while zeros > 15 {
            symbol(bits, ac, 0xF0, 0, 0)?;
            zeros -= 16;
        }
        value(bits, ac, zeros, coefficient.into())?;
        zeros = 0;
    }
    let mut left = zeros as i32;
    for _ in 0..zero_runs {
        if left > 0 {
            symbol(bits, ac, 0xF0, 0, 0)?;
            left -= 16;
        }
    }
    if left > 0 { symbol(bits, ac, 0, 0, 0) } else { Ok(()) }
}
