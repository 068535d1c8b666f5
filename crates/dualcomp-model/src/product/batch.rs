//! All rows of a product, in tiles that suit the registers.

use dualcomp_simd::{DotProduct, QUAD, Quads};
use fearless_simd::{SimdInt as _, f32x16, i32x16};

use super::packed::Packed;
use super::processor::{Products, Tiles};
use super::sums::{sparse_sums, sums};
use crate::lanes::{Chunk, load, store};

/// Blocks of columns of the result whose sums fill the registers for one row.
const SIX: usize = 6;

impl Packed {
    /// The product of each row of x [B, K] as real numbers [B, N] (section 3).
    pub(crate) fn multiply<S: Products>(&self, s: S, x: &[i8], y: &mut [Chunk]) {
        self.batch(s, x, y, false);
    }

    /// As [`Self::multiply`], added to what y holds.
    pub(crate) fn multiply_add<S: Products>(&self, s: S, x: &[i8], y: &mut [Chunk]) {
        self.batch(s, x, y, true);
    }

    #[inline(never)]
    fn batch<S: Products>(&self, s: S, x: &[i8], y: &mut [Chunk], add: bool) {
        const { assert!(!S::DOT || S::BIAS == DotProduct::BIAS, "both take the same x") };
        let x = x.as_chunks().0;
        s.vectorize(
            #[inline(always)]
            || {
                let mut batch = Batch::new(self, x, y, add);
                match self.dot {
                    Some(dot) if S::DOT && dot.is_wide() => batch.wide(s, self.dot),
                    Some(_) if S::DOT => batch.narrow(s, self.dot),
                    _ if self.sparse && batch.is_single() => batch.sparse(s),
                    _ => batch.tiles(s),
                }
            },
        );
    }
}

/// Rows to multiply with a matrix.
struct Batch<'a> {
    matrix: &'a Packed,
    x: &'a [[i8; QUAD]],
    y: &'a mut [Chunk],
    add: bool,
    rows: usize,
    done: usize,
}

impl<'a> Batch<'a> {
    /// The rows of x, the product of each in place of a row of y, or added to it.
    fn new(matrix: &'a Packed, x: &'a [[i8; QUAD]], y: &'a mut [Chunk], add: bool) -> Self {
        Self { matrix, rows: x.len() / matrix.quads, done: 0, x, y, add }
    }

    /// Whether [`Self::sparse`] can do all of it.
    fn is_single(&self) -> bool {
        self.rows == 1 && self.has_sixes()
    }

    /// All rows, in the tiles of the instruction set.
    #[inline(always)]
    fn tiles<S: Products>(&mut self, s: S) {
        match S::TILES {
            Tiles::Wide => self.wide(s, None),
            Tiles::Narrow => self.narrow(s, None),
            Tiles::Two => {
                self.group::<S, 2, 2>(s, None);
                self.single(s, None);
            }
            Tiles::One => self.group::<S, 1, 1>(s, None),
        }
    }

    /// All rows, in tiles for 32 registers of sixteen sums: enough to hide an instruction's latency.
    #[inline(always)]
    fn wide<S: Products>(&mut self, s: S, dot: Option<DotProduct>) {
        self.group::<S, 8, 2>(s, dot);
        if self.has_sixes() {
            self.group::<S, 4, SIX>(s, dot);
            self.group::<S, 2, SIX>(s, dot);
        } else {
            self.group::<S, 4, 4>(s, dot);
            self.group::<S, 2, 4>(s, dot);
        }
        self.single(s, dot);
    }

    /// All rows, in tiles for registers that hold a quarter or an eighth of that.
    #[inline(always)]
    fn narrow<S: Products>(&mut self, s: S, dot: Option<DotProduct>) {
        self.group::<S, 4, 1>(s, dot);
        self.single(s, dot);
    }

    /// The rows that are left, one by one.
    #[inline(always)]
    fn single<S: Products>(&mut self, s: S, dot: Option<DotProduct>) {
        if self.has_sixes() {
            self.group::<S, 1, SIX>(s, dot);
        } else {
            self.group::<S, 1, 4>(s, dot);
        }
    }

    /// Whether six blocks of the result at a time leave none over.
    #[inline(always)]
    fn has_sixes(&self) -> bool {
        self.matrix.width().is_multiple_of(SIX)
    }

    /// As many of the rows that are left as fill groups of `R`, `N` blocks of sixteen columns of the result at a time
    /// as long as there are so many. Weights are loaded once for `R` rows, and from the first cache for the others.
    #[inline(always)]
    fn group<S: Products, const R: usize, const N: usize>(&mut self, s: S, dot: Option<DotProduct>) {
        let end = self.done + (self.rows - self.done) / R * R;
        let blocks = self.matrix.width();
        let mut block = 0;
        while block < blocks {
            let size = if block + N <= blocks { N } else { 1 };
            let mut row = self.done;
            while row < end {
                if size == N {
                    self.tile::<S, R, N>(s, dot, row, block);
                } else {
                    self.tile::<S, R, 1>(s, dot, row, block);
                }
                row += R;
            }
            block += size;
        }
        self.done = end;
    }

    #[inline(always)]
    fn tile<S: Products, const R: usize, const N: usize>(
        &mut self,
        s: S,
        dot: Option<DotProduct>,
        row: usize,
        block: usize,
    ) {
        let quads = self.matrix.quads;
        // Slices of one length, which the compiler sees, are not checked in the loop.
        let mut x: [&[[i8; QUAD]]; R] = [&[]; R];
        let mut rest = &self.x[row * quads..];
        for r in 0..R {
            (x[r], rest) = rest.split_at(quads);
        }
        let mut weights: [&[Quads]; N] = [&[]; N];
        let depth = quads * self.matrix.parts;
        for n in 0..N {
            weights[n] = &self.matrix.weights[(block + n) * depth..][..depth];
        }
        let sums = sums(s, dot, weights, x, &self.matrix.bias[block..][..N]);
        self.put(s, sums, row, block);
    }

    /// The only row, of which [`SIX`] blocks of columns of the result are computed at a time from what is not zero in x.
    #[inline(always)]
    fn sparse<S: Products>(&mut self, s: S) {
        let depth = self.matrix.quads * self.matrix.parts;
        for block in (0..self.matrix.width()).step_by(SIX) {
            let mut weights: [&[Quads]; SIX] = [&[]; SIX];
            for n in 0..SIX {
                weights[n] = &self.matrix.weights[(block + n) * depth..][..depth];
            }
            self.put(s, sparse_sums(s, weights, self.x), 0, block);
        }
        self.done = 1;
    }

    /// Scales sums of `R` rows and `N` blocks of columns.
    #[inline(always)]
    fn put<S: Products, const R: usize, const N: usize>(
        &mut self,
        s: S,
        sums: [[i32x16<S>; R]; N],
        row: usize,
        block: usize,
    ) {
        let blocks = self.matrix.width();
        let scale = &self.matrix.scale[block..][..N];
        let mut rest = &mut self.y[row * blocks..];
        for r in 0..R {
            let y;
            (y, rest) = rest.split_at_mut(blocks);
            let y = &mut y[block..][..N];
            for n in 0..N {
                let product = sums[n][r].to_float::<f32x16<S>>() * load(s, &scale[n]);
                store(if self.add { load(s, &y[n]) + product } else { product }, &mut y[n]);
            }
        }
    }
}
