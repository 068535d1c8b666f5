//! Pictures that a JPEG decoder made of coefficients.

use crate::Numbers;

/// Who made a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoder {
    /// With libjpeg's triangle filter, and another inverse transform than most have.
    Usual,
    /// As zune-jpeg has both.
    Zune,
}

/// Colours of a picture of whole units with chroma of half size.
pub fn out_of_blocks(width: usize, height: usize, decoder: Decoder) -> Vec<u8> {
    let mut numbers = Numbers::new(60);
    let mut plane = |width: usize, height: usize, steps: [i32; 2]| {
        let mut samples = vec![0; width * height];
        for block in 0..(width / 8) * (height / 8) {
            let (left, top) = (block % (width / 8) * 8, block / (width / 8) * 8);
            let coefficients: [i32; 64] = std::array::from_fn(|i| {
                let (row, column) = (i as i32 / 8, i as i32 % 8);
                let step = steps[0] + steps[1] * (row + column);
                let reach = if i == 0 { 160 } else { 60 / (1 + row * row + column * column) };
                step * ((numbers.below(2 * reach as u32 + 1) as i32 - reach) / step)
            });
            let made = if decoder == Decoder::Zune { zune(&coefficients) } else { usual(&coefficients) };
            for (i, sample) in made.into_iter().enumerate() {
                samples[(top + i / 8) * width + left + i % 8] = sample.clamp(20, 235);
            }
        }
        samples
    };
    let luma = plane(width, height, [5, 2]);
    let chroma = [0, 1].map(|_| plane(width / 2, height / 2, [7, 3]));
    let mut out = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let beside = |at: usize, count: usize| {
                let other = if at.is_multiple_of(2) { (at / 2).saturating_sub(1) } else { (at / 2 + 1).min(count - 1) };
                [at / 2, other]
            };
            let ([row, other_row], [column, other]) = (beside(y, height / 2), beside(x, width / 2));
            let [first, second] = [0, 1].map(|i: usize| {
                let at = |row: usize, column: usize| chroma[i][row * (width / 2) + column];
                let sum = |column: usize| 3 * at(row, column) + at(other_row, column);
                let value = if decoder == Decoder::Zune {
                    let rounded = |column: usize| (sum(column) + 2) / 4;
                    (3 * rounded(column) + rounded(other) + 2) / 4
                } else {
                    (3 * sum(column) + sum(other) + 8 - (x % 2) as i32) / 16
                };
                value - 128
            });
            let luma = luma[y * width + x];
            let red = luma + ((91_881 * second + 32_768) >> 16);
            let green = luma + ((-22_554 * first - 46_802 * second + 32_768) >> 16);
            let blue = luma + ((116_130 * first + 32_768) >> 16);
            out.extend([red, green, blue].map(|value| value.clamp(0, 255) as u8));
        }
    }
    out
}

/// Samples of a block by products of waves.
fn usual(coefficients: &[i32; 64]) -> [i32; 64] {
    let wave = |k: usize, x: usize| {
        let turn = (2 * x + 1) * k % 32;
        let turn = if turn > 16 { 32 - turn } else { turn };
        if turn > 8 { -WAVE[16 - turn] } else { WAVE[turn] }
    };
    let of = |k: usize, x: usize| if k == 0 { WAVE[4] } else { wave(k, x) };
    std::array::from_fn(|i| {
        let terms = (0..64).map(|k| coefficients[k] * of(k / 8, i / 8) * of(k % 8, i % 8) / 64);
        128 + ((terms.sum::<i32>() + (1 << 17)) >> 18)
    })
}

/// Half of the cosines of multiples of a sixteenth of half a turn, in 1/4096.
const WAVE: [i32; 9] = [2048, 2009, 1892, 1703, 1448, 1138, 784, 400, 0];

/// Samples of a block in zune-jpeg's integers.
fn zune(coefficients: &[i32; 64]) -> [i32; 64] {
    let mut work = *coefficients;
    for column in 0..8 {
        let sums = pass(std::array::from_fn(|row| work[8 * row + column]));
        (0..8).for_each(|row| work[8 * row + column] = (sums[row] + 512) >> 10);
    }
    for row in 0..8 {
        let sums = pass(std::array::from_fn(|column| work[8 * row + column]));
        (0..8).for_each(|column| work[8 * row + column] = 128 + ((sums[column] + 65_536 + 512) >> 17));
    }
    work
}

fn pass([a0, a1, a2, a3, a4, a5, a6, a7]: [i32; 8]) -> [i32; 8] {
    let turned = 2217 * (a2 + a6);
    let (wide, narrow) = (turned + 3135 * a2, turned - 7567 * a6);
    let even = [4096 * (a0 + a4) + wide, 4096 * (a0 - a4) + narrow, 4096 * (a0 - a4) - narrow, 4096 * (a0 + a4) - wide];
    let all = 4816 * (a1 + a3 + a5 + a7);
    let (outer, inner) = (-3685 * (a1 + a7), -10_497 * (a3 + a5));
    let (odd, other) = (all - 8034 * (a3 + a7), all - 1597 * (a1 + a5));
    let odd =
        [6149 * a1 + outer + other, 12_586 * a3 + inner + odd, 8410 * a5 + inner + other, 1223 * a7 + outer + odd];
    std::array::from_fn(|i| if i < 4 { even[i] + odd[i] } else { even[7 - i] - odd[7 - i] })
}
