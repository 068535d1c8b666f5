//! Waves over the colours of a picture: where colours are on a lattice, some wave meets them all in nearly one phase. Its
//! frequency is a vector of the dual lattice.
//!
//! Such a frequency shows in the differences of colours near each other: they are counted, freed of their smooth part, and
//! transformed; each peak is then followed over differences that grow, which makes it sharper.

/// Frequencies are in 2^-32 turns a level, so that phases add up exactly.
pub(super) type Frequency = [i32; 3];

/// Steps of a turn in [`COSINES`].
const TURN_LOG2: u32 = 10;
const TURN: usize = 1 << TURN_LOG2;
const ONE: i32 = 1 << 14;

/// The cosine of each 1024th of a turn, in 1/16384.
static COSINES: [i32; TURN] = {
    let mut table = [0; TURN];
    let mut i = 0;
    while i < TURN {
        // By Taylor's series, of an angle of at most half a turn.
        let steps = if i <= TURN / 2 { i } else { TURN - i };
        let angle = steps as f64 * (2.0 * core::f64::consts::PI / TURN as f64);
        let (mut term, mut sum, mut n) = (1.0, 1.0, 1);
        while n < 16 {
            term *= -angle * angle / ((2 * n - 1) as f64 * (2 * n) as f64);
            sum += term;
            n += 1;
        }
        let scaled = sum * ONE as f64;
        table[i] = if scaled < 0.0 { (scaled - 0.5) as i32 } else { (scaled + 0.5) as i32 };
        i += 1;
    }
    table
};

/// The phase of a wave at a colour, in 2^-32 turns.
#[inline(always)]
fn phase(frequency: &Frequency, at: &[i32; 3]) -> u32 {
    (0..3).fold(0, |sum: i32, c| sum.wrapping_add(frequency[c].wrapping_mul(at[c]))) as u32
}

/// The mean cosine of a wave at these places, whose phase is `ahead` at 0.
pub(super) fn mean(frequency: &Frequency, ahead: u32, places: &[[i32; 3]]) -> f64 {
    let half = 1 << (31 - TURN_LOG2);
    let cosine =
        |at| COSINES[(phase(frequency, at).wrapping_add(ahead).wrapping_add(half) >> (32 - TURN_LOG2)) as usize];
    let sum: i64 = places.iter().map(|at| i64::from(cosine(at))).sum();
    sum as f64 / places.len().max(1) as f64 / f64::from(ONE)
}

/// Differences that are counted: below this in each colour.
const NEAR: i32 = 8;
const SIDE: usize = 2 * NEAR as usize;
/// Frequencies in a turn that are looked at.
const FINE: usize = 2 * SIDE;
/// Columns and rows to pixels a colour is compared with.
const OTHERS: [(usize, usize); 8] = [(1, 0), (0, 1), (1, 1), (3, 0), (0, 3), (8, 0), (0, 8), (5, 16)];
/// Places of which differences are counted at most.
const PLACES: usize = 1 << 14;
/// Peaks of the transform that are followed.
const PEAKS: usize = 8;

/// How often differences of colours near each other came, freed of what comes smoothly.
fn unevenness(raw: &[u8], size: usize, width: usize) -> Vec<f32> {
    let mut counts = vec![0.0f32; SIDE * SIDE * SIDE];
    let (pixels, every) = (raw.len() / size, (raw.len() / size / PLACES).max(1));
    let color = |at: usize| [0, 1, 2].map(|c| i32::from(raw[at * size + c]));
    for at in (0..pixels).step_by(every) {
        let here = color(at);
        for (columns, rows) in OTHERS {
            let other = at + columns + rows * width;
            if at % width + columns >= width || other >= pixels {
                continue;
            }
            let there = color(other);
            let difference = [0, 1, 2].map(|c| there[c] - here[c]);
            if difference.iter().all(|d| d.abs() < NEAR) {
                let place = |sign: i32| difference.iter().fold(0, |sum, d| sum * SIDE + (NEAR + sign * d) as usize);
                counts[place(1)] += 1.0;
                counts[place(-1)] += 1.0;
            }
        }
    }
    // The mean of five by five by five around each.
    let mut smooth = counts.clone();
    for stride in [1, SIDE, SIDE * SIDE] {
        let before = smooth.clone();
        for (at, value) in smooth.iter_mut().enumerate() {
            let place = at / stride % SIDE;
            let around = place.saturating_sub(2)..(place + 3).min(SIDE);
            *value = around.map(|to| before[at - place * stride + to * stride]).sum::<f32>() * 0.2;
        }
    }
    let uneven = |(count, smooth): (f32, f32)| ((count - smooth) / (smooth + 3.0).sqrt()).clamp(-10.0, 30.0);
    let mut out: Vec<f32> = counts.into_iter().zip(smooth).map(uneven).collect();
    // A difference of nothing says nothing.
    out[(NEAR as usize * SIDE + NEAR as usize) * SIDE + NEAR as usize] = 0.0;
    out
}

/// The sum of these values times a wave, in 1/65536.
#[inline]
fn transformed(wave: &[(f32, f32)], value: impl Fn(usize) -> (f32, f32)) -> (f32, f32) {
    let mut sum = (0.0, 0.0);
    for (at, &(cosine, sine)) in wave.iter().enumerate() {
        let (re, im) = value(at);
        sum = (sum.0 + re * cosine - im * sine, sum.1 + re * sine + im * cosine);
    }
    (sum.0 / 65536.0, sum.1 / 65536.0)
}

