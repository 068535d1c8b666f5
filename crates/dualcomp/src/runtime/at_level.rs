//! Which instruction set a coder is compiled for and runs with.

/// Runs `$body` with the token of `$level` as `$s`, compiled for its instruction set, as fearless_simd's `dispatch` does
/// for small parts. Coders are large, and a level of x86 must be worth its seconds of compiling: AVX-512 is no quicker than
/// AVX2, and SSE4.2 not by much than SSE2 (docs/experiments/0070).
macro_rules! at_level {
    (@run $s:ident => $body:expr) => {
        fearless_simd::Simd::vectorize(
            $s,
            #[inline(always)]
            || $body,
        )
    };
    ($level:expr, $s:ident => $body:expr) => {{
        let level: fearless_simd::Level = $level;
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        {
            if let Some($s) = level.as_avx2() {
                $crate::runtime::at_level::at_level!(@run $s => $body)
            } else {
                let $s = level.as_sse2().expect("without SSE2, floats do not round as docs/spec/numerics.md says");
                $crate::runtime::at_level::at_level!(@run $s => $body)
            }
        }
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
        {
            fearless_simd::dispatch!(level, $s => $body)
        }
    }};
}
pub(crate) use at_level;
