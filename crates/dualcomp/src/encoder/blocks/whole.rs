//! Samples of halved chroma were whole numbers: those nearest to what a plane tells, changed where upsampling them does not
//! give the plane.

use core::ops::Range;

use super::Samples;
use super::comb::NOISE;

/// Passes over all samples.
const PASSES: usize = 6;
/// One pixel in this many may be another than upsampling gives, for samples to be taken as whole.
const WRONG: usize = 8;
/// And one in this many after the first pass, for more passes to help.
const HOPELESS: usize = 4;
/// Where the other sample of a pair is, down and across.
const BESIDE: [(usize, isize); 4] = [(0, 1), (1, -1), (1, 0), (1, 1)];

/// Whole numbers beside a plane.
struct Whole<'a> {
    plane: &'a Samples,
    values: Vec<i32>,
    sides: [usize; 2],
    first: [usize; 2],
    shifts: [usize; 2],
    /// By how much upsampling is above each pixel, before it rounds, in sixteenths.
    above: Vec<i32>,
    /// How much that may be.
    most: i32,
}

impl<'a> Whole<'a> {
    fn new(plane: &'a Samples, halved: &Samples, first: [usize; 2], shifts: [usize; 2]) -> Self {
        let both = shifts[0] == 1;
        let values: Vec<i32> = halved.values.iter().map(|value| value.round() as i32).collect();
        let mut whole = Self {
            plane,
            values: vec![0; values.len()],
            sides: halved.sides,
            first,
            shifts,
            above: Vec::with_capacity(plane.values.len()),
            // Of half of the columns alone, all is four times as much.
            most: if both { 15 } else { 12 },
        };
        for (at, &value) in plane.values.iter().enumerate() {
            let odd = ((at % plane.sides[1] + first[1]) & 1) as i32;
            whole.above.push(if both { 8 - odd } else { 4 + 4 * odd } - 16 * value as i32);
        }
        for (at, value) in values.into_iter().enumerate() {
            whole.change([at / whole.sides[1], at % whole.sides[1]], value);
        }
        whole
    }

    /// How far a pixel is from what upsampling gives, squared, if it is above by so much more.
    fn off(&self, pixel: usize, by: i32) -> i32 {
        if !self.plane.known[pixel] {
            return 0;
        }
        let above = self.above[pixel] + by;
        let off = (-above).max(above - self.most).max(0);
        off * off
    }

    /// Rows or columns of pixels that a sample counts for.
    fn range(&self, i: usize, at: usize) -> Range<usize> {
        let (start, end) = if self.shifts[i] == 0 { (at, at + 1) } else { ((2 * at).saturating_sub(1), 2 * at + 3) };
        start.max(self.first[i])..end.min(self.first[i] + self.plane.sides[i])
    }

    /// What it counts in one of them, in quarters.
    fn weight(&self, i: usize, pixel: usize, at: usize) -> i32 {
        if self.shifts[i] == 0 {
            return 4;
        }
        let near = pixel / 2;
        let second = if pixel & 1 == 0 { near.saturating_sub(1) } else { (near + 1).min(self.sides[i] - 1) };
        3 * i32::from(near == at) + i32::from(second == at)
    }

    /// Does something with each pixel that a sample counts for, and what it counts there.
    fn each(&self, [row, column]: [usize; 2], mut act: impl FnMut(usize, i32)) {
        for pixel in self.range(0, row) {
            let (start, down) = ((pixel - self.first[0]) * self.plane.sides[1], self.weight(0, pixel, row));
            for beside in self.range(1, column) {
                act(start + beside - self.first[1], down * self.weight(1, beside, column));
            }
        }
    }

    /// How far all pixels that a sample counts for are off, if it is changed.
    fn cost(&self, at: [usize; 2], by: i32) -> i32 {
        let mut sum = 0;
        self.each(at, |pixel, weight| sum += self.off(pixel, by * weight));
        sum
    }

    fn change(&mut self, at: [usize; 2], by: i32) {
        let mut above = core::mem::take(&mut self.above);
        self.each(at, |pixel, weight| above[pixel] += by * weight);
        self.above = above;
        self.values[at[0] * self.sides[1] + at[1]] += by;
    }

    /// Pixels that are another than upsampling gives.
    fn wrong(&self) -> usize {
        (0..self.above.len()).filter(|&pixel| self.off(pixel, 0) > 0).count()
    }

    /// Changes samples one at a time, or also in pairs, where that makes pixels more what they are.
    fn pass(&mut self, pairs: bool) -> bool {
        let mut changed = false;
        for row in 0..self.sides[0] {
            for column in 0..self.sides[1] {
                let cost = self.cost([row, column], 0);
                if cost == 0 {
                    continue;
                }
                let best = [-1, 1].map(|by| (self.cost([row, column], by), by)).into_iter().min();
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
            let gain = cost - self.cost([row, column], by);
            self.change([row, column], by);
            for (down, across) in BESIDE {
                let Some(beside) = column.checked_add_signed(across) else { continue };
                if row + down >= self.sides[0] || beside >= self.sides[1] {
                    continue;
                }
                let other = [row + down, beside];
                let before = self.cost(other, 0);
                for of_other in [-1, 1] {
                    if gain + before - self.cost(other, of_other) > 0 {
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

/// Makes halved samples whole, if that gives the plane.
pub(super) fn settle(plane: &Samples, halved: &mut Samples, first: [usize; 2], shifts: [usize; 2]) {
    let mut whole = Whole::new(plane, halved, first, shifts);
    let all = plane.values.len();
    for pass in 0..PASSES {
        let changed = whole.pass(pass > 0);
        if !changed || pass == 0 && whole.wrong() * HOPELESS > all {
            break;
        }
    }
    if whole.wrong() * WRONG <= all {
        halved.values = whole.values.iter().map(|&value| value as f32).collect();
        halved.noise = NOISE[0];
    }
}