/// The power of each frequency, in steps of 1/32 turn: of the first colour from 0 to half a turn.
fn powers(uneven: &[f32]) -> Vec<f32> {
    let wave = |k: usize, at: usize| {
        let step = k * at * (TURN / FINE) % TURN;
        (COSINES[step] as f32, COSINES[(step + TURN * 3 / 4) % TURN] as f32)
    };
    let waves: Vec<Vec<(f32, f32)>> = (0..FINE).map(|k| (0..SIDE).map(|at| wave(k, at)).collect()).collect();
    // One colour after the other, the last one first.
    let mut third = vec![(0.0, 0.0); SIDE * SIDE * FINE];
    for (place, out) in third.chunks_exact_mut(FINE).enumerate() {
        for (k, out) in out.iter_mut().enumerate() {
            *out = transformed(&waves[k], |at| (uneven[place * SIDE + at], 0.0));
        }
    }
    let mut second = vec![(0.0, 0.0); SIDE * FINE * FINE];
    for (place, out) in second.iter_mut().enumerate() {
        let (first, k, last) = (place / FINE / FINE, place / FINE % FINE, place % FINE);
        *out = transformed(&waves[k], |at| third[(first * SIDE + at) * FINE + last]);
    }
    let power = |place: usize| {
        let (k, others) = (place / FINE / FINE, place % (FINE * FINE));
        let (re, im) = transformed(&waves[k], |at| second[at * FINE * FINE + others]);
        re * re + im * im
    };
    (0..(FINE / 2 + 1) * FINE * FINE).map(power).collect()
}

/// The frequencies that differences of colours near each other have most of, strongest first. Slow ones tell nothing.
pub(super) fn strongest(raw: &[u8], size: usize, width: usize) -> Vec<Frequency> {
    let powers = powers(&unevenness(raw, size, width));
    let mut found: Vec<[i32; 3]> = Vec::new();
    let distance = |d: i32| ((d + FINE as i32 / 2).rem_euclid(FINE as i32) - FINE as i32 / 2).abs();
    let slow = FINE as i32 / 10;
    let apart = |a: &[i32; 3], b: [i32; 3]| (0..3).map(|c| distance(a[c] - b[c])).max().unwrap_or(0) > FINE as i32 / 13;
    while found.len() < PEAKS {
        let mut best = (0.0, None);
        for (place, &power) in powers.iter().enumerate() {
            if power <= best.0 {
                continue;
            }
            let at = [place / FINE / FINE, place / FINE % FINE, place % FINE].map(|k| k as i32);
            let fast = at.iter().any(|&k| distance(k) > slow);
            if fast && found.iter().all(|other| apart(other, at) && apart(other, at.map(|k| -k))) {
                best = (power, Some(at));
            }
        }
        let Some(at) = best.1 else { break };
        found.push(at);
    }
    found.into_iter().map(|at| at.map(|k| k.wrapping_mul(1 << (32 - FINE.ilog2())))).collect()
}

/// Differences of random pairs of colours, by how far apart they are at most: below 16, 32, 64, 128, 256.
pub(super) fn pairs(colors: &[[i32; 3]]) -> [Vec<[i32; 3]>; 5] {
    let mut pairs = [0; 5].map(|_| Vec::new());
    let mut x = 1u64;
    for _ in 0..40_000 {
        x = x.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        let [i, j] = [x >> 48, x >> 32 & 0xFFFF].map(|r| (r as usize * colors.len()) >> 16);
        let difference = [0, 1, 2].map(|c| colors[i][c] - colors[j][c]);
        let far = difference.iter().map(|d| d.unsigned_abs()).max().unwrap_or(0);
        for (class, of) in pairs.iter_mut().enumerate() {
            if far > 0 && far < 16 << class && of.len() < 1500 {
                of.push(difference);
            }
        }
    }
    pairs
}

/// The frequency near this one that colours are most in phase with; none if they are not.
pub(super) fn follow(start: Frequency, pairs: &[Vec<[i32; 3]>; 5]) -> Option<Frequency> {
    let mut best = start;
    // A sixty-fourth of a turn: half of what peaks are told apart by.
    let mut reach = 1 << 26;
    for places in pairs {
        if places.len() < 100 {
            continue;
        }
        let mut most = mean(&best, 0, places);
        let mut step = reach;
        while step > reach / 16 {
            let mut moved = false;
            for c in 0..3 {
                for by in [step, -step] {
                    let mut next = best;
                    next[c] = next[c].wrapping_add(by);
                    let here = mean(&next, 0, places);
                    if here > most {
                        (best, most, moved) = (next, here, true);
                    }
                }
            }
            if !moved {
                step /= 2;
            }
        }
        if most < 0.05 {
            return None;
        }
        reach /= 2;
    }
    Some(best)
}

/// How well colours are in phase with a wave, 0 to 1, and the phase to add for it to be at 0.
pub(super) fn coherence(frequency: &Frequency, colors: &[[i32; 3]]) -> (f64, u32) {
    let turns = (0..64u32).map(|i| i << 26);
    let of_all = turns.map(|ahead| (mean(frequency, ahead, colors), ahead));
    of_all.fold((0.0, 0), |best, of| if of.0 > best.0 { of } else { best })
}
