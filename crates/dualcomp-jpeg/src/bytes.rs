//! The byte form of what rebuilds a file.
//!
//! The length of the file and the number of scans, then for each scan a byte of flags and the lists that it announces,
//! then the segments of the skeleton that are known, then the rest of the skeleton. Numbers are seven bits a byte, the
//! lowest first, with the highest bit set in all but the last byte. A list has its length first; places in it are
//! differences to the place before.

use alloc::vec::Vec;
use core::ops::Range;

use crate::known::Known;
use crate::notes::Notes;
use crate::rebuild::Rebuild;
use crate::runs::Habit;
use crate::walk::Walk;
use crate::{Error, Limits};

const RAW: u8 = 1;
const ZERO_PADDING: u8 = 2;
const BLOCKS: u8 = 4;
const RESTARTS: u8 = 8;
const PADDINGS: u8 = 16;
const ZERO_RUNS: u8 = 32;
const HABIT: u8 = 64;
const CUTS: u8 = 128;

impl Rebuild {
    /// Appends the byte form. It is as long as the file without its scans and a few bytes.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        put(out, self.file_len as u64);
        put(out, self.notes.len() as u64);
        for notes in &self.notes {
            notes.write_to(out);
        }
        let known = known_segments(&self.skeleton);
        put(out, known.len() as u64);
        let (mut rest, mut at) = (Vec::new(), 0);
        for (segment, name) in known {
            put(out, (segment.start - at) as u64);
            out.extend(name.code());
            rest.extend_from_slice(&self.skeleton[at..segment.start]);
            at = segment.end;
        }
        out.extend(rest);
        out.extend_from_slice(&self.skeleton[at..]);
    }

    /// Reads the byte form.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is none, and [`Error::LimitsExceeded`] if it would take more than
    /// [`Limits::max_exception_bytes`] beside the skeleton.
    pub fn from_bytes(mut bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let rest = &mut bytes;
        let file_len = usize::try_from(take(rest)?).map_err(|_| SHORT)?;
        let scans = take(rest)?;
        if scans > MAX_SCANS {
            return Err(SHORT);
        }
        let mut left = limits.max_exception_bytes;
        let notes = (0..scans).map(|_| Notes::read_from(rest, &mut left)).collect::<Result<_, _>>()?;
        let known = take(rest)?;
        if known > MAX_KNOWN as u64 {
            return Err(SHORT);
        }
        let mut segments = Vec::new();
        for _ in 0..known {
            let before = usize::try_from(take(rest)?).map_err(|_| SHORT)?;
            let (&code, after) = rest.split_first_chunk().ok_or(SHORT)?;
            *rest = after;
            segments.push((before, Known::from_code(code).ok_or(SHORT)?));
        }
        let mut skeleton = Vec::new();
        for (before, known) in segments {
            let (before, after) = rest.split_at_checked(before).ok_or(SHORT)?;
            *rest = after;
            skeleton.extend_from_slice(before);
            skeleton.extend(known.bytes());
        }
        skeleton.extend_from_slice(rest);
        Ok(Self { skeleton, notes, file_len })
    }
}

/// Scans that a file may have: those that are coded give each of 14 bits of 64 coefficients of four components once at most, and
/// few others are left in the skeleton.
const MAX_SCANS: u64 = 4096;
/// Segments that are named at most.
const MAX_KNOWN: usize = 16;

/// The first segments that are known. Those of pictures inside other segments are not looked for.
fn known_segments(skeleton: &[u8]) -> Vec<(Range<usize>, Known)> {
    let (mut walk, mut found) = (Walk::new(), Vec::new());
    while found.len() < MAX_KNOWN {
        let Some((_, content)) = walk.next_segment(skeleton) else { break };
        let segment = walk.at - content.len() - 4..walk.at;
        found.extend(Known::find(&skeleton[segment.clone()]).map(|known| (segment, known)));
    }
    found
}

impl Notes {
    fn write_to(&self, out: &mut Vec<u8>) {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        out.push(
            flag(!self.coded, RAW)
                | flag(!self.padding, ZERO_PADDING)
                | flag(self.blocks.is_some(), BLOCKS)
                | flag(!self.restarts.is_empty(), RESTARTS)
                | flag(!self.paddings.is_empty(), PADDINGS)
                | flag(!self.zero_runs.is_empty(), ZERO_RUNS)
                | flag(self.habit != Habit::LIBJPEG, HABIT)
                | flag(!self.cuts.is_empty(), CUTS),
        );
        if let Some(blocks) = self.blocks {
            put(out, blocks.into());
        }
        for list in [&self.restarts, &self.paddings, &self.zero_runs] {
            if !list.is_empty() {
                put_places(out, list.iter().map(|&(place, value)| (place, Some(value))));
            }
        }
        if self.habit != Habit::LIBJPEG {
            let Habit { blocks, bits, bits_after, period } = self.habit;
            for number in [blocks, bits, bits_after, period] {
                put(out, number.into());
            }
        }
        if !self.cuts.is_empty() {
            put_places(out, self.cuts.iter().map(|&place| (place, None)));
        }
    }

