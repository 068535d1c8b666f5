//! Classes of numbers around a sample that pick counters and weights (docs/spec/image.md, sections 6.3 and 7.1;
//! docs/spec/drawn.md, section 5). Their bounds were set by hand.

/// The largest residual that has a class of its own.
const LARGEST: i32 = 20;
/// Classes of the residual of the channel before.
pub(crate) const RESIDUALS: usize = 2 * LARGEST as usize + 2;
/// Classes of the disagreement of two predictions.
pub(crate) const DISAGREEMENTS: usize = 16;
/// Classes of a spread.
pub(crate) const SPREADS: usize = 16;

/// The class of a residual, below [`RESIDUALS`]. The first channel has none, and the class 0.
#[inline(always)]
pub(crate) fn residual_class(residual: i32) -> usize {
    (residual.clamp(-LARGEST, LARGEST) + LARGEST + 1) as usize
}

/// The class, below [`DISAGREEMENTS`], of what a prediction is above another one whose distribution has this spread.
#[inline(always)]
pub(crate) fn disagreement(above: i32, spread: u32) -> usize {
    let size = (above.unsigned_abs() * 2 / spread.max(4)).min(DISAGREEMENTS as u32 / 2 - 1);
    (size * 2 + u32::from(above < 0)) as usize
}

/// The class of a spread: its length in bits, below [`SPREADS`].
#[inline(always)]
pub(crate) fn spread_class(spread: u32) -> usize {
    spread.ilog2().min(SPREADS as u32 - 1) as usize
}
