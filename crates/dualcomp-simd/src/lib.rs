//! Exact int8 dot products with the four-byte instructions of processors, found at run time.
//!
//! What safe code reaches by way of `fearless_simd` ends at AVX2 and NEON, unless a processor has all of AVX-512 as Ice
//! Lake has it. Many have an instruction beyond that which multiplies four pairs of bytes and adds the products to a sum:
//!
//! | Instructions | Processors |
//! |---|---|
//! | AVX-VNNI | Intel Alder Lake and later, AMD Zen 5 and later |
//! | AVX-512 VNNI | Intel Cascade Lake and later on servers, AMD Zen 4 and later |
//! | `sdot` of Arm | Cortex-A55, A75, Neoverse N1 and later, all Apple processors for computers |
//!
//! Sums are integers: the order of their terms is free, and [`DotProduct::sums`] gives what [`sums`] gives in plain code.
//!
//! This is the only crate of DualComp with `unsafe` code: calls of functions compiled for instructions that were found
//! before, and loads and stores of arrays as vectors.
//!
//! ```
//! use dualcomp_simd::{DotProduct, Quads, ROWS, offset, sums};
//!
//! // Sixteen rows of eight columns, and one vector of eight numbers.
//! let weights = [Quads([3; 64]), Quads([-1; 64])];
//! let x = [[1, 2, 3, 4], [5, 6, 7, 8]];
//! let biased = x.map(|quad: [i8; 4]| quad.map(|x| x.wrapping_add(DotProduct::BIAS as i8)));
//! let out = match DotProduct::best() {
//!     Some(dot) => dot.sums([&weights], [&biased], [&offset(&weights)]),
//!     None => sums([&weights], [&x]),
//! };
//! assert_eq!(out, [[[4; ROWS]]]);
//! ```

#[cfg(target_arch = "aarch64")]
mod arm;
mod plain;
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod x86;

pub use plain::{offset, sums};

/// Numbers that one instruction multiplies for each sum.
pub const QUAD: usize = 4;
/// Rows of a matrix that are multiplied together.
pub const ROWS: usize = 16;

/// Four columns of sixteen rows of a matrix, row by row.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Quads(pub [i8; QUAD * ROWS]);

/// An instruction set with four-byte dot products that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DotProduct(Kind);

/// Only made where the processor has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    Avx512Vnni,
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    AvxVnni,
    #[cfg(target_arch = "aarch64")]
    Arm,
}

impl DotProduct {
    /// What is to be added, modulo 256, to the numbers of a vector: 128 where instructions multiply unsigned with signed
    /// bytes, 0 where they multiply signed ones.
    pub const BIAS: u8 = if cfg!(any(target_arch = "x86", target_arch = "x86_64")) { 128 } else { 0 };

    /// The fastest one.
    pub fn best() -> Option<Self> {
        Self::all().next()
    }

    /// All that this processor has, the fastest first. Looks them up in what the standard library has found before.
    pub fn all() -> impl Iterator<Item = Self> {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        let kinds = [x86::has_avx512_vnni().then_some(Kind::Avx512Vnni), x86::has_avx_vnni().then_some(Kind::AvxVnni)];
        #[cfg(target_arch = "aarch64")]
        let kinds = [std::arch::is_aarch64_feature_detected!("dotprod").then_some(Kind::Arm)];
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
        let kinds: [Option<Kind>; 0] = [];
        kinds.into_iter().flatten().map(Self)
    }

    /// Whether there are 32 registers of sixteen sums. Else there is room for about four times sixteen sums.
    pub fn is_wide(self) -> bool {
        match self.0 {
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Kind::Avx512Vnni => true,
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Kind::AvxVnni => false,
            #[cfg(target_arch = "aarch64")]
            Kind::Arm => false,
        }
    }

