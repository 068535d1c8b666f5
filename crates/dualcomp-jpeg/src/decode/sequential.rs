//! Blocks of sequential scans (T.81 F.2.2).

use crate::bits::{BitReader, Stop};
use crate::huffman::Huffman;
use crate::zigzag::NATURAL;

/// Reads a difference of means (T.81 F.2.2.1) and adds it.
#[inline(always)]
pub(super) fn mean(bits: &mut BitReader<'_>, dc: &Huffman, mean: &mut i32) -> Result<(), Stop> {
    let size = dc.decode(bits)?;
    if size > 15 {
        return Err(Stop);
    }
    *mean += value(bits, size.into())?;
    Ok(())
}

/// Reads a signed value of so many bits (T.81 F.2.2.1, EXTEND).
#[inline(always)]
pub(super) fn value(bits: &mut BitReader<'_>, size: u32) -> Result<i32, Stop> {
    let value = bits.take(size)? as i32;
    Ok(if value < 1 << size >> 1 { value - (1 << size) + 1 } else { value })
}

/// Reads a block. Returns the number of runs of 16 zeros behind the last coefficient.
#[inline(always)]
pub(super) fn block(
    bits: &mut BitReader<'_>,
    dc: &Huffman,
    ac: &Huffman,
    last_mean: &mut i32,
    block: &mut [i16; 64],
) -> Result<u8, Stop> {
    mean(bits, dc, last_mean)?;
    block[0] = i16::try_from(*last_mean).map_err(|_| Stop)?;
    let (mut at, mut zero_runs) = (1, 0);
    while at < 64 {
        let symbol = ac.decode(bits)?;
        let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size > 0 {
            let place = *NATURAL.get(at + zeros).ok_or(Stop)?;
            // At most 15 bits.
            block[usize::from(place)] = value(bits, size)? as i16;
            at += zeros + 1;
            zero_runs = 0;
        } else if zeros == 15 {
            zero_runs += 1;
            at += 16;
        } else if zeros == 0 {
            return Ok(zero_runs);
        } else {
            return Err(Stop);
        }
    }
    Ok(zero_runs)
}
