//! A matrix product for a few rows. tract's tiles are made for many and waste seven eighths of the work on one; the
//! products are integers, so both ways give the same result.

use fearless_simd::{Bytes as _, Level, Simd, SimdBase as _, SimdIntWiden as _, dispatch, i16x32, i32x16};
use tract_core::internal::*;

use super::{Kernel, values};
use crate::numerics::{LANES, chunks_mut};

/// Rows computed together, to load each weight once for all.
const GROUP: usize = 4;

/// x [B, K] i8 times weights [N, K] to [B, N] i32; N is a multiple of 16 and K of 2.
#[derive(Debug)]
pub(crate) struct Linear {
    columns: usize,
    /// For each sixteen rows of the matrix, for each two columns, the sixteen pairs.
    pairs: Vec<[i16; 2 * LANES]>,
}

impl Linear {
    pub(crate) fn new(weights: &[i8], columns: usize) -> Self {
        let block = |rows: &[i8]| -> Vec<[i16; 2 * LANES]> {
            (0..columns / 2)
                .map(|pair| std::array::from_fn(|i| i16::from(rows[i / 2 * columns + 2 * pair + i % 2])))
                .collect()
        };
        Self { columns, pairs: weights.chunks_exact(columns * LANES).flat_map(block).collect() }
    }

    #[inline(always)]
    fn rows<const R: usize, S: Simd>(&self, s: S, x: &[i8], pairs: &mut [[i32; R]], y: &mut [i32]) {
        for (at, pair) in pairs.iter_mut().enumerate() {
            for (row, pair) in pair.iter_mut().enumerate() {
                let x = &x[row * self.columns + 2 * at..][..2];
                *pair = i32::from(x[0]) & 0xffff | i32::from(x[1]) << 16;
            }
        }
        let blocks = self.pairs.len() / pairs.len();
        let y = chunks_mut(y);
        for (n, block) in self.pairs.chunks_exact(pairs.len()).enumerate() {
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

impl Kernel for Linear {
    type State = ();
    const NAME: &'static str = "Linear";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        tvec![(DatumType::I32, self.pairs.len() / (self.columns / 2) * LANES)]
    }

    fn run(&self, level: Level, (): &mut (), inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let x = values::<i8>(&inputs[0])?;
        let rows = self.outputs()[0].1;
        let mut out = Tensor::zero::<i32>(&[x.len() / self.columns, rows])?;
        let mut view = out.try_as_plain_ram_mut()?;
        let y = view.as_slice_mut::<i32>()?;
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
        Ok(tvec![out.into_tvalue()])
    }
}
