//! Finds the transform that the colours of a photograph came from, and their triples. A detector is free to miss one, or to
//! take a wrong one: exceptions are coded.

mod learned;
mod waves;

use crate::codec::v1::image::lattice::Transform;

/// Pixels that a transform is first tried with.
const SAMPLE: usize = 4096;
/// Of those that are not grey, or all but grey, so many must be: grey ones are on every lattice.
const COLOURED: usize = SAMPLE / 16;
/// A chroma of as much, as the distance of two colours of a pixel.
const CHROMA: u8 = 6;
/// Bits a pixel that a lattice must save by the reckoning of [`gain`]: smooth pictures lose about one where they are not on
/// it, see docs/experiments/0024-colour-lattices.md.
const MIN_GAIN: f64 = 1.0;

/// A transform with its inverse.
pub(crate) struct Lattice {
    pub(crate) transform: Transform,
    /// Triples in a unit of colours.
    density: f64,
    inverse: [[f32; 3]; 3],
    /// What of a level is cut off, less half a level.
    offsets: [f32; 3],
}

impl Lattice {
    /// None if the transform has no inverse.
    pub(crate) fn new(transform: Transform) -> Option<Self> {
        let matrix = transform.0.map(|[luma, first, second, _]| [luma, first, second].map(|x| f64::from(x) / 65536.0));
        let minor = |r: usize, c: usize| {
            let at = |i: usize, j: usize| matrix[(r + i) % 3][(c + j) % 3];
            at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
        };
        let determinant: f64 = (0..3).map(|c| matrix[0][c] * minor(0, c)).sum();
        if determinant.abs() < 0.01 {
            return None;
        }
        let inverse = [0, 1, 2].map(|i| [0, 1, 2].map(|j| (minor(j, i) / determinant) as f32));
        let offsets = transform.0.map(|[.., one]| 0.5 - one as f32 / 65536.0);
        Some(Self { transform, density: 1.0 / determinant.abs(), inverse, offsets })
    }

    /// The nearest triple that gives these colours, or else one that gives most of them, and whether it gives all.
    pub(crate) fn triple(&self, colors: [u8; 3]) -> ([u8; 3], bool) {
        let (mut level, mut exact, mut nearest) = ([0.0; 3], [0.0; 3], [0; 3]);
        for c in 0..3 {
            level[c] = f32::from(colors[c]) + self.offsets[c];
        }
        for i in 0..3 {
            let of = self.inverse[i];
            let sum: f32 = of[0] * level[0] + of[1] * level[1] + of[2] * level[2];
            exact[i] = if i == 0 { sum } else { sum + 128.0 };
            nearest[i] = exact[i].round() as i32;
        }
        let mut best = ([0; 3], u32::MAX, f32::INFINITY);
        for step in STEPS {
            let mut triple = [0; 3];
            let mut distance = 0.0;
            for i in 0..3 {
                let value = (nearest[i] + step[i]).clamp(0, 255);
                triple[i] = value as u8;
                distance += (value as f32 - exact[i]) * (value as f32 - exact[i]);
            }
            let made = self.transform.colors(triple);
            let mut wrong = 0;
            for c in 0..3 {
                wrong += u32::from(made[c] != colors[c]);
            }
            if wrong == 0 && step == [0; 3] {
                return (triple, true);
            }
            if (wrong, distance) < (best.1, best.2) {
                best = (triple, wrong, distance);
            }
        }
        (best.0, best.1 == 0)
    }

    /// The planes of triples of a tile whose pixels have `size` bytes, and how many pixels are exceptions.
    pub(crate) fn triples(&self, raw: &[u8], size: usize) -> ([Vec<u8>; 3], usize) {
        let mut planes = [0; 3].map(|_| Vec::with_capacity(raw.len() / size));
        let mut exceptions = 0;
        for pixel in raw.chunks_exact(size) {
            let (triple, exact) = self.triple([pixel[0], pixel[1], pixel[2]]);
            exceptions += usize::from(!exact);
            planes.iter_mut().zip(triple).for_each(|(plane, value)| plane.push(value));
        }
        (planes, exceptions)
    }
}

/// Steps to the triples around one, itself first.
const STEPS: [[i32; 3]; 27] = {
    let mut steps = [[0; 3]; 27];
    let mut i = 0;
    while i < 27 {
        // Digits 0, 1, 2 are for 0, 1, -1.
        let d = [i as i32 / 9, i as i32 / 3 % 3, i as i32 % 3];
        let mut k = 0;
        while k < 3 {
            steps[i][k] = if d[k] == 2 { -1 } else { d[k] };
            k += 1;
        }
        i += 1;
    }
    steps
};

