//! Sixteen channels side by side, as all arithmetic of the network has them.

use fearless_simd::{Simd, SimdBase as _, f32x16};

/// Channels handled together; also the size of a head.
pub(crate) const LANES: usize = 16;

/// Sixteen values in memory, in one cache line if they have four bytes each.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Chunk<T = f32>(pub(crate) [T; LANES]);

impl Chunk {
    pub(crate) const ZERO: Self = Self([0.0; LANES]);
}

/// Copies `values` into chunks. Every dimension of a valid model is a multiple of sixteen; where it is not, zeros fill
/// the last chunk.
pub(crate) fn chunked<T: Copy + Default>(values: &[T]) -> Vec<Chunk<T>> {
    let chunk = |part: &[T]| Chunk(std::array::from_fn(|i| part.get(i).copied().unwrap_or_default()));
    values.chunks(LANES).map(chunk).collect()
}

#[inline(always)]
pub(crate) fn load<S: Simd>(s: S, x: &Chunk) -> f32x16<S> {
    f32x16::load_array_ref(s, &x.0)
}

#[inline(always)]
pub(crate) fn store<S: Simd>(x: f32x16<S>, out: &mut Chunk) {
    x.store_array(&mut out.0);
}
