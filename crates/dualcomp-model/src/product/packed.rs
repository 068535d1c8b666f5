//! A matrix as products read it.

use dualcomp_simd::{DotProduct, QUAD, Quads, offset};

use crate::lanes::{Chunk, LANES, chunked};
use crate::weights::Matrix;

/// A matrix [N, K], K a multiple of four, laid out for [`Products`]; N is filled up to a multiple of sixteen.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    /// K / 4
    pub(super) quads: usize,
    /// For each sixteen rows, for each part, for each four columns.
    pub(super) weights: Vec<Quads>,
    /// How many matrices add up to it: two where its own weights could overflow what an instruction has room for.
    pub(super) parts: usize,
    /// What a bias of 128 in x adds to each sum, negative.
    pub(super) bias: Vec<Chunk<i32>>,
    pub(super) scale: Vec<Chunk>,
    pub(super) dot: Option<DotProduct>,
    /// Whether much of x is zero.
    pub(super) sparse: bool,
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
}

/// Whether every instruction has room for products of these weights.
fn fits(weights: &[Quads]) -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return fits_pairs(weights);
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    {
        let _ = weights;
        true
    }
}

/// Whether pairs of products of these weights with unsigned bytes fit in 16 bits, whatever the bytes are: 255 times 128
/// does.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn fits_pairs(weights: &[Quads]) -> bool {
    weights.iter().flat_map(|quads| quads.0.as_chunks().0).all(|&[a, b]: &[i8; 2]| {
        let (a, b) = (i32::from(a), i32::from(b));
        a.max(0) + b.max(0) <= 128 && a.min(0) + b.min(0) >= -128
    })
}

/// Two matrices that add up to this one, none of whose weights is beyond 64.
fn halved(weights: &[Quads], quads: usize) -> Vec<Quads> {
    let half = |quads: &Quads| Quads(quads.0.map(|w| w >> 1));
    let rest = |quads: &Quads| Quads(quads.0.map(|w| w - (w >> 1)));
    weights.chunks_exact(quads).flat_map(|block| block.iter().map(half).chain(block.iter().map(rest))).collect()
}
