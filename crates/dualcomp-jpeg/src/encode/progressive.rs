//! Blocks of progressive scans (T.81 G.1.2).

use alloc::vec::Vec;

use super::sequential::{mean, symbol, value};
use crate::Error;
use crate::bits::BitWriter;
use crate::huffman::Huffman;
use crate::notes::{Listed, Notes};
use crate::runs::{Habit, LONGEST, Run};
use crate::scan::Scan;
use crate::zigzag::NATURAL;

/// Writes a mean without its lowest bits.
pub(super) fn first_mean(
    bits: &mut BitWriter<'_>,
    dc: &Huffman,
    below: u8,
    last_mean: &mut i32,
    block: &[i16; 64],
) -> Result<(), Error> {
    mean(bits, dc, last_mean, i32::from(block[0]) >> below)
}

/// Writes the next bit of a mean.
pub(super) fn refined_mean(bits: &mut BitWriter<'_>, below: u8, block: &[i16; 64]) {
    bits.put((block[0] >> below & 1) as u32, 1);
}

/// Writes bands of coefficients.
pub(super) struct Bands<'a> {
    habit: Habit,
    cuts: Listed<'a, u32>,
    /// The run that waits for its end.
    run: Run,
    /// Its correction bits, one in each byte.
    corrections: Vec<u8>,
}

impl<'a> Bands<'a> {
    pub(super) fn new(notes: &'a Notes) -> Self {
        Self { habit: notes.habit, cuts: Listed::new(&notes.cuts), run: Run::default(), corrections: Vec::new() }
    }

    /// Writes the band of block number `number`, with so many runs of 16 zeros behind its last new coefficient.
    pub(super) fn block(
        &mut self,
        bits: &mut BitWriter<'_>,
        ac: &Huffman,
        scan: &Scan,
        block: &[i16; 64],
        number: u32,
        zero_runs: u8,
    ) -> Result<(), Error> {
        let band = Band { scan, block };
        let newest = (scan.first..=scan.last).rev().find(|&at| band.is_new(at));
        let mut at = scan.first;
        if newest.is_some() || zero_runs > 0 {
            self.flush(bits, ac)?;
            if let Some(newest) = newest {
                band.write(bits, ac, newest)?;
                at = newest + 1;
            }
            for _ in 0..zero_runs {
                if at <= scan.last {
                    symbol(bits, ac, 0xF0, 0, 0)?;
                    band.pass(&mut at, 15, |bit| bits.put(bit, 1));
                    at += 1;
                }
            }
            if at > scan.last {
                return Ok(());
            }
        } else if self.cut(&band, number) {
            self.flush(bits, ac)?;
        }
        self.run.blocks += 1;
        if scan.above > 0 {
            band.pass(&mut at, usize::MAX, |bit| self.corrections.push(bit as u8));
        }
        self.run.bits = self.corrections.len() as u32;
        Ok(())
    }

    /// Whether the run, if there is one, ends before a block that could belong to it.
    fn cut(&mut self, band: &Band<'_>, number: u32) -> bool {
        match self.run.blocks {
            0 => false,
            LONGEST => true,
            _ => {
                let mut bits = 0;
                if band.scan.above > 0 {
                    band.pass(&mut { band.scan.first }, usize::MAX, |_| bits += 1);
                }
                self.habit.cuts(self.run, number, bits) != self.cuts.has(number)
            }
        }
    }

    /// Writes the run that waits.
    pub(super) fn flush(&mut self, bits: &mut BitWriter<'_>, ac: &Huffman) -> Result<(), Error> {
        if let Some(size) = self.run.blocks.checked_ilog2() {
            symbol(bits, ac, (size << 4) as u8, self.run.blocks - (1 << size), size)?;
            for &bit in &self.corrections {
                bits.put(bit.into(), 1);
            }
            self.corrections.clear();
            self.run = Run::default();
        }
        Ok(())
    }
}

/// A band of a block as a scan sees it.
struct Band<'a> {
    scan: &'a Scan,
    block: &'a [i16; 64],
}

impl Band<'_> {
    fn value(&self, at: usize) -> i16 {
        self.block[usize::from(NATURAL[at])]
    }

    /// What scans up to this one give of a coefficient, without its sign.
    fn magnitude(&self, at: usize) -> u16 {
        self.value(at).unsigned_abs() >> self.scan.below
    }

    /// Whether this scan is the first one in which the coefficient is not zero.
    fn is_new(&self, at: usize) -> bool {
        let magnitude = self.magnitude(at);
        magnitude == 1 || magnitude > 1 && self.scan.above == 0
    }

    /// Writes the coefficients up to the last new one.
    fn write(&self, bits: &mut BitWriter<'_>, ac: &Huffman, newest: usize) -> Result<(), Error> {
        let (mut zeros, mut waiting, mut number) = (0, 0u64, 0);
        for at in self.scan.first..=newest {
            let magnitude = self.magnitude(at);
            if magnitude == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 {
                symbol(bits, ac, 0xF0, 0, 0)?;
                put_all(bits, &mut waiting, &mut number);
                zeros -= 16;
            }
            if !self.is_new(at) {
                waiting = waiting << 1 | u64::from(magnitude & 1);
                number += 1;
                continue;
            }
            let positive = self.value(at) > 0;
            if self.scan.above == 0 {
                value(bits, ac, zeros, if positive { magnitude.into() } else { -i32::from(magnitude) })?;
            } else {
                symbol(bits, ac, (zeros << 4 | 1) as u8, positive.into(), 1)?;
            }
            put_all(bits, &mut waiting, &mut number);
            zeros = 0;
        }
        Ok(())
    }

    /// Goes over so many coefficients that are zero so far and not new, up to the next such one, and gives the bits of
    /// the others.
    fn pass(&self, at: &mut usize, mut zeros: usize, mut give: impl FnMut(u32)) {
        while *at <= self.scan.last {
            match self.magnitude(*at) {
                0 if zeros == 0 => return,
                0 => zeros -= 1,
                magnitude => give(u32::from(magnitude & 1)),
            }
            *at += 1;
        }
    }
}

/// Writes up to 63 bits that wait.
fn put_all(bits: &mut BitWriter<'_>, waiting: &mut u64, number: &mut u32) {
    if *number > 32 {
        bits.put((*waiting >> 32) as u32, *number - 32);
        *number = 32;
    }
    bits.put(*waiting as u32, *number);
    (*waiting, *number) = (0, 0);
}
