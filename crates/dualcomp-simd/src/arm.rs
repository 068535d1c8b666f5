//! The dot product of Arm, of signed bytes.

use std::arch::aarch64::{int8x16_t, int32x4_t, vdupq_n_s32, vld1q_s8, vreinterpretq_s8_s32, vst1q_s32};
use std::arch::asm;

use crate::{QUAD, Quads, ROWS, number, quads};

/// Rows in a vector.
const NUMBERS: usize = 4;
const PARTS: usize = ROWS / NUMBERS;

/// The standard library has no stable function for this instruction.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(sum: int32x4_t, w: int8x16_t, x: int8x16_t) -> int32x4_t {
    let mut sum = sum;
    // SAFETY: it reads and writes these registers only.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {w:v}.16b, {x:v}.16b",
            sum = inout(vreg) sum,
            w = in(vreg) w,
            x = in(vreg) x,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}

#[target_feature(enable = "neon,dotprod")]
pub(crate) fn sdot<const R: usize, const N: usize>(
    weights: [&[Quads]; N],
    x: [&[[i8; QUAD]]; R],
) -> [[[i32; ROWS]; R]; N] {
    let quads = quads(&weights, &x);
    let mut sums = [[[vdupq_n_s32(0); PARTS]; R]; N];
    for quad in 0..quads {
        let mut factors = [vreinterpretq_s8_s32(vdupq_n_s32(0)); R];
        for r in 0..R {
            factors[r] = vreinterpretq_s8_s32(vdupq_n_s32(number(&x[r][quad])));
        }
        for n in 0..N {
            let weights = weights[n][quad].0.as_chunks::<{ QUAD * NUMBERS }>().0;
            for part in 0..PARTS {
                // SAFETY: the array has the size of a vector, and no alignment is asked for.
                let w = unsafe { vld1q_s8(weights[part].as_ptr()) };
                for r in 0..R {
                    sums[n][r][part] = dot(sums[n][r][part], w, factors[r]);
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
                unsafe { vst1q_s32(out[part].as_mut_ptr(), sums[n][r][part]) };
            }
        }
    }
    out
}
