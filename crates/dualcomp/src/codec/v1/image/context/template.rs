//! Templates: hashes of the exact pixels around a place (docs/spec/image.md, section 8).

use dualcomp_entropy::hash;
use dualcomp_tokens::Neighbourhood;

use crate::codec::v1::image::context::pixel_history::TEMPLATES;

/// Neighbours in the order of their weight, as (rows up, columns right), and how many each template takes
/// (experiments/0022).
const ORDER: [(usize, isize); 12] =
    [(0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (1, 2), (1, -2), (2, -1), (2, 1), (0, -3), (2, 2)];
const COUNTS: [usize; TEMPLATES] = [12, 8, 4, 2];

/// The places of [`ORDER`] among the neighbours.
const INDICES: [usize; ORDER.len()] = {
    let mut places = [0; ORDER.len()];
    let mut i = 0;
    while i < ORDER.len() {
        places[i] = Neighbourhood::index(ORDER[i].0, ORDER[i].1);
        i += 1;
    }
    places
};

/// Factors of the neighbours: powers of the factor of a linear congruential generator, times the golden ratio.
const FACTORS: [u64; ORDER.len()] = {
    let mut factors = [0x9E37_79B9_7F4A_7C15u64; ORDER.len()];
    let mut i = 1;
    while i < ORDER.len() {
        factors[i] = factors[i - 1].wrapping_mul(0x5851_F42D_4C95_7F2D);
        i += 1;
    }
    factors
};

/// Hashes of the neighbours of a pixel, the widest template first. `known` is what is known of the pixel itself.
#[inline(always)]
pub(crate) fn template(around: &Neighbourhood, known: u32) -> [u32; TEMPLATES] {
    let mut hashes = [0; TEMPLATES];
    let mut sum = 0u64;
    for i in 0..ORDER.len() {
        let pixel = u64::from(u32::from_le_bytes(around.0[INDICES[i]]));
        sum = sum.wrapping_add((pixel + 1).wrapping_mul(FACTORS[i]));
        for r in 0..TEMPLATES {
            if COUNTS[r] == i + 1 {
                hashes[r] = hash((sum >> 32) as u32 ^ sum as u32, known);
            }
        }
    }
    hashes
}
