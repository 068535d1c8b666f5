//! Inputs that the tests of several crates share: made by formulas, so that they are the same everywhere.

pub mod cost;
pub mod damage;
pub mod deflated;
pub mod hostile;
pub mod jpegs;
pub mod out_of_blocks;
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

/// Grey samples of a picture with slopes and an edge, without noise: it codes to little.
pub fn gradient(width: u32, height: u32) -> Vec<u8> {
    let sample = |x: u32, y: u32| if (x / 50 + y / 70).is_multiple_of(3) { 200 } else { (x * 2 + y / 2) as u8 };
    (0..height).flat_map(|y| (0..width).map(move |x| sample(x, y))).collect()
}
