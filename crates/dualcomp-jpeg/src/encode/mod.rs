//! Coefficients into entropy-coded segments.

mod progressive;
mod sequential;

use alloc::vec::Vec;

use crate::bits::BitWriter;
use crate::notes::{Listed, NO_RESTART, Notes};
use crate::scan::Scan;
use crate::walk::Walk;
use crate::{Coefficients, Error};
use progressive::{Bands, first_mean, refined_mean};

/// A coefficient that the table has no code for.
const NO_CODE: Error = Error::Invalid("a coefficient without a code");

/// Appends the entropy-coded segment of a scan. Stops when more than `most` bytes are written in all.
pub(crate) fn scan(
    out: &mut Vec<u8>,
    walk: &Walk,
    scan: &Scan,
    coefficients: &Coefficients,
    notes: &Notes,
    most: usize,
) -> Result<(), Error> {
    let mut encoder = Encoder {
        bits: BitWriter::new(out),
        notes,
        restarts: Listed::new(&notes.restarts),
        paddings: Listed::new(&notes.paddings),
        zero_runs: Listed::new(&notes.zero_runs),
        means: [0; 4],
        bands: Bands::new(notes),
        padded: 0,
        block: 0,
    };
    if encoder.units(walk, scan, coefficients, most)? {
        encoder.pad();
    } else {
        // The byte that is begun is in the skeleton.
        encoder.bits.flush();
    }
    if out.len() > most { Err(Error::LimitsExceeded) } else { Ok(()) }
}

struct Encoder<'a> {
    bits: BitWriter<'a>,
    notes: &'a Notes,
    restarts: Listed<'a, (u32, u8)>,
    paddings: Listed<'a, (u32, u8)>,
    zero_runs: Listed<'a, (u32, u8)>,
    /// The last mean of each component of the scan.
    means: [i32; 4],
    bands: Bands<'a>,
    /// How many bytes were completed.
    padded: u32,
    /// How many blocks were written.
    block: u32,
}

impl Encoder<'_> {
    /// Writes all units, or those before the segment breaks off. Returns whether it does not.
    fn units(&mut self, walk: &Walk, scan: &Scan, coefficients: &Coefficients, most: usize) -> Result<bool, Error> {
        let tables = walk.tables(scan);
        // Bands are of one component.
        let ac = tables[0].1;
        for unit in 0..scan.units() {
            if self.bits.written() > most {
                return Err(Error::LimitsExceeded);
            }
            if self.notes.blocks == Some(self.block) {
                self.bands.flush(&mut self.bits, ac)?;
                return Ok(false);
            }
            if scan.interval > 0 && unit > 0 && unit % scan.interval == 0 {
                let number = unit / scan.interval - 1;
                let code = self.restarts.find(number).unwrap_or((number % 8) as u8);
                if code < NO_RESTART {
                    self.bands.flush(&mut self.bits, ac)?;
                    self.restart(code);
                }
            }
            for (part, at) in scan.blocks(unit) {
                if self.notes.blocks == Some(self.block) {
                    self.bands.flush(&mut self.bits, ac)?;
                    return Ok(false);
                }
                let values = &coefficients.components[scan.parts[part].component].coefficients;
                // The lengths were checked.
                let values = values.get(at..at + 64).and_then(|block| block.try_into().ok());
                let values: &[i16; 64] = values.ok_or(Error::Invalid("too few coefficients"))?;
                let (dc, ac) = tables[part];
                let mean = &mut self.means[part];
                if !scan.progressive {
                    let extra = self.zero_runs.find(self.block).unwrap_or(0);
                    sequential::block(&mut self.bits, dc, ac, mean, values, extra)?;
                } else if scan.first > 0 {
                    let extra = self.zero_runs.find(self.block).unwrap_or(0);
                    self.bands.block(&mut self.bits, ac, scan, values, self.block, extra)?;
                } else if scan.above == 0 {
                    first_mean(&mut self.bits, dc, scan.below, mean, values)?;
                } else {
                    refined_mean(&mut self.bits, scan.below, values);
                }
                self.block += 1;
            }
        }
        self.bands.flush(&mut self.bits, ac)?;
        Ok(true)
    }

    /// Writes a marker RSTm.
    fn restart(&mut self, code: u8) {
        self.pad();
        self.bits.marker(0xD0 | code);
        self.means = [0; 4];
    }

    /// Completes a byte that is begun.
    fn pad(&mut self) {
        if self.bits.flush() == 0 {
            return;
        }
        let usual = if self.notes.padding { 0xFF } else { 0 };
        self.bits.pad(self.paddings.find(self.padded).unwrap_or(usual));
        self.padded += 1;
    }
}
