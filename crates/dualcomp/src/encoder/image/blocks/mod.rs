//! Finds out that a JPEG decoder made a tile, and the quantised coefficients it had. What it finds may be wrong: samples that
//! differ are coded.

mod chroma;
mod clipped;
mod downsampling;
mod forward;
mod integer_samples;
mod quantisation;
mod refine;
mod samples;

use crate::codec::v1::image::blocks::{self, InverseDct, Origin, SIDE, Steps, Upsampling};
use crate::codec::v1::image::lattice::Transform;
use crate::error::Error;
use crate::format::image::tile_grid::TileShape;
use chroma::chroma;
use downsampling::downsample;
use forward::{AREA, block, some};
use quantisation::{step, steps};
use samples::Samples;

/// Frequencies that the grid is looked for by: those that most blocks have, but for the constant one.
const LOW: [usize; 8] = [1, 2, 3, 8, 9, 10, 16, 17];
/// Their largest step.
const MAX_STEP: u8 = 40;
/// Frequencies that it is looked for by where these show none, at high qualities, and how many of them must show a step: steps
/// of lower ones are 1 there, which tells nothing (experiments/0072).
const MIDDLE: [usize; 12] = [4, 5, 12, 13, 20, 27, 28, 34, 35, 36, 41, 42];
const MIN_MIDDLE_STEPS: usize = 4;
/// Blocks that are looked at.
const SAMPLE: usize = 1024;
/// How many of them must show a step, experiments/0060.
const MIN_STEPS: usize = 3;
/// One pixel in this many that was cut off must need a correction for coefficients to be found again, given what they say of it.
const CLIPPED: usize = 256;
/// How often that is done.
const AGAIN: usize = 2;
/// Pixels of a tile, and of its sides, at least: tables of steps take 128 bytes.
const SMALL: u64 = 1 << 12;
const MIN_SIDE: u32 = 24;

/// How many of some frequencies of planes, in columns below `K`, show a step in a grid, and the sum of what these save.
fn score<const K: usize, const N: usize>(planes: &[Samples], first: [usize; 2], places: &[usize; N]) -> (usize, u32) {
    let mut values = [const { Vec::new() }; N];
    for plane in planes {
        let every = (plane.values.len() / AREA / SAMPLE).max(1) | 1;
        for block in plane.blocks(first, every) {
            let (of_block, squares) = some::<K, N>(&block, places);
            if squares > plane.active() {
                for (values, value) in values.iter_mut().zip(of_block) {
                    values.extend(Some(value.abs()).filter(|&value| value > plane.noise));
                }
            }
        }
    }
    let found = values.iter().filter_map(|values| step(values, MAX_STEP));
    found.fold((0, 0), |(count, sum), step| (count + 1, sum + u32::from(step).ilog2() + 1))
}

/// The score by low frequencies.
fn low(planes: &[Samples], first: [usize; 2]) -> (usize, u32) {
    score::<4, _>(planes, first, &LOW)
}

/// The grid with the highest score, if it has enough.
fn grid(luma: &[Samples]) -> Option<[usize; 2]> {
    let best = |score: &dyn Fn([usize; 2]) -> (usize, u32)| {
        (0..AREA).map(|i| [i / SIDE, i % SIDE]).map(|first| (score(first), first)).max_by_key(|&(score, _)| score)
    };
    let found = best(&|first| low(luma, first)).filter(|found| found.0.0 >= MIN_STEPS);
    let middle = || best(&|first| score::<6, _>(luma, first, &MIDDLE)).filter(|found| found.0.0 >= MIN_MIDDLE_STEPS);
    found.or_else(middle).map(|found| found.1)
}

/// Blocks that tell how samples were made.
const MADE: usize = 128;

/// How a decoder made samples of coefficients: that way by which most are as they are.
fn inverse(luma: &Samples, grid: [usize; 2], steps: &Steps) -> InverseDct {
    let every = (luma.values.len() / AREA / MADE).max(1) | 1;
    let mut wrong = InverseDct::ALL.map(|_| 0);
    for mut samples in luma.blocks(grid, every) {
        for (inverse, wrong) in InverseDct::ALL.into_iter().zip(&mut wrong) {
            let made = inverse.samples(&block(&mut samples, None, (steps, inverse), true), steps);
            *wrong += made.iter().zip(&samples).filter(|&(made, sample)| (made >> 6) as f32 - 128.0 != *sample).count();
        }
    }
    let least = InverseDct::ALL.into_iter().zip(wrong).min_by_key(|of| of.1);
    least.map_or(InverseDct::Libjpeg, |of| of.0)
}

