//! Samples of halved chroma were whole numbers: those nearest to what a plane tells, changed where upsampling them does not
//! give the plane.

use core::ops::Range;

use super::quantisation::NOISE;
use super::samples::Samples;
use crate::codec::v1::image::blocks::Upsampling;

/// Passes over all samples.
const PASSES: usize = 6;
/// One pixel in this many may be another than upsampling gives, for samples to be taken as whole.
const WRONG: usize = 8;
/// And one in this many after the first pass, for more passes to help.
const HOPELESS: usize = 4;
/// Where the other sample of a pair is, down and across.
const BESIDE: [(usize, isize); 4] = [(0, 1), (1, -1), (1, 0), (1, 1)];

/// IntegerSamples numbers beside a plane.
struct IntegerSamples<'a> {
    plane: &'a Samples,
    values: Vec<i32>,
    sides: [usize; 2],
    first: [usize; 2],
    upsampling: Upsampling,
    /// By how much upsampling is above each pixel, before it rounds, in sixteenths; none of pixels that tell nothing.
    above: Vec<Option<i32>>,
    /// How much that may be.
    most: i32,
}

impl<'a> IntegerSamples<'a> {
    fn new(plane: &'a Samples, halved: &Samples, first: [usize; 2], upsampling: Upsampling) -> Self {
        let values = halved.values.iter().map(|value| value.round() as i32).collect();
        // Other sums are multiples of four sixteenths.
        let most = if matches!(upsampling, Upsampling::Both | Upsampling::EvenBoth) { 15 } else { 12 };
        let mut whole = Self { plane, values, sides: halved.sides, first, upsampling, above: Vec::new(), most };
        let [rows, columns] = [0, 1].map(|i| first[i]..first[i] + plane.sides[i]);
        whole.above =
            rows.flat_map(|row| columns.clone().map(move |column| [row, column])).map(|at| whole.above(at)).collect();
        whole
    }

    /// Of a pixel, given its place from the first sample on.
    #[inline(always)]
    fn above(&self, at: [usize; 2]) -> Option<i32> {
        // What is beyond the last samples is not known.
        let beyond =
            || (0..2).any(|i| self.upsampling.shifts()[i] == 1 && at[i] & 1 == 1 && at[i] / 2 + 1 == self.sides[i]);
        let pixel = self.pixel(at);
        if !self.plane.known[pixel] || self.upsampling.has_whole_blocks() && beyond() {
            return None;
        }
        let sum = self.upsampling.sixteenths(|row, column| self.values[row * self.sides[1] + column], at, self.sides);
        Some(sum - 16 * self.plane.values[pixel] as i32)
    }

    #[inline(always)]
    fn pixel(&self, at: [usize; 2]) -> usize {
        (at[0] - self.first[0]) * self.plane.sides[1] + at[1] - self.first[1]
    }

    /// How far a pixel that is so much above is from what upsampling gives, squared.
    fn off(&self, above: Option<i32>) -> i32 {
        let Some(above) = above else { return 0 };
        let off = (-above).max(above - self.most).max(0);
        off * off
    }

    /// Rows or columns of pixels that a sample counts for.
    fn range(&self, i: usize, at: usize) -> Range<usize> {
        let single = self.upsampling.shifts()[i] == 0;
        let (start, end) = if single { (at, at + 1) } else { ((2 * at).saturating_sub(1), 2 * at + 3) };
        start.max(self.first[i])..end.min(self.first[i] + self.plane.sides[i])
    }

    /// The pixels that a sample counts for.
    #[inline(always)]
    fn pixels(&self, [row, column]: [usize; 2]) -> impl Iterator<Item = [usize; 2]> + use<> {
        let (rows, columns) = (self.range(0, row), self.range(1, column));
        rows.flat_map(move |row| columns.clone().map(move |column| [row, column]))
    }

    /// How far all pixels that a sample counts for are off.
    fn cost(&self, at: [usize; 2]) -> i32 {
        self.pixels(at).map(|at| self.off(self.above[self.pixel(at)])).sum()
    }

    /// What a sample counts for a row or column of pixels, in quarters.
    #[inline(always)]
    fn weight(&self, i: usize, pixel: usize, at: usize) -> i32 {
        if self.upsampling.shifts()[i] == 0 {
            return 4;
        }
        let near = pixel / 2;
        let second = if pixel & 1 == 0 { near.saturating_sub(1) } else { (near + 1).min(self.sides[i] - 1) };
        3 * i32::from(near == at) + i32::from(second == at)
    }

