//! Planes of blocks, and what is known of a block's surroundings.

/// The size and the quantisation of a component's plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlaneShape {
    /// Blocks of a minimum coded unit, across and down.
    pub(crate) sampling: (u8, u8),
    /// Blocks of a row.
    pub(crate) blocks_wide: usize,
    /// Rows of blocks.
    pub(crate) blocks_high: usize,
    /// Steps of the coefficients, row by row.
    pub(crate) quantization: [u16; 64],
}

/// Coefficients of a block, row by row.
pub(crate) type Block = [i16; 64];

pub(crate) const EMPTY: Block = [0; 64];

/// The blocks of a plane that are coded together, and what later blocks need of them.
pub(crate) struct Plane<'a> {
    pub(crate) shape: &'a PlaneShape,
    pub(crate) rows: usize,
    pub(crate) blocks: &'a mut [Block],
    /// For each block, coefficients that are not zero: of neither the first row nor the first column, of the first row, of
    /// the first column.
    pub(crate) counts: Vec<[u8; 3]>,
    /// By how much the prediction of each constant coefficient was off, in steps.
    pub(crate) errors: Vec<f32>,
}

impl<'a> Plane<'a> {
    pub(crate) fn new(shape: &'a PlaneShape, blocks: &'a mut [Block]) -> Self {
        let (rows, count) = (blocks.len() / shape.blocks_wide.max(1), blocks.len());
        Self { shape, rows, blocks, counts: vec![[0; 3]; count], errors: vec![0.0; count] }
    }
}

/// Blocks around the one that is coded; those outside are empty.
pub(crate) struct Around {
    pub(crate) west: Block,
    pub(crate) north: Block,
    pub(crate) north_west: Block,
    pub(crate) north_east: Block,
    pub(crate) far_west: Block,
    pub(crate) far_north: Block,
    /// Whether there is a block to the west, and to the north.
    pub(crate) has: (bool, bool),
}

impl Around {
    #[inline(always)]
    pub(crate) fn new(plane: &Plane<'_>, x: usize, y: usize) -> Self {
        let wide = plane.shape.blocks_wide;
        let at = y * wide + x;
        let block = |exists: bool, back: usize| if exists { plane.blocks[at - back] } else { EMPTY };
        Self {
            west: block(x > 0, 1),
            north: block(y > 0, wide),
            north_west: block(x > 0 && y > 0, wide + 1),
            north_east: block(y > 0 && x + 1 < wide, wide.wrapping_sub(1)),
            far_west: block(x > 1, 2),
            far_north: block(y > 1, 2 * wide),
            has: (x > 0, y > 0),
        }
    }
}

/// Places of a row of a block with a border.
pub(crate) const SPACED: usize = 10;

impl Around {
    /// The sums of magnitudes to the west and to the north, without the constant, with a border of zeros.
    #[inline(always)]
    pub(crate) fn both(&self) -> [u32; SPACED * SPACED] {
        let mut sums = [0; SPACED * SPACED];
        for row in 0..8 {
            for column in 0..8 {
                let of = |block: &Block| i32::from(block[row * 8 + column]).unsigned_abs();
                sums[(row + 1) * SPACED + column + 1] = of(&self.west) + of(&self.north);
            }
        }
        sums[SPACED + 1] = 0;
        sums
    }
}

/// What earlier planes have at the place of a block.
pub(crate) struct Beside {
    /// The first plane's block at the corner, and whether it is of the same size.
    pub(crate) first: Block,
    pub(crate) same_size: bool,
    /// The mean magnitude of each coefficient of the first plane's blocks there.
    pub(crate) means: [f32; 64],
    /// The mean count of the first plane's blocks there.
    pub(crate) count: u32,
    /// The block of the second plane, if it has the size of this one, and its counts.
    pub(crate) second: Option<(Block, [u8; 3])>,
    /// Errors of the constant coefficients there.
    pub(crate) errors: [f32; 2],
}

impl Beside {
    #[inline(always)]
    pub(crate) fn new(earlier: &[Plane<'_>], this: &Plane<'_>, x: usize, y: usize) -> Self {
        let mut beside =
            Self { first: EMPTY, same_size: false, means: [0.0; 64], count: 0, second: None, errors: [0.0; 2] };
        let Some(first) = earlier.first() else { return beside };
        if first.blocks.is_empty() {
            return beside;
        }
        let (wide, high) = (first.shape.blocks_wide, first.rows);
        let scale = |of: u8, to: u8| (usize::from(of) / usize::from(to.max(1))).max(1);
        let across = scale(first.shape.sampling.0, this.shape.sampling.0);
        let down = scale(first.shape.sampling.1, this.shape.sampling.1);
        beside.same_size = wide == this.shape.blocks_wide && high == this.rows;
        let mut sums = [0i32; 64];
        for row in 0..down {
            for column in 0..across {
                let at = (y * down + row).min(high - 1) * wide + (x * across + column).min(wide - 1);
                for k in 0..64 {
                    sums[k] += i32::from(first.blocks[at][k]).abs();
                }
                beside.count += u32::from(first.counts[at][0]);
            }
        }
        let blocks = across * down;
        let share = 1.0 / blocks as f32;
        for k in 0..64 {
            beside.means[k] = sums[k] as f32 * share;
        }
        beside.count /= blocks as u32;
        let corner = (y * down).min(high - 1) * wide + (x * across).min(wide - 1);
        beside.first = first.blocks[corner];
        beside.errors[0] = first.errors[corner];
        if let Some(second) = earlier.get(1)
            && second.shape.blocks_wide == this.shape.blocks_wide
            && second.rows == this.rows
        {
            let at = y * wide_of(this) + x;
            beside.second = Some((second.blocks[at], second.counts[at]));
            beside.errors[1] = second.errors[at];
        }
        beside
    }
}

fn wide_of(plane: &Plane<'_>) -> usize {
    plane.shape.blocks_wide
}
