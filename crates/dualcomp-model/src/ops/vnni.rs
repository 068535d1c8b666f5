//! The product of [`Linear`](super::linear::Linear) with the byte dot products of AVX-512 VNNI, four columns in one
//! instruction. The instruction takes an unsigned and a signed factor: weights are stored with 128 added, and 128
//! times the sum of x is taken off.

use fearless_simd::x86::Avx512;
use fearless_simd::{Simd as _, SimdBase as _, i8x64, i32x16, u8x64};

use crate::numerics::{LANES, chunks_mut};

/// Columns in one instruction.
const QUAD: usize = 4;
/// Rows of x, and blocks of sixteen rows of the matrix, computed together: enough sums to hide the instruction's
/// latency, few enough to stay in registers.
const MANY: (usize, usize) = (8, 2);
const ONE: (usize, usize) = (1, 8);

fearless_simd::kernel!(
    /// Adds the dot products of four unsigned and four signed bytes to each sum.
    #[inline(always)]
    fn dot(token: Avx512, sum: i32x16<Avx512>, w: u8x64<Avx512>, x: i8x64<Avx512>) -> i32x16<Avx512> {
        use fearless_simd::SimdInto as _;
        #[cfg(target_arch = "x86")]
        use std::arch::x86::_mm512_dpbusd_epi32;
        #[cfg(target_arch = "x86_64")]
        use std::arch::x86_64::_mm512_dpbusd_epi32;
        _mm512_dpbusd_epi32(sum.into(), w.into(), x.into()).simd_into(token)
    }
);

/// A matrix [N, K], N a multiple of 16 and K of 4.
#[derive(Debug)]
pub(crate) struct Quads {
    columns: usize,
    /// For each sixteen rows, for each four columns, the sixteen quadruples, 128 added.
    weights: Vec<[u8; QUAD * LANES]>,
}

impl Quads {
    pub(crate) fn new(weights: &[i8], columns: usize) -> Self {
        let block = |rows: &[i8]| -> Vec<[u8; QUAD * LANES]> {
            let weight = |quad: usize, i: usize| rows[i / QUAD * columns + QUAD * quad + i % QUAD];
            let quads = 0..columns / QUAD;
            quads.map(|quad| std::array::from_fn(|i| weight(quad, i) as u8 ^ 0x80)).collect()
        };
        Self { columns, weights: weights.chunks_exact(columns * LANES).flat_map(block).collect() }
    }

    /// x [B, K] times the matrix to y [B, N].
    pub(crate) fn multiply(&self, token: Avx512, x: &[i8], y: &mut [i32]) {
        let quads = self.columns / QUAD;
        let n = self.weights.len() / quads * LANES;
        // Broadcast as they are: four bytes of x as one number.
        let quad = |q: &[i8; QUAD]| i32::from_ne_bytes([q[0] as u8, q[1] as u8, q[2] as u8, q[3] as u8]);
        let x: Vec<i32> = x.as_chunks().0.iter().map(quad).collect();
        let many = x.len() / (MANY.0 * quads) * MANY.0;
        let (x, rest) = x.split_at(many * quads);
        let (y, y_rest) = y.split_at_mut(many * n);
        token.vectorize(
            #[inline(always)]
            || {
                for (x, y) in x.chunks_exact(MANY.0 * quads).zip(y.chunks_exact_mut(MANY.0 * n)) {
                    self.rows::<{ MANY.0 }, { MANY.1 }>(token, x, y);
                }
                for (x, y) in rest.chunks_exact(quads).zip(y_rest.chunks_exact_mut(n)) {
                    self.rows::<{ ONE.0 }, { ONE.1 }>(token, x, y);
                }
            },
        );
    }

    /// `R` rows of x, `N` blocks at a time and what is left one by one.
    #[inline(always)]
    fn rows<const R: usize, const N: usize>(&self, s: Avx512, x: &[i32], y: &mut [i32]) {
        let quads = self.columns / QUAD;
        let blocks = self.weights.len() / quads;
        let mut offset = [i32x16::splat(s, 0); R];
        for row in 0..R {
            let mut sum = 0;
            for quad in &x[row * quads..][..quads] {
                let bytes = quad.to_ne_bytes();
                for i in 0..QUAD {
                    sum += i32::from(bytes[i] as i8);
                }
            }
            offset[row] = i32x16::splat(s, -128 * sum);
        }
        let mut block = 0;
        while block + N <= blocks {
            self.blocks::<R, N>(s, x, y, block, &offset);
            block += N;
        }
        while block < blocks {
            self.blocks::<R, 1>(s, x, y, block, &offset);
            block += 1;
        }
    }

    #[inline(always)]
    fn blocks<const R: usize, const N: usize>(
        &self,
        s: Avx512,
        x: &[i32],
        y: &mut [i32],
        block: usize,
        offset: &[i32x16<Avx512>; R],
    ) {
        use fearless_simd::Bytes as _;
        let quads = self.columns / QUAD;
        let blocks = self.weights.len() / quads;
        let weights = &self.weights[block * quads..][..N * quads];
        let x = &x[..R * quads];
        let mut sums = [*offset; N];
        for quad in 0..quads {
            for n in 0..N {
                let w = u8x64::load_array_ref(s, &weights[n * quads + quad]);
                for row in 0..R {
                    let x: i8x64<Avx512> = i32x16::splat(s, x[row * quads + quad]).bitcast();
                    sums[n][row] = dot(s, sums[n][row], w, x);
                }
            }
        }
        let y = chunks_mut(y);
        for n in 0..N {
            for row in 0..R {
                sums[n][row].store_array(&mut y[row * blocks + block + n]);
            }
        }
    }
}
