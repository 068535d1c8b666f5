//! Finds out that a JPEG decoder made a tile, and the quantised coefficients it had. What it finds may be wrong: samples that
//! differ are coded.

mod comb;
mod forward;
mod halves;
mod refine;
mod whole;

use dualcomp_jpeg::usual_steps;

use crate::codec::v1::image::blocks::{self, Halving, Origin, SIDE, Steps};
use crate::codec::v1::image::lattice::Transform;
use crate::error::Error;
use crate::format::image::tile_grid::TileShape;
use comb::{NOISE, step, steps};
use forward::{AREA, block, forward, some};
use halves::halves;

/// Frequencies that the grid is looked for by: those that most blocks have, but for the constant one.
const LOW: [usize; 8] = [1, 2, 3, 8, 9, 10, 16, 17];
/// Their largest step.
const MOST: u8 = 40;
/// Frequencies that it is looked for by where these show none, at high qualities, and how many of them must show a step: steps
/// of lower ones are 1 there, which tells nothing (experiments/0072).
const MIDDLE: [usize; 12] = [4, 5, 12, 13, 20, 27, 28, 34, 35, 36, 41, 42];
const LEAST_MIDDLE: usize = 4;
/// Blocks that are looked at.
const SAMPLE: usize = 1024;
/// Least sum of squares of coefficients but the constant one of these: in smoother blocks what rounding does to samples is
/// alike, and coefficients are off by more.
const ACTIVE: f32 = 4.0 * AREA as f32;
/// How many of them must show a step, experiments/0060.
const LEAST: usize = 3;
/// Pixels of a tile, and of its sides, at least: tables of steps take 128 bytes.
const SMALL: u64 = 1 << 12;
const LEAST_SIDE: u32 = 24;

/// Samples of a plane, measured from 128.
#[derive(Clone)]
struct Samples {
    values: Vec<f32>,
    /// Whether they were not cut off at the ends of the range of colours.
    known: Vec<bool>,
    sides: [usize; 2],
    /// Magnitudes of coefficients that tell nothing.
    noise: f32,
}

impl Samples {
    fn new(plane: &[u8], known: &[bool], width: usize) -> Self {
        let values = plane.iter().map(|&value| f32::from(value) - 128.0).collect();
        Self { values, known: known.to_vec(), sides: [plane.len() / width, width], noise: NOISE[0] }
    }

    /// Whether these are the whole numbers that a decoder had.
    fn is_whole(&self) -> bool {
        self.noise == NOISE[0]
    }

    /// As [`ACTIVE`]: halved samples were rounded several times each, and never alike.
    fn active(&self) -> f32 {
        if self.is_whole() { ACTIVE } else { ACTIVE / 4.0 }
    }

    /// The whole blocks that are known, of a grid that begins at a row and a column, each `every`th.
    fn blocks(&self, first: [usize; 2], every: usize) -> impl Iterator<Item = [f32; AREA]> {
        let [rows, columns] = self.sides;
        let starts = |first: usize, side: usize| (first..(side + 1).saturating_sub(SIDE)).step_by(SIDE);
        let places =
            starts(first[0], rows).flat_map(move |row| starts(first[1], columns).map(move |column| [row, column]));
        let at = move |[row, column]: [usize; 2], i: usize| (row + i / SIDE) * columns + column + i % SIDE;
        let known = places.step_by(every).filter(move |&place| (0..AREA).all(|i| self.known[at(place, i)]));
        known.map(move |place| core::array::from_fn(|i| self.values[at(place, i)]))
    }

    /// Magnitudes of each coefficient that exceed noise, in a grid.
    fn values(&self, first: [usize; 2], values: &mut [Vec<f32>]) {
        for block in self.blocks(first, 1) {
            let of_block = forward(&block);
            if of_block[1..].iter().map(|value| value * value).sum::<f32>() <= self.active() {
                continue;
            }
            for (values, value) in values.iter_mut().zip(of_block) {
                values.extend(Some(value.abs()).filter(|&value| value > self.noise));
            }
        }
    }

