//! Finds the size that chroma had, and its steps.

use dualcomp_jpeg::usual_steps;

use super::downsampling::downsample;
use super::forward::AREA;
use super::quantisation::steps;
use super::samples::Samples;
use super::{MIN_STEPS, low};
use crate::codec::v1::image::blocks::{InverseDct, Origin, SIDE, Steps, Upsampling};
use crate::format::image::tile_grid::TileShape;

/// Upsamplings that are tried on all of the planes where a part tells nothing.
const FILTERS: [Upsampling; 4] =
    [Upsampling::Both, Upsampling::RepeatedBoth, Upsampling::Columns, Upsampling::RepeatedColumns];
/// One known pixel in this many may be another than samples give, for an upsampling to be the right one, with half of
/// the rows and with all: of the set of experiments/0080, 4.5 % at most are with the right one.
const SURELY: [usize; 2] = [16, 24];
/// The same for no others to be tried.
const AT_ONCE: usize = 100;
/// Rows that tell which upsampling is the right one, and pixels.
const TOLD: usize = 16;
const TOLD_PIXELS: usize = 1 << 12;

/// The upsampling that gives most of the busiest rows, if one gives nearly all of them.
fn likely(planes: &[Samples], parities: [usize; 2]) -> Option<Upsampling> {
    let [rows, columns] = planes.first()?.sides;
    let told = TOLD.max(TOLD_PIXELS.div_ceil(columns).next_multiple_of(2));
    let parts = (0..(rows / told).max(1)).map(|part| part * told);
    let busy = |first: &usize| planes.iter().map(|plane| plane.rows(*first, told).busy()).sum::<u32>();
    let first = parts.max_by_key(busy)?;
    let of_rows: Vec<Samples> = planes.iter().map(|plane| plane.rows(first, told)).collect();
    let known = of_rows.iter().flat_map(|plane| &plane.known).filter(|&&known| known).count();
    // What has half of the rows, too, is first, as half of the columns gives the same.
    for shift in [1, 0] {
        let mut best = (usize::MAX, Upsampling::None);
        for upsampling in Upsampling::ALL.into_iter().filter(|upsampling| upsampling.shifts() == [shift, 1]) {
            let wrong = of_rows.iter().try_fold(0, |sum, plane| Some(sum + downsample(plane, upsampling, parities).1?));
            if let Some(wrong) = wrong.filter(|&wrong| wrong < best.0) {
                best = (wrong, upsampling);
            }
            if best.0.saturating_mul(AT_ONCE) < known {
                break;
            }
        }
        if best.0.saturating_mul(SURELY[1 - shift]) < known {
            return Some(best.1);
        }
    }
    None
}

/// Planes of chroma as one upsampling has them.
struct Tried {
    score: (usize, u32),
    wrong: usize,
    upsampling: Upsampling,
    place: [usize; 2],
    grid: [usize; 2],
    halved: Vec<Samples>,
}

impl Tried {
    /// Whether it shows steps.
    fn shows(&self) -> bool {
        self.score.0 >= MIN_STEPS
    }

    fn better(&self, than: &Self) -> bool {
        if self.shows() != than.shows() {
            return self.shows();
        }
        if self.wrong.min(than.wrong) < usize::MAX { self.wrong < than.wrong } else { self.score > than.score }
    }
}

