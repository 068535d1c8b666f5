//! The samples of the borders of blocks.

use crate::codec::v1::jpeg::plane::Block;

/// cos(k pi / 16) / 2, but for k = 0 the square root of 1/8.
const COSINES: [f32; 8] =
    [0.353_553_4, 0.490_392_64, 0.461_939_76, 0.415_734_8, 0.353_553_4, 0.277_785_12, 0.191_341_72, 0.097_545_16];

/// The basis: sample by frequency.
const BASIS: [[f32; 8]; 8] = {
    let mut basis = [[0.0; 8]; 8];
    let mut sample = 0;
    while sample < 8 {
        let mut frequency = 0;
        while frequency < 8 {
            // cos((2 x + 1) u pi / 16), folded into the first quarter.
            let turn = (2 * sample + 1) * frequency % 32;
            let half = if turn > 16 { 32 - turn } else { turn };
            basis[sample][frequency] = if frequency == 0 {
                COSINES[0]
            } else if half > 8 {
                -COSINES[16 - half]
            } else if half == 8 {
                0.0
            } else if half == 0 {
                0.5
            } else {
                COSINES[half]
            };
            frequency += 1;
        }
        sample += 1;
    }
    basis
};

/// Samples beyond the borders of blocks, as they would go on.
pub(super) struct Edges {
    pub(super) west: [f32; 8],
    pub(super) north: Vec<[f32; 8]>,
}

impl Edges {
    pub(super) fn new(blocks_wide: usize) -> Self {
        Self { west: [0.0; 8], north: vec![[0.0; 8]; blocks_wide] }
    }

    /// Takes the samples of a block, whose constant is known now.
    #[inline(always)]
    pub(super) fn go_on(&mut self, x: usize, right: &[f32; 8], bottom: &[f32; 8], constant: f32) {
        for i in 0..8 {
            self.west[i] = right[i] + constant;
            self.north[x][i] = bottom[i] + constant;
        }
    }
}

/// The samples of the borders of a block without its constant, extended by half a step outwards: left, right, top, bottom.
#[inline(always)]
pub(super) fn borders(block: &Block, steps: &[f32; 64]) -> [[f32; 8]; 4] {
    let mut values = [[0.0; 8]; 8];
    let mut turned = [[0.0; 8]; 8];
    for v in 0..8 {
        for u in 0..8 {
            let value = f32::from(block[v * 8 + u]) * steps[v * 8 + u];
            values[v][u] = value;
            turned[u][v] = value;
        }
    }
    values[0][0] = 0.0;
    turned[0][0] = 0.0;
    let [left, right] = sides(&turned);
    let [top, bottom] = sides(&values);
    [left, right, top, bottom]
}

/// From `lines[u]`, the coefficients of frequency `u` across: the extended samples of the first and the last line.
#[inline(always)]
fn sides(lines: &[[f32; 8]; 8]) -> [[f32; 8]; 2] {
    // Even and odd frequencies, of the outer and the inner samples.
    let mut parts = [[[0.0f32; 8]; 2]; 2];
    for inner in 0..2 {
        for u in 0..8 {
            for v in 0..8 {
                parts[inner][u % 2][v] += BASIS[inner][u] * lines[u][v];
            }
        }
    }
    let mut out = [[0.0; 8]; 2];
    for last in 0..2 {
        let mut line = [0.0; 8];
        for v in 0..8 {
            let sample = |inner: usize| {
                let [even, odd] = [parts[inner][0][v], parts[inner][1][v]];
                if last == 1 { even - odd } else { even + odd }
            };
            line[v] = sample(0) + (sample(0) - sample(1)) * 0.5;
        }
        for v in 0..8 {
            for y in 0..8 {
                out[last][y] += BASIS[y][v] * line[v];
            }
        }
    }
    out
}