    /// Quantised coefficients of all blocks that have a sample. `before` is how many rows and columns of the first block are
    /// beyond the plane.
    fn quantised(&self, before: [usize; 2], steps: &Steps) -> Vec<i16> {
        let columns = self.sides[1];
        let count = [0, 1].map(|i| (before[i] + self.sides[i]).div_ceil(SIDE));
        let mut out = Vec::with_capacity(count[0] * count[1] * AREA);
        for at in 0..count[0] * count[1] {
            let start = [at / count[1] * SIDE, at % count[1] * SIDE];
            let (mut samples, mut known) = ([0.0; AREA], [true; AREA]);
            for i in 0..AREA {
                let place = [start[0] + i / SIDE, start[1] + i % SIDE];
                let inside = [0, 1].map(|i| place[i].saturating_sub(before[i]).min(self.sides[i] - 1));
                let at = inside[0] * columns + inside[1];
                known[i] = self.known[at] && (0..2).all(|i| inside[i] + before[i] == place[i]);
                samples[i] = self.values[at];
            }
            let partial = known.contains(&false);
            out.extend(block(&mut samples, partial.then_some(&known), steps, self.is_whole()));
        }
        out
    }
}

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
    let found = values.iter().filter_map(|values| step(values, MOST));
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
    let found = best(&|first| low(luma, first)).filter(|found| found.0.0 >= LEAST);
    let middle = || best(&|first| score::<6, _>(luma, first, &MIDDLE)).filter(|found| found.0.0 >= LEAST_MIDDLE);
    found.or_else(middle).map(|found| found.1)
}

/// How a JPEG decoder made a tile whose planes these are, and its coefficients, if one did. `transform` makes colours of luma
/// and chroma, if there is chroma.
fn find(
    raw: &[u8],
    planes: &[Vec<u8>],
    shape: TileShape,
    transform: Option<Transform>,
) -> Option<(Origin, Vec<Vec<i16>>)> {
    if shape.pixels() < SMALL || shape.width.min(shape.height) < LEAST_SIDE {
        return None;
    }
    let pixels = raw.chunks_exact(planes.len());
    let known: Vec<bool> = pixels.map(|pixel| pixel.iter().all(|&color| color > 0 && color < 255)).collect();
    let samples: Vec<Samples> = planes.iter().map(|plane| Samples::new(plane, &known, shape.width as usize)).collect();
    let grid = grid(&samples[..1])?;
    // How far the first pixel is into its block.
    let into = grid.map(|at| (SIDE - at) % SIDE);
    let mut values = vec![Vec::new(); AREA];
    samples[0].values(grid, &mut values);
    let (luma, quality) = steps(&values, None);
    let Some(transform) = transform else {
        let origin = Origin { transform, halving: Halving::None, first: into, steps: [luma; 2] };
        let coefficients = samples[0].quantised(into, &luma);
        return Some((origin, vec![coefficients]));
    };
    // A grey picture that was stored in three colours.
    if planes[1..].iter().all(|plane| plane.iter().all(|&value| value == 128)) {
        let origin =
            Origin { transform: Some(transform), halving: Halving::None, first: into, steps: [luma, [1; AREA]] };
        let coefficients = samples.iter().zip([luma, [1; AREA], [1; AREA]]);
        return Some((origin, coefficients.map(|(plane, steps)| plane.quantised(into, &steps)).collect()));
    }
    let (halving, first, chroma, steps) = chroma(&samples[1..], shape, into, quality)?;
    let shifts = halving.shifts();
    let before = [0, 1].map(|i| first[i] >> shifts[i]);
    let steps = [luma, steps];
    let origin = Origin { transform: Some(transform), halving, first, steps };
    let mut coefficients = vec![samples[0].quantised(first, &luma)];
    coefficients.extend(chroma.iter().map(|plane| plane.quantised(before, &steps[1])));
    Some((origin, coefficients))
}

