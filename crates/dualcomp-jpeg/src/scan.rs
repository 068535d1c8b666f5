//! Scan headers (T.81 B.2.3) and the order of the blocks of a scan (A.2).

use alloc::vec::Vec;

use crate::frame::Frame;

/// What a scan header says, with what it refers to.
#[derive(Clone)]
pub(crate) struct Scan {
    pub(crate) progressive: bool,
    pub(crate) parts: Vec<ScanPart>,
    /// The first coefficient, in zigzag order.
    pub(crate) first: usize,
    /// The last coefficient.
    pub(crate) last: usize,
    /// The bits below the one that the scan refines, plus one; 0 for a scan that gives coefficients first.
    pub(crate) above: u8,
    /// The bits that are left to later scans.
    pub(crate) below: u8,
    /// Units between restarts; 0 if there are none.
    pub(crate) interval: u32,
    units_wide: u32,
    units_high: u32,
    /// The blocks of a unit.
    cells: Vec<Cell>,
}

/// What a scan header says about a component.
#[derive(Clone)]
pub(crate) struct ScanPart {
    /// Its place in the frame header.
    pub(crate) component: usize,
    pub(crate) dc_table: usize,
    pub(crate) ac_table: usize,
    blocks_wide: u32,
    h: u32,
    v: u32,
}

/// A block of a unit.
#[derive(Clone, Copy)]
struct Cell {
    part: u8,
    x: u8,
    y: u8,
}

impl Scan {
    /// Reads what follows the length of a marker segment SOS. `None` if it makes no sense in this frame.
    pub(crate) fn read(frame: &Frame, interval: u32, segment: &[u8]) -> Option<Self> {
        let (&number, rest) = segment.split_first()?;
        if !(1..=4).contains(&number) {
            return None;
        }
        let (listed, rest) = rest.split_at_checked(2 * usize::from(number))?;
        let &[first, last, approximation, ..] = rest else { return None };
        let mut parts: Vec<ScanPart> = Vec::new();
        for listed in listed.chunks_exact(2) {
            let component = frame.parts.iter().position(|part| part.id == listed[0])?;
            if parts.iter().any(|part| part.component == component) {
                return None;
            }
            let part = &frame.parts[component];
            let (dc_table, ac_table) = (usize::from(listed[1] >> 4), usize::from(listed[1] & 15));
            let (h, v) = if number == 1 { (1, 1) } else { (u32::from(part.h), u32::from(part.v)) };
            parts.push(ScanPart { component, dc_table, ac_table, blocks_wide: part.blocks_wide, h, v });
        }
        // Sequential scans are read as whole ones whatever they say, as all decoders do.
        let (first, last, above, below) = if frame.progressive {
            (usize::from(first), usize::from(last), approximation >> 4, approximation & 15)
        } else {
            (0, 63, 0, 0)
        };
        let bands = if first == 0 { last == 0 || !frame.progressive } else { first <= last && number == 1 };
        if !bands || last > 63 || below > 13 || (above > 0 && above != below + 1) {
            return None;
        }
        let (units_wide, units_high) = if number == 1 {
            let part = &frame.parts[parts[0].component];
            (part.real_wide, part.real_high)
        } else {
            (frame.units_wide, frame.units_high)
        };
        let cells = parts.iter().zip(0..).flat_map(|(part, index)| {
            let row = move |y| (0..part.h as u8).map(move |x| Cell { part: index, x, y });
            (0..part.v as u8).flat_map(row)
        });
        let cells = cells.collect();
        let progressive = frame.progressive;
        Some(Self { progressive, parts, first, last, above, below, interval, units_wide, units_high, cells })
    }

    /// The number of units.
    pub(crate) fn units(&self) -> u32 {
        self.units_wide * self.units_high
    }

    /// The units of a row.
    pub(crate) fn row(&self) -> u32 {
        self.units_wide
    }

    /// The blocks of a unit: the place in `parts`, and where the component's coefficients of the block begin.
    #[inline]
    pub(crate) fn blocks(&self, unit: u32) -> impl Iterator<Item = (usize, usize)> + use<'_> {
        let (row, column) = (unit / self.units_wide, unit % self.units_wide);
        self.cells.iter().map(move |cell| {
            let part = &self.parts[usize::from(cell.part)];
            let (x, y) = (column * part.h + u32::from(cell.x), row * part.v + u32::from(cell.y));
            (usize::from(cell.part), 64 * (y as usize * part.blocks_wide as usize + x as usize))
        })
    }
}
