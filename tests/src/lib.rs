//! Inputs that the tests of several crates share: made by formulas, so that they are the same everywhere.

pub mod cost;
pub mod damage;
pub mod deflated;
pub mod hostile;
pub mod jpegs;
pub mod seeds;
pub mod targets;
pub mod tiny;
pub mod vectors;

/// The code in the front page.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct FrontPage;

/// Numbers from a linear congruence (Knuth's MMIX), upper half.
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// A sequence that depends on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `bound`.
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 32) as u32) % bound
    }

    /// This many random bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.below(256) as u8).collect()
    }
}

/// English-like JSON lines of about this many bytes.
pub fn text(bytes: usize) -> Vec<u8> {
    const WORDS: [&str; 12] =
        ["river", "stone", "the", "morning", "of", "light", "and", "quiet", "a", "window", "under", "north"];
    let mut numbers = Numbers::new(7);
    let mut out = String::new();
    let mut id = 1000;
    while out.len() < bytes {
        id += numbers.below(5) + 1;
        out.push_str(&format!("{{\"id\": {id}, \"ok\": {}, \"title\": \"", numbers.below(2) == 1));
        for _ in 0..numbers.below(6) + 2 {
            out.push_str(WORDS[numbers.below(12) as usize]);
            out.push(' ');
        }
        out.push_str("\"}\n");
    }
    out.into_bytes()
}

/// Samples of a picture with slopes, an edge, noise and a flat part; `channels` bytes a pixel.
pub fn picture(width: u32, height: u32, channels: u32) -> Vec<u8> {
    let mut numbers = Numbers::new(u64::from(width) << 32 | u64::from(height));
    let mut out = Vec::new();
    for y in 0..height {
        for x in 0..width {
            for c in 0..channels {
                let slope = (x * (c + 2) + y * 3) / 2;
                let value = if x > width / 2 && y > height / 2 {
                    40 + 60 * c
                } else if (x + y) % 37 < 9 {
                    200 - slope % 90
                } else {
                    slope % 180 + numbers.below(9)
                };
                out.push(value as u8);
            }
        }
    }
    out
}

/// Colours of a picture that luma and chroma were turned into as in a JPEG file, but for one pixel in fifty.
pub fn from_luma_and_chroma(width: u32, height: u32) -> Vec<u8> {
    let mut numbers = Numbers::new(15);
    let mut out = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let luma = (60 + (x + 2 * y) % 120 + numbers.below(9)) as i32;
            let (first, second) = ((x / 2 % 40) as i32 - 20, ((y + x / 8) % 36) as i32 - 18);
            let odd = i32::from(numbers.below(50) == 0);
            let red = luma + ((91_881 * second + 32_768) >> 16);
            let green = luma + ((-22_554 * first - 46_802 * second + 32_768) >> 16) + odd;
            let blue = luma + ((116_130 * first + 32_768) >> 16);
            out.extend([red, green, blue].map(|value| value.clamp(0, 255) as u8));
        }
    }
    out
}

/// Colours of a picture that a JPEG decoder made of coefficients, with chroma of half size, by another inverse transform than
/// most have.
pub fn out_of_blocks(width: usize, height: usize) -> Vec<u8> {
    let mut numbers = Numbers::new(60);
    let mut plane = |width: usize, height: usize, steps: [i32; 2], middle: i32| {
        let mut samples = vec![0; width * height];
        for block in 0..(width / 8) * (height / 8) {
            let (left, top) = (block % (width / 8) * 8, block / (width / 8) * 8);
            let coefficients: [i32; 64] = std::array::from_fn(|i| {
                let (row, column) = (i as i32 / 8, i as i32 % 8);
                let step = steps[0] + steps[1] * (row + column);
                let reach = if i == 0 { 160 } else { 60 / (1 + row * row + column * column) };
                step * ((numbers.below(2 * reach as u32 + 1) as i32 - reach) / step)
            });
            for i in 0..64 {
                let wave = |k: usize, x: usize| {
                    let turn = (2 * x + 1) * k % 32;
                    let turn = if turn > 16 { 32 - turn } else { turn };
                    if turn > 8 { -WAVE[16 - turn] } else { WAVE[turn] }
                };
                let of = |k: usize, x: usize| if k == 0 { WAVE[4] } else { wave(k, x) };
                let terms = (0..64).map(|k| coefficients[k] * of(k / 8, i / 8) * of(k % 8, i % 8) / 64);
                let sum: i32 = terms.sum();
                samples[(top + i / 8) * width + left + i % 8] = (middle + ((sum + (1 << 17)) >> 18)).clamp(20, 235);
            }
        }
        samples
    };
    let luma = plane(width, height, [5, 2], 128);
    let chroma = [0, 1].map(|_| plane(width / 2, height / 2, [7, 3], 128));
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
                ((3 * sum(column) + sum(other) + 8 - (x % 2) as i32) >> 4) - 128
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

/// Half of the cosines of multiples of a sixteenth of half a turn, in 1/4096.
const WAVE: [i32; 9] = [2048, 2009, 1892, 1703, 1448, 1138, 784, 400, 0];

/// Grey samples of a picture with slopes and an edge, without noise: it codes to little.
pub fn gradient(width: u32, height: u32) -> Vec<u8> {
    let sample = |x: u32, y: u32| if (x / 50 + y / 70).is_multiple_of(3) { 200 } else { (x * 2 + y / 2) as u8 };
    (0..height).flat_map(|y| (0..width).map(move |x| sample(x, y))).collect()
}
