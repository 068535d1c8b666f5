//! Which bits of which coefficients the scans so far have given (T.81 G.1.1.1).

use crate::scan::Scan;

/// Keeps that each bit of a coefficient is given once, and by which scan.
pub(crate) struct Progress {
    /// For each coefficient of each component: the bits that are left to later scans, or [`NONE`].
    below: [[u8; 64]; 4],
}

/// No scan yet.
const NONE: u8 = 0xFF;

impl Progress {
    pub(crate) fn new() -> Self {
        Self { below: [[NONE; 64]; 4] }
    }

    /// Whether a scan gives bits that are the next ones of all its coefficients.
    pub(crate) fn follows(&self, scan: &Scan) -> bool {
        let before = if scan.above == 0 { NONE } else { scan.above };
        let mut bands = scan.parts.iter().map(|part| &self.below[part.component][scan.first..=scan.last]);
        bands.all(|band| band.iter().all(|&below| below == before))
    }

    /// Notes what a scan has given.
    pub(crate) fn advance(&mut self, scan: &Scan) {
        for part in &scan.parts {
            self.below[part.component][scan.first..=scan.last].fill(scan.below);
        }
    }
}
