//! Where a JPEG file ends that other bytes follow.

/// Walks along the markers of a JPEG file in a longer byte string, as far as the bytes go, to the end of the image.
///
/// ```
/// use dualcomp_jpeg::{Extent, Extents};
///
/// let mut extents = Extents::new();
/// assert_eq!(extents.walk(b"\xFF\xD8\xFF\xE0"), Extent::Incomplete);
/// assert_eq!(extents.walk(b"\xFF\xD8\xFF\xE0\x00\x02 no marker"), Extent::NoJpeg);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Extents {
    at: usize,
    in_frame: bool,
    in_scan: bool,
}

/// What [`Extents::walk`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// No JPEG file, or one of a kind that [`parse`](crate::parse) refuses.
    NoJpeg,
    /// A JPEG file that goes on behind the bytes.
    Incomplete,
    /// A JPEG file of this many bytes.
    Complete(usize),
}

impl Extents {
    /// At the start of a file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that were walked over.
    #[must_use]
    pub fn walked(&self) -> usize {
        self.at
    }

    /// Goes on. `bytes` begin where the file does, and are those of the last call or more.
    ///
    /// Each byte is looked at once over all calls.
    pub fn walk(&mut self, bytes: &[u8]) -> Extent {
        const START: &[u8] = &[0xFF, 0xD8, 0xFF];
        if self.at == 0 {
            let known = bytes.len().min(START.len());
            if bytes[..known] != START[..known] {
                return Extent::NoJpeg;
            }
            if known < START.len() {
                return Extent::Incomplete;
            }
            self.at = 2;
        }
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            if self.in_scan {
                // Markers but RSTm end a scan (T.81 B.1.1.5); 0xFF with zero is data, and 0xFF may fill.
                let ends = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7 | 0xFF);
                let Some(found) = rest.windows(2).position(ends) else {
                    self.at = bytes.len().saturating_sub(1).max(self.at);
                    return Extent::Incomplete;
                };
                self.at += found;
                self.in_scan = false;
                continue;
            }
            match rest {
                [] | [0xFF] => return Extent::Incomplete,
                [0xFF, 0xFF, ..] => self.at += 1,
                [0xFF, 0xD9, ..] if self.in_frame => return Extent::Complete(self.at + 2),
                [0xFF, 0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF, ..] => return Extent::NoJpeg,
                [0xFF, marker @ 0xC0..=0xFE, ..] if !matches!(marker, 0xD0..=0xD9) => {
                    let Some(&[high, low]) = rest.get(2..4) else { return Extent::Incomplete };
                    let len = usize::from(u16::from_be_bytes([high, low]));
                    self.in_frame |= matches!(marker, 0xC0..=0xC2);
                    if len < 2 || (*marker == 0xDA && !self.in_frame) {
                        return Extent::NoJpeg;
                    }
                    self.in_scan = *marker == 0xDA;
                    self.at += 2 + len;
                }
                _ => return Extent::NoJpeg,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_end_where_the_image_does() {
        let file =
            b"\xFF\xD8\xFF\xE1\0\x05\xFF\xD9!\xFF\xC0\0\x04..\xFF\xDA\0\x03.\x12\xFF\0\xFF\xD3\x34\xFF\xFF\xC4\0\x02\
            \xFF\xDA\0\x02data\xFF\xD9behind";
        let len = file.len() - 6;
        assert_eq!(Extents::new().walk(file), Extent::Complete(len));
        let mut extents = Extents::new();
        for end in 0..len {
            assert_eq!(extents.walk(&file[..end]), Extent::Incomplete, "{end}");
            assert_eq!(Extents::new().walk(&file[..end]), Extent::Incomplete, "{end}");
        }
        assert_eq!(extents.walk(file), Extent::Complete(len));
        for other in [&b"\xFF\xD8 "[..], b"\xFF\xD8\xFF\xD9", b"\xFF\xD8\xFF\xDA\0\x02", b"\xFF\xD8\xFF\xC9\0\x02"] {
            assert_eq!(Extents::new().walk(other), Extent::NoJpeg);
        }
    }
}