    /// Takes the memory of its lists from what is `left`.
    fn read_from(rest: &mut &[u8], left: &mut u64) -> Result<Self, Error> {
        let (&flags, after) = rest.split_first().ok_or(SHORT)?;
        *rest = after;
        take_memory(left, 1, size_of::<Self>())?;
        let mut notes = Self::USUAL;
        notes.coded = flags & RAW == 0;
        notes.padding = flags & ZERO_PADDING == 0;
        if flags & BLOCKS != 0 {
            notes.blocks = Some(take_number(rest)?);
        }
        for (flag, list) in
            [(RESTARTS, &mut notes.restarts), (PADDINGS, &mut notes.paddings), (ZERO_RUNS, &mut notes.zero_runs)]
        {
            if flags & flag != 0 {
                take_places(rest, left, list, |place, rest| {
                    let (&value, after) = rest.split_first().ok_or(SHORT)?;
                    *rest = after;
                    Ok((place, value))
                })?;
            }
        }
        if flags & HABIT != 0 {
            let mut next = || take_number(rest);
            notes.habit = Habit { blocks: next()?, bits: next()?, bits_after: next()?, period: next()? };
        }
        if flags & CUTS != 0 {
            take_places(rest, left, &mut notes.cuts, |place, _| Ok(place))?;
        }
        Ok(notes)
    }
}

const SHORT: Error = Error::Invalid("what rebuilds the file is damaged");

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(rest: &mut &[u8]) -> Result<u64, Error> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(SHORT)?;
        *rest = after;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(SHORT)
}

fn take_number(rest: &mut &[u8]) -> Result<u32, Error> {
    u32::try_from(take(rest)?).map_err(|_| SHORT)
}

fn put_places(out: &mut Vec<u8>, list: impl ExactSizeIterator<Item = (u32, Option<u8>)>) {
    put(out, list.len() as u64);
    let mut last = 0;
    for (place, value) in list {
        put(out, (place - last).into());
        out.extend(value);
        last = place;
    }
}

/// Reads a list whose entries `entry` makes of their places and of what follows.
fn take_places<T>(
    rest: &mut &[u8],
    left: &mut u64,
    list: &mut Vec<T>,
    mut entry: impl FnMut(u32, &mut &[u8]) -> Result<T, Error>,
) -> Result<(), Error> {
    // An entry has a byte at least, so that no claim takes memory by itself.
    let len = usize::try_from(take(rest)?).ok().filter(|&len| len <= rest.len()).ok_or(SHORT)?;
    take_memory(left, len, size_of::<T>())?;
    list.reserve_exact(len);
    let mut last = 0u32;
    for _ in 0..len {
        last = last.checked_add(take_number(rest)?).ok_or(SHORT)?;
        list.push(entry(last, rest)?);
    }
    Ok(())
}

fn take_memory(left: &mut u64, count: usize, each: usize) -> Result<(), Error> {
    *left = left.checked_sub((count as u64).saturating_mul(each as u64)).ok_or(Error::LimitsExceeded)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn every_list_comes_back() {
        let full = Notes {
            coded: true,
            padding: false,
            blocks: Some(70_000),
            restarts: vec![(0, 8), (300, 2)],
            paddings: vec![(5, 77)],
            zero_runs: vec![(1, 3), (2, 1)],
            habit: Habit { blocks: 1, bits: 200, bits_after: u32::MAX, period: 130 },
            cuts: vec![7, 8, 100_000],
        };
        let skeleton =
            [&[0xFF, 0xD8, 1][..], &Known::Steps(1, 85).bytes(), &Known::AllHuffman.bytes(), &[5, 6]].concat();
        let rebuild = Rebuild { skeleton, notes: vec![Notes::USUAL, full, Notes::raw()], file_len: 1 << 20 };
        let mut bytes = Vec::new();
        rebuild.write_to(&mut bytes);
        assert!(bytes.len() < 70);
        let limits = Limits::default();
        assert_eq!(Rebuild::from_bytes(&bytes, &limits), Ok(rebuild.clone()));
        for len in 0..bytes.len() - 5 {
            assert!(Rebuild::from_bytes(&bytes[..len], &limits).is_err());
        }
        let need = rebuild.exception_bytes();
        assert!(Rebuild::from_bytes(&bytes, &limits.with_max_exception_bytes(need)).is_ok());
        let short = limits.with_max_exception_bytes(need - 1);
        assert_eq!(Rebuild::from_bytes(&bytes, &short), Err(Error::LimitsExceeded));
    }

    #[test]
    fn claims_take_no_memory() {
        let of = |numbers: &[u64], rest: &[u8]| {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|&number| put(&mut bytes, number));
            bytes.extend(rest);
            Rebuild::from_bytes(&bytes, &Limits::default().with_max_exception_bytes(1 << 20))
        };
        // Scans without notes, and more of them than there may be.
        assert!(of(&[9, 1], &[0, 0, 1]).is_ok());
        assert_eq!(of(&[9, MAX_SCANS + 1], &[0; 5000]), Err(SHORT));
        // Lists of more entries than bytes follow, and than there is memory for.
        assert_eq!(of(&[9, 1], &[CUTS, 0xFF, 0xFF, 0x7F, 0, 0]), Err(SHORT));
        assert_eq!(of(&[9, 1], &[&[CUTS, 0x80, 0x80, 0x20][..], &[0; 1 << 19]].concat()), Err(Error::LimitsExceeded));
    }
}