/// The size of chroma, where the first pixel is in a unit of it, its samples and its steps. Where chroma shows no steps, as in
/// pictures of pale colours, it is taken to have the steps of luma's `quality`, and full size or half of both sides.
fn chroma(
    planes: &[Samples],
    shape: TileShape,
    into: [usize; 2],
    quality: Option<u8>,
) -> Option<(Halving, [usize; 2], Vec<Samples>, Steps)> {
    // Planes depend on whether the first pixel is the first of a pair; blocks of them on all of the place.
    let parities = into.map(|at| at & 1);
    let tried = |halving: Halving| {
        let halved: Vec<Samples> = planes.iter().map(|plane| halves(plane, halving, parities)).collect();
        let shifts = halving.shifts();
        let grid = |place: [usize; 2]| [0, 1].map(|i| (SIDE - (place[i] >> shifts[i]) % SIDE) % SIDE);
        let scores = places(halving, into).map(|place| (low(&halved, grid(place)), place, grid(place)));
        let (score, place, grid) = scores.max_by_key(|of| of.0)?;
        Some((score, halving, place, grid, halved))
    };
    let mut best = tried(Halving::None);
    let mut halved_both = None;
    if best.as_ref().is_none_or(|best| best.0.0 < LEAST) {
        for halving in [Halving::Both, Halving::RepeatedBoth, Halving::Columns, Halving::RepeatedColumns] {
            let found = tried(halving);
            if halving == Halving::Both {
                halved_both = found.as_ref().map(|found| found.4.clone());
                if halved_both.as_ref().is_some_and(|planes| planes.iter().all(Samples::is_whole)) {
                    best = found;
                    break;
                }
            }
            if found.as_ref().map(|found| found.0) > best.as_ref().map(|best| best.0) {
                best = found;
            }
        }
    }
    let right = |halving: Halving, first: [usize; 2], plane: &Samples, steps: Steps| {
        let origin = Origin { transform: None, halving, first, steps: [steps; 2] };
        let shifts = halving.shifts();
        let coefficients = plane.quantised([0, 1].map(|i| first[i] >> shifts[i]), &steps);
        let said = origin.samples(1, shape, &coefficients);
        said.iter().zip(&planes[0].values).filter(|(said, value)| f32::from(said.0) - 128.0 == **value).count()
    };
    if let Some((_, halving, place, grid, halved)) = best.filter(|best| best.0.0 >= LEAST) {
        let mut values = vec![Vec::new(); AREA];
        halved.iter().for_each(|plane| plane.values(grid, &mut values));
        let (mut steps, usual) = steps(&values, quality);
        if let (Some(quality), None) = (quality, usual) {
            let beside = usual_steps(true, quality);
            if right(halving, place, &halved[0], beside) > right(halving, place, &halved[0], steps) {
                steps = beside;
            }
        }
        return Some((halving, place, halved, steps));
    }
    let (halved_both, steps) = (halved_both?, usual_steps(true, quality?));
    let of_half = places(Halving::Both, into).map(|first| (right(Halving::Both, first, &halved_both[0], steps), first));
    let (count, first) = of_half.max()?;
    match right(Halving::None, into, &planes[0], steps) < count {
        true => Some((Halving::Both, first, halved_both, steps)),
        false => Some((Halving::None, into, planes.to_vec(), steps)),
    }
}

/// Where the first pixel may be in a unit of chroma that is `into` its block of luma.
fn places(halving: Halving, into: [usize; 2]) -> impl Iterator<Item = [usize; 2]> {
    let [rows, columns] = halving.unit();
    (into[0]..rows).step_by(SIDE).flat_map(move |row| (into[1]..columns).step_by(SIDE).map(move |column| [row, column]))
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
        mut planes: Vec<Vec<u8>>,
        shape: TileShape,
        transform: Option<Transform>,
    ) -> Option<Self> {
        let (origin, coefficients) = find(raw, &planes, shape, transform)?;
        if let Some(transform) = transform {
            // Several triples may lead to the same colours: that of the coefficients needs no correction.
            let said: Vec<_> = (0..3).map(|plane| origin.samples(plane, shape, &coefficients[plane])).collect();
            for (at, colors) in raw.as_chunks::<3>().0.iter().enumerate() {
                let triple = [0, 1, 2].map(|plane: usize| said[plane][at].0);
                if transform.colors(triple) == *colors {
                    planes.iter_mut().zip(triple).for_each(|(plane, value)| plane[at] = value);
                }
            }
        }
        Some(Self { origin, coefficients, planes })
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
