//! Products of int8 vectors and matrices (docs/spec/numerics.md section 1): integers, so the order of the sums is free and
//! every instruction set may have its own way.

mod batch;
mod level;
#[cfg(any(target_arch = "aarch64", test))]
pub(crate) mod neon;
#[cfg(not(target_arch = "aarch64"))]
pub(crate) mod pairs;
mod sums;
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod x86;

pub(crate) use batch::Batch;
pub(crate) use level::at_level;

use dualcomp_simd::{DotProduct, offset};
pub(crate) use dualcomp_simd::{QUAD, Quads};
use fearless_simd::{Simd, SimdBase as _, SimdNarrow as _, SimdSplit as _, i32x16};

use crate::numerics::{Chunk, LANES, chunked};
use crate::weights::Matrix;

/// How a processor multiplies.
pub(crate) trait Products: Simd {
    /// What is to be added, modulo 256, to the int8 numbers that a product takes. A [`DotProduct`] takes the same.
    const BIAS: u8;
    /// Whether [`DotProduct`] is faster, where the processor has it.
    const DOT: bool;
    /// Four numbers of x, sixteen times.
    type Factor: Copy;
    /// Sixteen sums on their way.
    type Sum: Copy;

    /// Spreads four numbers of x, given as they lie in memory.
    fn factor(self, x: i32) -> Self::Factor;
    /// Sums that begin at zero. `bias` takes off again what [`Self::BIAS`] adds.
    fn zero(self, bias: &Chunk<i32>) -> Self::Sum;
    /// Adds sixteen dot products of four numbers.
    fn dot(self, sum: Self::Sum, w: &Quads, x: Self::Factor) -> Self::Sum;
    /// The sums.
    fn sum(self, sum: Self::Sum) -> i32x16<Self>;
    /// The low bytes of `bits`, none further than 127 from those of `zero`.
    fn low_bytes(self, bits: i32x16<Self>, zero: i32) -> [i8; LANES];
    /// Computes all rows of a batch, in tiles that suit the number of registers.
    fn tiles(self, batch: &mut Batch<'_>);
}

/// A matrix [N, K], K a multiple of four, laid out for [`Products`]; N is filled up to a multiple of sixteen.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    /// K / 4
    quads: usize,
    /// For each sixteen rows, for each part, for each four columns.
    weights: Vec<Quads>,
    /// How many matrices add up to it: two where its own weights could overflow what an instruction has room for.
    parts: usize,
    /// What a bias of 128 in x adds to each sum, negative.
    bias: Vec<Chunk<i32>>,
    scale: Vec<Chunk>,
    dot: Option<DotProduct>,
    /// Whether much of x is zero.
    sparse: bool,
}

impl Packed {
    pub(crate) fn new(matrix: &Matrix) -> Self {
        Self::with(matrix, DotProduct::best())
    }

    /// For x that is never negative, given without [`Products::BIAS`], and often zero.
    pub(crate) fn sparse(matrix: &Matrix) -> Self {
        let packed = Self::new(matrix);
        Self { bias: vec![Chunk([0; LANES]); packed.bias.len()], sparse: true, ..packed }
    }

    /// The same, multiplied by the instructions of the level alone.
    #[cfg(test)]
    pub(crate) fn plain(matrix: &Matrix) -> Self {
        Self::with(matrix, None)
    }

    fn with(matrix: &Matrix, dot: Option<DotProduct>) -> Self {
        let columns = matrix.columns;
        let quads = columns / QUAD;
        let rows: Vec<&[i8]> = matrix.weights.chunks_exact(columns).collect();
        let mut weights = vec![Quads([0; QUAD * LANES]); quads * rows.len().div_ceil(LANES)];
        for (at, row) in rows.iter().enumerate() {
            let block = &mut weights[at / LANES * quads..][..quads];
            for (block, quad) in block.iter_mut().zip(row.as_chunks::<QUAD>().0) {
                block.0[at % LANES * QUAD..][..QUAD].copy_from_slice(quad);
            }
        }
        let bias = weights.chunks_exact(quads).map(|block| Chunk(offset(block))).collect();
        let mut parts = 1;
        if dot.is_none() && !fits(&weights) {
            (parts, weights) = (2, halved(&weights, quads));
        }
        Self { quads, weights, parts, bias, scale: chunked(&matrix.scale), dot, sparse: false }
    }

    /// Whether one matrix is enough on every processor.
    #[cfg(all(test, any(target_arch = "x86", target_arch = "x86_64")))]
    pub(crate) fn is_whole(&self) -> bool {
        self.parts == 1
    }

    /// Chunks of a row of the result.
    pub(crate) fn width(&self) -> usize {
        self.scale.len()
    }

    /// Numbers in a row of x.
    pub(crate) fn columns(&self) -> usize {
        self.quads * QUAD
    }

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
                    _ => s.tiles(&mut batch),
                }
            },
        );
    }
}

/// Whether every instruction has room for products of these weights.
fn fits(weights: &[Quads]) -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return x86::fits_pairs(weights);
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    {
        let _ = weights;
        true
    }
}

/// Two matrices that add up to this one, none of whose weights is beyond 64.
fn halved(weights: &[Quads], quads: usize) -> Vec<Quads> {
    let half = |quads: &Quads| Quads(quads.0.map(|w| w >> 1));
    let rest = |quads: &Quads| Quads(quads.0.map(|w| w - (w >> 1)));
    weights.chunks_exact(quads).flat_map(|block| block.iter().map(half).chain(block.iter().map(rest))).collect()
}

/// Numbers that fit in bytes.
#[inline(always)]
pub(crate) fn narrowed<S: Simd>(x: i32x16<S>) -> [i8; LANES] {
    let (low, high) = x.split();
    let (low, high) = low.saturating_narrow(high).split();
    low.saturating_narrow(high).to_array()
}
