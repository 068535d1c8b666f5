//! Runs of blocks that end alike (T.81 G.1.2.2): where encoders cut them.
//!
//! A run can go on for 32767 blocks. Where an encoder ends it earlier is its own choice: when its buffer of correction
//! bits is full, at a number of blocks, at the end of a row or a band of rows. A [`Habit`] has a number for each of
//! these; a file whose encoder keeps to it needs nothing else.

use alloc::vec::Vec;

/// The blocks of a run at most.
pub(crate) const LONGEST: u32 = 0x7FFF;

/// When an encoder cuts runs. It cuts before a block that could belong to the run if one of the conditions holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Habit {
    /// The run has so many blocks.
    pub(crate) blocks: u32,
    /// It has more correction bits than this.
    pub(crate) bits: u32,
    /// It would have more correction bits than this with the block.
    pub(crate) bits_after: u32,
    /// The number of the block in the scan is a multiple of this; never if it is 0.
    pub(crate) period: u32,
}

/// A run so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    /// Its blocks; 0 if the block before did not end in a run.
    pub(crate) blocks: u32,
    /// The correction bits of its blocks.
    pub(crate) bits: u32,
}

impl Habit {
    /// Of libjpeg: its buffer has 1000 bits, and those of a further block, 63, have to fit (`jcphuff.c`).
    pub(crate) const LIBJPEG: Self = Self { blocks: LONGEST, bits: 1000 - 63, bits_after: u32::MAX, period: 0 };

    /// Whether a run ends before a block of so many correction bits.
    #[inline]
    pub(crate) fn cuts(&self, run: Run, block: u32, bits: u32) -> bool {
        self.is_full(run, bits) || self.period > 0 && block.is_multiple_of(self.period)
    }

    fn is_full(&self, run: Run, bits: u32) -> bool {
        run.blocks >= self.blocks || run.bits > self.bits || run.bits + bits > self.bits_after
    }
}

/// The runs of a scan, of which a habit is made.
#[derive(Default)]
pub(crate) struct Log {
    runs: Vec<Ended>,
}

/// A run that has ended.
struct Ended {
    /// The number of its first block.
    start: u32,
    run: Run,
    /// The correction bits before the last block.
    bits_before: u32,
    /// The correction bits of the block that follows, if that could have belonged to the run.
    cut: Option<u32>,
}

impl Log {
    /// Takes down a run. One of a single block that was not cut tells nothing.
    pub(crate) fn push(&mut self, start: u32, run: Run, bits_before: u32, cut: Option<u32>) {
        // What ends by its own length is not cut.
        let cut = cut.filter(|_| run.blocks < LONGEST);
        if run.blocks > 1 || cut.is_some() {
            self.runs.push(Ended { start, run, bits_before, cut });
        }
    }

    /// The habit that explains most, and the blocks where it errs. `row` is the number of blocks of a row.
    pub(crate) fn habit(&self, row: u32) -> (Habit, Vec<u32>) {
        // With the largest numbers that were not too large, only cuts are left to explain.
        let most = |of: fn(&Ended) -> u32| self.runs.iter().filter(|ended| ended.run.blocks > 1).map(of).max();
        let learned = Habit {
            blocks: most(|ended| ended.run.blocks).unwrap_or(1),
            bits: most(|ended| ended.bits_before).unwrap_or(0),
            bits_after: most(|ended| ended.run.bits).unwrap_or(0),
            period: 0,
        };
        let usual = Habit::LIBJPEG;
        let cuts = || self.runs.iter().filter_map(|ended| Some((ended, ended.cut?)));
        if learned.bits <= usual.bits && cuts().all(|(ended, bits)| usual.is_full(ended.run, bits)) {
            return (usual, Vec::new());
        }
        let unexplained = cuts().filter(|&(ended, bits)| !learned.is_full(ended.run, bits));
        let period = unexplained.map(|(ended, _)| ended.start + ended.run.blocks).fold(0, gcd);
        let habits =
            [0, row, period].map(|period| Habit { period, ..learned }).map(|habit| (habit, self.errors(&habit)));
        // There are three, and of equal ones the first is taken.
        habits.into_iter().min_by_key(|(_, errors)| errors.len()).unwrap_or((usual, Vec::new()))
    }

    /// The blocks where a habit errs that explains all runs but for its period.
    fn errors(&self, habit: &Habit) -> Vec<u32> {
        let mut errors = Vec::new();
        for ended in &self.runs {
            let end = ended.start + ended.run.blocks;
            if habit.period > 0 {
                let first = (ended.start + 1).next_multiple_of(habit.period);
                errors.extend((first..end).step_by(habit.period as usize));
            }
            if ended.cut.is_some_and(|bits| !habit.cuts(ended.run, end, bits)) {
                errors.push(end);
            }
        }
        errors
    }
}

fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The habit and the number of errors of runs of so many blocks, one behind the other.
    fn found(blocks: &[u32], bits: u32, row: u32) -> (Habit, usize) {
        let (mut log, mut start) = (Log::default(), 0);
        for &blocks in blocks {
            log.push(start, Run { blocks, bits: blocks * bits }, (blocks - 1) * bits, Some(bits));
            start += blocks;
        }
        let (habit, errors) = log.habit(row);
        (habit, errors.len())
    }

    #[test]
    fn habits_are_recognised() {
        assert_eq!(found(&[LONGEST, LONGEST], 0, 100), (Habit::LIBJPEG, 0));
        assert_eq!(found(&[94, 94, 94], 10, 100), (Habit::LIBJPEG, 0));
        assert_eq!(found(&[1; 30], 0, 100).1, 0);
        assert_eq!(found(&[25, 25, 25], 10, 100).1, 0);
        assert_eq!(found(&[100, 100, 200, 100, 150, 50], 0, 100).1, 3, "two rows go on, and a cut is within a row");
        assert_eq!(found(&[13, 7, 22], 0, 100).1, 2);
    }
}