/// How a JPEG decoder made a tile whose planes these are, and the samples of its planes, if one did. `transform` makes colours of
/// luma and chroma, if there is chroma.
fn find(mut samples: Vec<Samples>, shape: TileShape, transform: Option<Transform>) -> Option<(Origin, Vec<Samples>)> {
    if shape.pixels() < SMALL || shape.width.min(shape.height) < MIN_SIDE {
        return None;
    }
    let grid = grid(&samples[..1])?;
    // How far the first pixel is into its block.
    let into = grid.map(|at| (SIDE - at) % SIDE);
    let mut values = vec![Vec::new(); AREA];
    samples[0].values(grid, &mut values);
    let (luma, quality) = steps(&values, None);
    let inverse = inverse(&samples[0], grid, &luma);
    let origin = |upsampling, first, steps| Origin { transform, upsampling, inverse, first, steps: [luma, steps] };
    // Grey, or a grey picture that was stored in three colours.
    if samples[1..].iter().all(|plane| plane.values.iter().all(|&value| value == 0.0)) {
        return Some((origin(Upsampling::None, into, [1; AREA]), samples));
    }
    let (upsampling, first, chroma, steps) = chroma(&samples[1..], shape, into, (quality, inverse))?;
    samples.splice(1.., chroma);
    Some((origin(upsampling, first, steps), samples))
}

/// The quantised coefficients of samples.
fn coefficients(origin: &Origin, samples: &[Samples]) -> Vec<Vec<i16>> {
    let of_plane = |(plane, samples): (usize, &Samples)| {
        let shifts = if plane == 0 { [0; 2] } else { origin.upsampling.shifts() };
        let before = [0, 1].map(|i| origin.first[i] >> shifts[i]);
        samples.quantised(before, &origin.steps[plane.min(1)], origin.inverse)
    };
    samples.iter().enumerate().map(of_plane).collect()
}

/// A tile that a JPEG decoder made.
pub(crate) struct Found {
    origin: Origin,
    coefficients: Vec<Vec<i16>>,
    /// Luma and chroma, or grey, with those of the coefficients wherever these give the colours.
    planes: Vec<Vec<u8>>,
}

impl Found {
    /// Of a tile with these planes, if a decoder made it; as [`find`].
    pub(crate) fn new(
        raw: &[u8],
        planes: Vec<Vec<u8>>,
        shape: TileShape,
        transform: Option<Transform>,
    ) -> Option<Self> {
        let pixels = raw.chunks_exact(planes.len());
        let known: Vec<bool> = pixels.map(|pixel| pixel.iter().all(|&color| color > 0 && color < 255)).collect();
        let samples = |plane: &Vec<u8>| Samples::new(plane, &known, shape.width as usize);
        let (origin, of_planes) = find(planes.iter().map(samples).collect(), shape, transform)?;
        let coefficients = coefficients(&origin, &of_planes);
        let mut found = Self { origin, coefficients, planes };
        let mut wrong = found.take_triples(raw, shape);
        for _ in 0..AGAIN {
            if wrong * CLIPPED <= known.len() {
                break;
            }
            let parities = found.origin.first.map(|at| at & 1);
            let upsampling = |plane: usize| if plane == 0 { Upsampling::None } else { found.origin.upsampling };
            let of_planes = found.planes.iter().map(samples).enumerate();
            let of_planes: Vec<_> = of_planes.map(|(i, plane)| downsample(&plane, upsampling(i), parities).0).collect();
            let coefficients = self::coefficients(&found.origin, &of_planes);
            let mut again = Self { coefficients, planes: found.planes.clone(), origin: found.origin.clone() };
            let left = again.take_triples(raw, shape);
            if left >= wrong {
                break;
            }
            (found, wrong) = (again, left);
        }
        Some(found)
    }

    /// Several triples may lead to the same colours: that of the coefficients needs no correction, and one near a small
    /// one. Says how many pixels that were cut off need any.
    fn take_triples(&mut self, raw: &[u8], shape: TileShape) -> usize {
        let Some(transform) = self.origin.transform else { return 0 };
        let decoded: Vec<_> =
            (0..3).map(|plane| self.origin.samples(plane, shape, &self.coefficients[plane])).collect();
        let mut wrong = 0;
        for (at, colors) in raw.as_chunks::<3>().0.iter().enumerate() {
            let decoded = [0, 1, 2].map(|plane: usize| decoded[plane][at].0);
            let right = transform.colors(decoded) == *colors;
            let ends = !right && colors.iter().any(|&color| color == 0 || color == 255);
            let near = if ends { clipped::nearest(&transform, decoded, *colors) } else { None };
            wrong += usize::from(ends);
            if let Some(triple) = if right { Some(decoded) } else { near } {
                self.planes.iter_mut().zip(triple).for_each(|(plane, value)| plane[at] = value);
            }
        }
        wrong
    }

    /// The payload of the tile's upper rows, of which `shape` has some or all.
    ///
    /// # Errors
    /// If coefficients take 4 GiB.
    pub(crate) fn encode(&self, raw: &[u8], shape: TileShape, fast: bool) -> Result<Vec<u8>, Error> {
        let planes: Vec<Vec<u8>> = self.planes.iter().map(|plane| plane[..shape.pixels() as usize].to_vec()).collect();
        let shapes = self.origin.shapes(shape);
        let of_rows = shapes.iter().zip(&self.coefficients);
        let coefficients: Vec<Vec<i16>> =
            of_rows.map(|(shape, plane)| plane[..shape.blocks_wide * shape.blocks_high * AREA].to_vec()).collect();
        blocks::encode(raw, shape, fast, &self.origin, &planes, &coefficients)
    }
}