/// The size of chroma, where the first pixel is in a unit of it, its samples and its steps. Where chroma shows no
/// steps, as in pictures of pale colours, it is taken to have the steps of luma's `quality`, and full size or the
/// upsampling that is tried first.
pub(super) fn chroma(
    planes: &[Samples],
    shape: TileShape,
    into: [usize; 2],
    (quality, inverse): (Option<u8>, InverseDct),
) -> Option<(Upsampling, [usize; 2], Vec<Samples>, Steps)> {
    // Planes depend on whether the first pixel is the first of a pair; blocks of them on all of the place.
    let parities = into.map(|at| at & 1);
    let tried = |upsampling: Upsampling| {
        let (halved, wrong): (Vec<Samples>, Vec<Option<usize>>) =
            planes.iter().map(|plane| downsample(plane, upsampling, parities)).unzip();
        let shifts = upsampling.shifts();
        let grid = |place: [usize; 2]| [0, 1].map(|i| (SIDE - (place[i] >> shifts[i]) % SIDE) % SIDE);
        let scores = places(upsampling, into).map(|place| (low(&halved, grid(place)), place, grid(place)));
        let (score, place, grid) = scores.max_by_key(|of| of.0)?;
        // Pixels that the samples do not give, unless these are not whole.
        let wrong = wrong.into_iter().try_fold(0, |sum, wrong| Some(sum + wrong?)).unwrap_or(usize::MAX);
        Some(Tried { score, wrong, upsampling, place, grid, halved })
    };
    let mut best = tried(Upsampling::None);
    let mut pale = None;
    if best.as_ref().is_none_or(|best| !best.shows()) {
        let likely = likely(planes, parities);
        let filters: &[Upsampling] = match &likely {
            None => &FILTERS,
            Some(likely) if likely.shifts()[0] == 1 => core::slice::from_ref(likely),
            // Half of the columns may also give what has half of the rows.
            Some(Upsampling::EvenColumns) => &[Upsampling::EvenColumns, Upsampling::Twice],
            Some(Upsampling::Columns) => &[Upsampling::Columns, Upsampling::Both],
            Some(_) => &[Upsampling::RepeatedColumns, Upsampling::RepeatedBoth],
        };
        for &upsampling in filters {
            let Some(found) = tried(upsampling) else { continue };
            if pale.is_none() {
                pale = Some((upsampling, found.halved.clone()));
            }
            let enough = found.shows() && likely.is_some();
            if best.as_ref().is_none_or(|best| found.better(best)) {
                best = Some(found);
            }
            if enough {
                break;
            }
        }
    }
    let right = |upsampling: Upsampling, first: [usize; 2], plane: &Samples, steps: Steps| {
        let origin = Origin { transform: None, upsampling, inverse, first, steps: [steps; 2] };
        let shifts = upsampling.shifts();
        let coefficients = plane.quantised([0, 1].map(|i| first[i] >> shifts[i]), &steps, inverse);
        let decoded = origin.samples(1, shape, &coefficients);
        decoded.iter().zip(&planes[0].values).filter(|(decoded, value)| f32::from(decoded.0) - 128.0 == **value).count()
    };
    if let Some(best) = best.filter(Tried::shows) {
        let Tried { upsampling, place, grid, halved, .. } = best;
        let mut values = vec![Vec::new(); AREA];
        halved.iter().for_each(|plane| plane.values(grid, &mut values));
        let (mut steps, usual) = steps(&values, quality);
        if let (Some(quality), None) = (quality, usual) {
            let beside = usual_steps(true, quality);
            if right(upsampling, place, &halved[0], beside) > right(upsampling, place, &halved[0], steps) {
                steps = beside;
            }
        }
        return Some((upsampling, place, halved, steps));
    }
    let ((upsampling, halved), steps) = (pale?, usual_steps(true, quality?));
    let of_half = places(upsampling, into).map(|first| (right(upsampling, first, &halved[0], steps), first));
    let (count, first) = of_half.max()?;
    match right(Upsampling::None, into, &planes[0], steps) < count {
        true => Some((upsampling, first, halved, steps)),
        false => Some((Upsampling::None, into, planes.to_vec(), steps)),
    }
}

/// Where the first pixel may be in a unit of chroma that is `into` its block of luma.
fn places(upsampling: Upsampling, into: [usize; 2]) -> impl Iterator<Item = [usize; 2]> {
    let [rows, columns] = upsampling.unit();
    (into[0]..rows).step_by(SIDE).flat_map(move |row| (into[1]..columns).step_by(SIDE).map(move |column| [row, column]))
}
