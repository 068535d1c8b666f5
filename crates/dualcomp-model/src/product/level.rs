//! Which instruction set to use.

/// Runs `$body` with the token of `$level` as `$s`, compiled for its instruction set. As fearless_simd's `dispatch`,
/// except that `$s` is known to have [`Products`](super::Products).
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
            if let Some($s) = level.as_avx512() {
                $crate::product::at_level!(@run $s => $body)
            } else if let Some($s) = level.as_avx2() {
                $crate::product::at_level!(@run $s => $body)
            } else if let Some($s) = level.as_sse4_2() {
                $crate::product::at_level!(@run $s => $body)
            } else {
                let $s = level.as_sse2().expect("without SSE2, f32 does not round as docs/spec/numerics.md says");
                $crate::product::at_level!(@run $s => $body)
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            let $s = level.as_neon().expect("NEON is part of the architecture");
            $crate::product::at_level!(@run $s => $body)
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        {
            let $s = level.as_wasm_simd128().expect("compiled for it");
            $crate::product::at_level!(@run $s => $body)
        }
        #[cfg(not(any(
            target_arch = "x86",
            target_arch = "x86_64",
            target_arch = "aarch64",
            all(target_arch = "wasm32", target_feature = "simd128")
        )))]
        {
            let fearless_simd::Level::Fallback($s) = level else { unreachable!("the only level there is") };
            $crate::product::at_level!(@run $s => $body)
        }
    }};
}
pub(crate) use at_level;
