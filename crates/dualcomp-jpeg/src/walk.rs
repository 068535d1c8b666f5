//! Marker segments (T.81 B.1.1, B.2): the way through a file, or through what is left of it without its scans.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::Error;
use crate::frame::Frame;
use crate::huffman::{EMPTY, Huffman};
use crate::scan::{Scan, ScanPart};
use crate::zigzag::NATURAL;

/// Goes from scan to scan and keeps what the segments between them define.
///
/// The same walk serves for a file and for its skeleton, the file without the entropy-coded segments: what follows a
/// scan header is skipped up to the next marker, be it there or not.
pub(crate) struct Walk {
    /// Where the next segment is sought.
    pub(crate) at: usize,
    pub(crate) frame: Option<Frame>,
    dc_tables: [Option<Box<Huffman>>; 4],
    ac_tables: [Option<Box<Huffman>>; 4],
    /// The quantization tables, row by row.
    steps: [[u16; 64]; 4],
    /// Of each component: the table in effect when its first scan began (T.81 B.2.4.1).
    pub(crate) quantization: [[u16; 64]; 4],
    scanned: [bool; 4],
    interval: u32,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self {
            at: 0,
            frame: None,
            dc_tables: [const { None }; 4],
            ac_tables: [const { None }; 4],
            steps: [[0; 64]; 4],
            quantization: [[0; 64]; 4],
            scanned: [false; 4],
            interval: 0,
        }
    }

    /// Goes on to behind the next scan header. `None` behind the last one, and `Some(None)` for a header that makes
    /// no sense.
    pub(crate) fn next_scan(&mut self, data: &[u8]) -> Result<Option<Option<Scan>>, Error> {
        if self.at == 0 {
            if !data.starts_with(&[0xFF, 0xD8, 0xFF]) {
                return Err(Error::Invalid("it does not begin as a JPEG file"));
            }
            self.at = 2;
        }
        while let Some((marker, segment)) = self.next_segment(data) {
            match marker {
                0xC4 => self.huffman(segment),
                0xC0..=0xC2 => {
                    if self.frame.is_some() {
                        return Err(Error::Unsupported("more than one frame"));
                    }
                    self.frame = Some(Frame::read(marker == 0xC2, segment)?);
                }
                0xC3 | 0xC5..=0xC7 | 0xCD..=0xCF => return Err(Error::Unsupported("lossless or hierarchical")),
                0xC9..=0xCB => return Err(Error::Unsupported("arithmetic coding")),
                0xDB => self.steps(segment),
                0xDD => {
                    if let &[high, low, ..] = segment {
                        self.interval = u16::from_be_bytes([high, low]).into();
                    }
                }
                0xDA => {
                    let frame = self.frame.as_ref().ok_or(Error::Invalid("a scan before the frame header"))?;
                    let scan = Scan::read(frame, self.interval, segment);
                    for part in scan.iter().flat_map(|scan| &scan.parts) {
                        if !core::mem::replace(&mut self.scanned[part.component], true) {
                            let table = usize::from(frame.parts[part.component].table);
                            self.quantization[part.component] = self.steps.get(table).copied().unwrap_or([0; 64]);
                        }
                    }
                    return Ok(Some(scan));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// The Huffman tables of the components of a scan, for means and for other coefficients.
    pub(crate) fn tables(&self, scan: &Scan) -> Vec<(&Huffman, &Huffman)> {
        let pick = |part: &ScanPart| (table(&self.dc_tables, part.dc_table), table(&self.ac_tables, part.ac_table));
        scan.parts.iter().map(pick).collect()
    }

    /// The next marker and what follows the length of its segment. `None` at the end of the image or of the data.
    pub(crate) fn next_segment<'a>(&mut self, data: &'a [u8]) -> Option<(u8, &'a [u8])> {
        loop {
            let rest = data.get(self.at..)?;
            let found = rest.windows(2).position(|pair| pair[0] == 0xFF && pair[1] != 0 && pair[1] != 0xFF)?;
            let marker = rest[found + 1];
            self.at += found + 2;
            match marker {
                // Markers without a segment: TEM, RSTm, SOI (T.81 table B.1).
                0x01 | 0xD0..=0xD8 => {}
                0xD9 => return None,
                _ => {
                    let rest = &data[self.at..];
                    let len = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
                    let segment = rest.get(2..len)?;
                    self.at += len;
                    return Some((marker, segment));
                }
            }
        }
    }

    /// Reads a segment DHT (T.81 B.2.4.2). A table that is none makes its place empty.
    fn huffman(&mut self, mut segment: &[u8]) {
        while let Some((head, symbols)) = segment.split_first_chunk::<17>() {
            let [class, counts @ ..] = head;
            let number = counts.iter().map(|&count| usize::from(count)).sum();
            let Some((symbols, rest)) = symbols.split_at_checked(number) else { return };
            let tables = if class >> 4 == 0 { &mut self.dc_tables } else { &mut self.ac_tables };
            if let Some(table) = tables.get_mut(usize::from(class & 15)) {
                *table = Huffman::new(counts, symbols).map(Box::new);
            }
            segment = rest;
        }
    }

    /// Reads a segment DQT (T.81 B.2.4.1).
    fn steps(&mut self, mut segment: &[u8]) {
        while let Some((&class, values)) = segment.split_first() {
            let wide = class >> 4 != 0;
            let Some((values, rest)) = values.split_at_checked(if wide { 128 } else { 64 }) else { return };
            if let Some(table) = self.steps.get_mut(usize::from(class & 15)) {
                for (place, &natural) in NATURAL.iter().enumerate() {
                    table[usize::from(natural)] = match wide {
                        true => u16::from_be_bytes([values[2 * place], values[2 * place + 1]]),
                        false => values[place].into(),
                    };
                }
            }
            segment = rest;
        }
    }
}

/// A table, or one without codes where there is none.
fn table(tables: &[Option<Box<Huffman>>; 4], place: usize) -> &Huffman {
    tables.get(place).and_then(Option::as_deref).unwrap_or(&EMPTY)
}
