//! Everything of a file but its coefficients, and the file made of both.

use alloc::vec::Vec;

use crate::notes::Notes;
use crate::progress::Progress;
use crate::walk::Walk;
use crate::{Coefficients, Error, Limits, encode};

/// Everything of a JPEG file but its coefficients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuild {
    /// The file without the entropy-coded segments that are made of coefficients.
    pub(crate) skeleton: Vec<u8>,
    /// One for each scan header in the skeleton.
    pub(crate) notes: Vec<Notes>,
    pub(crate) file_len: usize,
}

impl Rebuild {
    /// The bytes of the file.
    #[must_use]
    pub fn file_len(&self) -> u64 {
        self.file_len as u64
    }

    /// Bytes of memory of what it lists of scans that are not coded as usual.
    #[must_use]
    pub fn exception_bytes(&self) -> u64 {
        self.notes.iter().map(Notes::bytes).sum()
    }

    /// What the file says about its coefficients, which are left empty.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] and [`Error::Unsupported`] if it has no frame header that can be used, and
    /// [`Error::LimitsExceeded`] if the coefficients would take too much memory.
    pub fn layout(&self, limits: &Limits) -> Result<Coefficients, Error> {
        let mut walk = Walk::new();
        while walk.next_scan(&self.skeleton)?.is_some() {}
        let frame = walk.frame.as_ref().ok_or(NO_FRAME)?;
        frame.check(limits)?;
        Ok(frame.layout(&walk.quantization))
    }
}

/// A file without a picture.
pub(crate) const NO_FRAME: Error = Error::Invalid("no frame header");

/// Makes the file that [`parse`](crate::parse) was given.
///
/// # Errors
///
/// [`Error::Invalid`] and [`Error::Unsupported`] if the two do not go together, and [`Error::LimitsExceeded`] if the file
/// would be longer than [`Limits::max_file_bytes`].
pub fn rebuild(coefficients: &Coefficients, rebuild: &Rebuild, limits: &Limits) -> Result<Vec<u8>, Error> {
    if rebuild.file_len() > limits.max_file_bytes {
        return Err(Error::LimitsExceeded);
    }
    let out = assemble(coefficients, rebuild)?;
    if out.len() == rebuild.file_len { Ok(out) } else { Err(Error::Invalid("a file of another length")) }
}

/// Puts the scans between the parts of the skeleton.
pub(crate) fn assemble(coefficients: &Coefficients, rebuild: &Rebuild) -> Result<Vec<u8>, Error> {
    let skeleton = &rebuild.skeleton;
    let (mut walk, mut progress, mut out, mut copied) = (Walk::new(), Progress::new(), Vec::new(), 0);
    let mut notes = rebuild.notes.iter();
    while let Some(scan) = walk.next_scan(skeleton)? {
        let notes = notes.next().ok_or(Error::Invalid("too few notes"))?;
        if !notes.coded {
            continue;
        }
        let scan = scan.filter(|scan| progress.follows(scan)).ok_or(Error::Invalid("a scan out of order"))?;
        progress.advance(&scan);
        fits(coefficients, &walk)?;
        out.extend_from_slice(&skeleton[copied..walk.at]);
        copied = walk.at;
        encode::scan(&mut out, &walk, &scan, coefficients, notes, rebuild.file_len)?;
    }
    if notes.next().is_some() {
        return Err(Error::Invalid("too many notes"));
    }
    out.extend_from_slice(&skeleton[copied..]);
    Ok(out)
}

/// Checks that the coefficients are those of the frame.
fn fits(coefficients: &Coefficients, walk: &Walk) -> Result<(), Error> {
    let parts = &walk.frame.as_ref().ok_or(NO_FRAME)?.parts;
    let mut pairs = coefficients.components.iter().zip(parts);
    let fits = pairs.all(|(component, part)| {
        (component.blocks_wide, component.blocks_high) == (part.blocks_wide, part.blocks_high)
            && component.coefficients.len() == 64 * component.blocks()
    });
    if fits && coefficients.components.len() == parts.len() {
        Ok(())
    } else {
        Err(Error::Invalid("coefficients of another frame"))
    }
}
