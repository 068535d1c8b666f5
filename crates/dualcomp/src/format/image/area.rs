//! Rectangles in an image.

/// A rectangle in an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Area {
    /// The first column.
    pub left: u32,
    /// The first row.
    pub top: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Area {
    pub(crate) fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// What both have in common, of width or height 0 if nothing.
    pub(crate) fn overlap(&self, other: &Self) -> Self {
        let (left, width) = overlap((self.left, self.width), (other.left, other.width));
        let (top, height) = overlap((self.top, self.height), (other.top, other.height));
        Self { left, top, width, height }
    }

    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// Start and length of what two ranges, given so too, have in common.
fn overlap(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    let start = a.0.max(b.0);
    let end = a.0.saturating_add(a.1).min(b.0.saturating_add(b.1));
    (start, end.saturating_sub(start))
}
