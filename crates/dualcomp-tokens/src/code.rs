//! The binary decisions that spell a byte (docs/spec/bytes.md, section 1).

use crate::splits::SPLITS;

/// Where one outcome of a [`Fork`] leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the next decision, by its number.
    Fork(u8),
    /// To this byte.
    Byte(u8),
}

/// One decision on the way to a byte: whether it is at least [`Self::split`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// The least byte that is left.
    pub first: u8,
    /// The greatest byte that is left.
    pub last: u8,
    /// The least byte of outcome 1.
    pub split: u8,
    /// Where outcome 0 and outcome 1 lead.
    pub ways: [Way; 2],
    /// Decisions before it.
    pub depth: u8,
    /// The line it belongs to: up to fifteen forks that are nearest below one, from 0.
    pub line: u8,
    /// Its place in the line, from 1; the line's first fork has 1, and others come after the one above them.
    pub index: u8,
    /// For each outcome: its number among those that leave the line, in 0..16, or 16 and the index of the fork of the
    /// line that it leads to.
    pub slots: [u8; 2],
}

/// All forks; numbers count up in a depth-first walk, outcome 0 first, so that the first decision is number 0.
pub static FORKS: [Fork; 255] = BUILT.0;

/// The forks of each line, by their index less one; as many as `LINE_LEN` says.
static LINE: [[u8; LINE_FORKS]; LINES] = BUILT.1;

static LINE_LEN: [u8; LINES] = BUILT.2;

/// Lines of forks.
const LINES: usize = lines();

/// Forks of a line at most.
pub const LINE_FORKS: usize = 15;

/// The numbers of a line's forks, in the order of their indices.
///
/// # Panics
/// If there is no such line.
#[inline]
pub fn line(line: usize) -> &'static [u8] {
    &LINE[line][..usize::from(LINE_LEN[line])]
}

const BUILT: ([Fork; 255], [[u8; LINE_FORKS]; LINES], [u8; LINES]) = build();

const UNKNOWN: Fork =
    Fork { first: 0, last: 0, split: 0, ways: [Way::Byte(0); 2], depth: 0, line: 0, index: 0, slots: [0; 2] };

/// Forks without lines.
const fn forks() -> [Fork; 255] {
    let mut forks = [UNKNOWN; 255];
    // Intervals to come, the next one last: first and last byte, the fork above and its outcome, depth.
    let mut open = [(0u8, 0u8, 0usize, 0usize, 0u8); 32];
    open[0] = (0, 255, 255, 0, 0);
    let (mut count, mut number) = (1, 0);
    while count > 0 {
        count -= 1;
        let (first, last, above, outcome, depth) = open[count];
        let way = if first == last { Way::Byte(first) } else { Way::Fork(number as u8) };
        if above < 255 {
            forks[above].ways[outcome] = way;
        }
        if first < last {
            let split = SPLITS[number];
            forks[number] = Fork { first, last, split, depth, ..UNKNOWN };
            open[count] = (split, last, number, 1, depth + 1);
            open[count + 1] = (first, split - 1, number, 0, depth + 1);
            count += 2;
            number += 1;
        }
    }
    forks
}

/// The forks of the line that begins with one: breadth first. Returns how many there are.
const fn gather(forks: &[Fork; 255], root: u8, out: &mut [u8; LINE_FORKS]) -> usize {
    out[0] = root;
    let (mut count, mut next) = (1, 0);
    while next < count {
        let mut outcome = 0;
        while outcome < 2 {
            if let Way::Fork(below) = forks[out[next] as usize].ways[outcome]
                && count < LINE_FORKS
            {
                out[count] = below;
                count += 1;
            }
            outcome += 1;
        }
        next += 1;
    }
    count
}

/// Marks the forks of all lines, which are numbered in the order in which their first forks are met, and returns how
/// many lines there are.
const fn mark(forks: &mut [Fork; 255]) -> usize {
    let (mut lines, mut number) = (0, 0);
    // A fork without an index when its turn comes begins a line: all above it have theirs.
    while number < forks.len() {
        if forks[number].index == 0 {
            let mut members = [0; LINE_FORKS];
            let count = gather(forks, number as u8, &mut members);
            let mut i = 0;
            while i < count {
                forks[members[i] as usize].line = lines as u8;
                forks[members[i] as usize].index = i as u8 + 1;
                i += 1;
            }
            lines += 1;
        }
        number += 1;
    }
    lines
}

const fn lines() -> usize {
    mark(&mut forks())
}

const fn build() -> ([Fork; 255], [[u8; LINE_FORKS]; LINES], [u8; LINES]) {
    let mut forks = forks();
    mark(&mut forks);
    let (mut members, mut lengths) = ([[0; LINE_FORKS]; LINES], [0; LINES]);
    let mut number = 0;
    while number < forks.len() {
        let Fork { line, index, .. } = forks[number];
        members[line as usize][index as usize - 1] = number as u8;
        lengths[line as usize] += 1;
        number += 1;
    }
    let mut line = 0;
    while line < LINES {
        let (mut exits, mut i) = (0, 0);
        while i < lengths[line] as usize {
            let at = members[line][i] as usize;
            let mut outcome = 0;
            while outcome < 2 {
                forks[at].slots[outcome] = match forks[at].ways[outcome] {
                    Way::Fork(below) if forks[below as usize].line as usize == line => 16 + forks[below as usize].index,
                    _ => {
                        exits += 1;
                        exits - 1
                    }
                };
                outcome += 1;
            }
            i += 1;
        }
        line += 1;
    }
    (forks, members, lengths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_way() {
        for byte in 0..=255u8 {
            let (mut way, mut depth) = (Way::Fork(0), 0);
            while let Way::Fork(number) = way {
                let fork = FORKS[usize::from(number)];
                assert!(fork.first <= byte && byte <= fork.last && fork.first < fork.split && fork.split <= fork.last);
                assert_eq!(fork.depth, depth);
                way = fork.ways[usize::from(byte >= fork.split)];
                depth += 1;
            }
            assert_eq!(way, Way::Byte(byte));
        }
    }

    #[test]
    fn lines_hold_together() {
        for number in 0..LINES {
            let forks = line(number);
            let mut exits = [false; 16];
            for (i, &at) in forks.iter().enumerate() {
                let fork = FORKS[usize::from(at)];
                assert_eq!((usize::from(fork.line), usize::from(fork.index)), (number, i + 1));
                for (way, slot) in fork.ways.into_iter().zip(fork.slots) {
                    match way {
                        Way::Fork(below) if usize::from(FORKS[usize::from(below)].line) == number => {
                            assert_eq!(slot, 16 + FORKS[usize::from(below)].index);
                            assert!(FORKS[usize::from(below)].index > fork.index);
                        }
                        // The first fork of another line, or a byte.
                        Way::Fork(below) if FORKS[usize::from(below)].index != 1 => panic!("{at}: {fork:?}"),
                        _ => assert!(!core::mem::replace(&mut exits[usize::from(slot)], true)),
                    }
                }
            }
            assert_eq!(exits.iter().filter(|&&e| e).count(), forks.len() + 1);
        }
    }
}
