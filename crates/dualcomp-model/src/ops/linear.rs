//! Our own matrix product. The products are integers, so it gives the same result as tract's; it is faster for a few
//! rows, where tract's tiles waste seven eighths of the work, and for any number on processors with VNNI.

use fearless_simd::{Bytes as _, Level, Simd, SimdBase as _, SimdIntWiden as _, dispatch, i16x32, i32x16};
use tract_core::internal::*;

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
use super::vnni::Quads;
use super::{Kernel, values};
use crate::numerics::{LANES, chunks_mut};

/// Rows computed together, to load each weight once for all.
const GROUP: usize = 4;

/// x [B, K] i8 times weights [N, K] to [B, N'] i32, where N' is N rounded up to a multiple of 16 and K is one of 4.
#[derive(Debug)]
pub(crate) struct Linear {
    columns: usize,
    /// N'
    rows: usize,
    weights: Layout,
}

/// The weights in the order that the instructions of a processor ask for.
#[derive(Debug)]
enum Layout {
    Pairs(Pairs),
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    Quads(Quads),
}

impl Linear {
    /// A product that can be computed at `level`.
    pub(crate) fn new(weights: &[i8], columns: usize, level: Level) -> Self {
        let rows = (weights.len() / columns).next_multiple_of(LANES);
        let mut weights = weights.to_vec();
        weights.resize(rows * columns, 0);
        let pairs = || Layout::Pairs(Pairs::new(&weights, columns));
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        let weights = level.as_avx512().map_or_else(pairs, |_| Layout::Quads(Quads::new(&weights, columns)));
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
        let weights = {
            let _ = level;
            pairs()
        };
        Self { columns, rows, weights }
    }

    /// Whether this beats tract's product for any number of rows.
    pub(crate) fn is_fast_at(level: Level) -> bool {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        return level.as_avx512().is_some();
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
        {
            let _ = level;
            false
        }
    }
}

impl Kernel for Linear {
    type State = ();
    const NAME: &'static str = "Linear";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        tvec![(DatumType::I32, self.rows)]
    }

    fn run(&self, level: Level, (): &mut (), inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = values::<i8>(&inputs[0])?;
        let mut out = Tensor::zero::<i32>(&[x.len() / self.columns, self.rows])?;
        let mut view = out.try_as_plain_ram_mut()?;
        let y = view.as_slice_mut::<i32>()?;
        match &self.weights {
            Layout::Pairs(pairs) => pairs.multiply(level, x, y),
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Layout::Quads(quads) => quads.multiply(level.as_avx512().context("built for AVX-512")?, x, y),
        }
        Ok(tvec![out.into_tvalue()])
    }
}

/// A matrix [N, K], N a multiple of 16 and K of 2, for the product of two pairs of i16 that most processors have.
#[derive(Debug)]
struct Pairs {
    columns: usize,
    /// For each sixteen rows, for each two columns, the sixteen pairs.
    weights: Vec<[i16; 2 * LANES]>,
}

impl Pairs {
    fn new(weights: &[i8], columns: usize) -> Self {
        let block = |rows: &[i8]| -> Vec<[i16; 2 * LANES]> {
            let weight = |pair: usize, i: usize| i16::from(rows[i / 2 * columns + 2 * pair + i % 2]);
            (0..columns / 2).map(|pair| std::array::from_fn(|i| weight(pair, i))).collect()
        };
        Self { columns, weights: weights.chunks_exact(columns * LANES).flat_map(block).collect() }
    }

    fn multiply(&self, level: Level, x: &[i8], y: &mut [i32]) {
        let rows = self.weights.len() / (self.columns / 2) * LANES;
        let grouped = x.len() / (GROUP * self.columns) * GROUP;
        let (x, rest) = x.split_at(grouped * self.columns);
        let (y, y_rest) = y.split_at_mut(grouped * rows);
        let mut pairs = vec![[0; GROUP]; self.columns / 2];
        dispatch!(level, s => for (x, y) in x.chunks_exact(GROUP * self.columns).zip(y.chunks_exact_mut(GROUP * rows)) {
            self.rows::<GROUP, _>(s, x, &mut pairs, y);
        });
        let mut pairs = vec![[0]; self.columns / 2];
        dispatch!(level, s => for (x, y) in rest.chunks_exact(self.columns).zip(y_rest.chunks_exact_mut(rows)) {
            self.rows::<1, _>(s, x, &mut pairs, y);
        });
    }

    #[inline(always)]
    fn rows<const R: usize, S: Simd>(&self, s: S, x: &[i8], pairs: &mut [[i32; R]], y: &mut [i32]) {
        for (at, pair) in pairs.iter_mut().enumerate() {
            for row in 0..R {
                let x = &x[row * self.columns + 2 * at..][..2];
                pair[row] = i32::from(x[0]) & 0xffff | i32::from(x[1]) << 16;
            }
        }
        let blocks = self.weights.len() / pairs.len();
        let y = chunks_mut(y);
        for (n, block) in self.weights.chunks_exact(pairs.len()).enumerate() {
            let mut sums = [i32x16::splat(s, 0); R];
            for at in 0..pairs.len() {
                let (w, x) = (i16x32::load_array_ref(s, &block[at]), &pairs[at]);
                for row in 0..R {
                    sums[row] += i32x16::splat(s, x[row]).bitcast::<i16x32<S>>().pairwise_dot_product(w);
                }
            }
            for row in 0..R {
                sums[row].store_array(&mut y[row * blocks + n]);
            }
        }
    }
}
