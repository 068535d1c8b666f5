//! A file into its coefficients and everything else.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::notes::Notes;
use crate::progress::Progress;
use crate::rebuild::{NO_FRAME, Rebuild, rebuild};
use crate::walk::Walk;
use crate::{Coefficients, Error, Limits, decode, encode};

/// The coefficients of a file take at most so many times its bytes: a block of coefficients takes 128, and cannot be
/// coded in less than a bit; a quarter of a byte is already few for an empty one.
const MAX_PER_BYTE: u64 = 512;

/// Scans that cannot be read, at most; each may have taken the work of a whole one.
const MAX_RAW: usize = 16;

/// Takes a JPEG file apart.
///
/// The two results give the file back with [`rebuild`], which was tried before this returns.
///
/// # Errors
///
/// [`Error::Invalid`] and [`Error::Unsupported`] if the file cannot be taken apart or is not given back,
/// [`Error::LimitsExceeded`] if it would take too much memory.
pub fn parse(file: &[u8], limits: &Limits) -> Result<(Coefficients, Rebuild), Error> {
    if file.len() as u64 > limits.max_file_bytes {
        return Err(Error::LimitsExceeded);
    }
    let mut parts = Parts::read(file, limits)?;
    let mut made = parts.rebuild();
    if rebuild(&parts.coefficients, &made, limits).as_deref() != Ok(file) {
        parts.leave_wrong_scans()?;
        made = parts.rebuild();
        if rebuild(&parts.coefficients, &made, limits).as_deref() != Ok(file) {
            return Err(Error::Unsupported("the file is not given back"));
        }
    }
    if parts.coded().next().is_none() {
        return Err(Error::Unsupported("no scan is made of coefficients"));
    }
    let mut layout = made.layout(limits)?;
    for (component, found) in layout.components.iter_mut().zip(parts.coefficients.components) {
        component.coefficients = found.coefficients;
    }
    Ok((layout, made))
}

/// A file and what was found in it.
struct Parts<'a> {
    file: &'a [u8],
    coefficients: Coefficients,
    /// For each scan: the bytes of its entropy-coded segment, as far as it was read.
    segments: Vec<Range<usize>>,
    notes: Vec<Notes>,
}

impl<'a> Parts<'a> {
    /// Reads all scans.
    fn read(file: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let (mut walk, mut progress) = (Walk::new(), Progress::new());
        let mut coefficients = None;
        let (mut segments, mut notes) = (Vec::new(), Vec::new());
        let mut special = 0;
        while let Some(scan) = walk.next_scan(file)? {
            let coefficients = match &mut coefficients {
                Some(coefficients) => coefficients,
                None => coefficients.insert(room(file, &walk, limits)?),
            };
            // Exceptions take memory: a quarter of the file is more than they ever come to in a file worth it.
            let most = (file.len() / 4).saturating_sub(special) + 64;
            let scan = scan.filter(|scan| progress.follows(scan));
            let read = scan.and_then(|scan| Some((decode::scan(file, &walk, &scan, coefficients, most)?, scan)));
            let Some(((found, end), scan)) = read else {
                if notes.iter().filter(|notes: &&Notes| !notes.coded).count() >= MAX_RAW {
                    return Err(Error::Unsupported("scans that are not read"));
                }
                segments.push(walk.at..walk.at);
                notes.push(Notes::raw());
                continue;
            };
            progress.advance(&scan);
            special += found.len();
            segments.push(walk.at..end);
            notes.push(found);
            walk.at = end;
        }
        let coefficients = coefficients.ok_or(NO_FRAME)?;
        Ok(Self { file, coefficients, segments, notes })
    }

    /// Everything but the coefficients.
    fn rebuild(&self) -> Rebuild {
        let (mut skeleton, mut copied) = (Vec::new(), 0);
        for (segment, _) in self.coded() {
            skeleton.extend_from_slice(&self.file[copied..segment.start]);
            copied = segment.end;
        }
        skeleton.extend_from_slice(&self.file[copied..]);
        Rebuild { skeleton, notes: self.notes.clone(), file_len: self.file.len() }
    }

    fn coded(&self) -> impl Iterator<Item = (&Range<usize>, &Notes)> {
        self.segments.iter().zip(&self.notes).filter(|(_, notes)| notes.coded)
    }

    /// Finds the scans that are not given back, and leaves them in the skeleton.
    fn leave_wrong_scans(&mut self) -> Result<(), Error> {
        let (mut walk, mut out) = (Walk::new(), Vec::new());
        for (segment, notes) in self.segments.iter().zip(&mut self.notes) {
            let scan = walk.next_scan(self.file)?.flatten();
            let (true, Some(scan)) = (notes.coded, scan) else { continue };
            out.clear();
            let made = encode::scan(&mut out, &walk, &scan, &self.coefficients, notes, segment.len());
            if made.is_err() || out != self.file[segment.clone()] {
                *notes = Notes::raw();
            }
            walk.at = segment.end;
        }
        Ok(())
    }
}

/// Room for the coefficients of the frame.
fn room(file: &[u8], walk: &Walk, limits: &Limits) -> Result<Coefficients, Error> {
    let frame = walk.frame.as_ref().ok_or(NO_FRAME)?;
    frame.check(limits)?;
    let most = Limits::default().with_max_coefficient_bytes(MAX_PER_BYTE * file.len() as u64);
    frame.check(&most).map_err(|_| Error::Unsupported("far more blocks than bytes"))?;
    let mut room = frame.layout(&walk.quantization);
    for component in &mut room.components {
        component.coefficients = vec![0; 64 * component.blocks()];
    }
    Ok(room)
}

/// What a file says about its coefficients, which are left empty: looks at no scan.
///
/// # Errors
///
/// [`Error::Invalid`] and [`Error::Unsupported`] if [`parse`] would give them for the same reason.
pub fn layout(file: &[u8]) -> Result<Coefficients, Error> {
    let mut walk = Walk::new();
    walk.next_scan(file)?;
    let frame = walk.frame.as_ref().ok_or(NO_FRAME)?;
    Ok(frame.layout(&walk.quantization))
}
