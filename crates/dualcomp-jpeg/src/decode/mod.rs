//! Entropy-coded segments into coefficients.

mod progressive;
mod sequential;

use crate::Coefficients;
use crate::bits::{BitReader, Place, Stop};
use crate::notes::{NO_RESTART, Notes};
use crate::scan::Scan;
use crate::walk::Walk;
use progressive::{Bands, first_mean, refined_mean};

/// Reads the entropy-coded segment behind a scan header, up to where it breaks off or more than about `most` things are
/// special. Returns what is special about it and where it ends; `None` if not even the first block can be read.
pub(crate) fn scan(
    data: &[u8],
    walk: &Walk,
    scan: &Scan,
    coefficients: &mut Coefficients,
    most: usize,
) -> Option<(Notes, usize)> {
    let mut decoder = Decoder {
        bits: BitReader::new(data, walk.at),
        notes: Notes::USUAL,
        means: [0; 4],
        bands: Bands::default(),
        paddings: 0,
        block: 0,
    };
    let mut good = (0, decoder.bits.place());
    match decoder.units(walk, scan, coefficients, most, &mut good) {
        Ok(()) => {
            decoder.pad();
            let end = decoder.bits.next_byte();
            Some((decoder.finish(scan, None), end))
        }
        Err(Stop) if good.0 == 0 => None,
        Err(Stop) => {
            let end = decoder.bits.byte_of(good.1);
            Some((decoder.finish(scan, Some(good.0)), end))
        }
    }
}

struct Decoder<'a> {
    bits: BitReader<'a>,
    notes: Notes,
    /// The last mean of each component of the scan.
    means: [i32; 4],
    bands: Bands,
    /// How many bytes were completed.
    paddings: u32,
    /// How many blocks were read.
    block: u32,
}

impl Decoder<'_> {
    /// Reads all units. `good` is set to the number of blocks that can be written again, and the place behind them.
    fn units(
        &mut self,
        walk: &Walk,
        scan: &Scan,
        coefficients: &mut Coefficients,
        most: usize,
        good: &mut (u32, Place),
    ) -> Result<(), Stop> {
        let tables = walk.tables(scan);
        for unit in 0..scan.units() {
            if scan.interval > 0 && unit > 0 && unit % scan.interval == 0 {
                self.restart(unit / scan.interval - 1)?;
            }
            if self.notes.len() > most {
                return Err(Stop);
            }
            for (part, at) in scan.blocks(unit) {
                let (dc, ac) = tables[part];
                let mean = &mut self.means[part];
                let values = &mut coefficients.components[scan.parts[part].component].coefficients;
                let values: &mut [i16; 64] =
                    values.get_mut(at..at + 64).and_then(|block| block.try_into().ok()).ok_or(Stop)?;
                if !scan.progressive {
                    let extra = sequential::block(&mut self.bits, dc, ac, mean, values)?;
                    self.zero_runs(extra);
                } else if scan.first > 0 {
                    let extra = self.bands.block(&mut self.bits, ac, scan, values, self.block)?;
                    self.zero_runs(extra);
                } else if scan.above == 0 {
                    first_mean(&mut self.bits, dc, scan.below, mean, values)?;
                } else {
                    refined_mean(&mut self.bits, scan.below, values)?;
                }
                self.block += 1;
                if !self.bands.pending() {
                    *good = (self.block, self.bits.place());
                }
            }
        }
        // A run that goes on behind the last block is not written again.
        if self.bands.pending() { Err(Stop) } else { Ok(()) }
    }

    fn zero_runs(&mut self, number: u8) {
        if number > 0 {
            self.notes.zero_runs.push((self.block, number));
        }
    }

    /// Reads the marker RSTm between two intervals, if it is there.
    fn restart(&mut self, number: u32) -> Result<(), Stop> {
        match self.bits.marker() {
            Some(found) => {
                if self.bands.pending() {
                    return Err(Stop);
                }
                self.pad();
                if u32::from(found) != number % 8 {
                    self.notes.restarts.push((number, found));
                }
                self.bits.pass_marker();
                self.means = [0; 4];
                self.bands.end(None);
            }
            None => self.notes.restarts.push((number, NO_RESTART)),
        }
        Ok(())
    }

    /// Notes the bits that complete a byte.
    fn pad(&mut self) {
        let (bits, len) = self.bits.padding();
        if len == 0 {
            return;
        }
        if self.paddings == 0 {
            self.notes.padding = bits & 1 != 0;
        }
        if bits != if self.notes.padding { (1 << len) - 1 } else { 0 } {
            self.notes.paddings.push((self.paddings, bits));
        }
        self.paddings += 1;
    }

    fn finish(mut self, scan: &Scan, blocks: Option<u32>) -> Notes {
        self.bands.end(None);
        let (habit, cuts) = self.bands.habit(scan.row());
        Notes { blocks, habit, cuts, ..self.notes }
    }
}
