//! Products of int8 vectors and matrices (docs/spec/numerics.md section 1): integers, so the order of the sums is free and
//! every instruction set may have its own way.

mod batch;
mod level;
#[cfg(any(target_arch = "aarch64", test))]
pub(crate) mod neon;
mod packed;
#[cfg(not(target_arch = "aarch64"))]
pub(crate) mod pairs;
mod processor;
mod sums;
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod x86;

#[cfg(test)]
pub(crate) use dualcomp_simd::{QUAD, Quads};
pub(crate) use level::at_level;
pub(crate) use packed::Packed;
pub(crate) use processor::Products;