    /// The same, if it is changed.
    fn cost_if(&mut self, at: [usize; 2], by: i32) -> i32 {
        if self.upsampling != Upsampling::Twice {
            let mut sum = 0;
            for row in self.range(0, at[0]) {
                let down = by * self.weight(0, row, at[0]);
                for column in self.range(1, at[1]) {
                    let more = down * self.weight(1, column, at[1]);
                    sum += self.off(self.above[self.pixel([row, column])].map(|above| above + more));
                }
            }
            return sum;
        }
        let place = at[0] * self.sides[1] + at[1];
        self.values[place] += by;
        let cost = self.pixels(at).map(|at| self.off(self.above(at))).sum();
        self.values[place] -= by;
        cost
    }

    fn change(&mut self, at: [usize; 2], by: i32) {
        self.values[at[0] * self.sides[1] + at[1]] += by;
        for at in self.pixels(at) {
            let pixel = self.pixel(at);
            self.above[pixel] = self.above(at);
        }
    }

    /// Pixels that are another than upsampling gives.
    fn wrong(&self) -> usize {
        self.above.iter().filter(|&&above| self.off(above) > 0).count()
    }

    /// Changes samples one at a time, or also in pairs, where that makes pixels more what they are.
    fn pass(&mut self, pairs: bool) -> bool {
        let mut changed = false;
        for row in 0..self.sides[0] {
            for column in 0..self.sides[1] {
                let cost = self.cost([row, column]);
                if cost == 0 {
                    continue;
                }
                let best = [-1, 1].map(|by| (self.cost_if([row, column], by), by)).into_iter().min();
                if let Some((_, by)) = best.filter(|best| best.0 < cost) {
                    self.change([row, column], by);
                    changed = true;
                } else if pairs {
                    changed |= self.pair([row, column], cost);
                }
            }
        }
        changed
    }

    /// Changes a sample and one after it, if that is better.
    fn pair(&mut self, [row, column]: [usize; 2], cost: i32) -> bool {
        for by in [-1, 1] {
            let gain = cost - self.cost_if([row, column], by);
            self.change([row, column], by);
            for (down, across) in BESIDE {
                let Some(beside) = column.checked_add_signed(across) else { continue };
                if row + down >= self.sides[0] || beside >= self.sides[1] {
                    continue;
                }
                let other = [row + down, beside];
                let before = self.cost(other);
                for of_other in [-1, 1] {
                    if gain + before - self.cost_if(other, of_other) > 0 {
                        self.change(other, of_other);
                        return true;
                    }
                }
            }
            self.change([row, column], -by);
        }
        false
    }
}

/// Makes halved samples whole, if that gives the plane, and says how many pixels are others then.
pub(super) fn settle(
    plane: &Samples,
    halved: &mut Samples,
    first: [usize; 2],
    upsampling: Upsampling,
) -> Option<usize> {
    let mut whole = IntegerSamples::new(plane, halved, first, upsampling);
    let all = plane.values.len();
    for pass in 0..PASSES {
        let changed = whole.pass(pass > 0);
        if !changed || pass == 0 && whole.wrong() * HOPELESS > all {
            break;
        }
    }
    let (wrong, values) = (whole.wrong(), whole.values);
    take(halved, &values, wrong, all)
}

/// The same of samples that are repeated.
pub(super) fn repeated(plane: &Samples, halved: &mut Samples, first: [usize; 2], shifts: [usize; 2]) -> Option<usize> {
    let values: Vec<i32> = halved.values.iter().map(|value| value.round() as i32).collect();
    let mut wrong = 0;
    for row in 0..plane.sides[0] {
        let line = ((row + first[0]) >> shifts[0]) * halved.sides[1];
        for column in 0..plane.sides[1] {
            let (pixel, value) = (row * plane.sides[1] + column, values[line + ((column + first[1]) >> shifts[1])]);
            wrong += usize::from(plane.known[pixel] && plane.values[pixel] as i32 != value);
        }
    }
    take(halved, &values, wrong, plane.values.len())
}

/// Takes values as those of a plane if few pixels are others than they give.
fn take(halved: &mut Samples, values: &[i32], wrong: usize, all: usize) -> Option<usize> {
    if wrong * WRONG > all {
        return None;
    }
    halved.values = values.iter().map(|&value| value as f32).collect();
    halved.noise = NOISE[0];
    Some(wrong)
}
