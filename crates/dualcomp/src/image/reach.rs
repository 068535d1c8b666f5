//! Hashes of the exact pixels around a place.

use dualcomp_entropy::hash;
use dualcomp_tokens::Canvas;

use super::recall::REACHES;

/// Neighbours in the order of their weight, as (rows up, columns right), and how many each reach takes.
const ORDER: [(usize, isize); 12] =
    [(0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (1, 2), (1, -2), (2, -1), (2, 1), (0, -3), (2, 2)];
const COUNTS: [usize; REACHES] = [12, 8, 4, 2];

/// Hashes of the neighbours of a pixel, the widest reach first; `known` tells of the pixel itself.
pub(super) fn reach(canvas: &Canvas, row: usize, column: usize, known: u32) -> [u32; REACHES] {
    let mut hashes = [0; REACHES];
    let mut sum = known;
    for (i, &(up, right)) in ORDER.iter().enumerate() {
        let [r, g, b] = canvas.neighbour(row, column, up, right);
        sum = hash(sum, u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b));
        for (count, hashed) in COUNTS.iter().zip(&mut hashes) {
            if *count == i + 1 {
                *hashed = sum;
            }
        }
    }
    hashes
}