/// The lattice that the colours of a tile of this width are on, if there is one. One that has no name is looked for if
/// `thorough`, which takes about 50 ms.
pub(crate) fn find(raw: &[u8], size: usize, width: usize, thorough: bool) -> Option<Lattice> {
    let every = (raw.len() / size / SAMPLE).max(1);
    let sample: Vec<[u8; 3]> = raw
        .chunks_exact(size)
        .step_by(every)
        .map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .filter(|[red, green, blue]| {
            // Colours at the ends of their range were cut off.
            let (least, most) = (red.min(green).min(blue), red.max(green).max(blue));
            most - least >= CHROMA && *least > 0 && *most < 255
        })
        .collect();
    if sample.len() < COLOURED {
        return None;
    }
    let worth = |lattice: &Lattice| {
        let gain = |off: usize| gain((sample.len() - off) as f64 / sample.len() as f64, lattice.density);
        let mut off = 0;
        for &colors in &sample {
            if !lattice.triple(colors).1 {
                off += 1;
                // The pixels that are left cannot make up for these.
                if gain(off) < MIN_GAIN {
                    return None;
                }
            }
        }
        Some(gain(off)).filter(|&gain| gain >= MIN_GAIN)
    };
    let known = Transform::KNOWN.into_iter().filter_map(Lattice::new);
    let best = known.filter_map(|lattice| Some((worth(&lattice)?, lattice))).max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((_, lattice)) = best {
        return Some(lattice);
    }
    let learned = if thorough { learned::learn(raw, size, width)? } else { return None };
    worth(&learned).is_some().then_some(learned)
}

/// The lattice of JPEG files, if nearly all colours are on it. Pale ones are on many.
pub(crate) fn usual(raw: &[u8], size: usize) -> Option<Lattice> {
    let lattice = Lattice::new(Transform::KNOWN[0])?;
    let every = (raw.len() / size / SAMPLE).max(1);
    let sample = || raw.chunks_exact(size).step_by(every);
    // Colours that were cut off at the ends of their range may be on none.
    let most = sample().count() / 16;
    let off = sample().filter(|pixel| !lattice.triple([pixel[0], pixel[1], pixel[2]]).1);
    (off.take(most + 1).count() <= most).then_some(lattice)
}

/// About how many bits of a pixel a lattice of this density saves if this share of pixels is on it: each exception costs
/// three, and all tell which they are.
fn gain(share: f64, density: f64) -> f64 {
    let entropy = |p: f64| if p > 0.0 { -p * log2(p) } else { 0.0 };
    share * -log2(density) - entropy(share) - entropy(1.0 - share) - 3.0 * (1.0 - share)
}

/// The logarithm of a positive number within a hundredth, the same on every machine.
fn log2(mut x: f64) -> f64 {
    let mut whole = 0.0;
    while x >= 2.0 {
        (x, whole) = (x / 2.0, whole + 1.0);
    }
    while x < 1.0 && whole > -60.0 {
        (x, whole) = (x * 2.0, whole - 1.0);
    }
    whole + (x - 1.0) + 0.34 * (x - 1.0) * (2.0 - x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize) -> Vec<u8> {
        let mut x = 1u32;
        let next = |_| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 24) as u8
        };
        (0..n).map(next).collect()
    }

    #[test]
    fn each_known_transform_is_found_and_undone() {
        let bytes = noise(3 * 30_000);
        for transform in Transform::KNOWN {
            let triples = bytes.as_chunks::<3>().0.iter().map(|t| [t[0] / 2 + 64, t[1] / 4 + 96, t[2] / 4 + 96]);
            let raw: Vec<u8> = triples.flat_map(|triple| transform.colors(triple)).collect();
            let found = find(&raw, 3, 300, false).unwrap();
            assert_eq!(found.transform, transform);
            let (planes, exceptions) = found.triples(&raw, 3);
            // Colours that were cut off at the end of their range may be those of no triple near.
            assert!(exceptions < 300 && planes[0].len() == 30_000, "{exceptions}");
        }
    }

    #[test]
    fn other_colours_have_none() {
        assert!(find(&noise(3 * 30_000), 3, 300, true).is_none());
        let grey: Vec<u8> = noise(10_000).into_iter().flat_map(|level| [level; 3]).collect();
        assert!(find(&grey, 3, 100, true).is_none(), "grey is on every lattice");
        assert!(find(&[1, 2, 3], 3, 1, true).is_none());
    }

    #[test]
    fn a_transform_without_inverse_is_no_lattice() {
        assert!(Lattice::new(Transform([[65536, 0, 0, 0]; 3])).is_none());
    }

    /// Colours as smooth as those of a picture, from a transform.
    fn picture(transform: &Transform, width: usize, height: usize) -> Vec<u8> {
        let bytes = noise(3 * width * height);
        let (mut raw, mut triple) = (Vec::new(), [128i32; 3]);
        for step in bytes.as_chunks::<3>().0 {
            let ends = [20..235, 90..166, 90..166];
            for (i, end) in ends.into_iter().enumerate() {
                let by = if i == 0 { i32::from(step[0]) % 15 - 7 } else { i32::from(step[i]) % 5 - 2 };
                triple[i] = (triple[i] + by).clamp(end.start, end.end);
            }
            raw.extend(transform.colors(triple.map(|x| x as u8)));
        }
        raw
    }

    #[test]
    fn a_transform_without_a_name_is_learned() {
        let odd = Transform([
            [70_000, 3000, 120_000, 5000],
            [70_000, -30_000, -65_000, 19_000],
            [70_000, 141_000, -2000, 40_000],
        ]);
        let raw = picture(&odd, 256, 200);
        let found = find(&raw, 3, 256, true).unwrap();
        let (_, exceptions) = found.triples(&raw, 3);
        assert!(exceptions < 256 * 200 / 5, "{exceptions}");
        assert!(find(&raw, 3, 256, false).is_none());
    }
}
