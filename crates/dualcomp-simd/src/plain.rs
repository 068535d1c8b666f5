//! What the instructions compute, in plain code.

use crate::{QUAD, Quads, ROWS, quads};

/// As [`DotProduct::sums`](crate::DotProduct::sums), on any processor, and slow.
///
/// # Panics
/// If weights and vectors are not all of the same length.
pub fn sums<const R: usize, const N: usize>(weights: [&[Quads]; N], x: [&[[i8; QUAD]]; R]) -> [[[i32; ROWS]; R]; N] {
    let quads = quads(&weights, &x);
    let mut out = [[[0; ROWS]; R]; N];
    for n in 0..N {
        for r in 0..R {
            for i in 0..ROWS {
                let row = |quad: usize| &weights[n][quad].0[i * QUAD..][..QUAD];
                let products = (0..quads).flat_map(|quad| row(quad).iter().zip(&x[r][quad]));
                out[n][r][i] = products.fold(0, |sum: i32, (&w, &x)| sum.wrapping_add(i32::from(w) * i32::from(x)));
            }
        }
    }
    out
}

/// What turns sums of products with x + 128, which instructions take that multiply unsigned with signed bytes, into those
/// with x: of each row -128 times the sum of its weights. Instructions that multiply signed bytes do without.
pub fn offset(weights: &[Quads]) -> [i32; ROWS] {
    std::array::from_fn(|i| {
        let row = weights.iter().flat_map(|quads| &quads.0[i * QUAD..][..QUAD]);
        row.fold(0, |sum: i32, &w| sum.wrapping_sub(128 * i32::from(w)))
    })
}
