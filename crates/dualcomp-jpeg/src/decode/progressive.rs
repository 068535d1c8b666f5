//! Blocks of progressive scans (T.81 G.1.2, G.2).

use alloc::vec::Vec;

use super::sequential::{mean, value};
use crate::bits::{BitReader, Stop};
use crate::huffman::Huffman;
use crate::runs::{Habit, Log, Run};
use crate::scan::Scan;
use crate::zigzag::NATURAL;

/// Reads a mean without its lowest bits.
pub(super) fn first_mean(
    bits: &mut BitReader<'_>,
    dc: &Huffman,
    below: u8,
    last_mean: &mut i32,
    block: &mut [i16; 64],
) -> Result<(), Stop> {
    mean(bits, dc, last_mean)?;
    // Not more than 16 + 13 bits, as each mean before was in range.
    block[0] = i16::try_from(*last_mean << below).map_err(|_| Stop)?;
    Ok(())
}

/// Reads the next bit of a mean.
pub(super) fn refined_mean(bits: &mut BitReader<'_>, below: u8, block: &mut [i16; 64]) -> Result<(), Stop> {
    block[0] |= (bits.take(1)? << below) as i16;
    Ok(())
}

/// Reads bands of coefficients.
#[derive(Default)]
pub(super) struct Bands {
    /// How many blocks of the current run are still to come.
    coming: u32,
    /// The number of the first block of the run.
    start: u32,
    run: Run,
    /// The correction bits of the run before its last block.
    bits_before: u32,
    log: Log,
}

impl Bands {
    /// Whether a run goes on.
    #[inline(always)]
    pub(super) fn pending(&self) -> bool {
        self.coming > 0
    }

    /// Ends the last run; `cut` gives the correction bits of a block that could have belonged to it.
    pub(super) fn end(&mut self, cut: Option<u32>) {
        self.log.push(self.start, self.run, self.bits_before, cut);
        self.run = Run::default();
    }

    /// How the encoder cuts runs, and where it does not do so.
    pub(super) fn habit(&self, row: u32) -> (Habit, Vec<u32>) {
        self.log.habit(row)
    }

    /// Reads the band of block number `number`. Returns the number of runs of 16 zeros behind its last new coefficient.
    pub(super) fn block(
        &mut self,
        bits: &mut BitReader<'_>,
        ac: &Huffman,
        scan: &Scan,
        block: &mut [i16; 64],
        number: u32,
    ) -> Result<u8, Stop> {
        let mut at = scan.first;
        if self.coming > 0 {
            self.coming -= 1;
            self.run.blocks += 1;
            self.bits_before = self.run.bits;
            if scan.above > 0 {
                self.run.bits += refine(bits, scan, block, &mut at, usize::MAX)?;
            }
            return Ok(0);
        }
        let (mut zero_runs, mut empty) = (0, true);
        while at <= scan.last {
            let symbol = ac.decode(bits)?;
            let (zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && zeros < 15 {
                let blocks = (1 << zeros) + bits.take(zeros)?;
                let corrections = if scan.above > 0 { refine(bits, scan, block, &mut at, usize::MAX)? } else { 0 };
                self.end((empty && self.run.blocks > 0).then_some(corrections));
                self.coming = blocks - 1;
                self.start = number;
                self.run = Run { blocks: 1, bits: corrections };
                return Ok(zero_runs);
            }
            empty = false;
            let new = match (size, scan.above) {
                (0, _) => 0,
                (_, 0) => i16::try_from(value(bits, size)? << scan.below).map_err(|_| Stop)?,
                (1, _) => (2 * bits.take(1)? as i16 - 1) << scan.below,
                _ => return Err(Stop),
            };
            if scan.above == 0 {
                at += zeros as usize;
            } else {
                refine(bits, scan, block, &mut at, zeros as usize)?;
            }
            if size > 0 {
                if at > scan.last {
                    return Err(Stop);
                }
                block[usize::from(NATURAL[at])] = new;
                zero_runs = 0;
            } else {
                zero_runs += 1;
            }
            at += 1;
        }
        self.end(None);
        Ok(zero_runs)
    }
}

/// Goes over so many coefficients that are zero so far, up to the next such one, and reads a bit for each of the
/// others. Returns the number of bits.
fn refine(
    bits: &mut BitReader<'_>,
    scan: &Scan,
    block: &mut [i16; 64],
    at: &mut usize,
    mut zeros: usize,
) -> Result<u32, Stop> {
    let mut read = 0;
    while *at <= scan.last {
        let value = &mut block[usize::from(NATURAL[*at])];
        if *value == 0 {
            if zeros == 0 {
                break;
            }
            zeros -= 1;
        } else {
            read += 1;
            if bits.take(1)? != 0 {
                // In range: the bits from there on are zeros, but for coefficients of a scan that was given up.
                *value = value.wrapping_add(value.signum() << scan.below);
            }
        }
        *at += 1;
    }
    Ok(read)
}
