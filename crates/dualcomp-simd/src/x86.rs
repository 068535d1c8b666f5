//! AVX-512 VNNI and AVX-VNNI: unsigned times signed bytes. x is unsigned since 128 was added; the offset takes off again
//! what that adds.

#[cfg(target_arch = "x86")]
use std::arch::x86 as arch;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64 as arch;

use arch::{
    __m256i, __m512i, _mm256_dpbusd_avx_epi32, _mm256_loadu_si256, _mm256_set1_epi32, _mm256_storeu_si256,
    _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_storeu_si512,
};

use crate::{QUAD, Quads, ROWS, number, quads};

/// What [`avx512_vnni`] needs.
pub(crate) fn has_avx512_vnni() -> bool {
    std::is_x86_feature_detected!("avx512f")
        && std::is_x86_feature_detected!("avx512vl")
        && std::is_x86_feature_detected!("avx512vnni")
}

/// What [`avx_vnni`] needs.
pub(crate) fn has_avx_vnni() -> bool {
    std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("avxvnni")
}

macro_rules! kernel {
    ($name:ident, $features:literal, $vector:ty, $load:ident, $store:ident, $splat:ident, $dot:ident) => {
        #[target_feature(enable = $features)]
        pub(crate) fn $name<const R: usize, const N: usize>(
            weights: [&[Quads]; N],
            x: [&[[i8; QUAD]]; R],
            offset: [&[i32; ROWS]; N],
        ) -> [[[i32; ROWS]; R]; N] {
            const NUMBERS: usize = size_of::<$vector>() / size_of::<i32>();
            const PARTS: usize = ROWS / NUMBERS;
            let quads = quads(&weights, &x);
            let mut sums = [[[$splat(0); PARTS]; R]; N];
            for n in 0..N {
                let offset = offset[n].as_chunks::<NUMBERS>().0;
                for part in 0..PARTS {
                    // SAFETY: the array has the size of a vector, and no alignment is asked for.
                    let first = unsafe { $load(offset[part].as_ptr().cast()) };
                    for r in 0..R {
                        sums[n][r][part] = first;
                    }
                }
            }
            for quad in 0..quads {
                let mut factors = [$splat(0); R];
                for r in 0..R {
                    factors[r] = $splat(number(&x[r][quad]));
                }
                for n in 0..N {
                    let weights = weights[n][quad].0.as_chunks::<{ QUAD * NUMBERS }>().0;
                    for part in 0..PARTS {
                        // SAFETY: as above.
                        let w = unsafe { $load(weights[part].as_ptr().cast()) };
                        for r in 0..R {
                            sums[n][r][part] = $dot(sums[n][r][part], factors[r], w);
                        }
                    }
                }
            }
            let mut out = [[[0; ROWS]; R]; N];
            for n in 0..N {
                for r in 0..R {
                    let out = out[n][r].as_chunks_mut::<NUMBERS>().0;
                    for part in 0..PARTS {
                        // SAFETY: as above, and nothing else refers to it.
                        unsafe { $store(out[part].as_mut_ptr().cast(), sums[n][r][part]) };
                    }
                }
            }
            out
        }
    };
}

kernel!(
    avx512_vnni,
    "avx512f,avx512vl,avx512vnni",
    __m512i,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    _mm512_set1_epi32,
    _mm512_dpbusd_epi32
);

kernel!(
    avx_vnni,
    "avx2,avxvnni",
    __m256i,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_set1_epi32,
    _mm256_dpbusd_avx_epi32
);

// What tests the code of `avx_vnni` on processors that have its instruction in the other encoding alone.
#[cfg(test)]
use arch::_mm256_dpbusd_epi32;
#[cfg(test)]
kernel!(
    avx512_vnni_half,
    "avx512f,avx512vl,avx512vnni",
    __m256i,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_set1_epi32,
    _mm256_dpbusd_epi32
);