    /// `N` times sixteen rows times `R` vectors: `out[n][r][i]` becomes the dot product of row `i` of `weights[n]` and
    /// what `x[r]` was before [`Self::BIAS`] was added. `offset[n]` is [`offset`] of `weights[n]`; products of the same rows
    /// share it.
    ///
    /// Sums are taken modulo 2^32; they are exact for 2^16 columns or less.
    ///
    /// # Panics
    /// If weights and vectors are not all of the same length.
    #[inline(always)]
    pub fn sums<const R: usize, const N: usize>(
        self,
        weights: [&[Quads]; N],
        x: [&[[i8; QUAD]]; R],
        offset: [&[i32; ROWS]; N],
    ) -> [[[i32; ROWS]; R]; N] {
        // Some instructions need no offset, and where there is no kind, nothing is needed.
        let _ = (&weights, &x, &offset);
        match self.0 {
            // SAFETY: this kind is only made where the processor has these instructions.
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Kind::Avx512Vnni => unsafe { x86::avx512_vnni(weights, x, offset) },
            // SAFETY: the same.
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Kind::AvxVnni => unsafe { x86::avx_vnni(weights, x, offset) },
            // SAFETY: the same.
            #[cfg(target_arch = "aarch64")]
            Kind::Arm => unsafe { arm::sdot(weights, x) },
        }
    }
}

/// Four bytes as they lie in memory. No closure: it would be compiled for the caller's instructions, `array::map` not.
#[inline(always)]
#[cfg_attr(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")), expect(dead_code))]
fn number(x: &[i8; QUAD]) -> i32 {
    i32::from_ne_bytes([x[0] as u8, x[1] as u8, x[2] as u8, x[3] as u8])
}

/// The length that all of them have.
///
/// # Panics
/// If they have others.
#[inline(always)]
fn quads<const R: usize, const N: usize>(weights: &[&[Quads]; N], x: &[&[[i8; QUAD]]; R]) -> usize {
    let quads = weights.first().map_or(0, |w| w.len());
    for n in 0..N {
        assert!(weights[n].len() == quads, "weights of other lengths");
    }
    for r in 0..R {
        assert!(x[r].len() == quads, "vectors of other lengths than the weights");
    }
    quads
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What all ways must agree on.
    fn check<const R: usize, const N: usize>(weights: [&[Quads]; N], x: [&[[i8; QUAD]]; R]) {
        let expected = sums(weights, x);
        let offsets: [_; N] = std::array::from_fn(|n| offset(weights[n]));
        let biased = x.map(|x| -> Vec<[i8; QUAD]> {
            x.iter().map(|quad| quad.map(|x| x.wrapping_add(DotProduct::BIAS as i8))).collect()
        });
        let x = biased.each_ref().map(|x| &x[..]);
        for dot in DotProduct::all() {
            assert!(dot.sums(weights, x, offsets.each_ref()) == expected, "{dot:?}");
        }
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        if x86::has_avx512_vnni() {
            // SAFETY: the processor has these instructions.
            let out = unsafe { x86::avx512_vnni_half(weights, x, offsets.each_ref()) };
            assert!(out == expected, "half vectors");
        }
    }

    #[test]
    fn instructions_equal_plain_code() {
        let mut state = 1u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as i8
        };
        let ends = |byte: i8| if byte < 0 { -128 } else { 127 };
        for length in [0, 1, 2, 3, 24, 64, 1000] {
            for extreme in [false, true] {
                let mut next = || if extreme { ends(byte()) } else { byte() };
                let weights: [Vec<Quads>; 4] =
                    std::array::from_fn(|_| (0..length).map(|_| Quads(std::array::from_fn(|_| next()))).collect());
                let x: [Vec<[i8; QUAD]>; 8] =
                    std::array::from_fn(|_| (0..length).map(|_| std::array::from_fn(|_| next())).collect());
                let [a, b, c, d] = weights.each_ref().map(|w| &w[..]);
                let x = x.each_ref().map(|x| &x[..]);
                check([a], [x[0]]);
                check([a, b, c, d], [x[1]]);
                check([a, b], [x[1], x[2]]);
                check([c], [x[0], x[1], x[2], x[3]]);
                check([a, b], x);
                check([a], []);
            }
        }
        let (least, most) = ([Quads([-128; 64]); 200], [Quads([127; 64]); 200]);
        for x in [[-128; QUAD], [127; QUAD]] {
            check([&least, &most], [&[x; 200]]);
        }
    }

    #[test]
    #[should_panic(expected = "other lengths")]
    fn lengths_are_compared() {
        let weights = [Quads([1; 64]); 2];
        match DotProduct::best() {
            Some(dot) => dot.sums([&weights], [&[[1; QUAD]]], [&[0; ROWS]]),
            None => sums([&weights], [&[[1; QUAD]]]),
        };
    }
}
