//! The byte form of what rebuilds a file.
//!
//! The length of the file and the number of scans, then for each scan a byte of flags and the lists that it announces,
//! then the segments of the skeleton that are known, then the rest of the skeleton. Numbers are seven bits a byte, the lowest first, with the highest bit set in all
//! but the last byte. A list has its length first; places in it are differences to the place before.

use alloc::vec::Vec;
use core::ops::Range;

use crate::Error;
use crate::known::Known;
use crate::notes::Notes;
use crate::rebuild::Rebuild;
use crate::runs::Habit;
use crate::walk::Walk;

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
    /// [`Error::Invalid`] if it is none.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, Error> {
        let rest = &mut bytes;
        let file_len = usize::try_from(take(rest)?).map_err(|_| SHORT)?;
        let scans = take(rest)?;
        let notes = (0..scans).map(|_| Notes::read_from(rest)).collect::<Result<_, _>>()?;
        let known = take(rest)?;
        if known > MOST_KNOWN as u64 {
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

/// Segments that are named at most.
const MOST_KNOWN: usize = 16;

/// The first segments that are known. Those of pictures inside other segments are not looked for.
fn known_segments(skeleton: &[u8]) -> Vec<(Range<usize>, Known)> {
    let (mut walk, mut found) = (Walk::new(), Vec::new());
    while found.len() < MOST_KNOWN {
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

    fn read_from(rest: &mut &[u8]) -> Result<Self, Error> {
        let (&flags, after) = rest.split_first().ok_or(SHORT)?;
        *rest = after;
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
                take_places(rest, true, |place, value| list.push((place, value)))?;
            }
        }
        if flags & HABIT != 0 {
            let mut next = || take_number(rest);
            notes.habit = Habit { blocks: next()?, bits: next()?, bits_after: next()?, period: next()? };
        }
        if flags & CUTS != 0 {
            take_places(rest, false, |place, _| notes.cuts.push(place))?;
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

fn take_places(rest: &mut &[u8], values: bool, mut push: impl FnMut(u32, u8)) -> Result<(), Error> {
    let mut last = 0u32;
    for _ in 0..take(rest)? {
        last = last.checked_add(take_number(rest)?).ok_or(SHORT)?;
        let mut value = 0;
        if values {
            (value, *rest) = rest.split_first().map(|(&value, after)| (value, after)).ok_or(SHORT)?;
        }
        push(last, value);
    }
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
        assert_eq!(Rebuild::from_bytes(&bytes), Ok(rebuild));
        for len in 0..bytes.len() - 5 {
            assert!(Rebuild::from_bytes(&bytes[..len]).is_err());
        }
    }
}
