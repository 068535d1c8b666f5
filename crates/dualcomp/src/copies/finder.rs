//! How the encoder finds long strings that came before.

use std::ops::Range;

use crate::copies::window::Window;
use crate::format::copies::Copy;

/// Strings are looked up and noted where the upper bits of a rolling hash of their last 32 bytes are 0: at one place of
/// 2^this (experiments/0074).
const SAMPLED: u32 = 5;
/// Bytes of a copy at least. One takes some 8 bytes, and some more where what follows is coded without what is before
/// (experiments/0074).
const MIN_COPY: u64 = 1024;
/// A file of which at most one byte in this many is new is told as copies; others keep what they have in common with files before,
/// as a part of a file is coded worse than the whole (experiments/0090).
const UNCOVERED: usize = 8;

/// What each byte adds to the rolling hash: 32 bits of the golden ratio's multiples, mixed.
static GEAR: [u32; 256] = {
    let mut gear = [0; 256];
    let mut i = 0;
    while i < 256 {
        let x = (i as u32 + 1).wrapping_mul(0x9E37_79B9);
        let x = (x ^ x >> 15).wrapping_mul(0x85EB_CA6B);
        gear[i] = (x ^ x >> 13).wrapping_mul(0xC2B2_AE35);
        i += 1;
    }
    gear
};

/// Finds copies in a stream, which comes in pieces.
pub(crate) struct CopyFinder {
    window: Window,
    /// For each hash the place after the string, modulo 2^32.
    places: Vec<u32>,
    shift: u32,
    hash: u32,
    /// Bytes since the last copy.
    literals: u64,
    /// The distance of a copy that goes on where the last piece ended.
    open: Option<u64>,
}

impl CopyFinder {
    /// For a window of 2^`log2` bytes. Takes that much and an eighth as they come.
    pub(crate) fn new(log2: u32) -> Self {
        let places = log2 - SAMPLED;
        Self {
            window: Window::new(log2),
            places: vec![0; 1 << places],
            shift: 32 - places,
            hash: 0,
            literals: 0,
            open: None,
        }
    }

    /// Bytes of a piece of the stream at most: what is compared must not be overwritten yet.
    pub(crate) fn most(&self) -> usize {
        self.window.size() / 2
    }

    /// Takes note of the next piece of the stream, which stays as it is.
    pub(crate) fn pass(&mut self, raw: &[u8]) {
        self.window.push(raw);
        self.literals += raw.len() as u64;
        (self.hash, self.open) = (0, None);
    }

    /// Takes copies out of the next piece of the stream, of at most [`Self::most`] bytes, and returns them.
    pub(crate) fn take_out(&mut self, raw: &mut Vec<u8>) -> Vec<Copy> {
        if raw.is_empty() {
            return Vec::new();
        }
        debug_assert!(raw.len() <= self.most());
        let base = self.window.len();
        self.window.push(raw);
        let (mut copies, mut kept) = (Vec::new(), Vec::new());
        // Up to here all is told; copies may begin here.
        let mut done = 0;
        if let Some(distance) = self.open.take().filter(|&distance| distance <= self.reach(base)) {
            let len = self.forward(base, base - distance);
            if len >= MIN_COPY.min(raw.len() as u64) {
                copies.push(self.copy(0, len, distance));
                done = len as usize;
            }
        }
        // A copy that was too short, and where it ended: at the same distance nothing longer ends there.
        let (mut failed, mut failed_end) = (0, 0);
        for i in 0..raw.len() {
            let Some(slot) = self.roll(raw[i]) else { continue };
            let place = base + i as u64 + 1;
            let distance =
                u64::from((place as u32).wrapping_sub(std::mem::replace(&mut self.places[slot], place as u32)));
            if i < done || distance == 0 || distance > self.reach(place) || (distance == failed && i < failed_end) {
                continue;
            }
            let from = place - distance;
            let back = self.back(place, (i + 1 - done) as u64, distance);
            let len = back + self.forward(place, from);
            if len >= MIN_COPY {
                let start = i + 1 - back as usize;
                kept.extend_from_slice(&raw[done..start]);
                copies.push(self.copy((start - done) as u64, len, distance));
                done = start + len as usize;
            } else {
                (failed, failed_end) = (distance, i + 1 + (len - back) as usize);
            }
        }
        self.open = copies.last().filter(|_| done == raw.len()).map(|last| last.distance);
        self.literals += (raw.len() - done) as u64;
        if !copies.is_empty() {
            kept.extend_from_slice(&raw[done..]);
            *raw = kept;
        }
        copies
    }

    /// Takes a file out of the stream if nearly all of it is in the window: its copies, and what is left of it. Else nothing is
    /// noted, and the file may come again as bytes.
    pub(crate) fn take_file(&mut self, file: &[u8]) -> Option<(Vec<Copy>, Vec<u8>)> {
        let found = self.cover(file);
        let covered: usize = found.iter().map(|(range, _)| range.len()).sum();
        if covered < file.len() - file.len() / UNCOVERED {
            return None;
        }
        let (mut copies, mut kept, mut done) = (Vec::new(), Vec::new(), 0);
        for (range, distance) in found {
            kept.extend_from_slice(&file[done..range.start]);
            copies.push(self.copy((range.start - done) as u64, range.len() as u64, distance));
            done = range.end;
        }
        kept.extend_from_slice(&file[done..]);
        let literals = (file.len() - done) as u64;
        self.note(file);
        self.literals = literals;
        Some((copies, kept))
    }

    /// Takes note of a file that stays in the stream, so that it can be copied later.
    pub(crate) fn note(&mut self, file: &[u8]) {
        for (i, &byte) in file.iter().enumerate() {
            if let Some(slot) = self.roll(byte) {
                self.places[slot] = (self.window.len() + i as u64 + 1) as u32;
            }
        }
        self.pass(file);
    }

    /// The parts of a file, which comes next, that are in the window, with their distances.
    fn cover(&mut self, file: &[u8]) -> Vec<(Range<usize>, u64)> {
        let base = self.window.len();
        let (mut found, mut done): (Vec<(Range<usize>, u64)>, _) = (Vec::new(), 0);
        for (i, &byte) in file.iter().enumerate() {
            let Some(slot) = self.roll(byte) else { continue };
            let place = base + i as u64 + 1;
            let distance = u64::from((place as u32).wrapping_sub(self.places[slot]));
            // The file itself is not in the window yet.
            if i < done || distance <= i as u64 || distance > self.window.size() as u64 || distance > base + i as u64 {
                continue;
            }
            let same = |at: usize| {
                let from = (base + at as u64).wrapping_sub(distance);
                (base.saturating_sub(self.window.size() as u64)..base).contains(&from)
                    && self.window.byte(from) == file[at]
            };
            let start = i + 1 - (done..=i).rev().take_while(|&at| same(at)).count();
            let end = i + 1 + (i + 1..file.len()).take_while(|&at| same(at)).count();
            if (end - start) as u64 >= MIN_COPY {
                found.push((start..end, distance));
                done = end;
            }
        }
        found
    }

    /// Appends a byte to the rolling hash, and returns its slot where strings are looked up.
    fn roll(&mut self, byte: u8) -> Option<usize> {
        self.hash = (self.hash << 1).wrapping_add(GEAR[usize::from(byte)]);
        (self.hash >> (32 - SAMPLED) == 0).then(|| (self.hash.wrapping_mul(0x9E37_79B1) >> self.shift) as usize)
    }

    /// The largest distance from a place to what is kept.
    fn reach(&self, place: u64) -> u64 {
        place - self.window.len().saturating_sub(self.window.size() as u64)
    }

    /// A copy behind so many more bytes that are none.
    fn copy(&mut self, literals: u64, len: u64, distance: u64) -> Copy {
        Copy { skip: std::mem::take(&mut self.literals) + literals, len, distance }
    }

    /// How many bytes agree from both places on.
    fn forward(&self, place: u64, from: u64) -> u64 {
        (0..self.window.len() - place).take_while(|i| self.window.byte(place + i) == self.window.byte(from + i)).count()
            as u64
    }

    /// How many bytes agree before a place and `distance` before it, at most `most`.
    fn back(&self, place: u64, most: u64, distance: u64) -> u64 {
        let most = most.min(self.reach(place) - distance);
        (1..=most).take_while(|i| self.window.byte(place - i) == self.window.byte(place - distance - i)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::copier::Copier;

    /// The stream in pieces of this length, without copies; they are put back and compared.
    fn taken_out(stream: &[u8], piece: usize) -> (usize, usize) {
        let (mut finder, mut copier) = (CopyFinder::new(16), Copier::new(16));
        let (mut back, mut kept, mut count) = (Vec::new(), 0, 0);
        let mut pieces: Vec<&[u8]> = stream.chunks(piece).collect();
        pieces.insert(pieces.len() / 2, &[]);
        pieces.push(&[]);
        for piece in pieces {
            let mut literals = piece.to_vec();
            let copies = finder.take_out(&mut literals);
            count += copies.len();
            kept += literals.len();
            copies.into_iter().for_each(|copy| copier.announce(copy).unwrap());
            loop {
                let mut room = vec![0; 777];
                let made = copier.copy(&mut room);
                back.extend_from_slice(&room[..made]);
                let now = (literals.len() as u64).min(copier.until_copy()) as usize;
                copier.pass(&literals[..now]);
                back.extend(literals.drain(..now));
                if made + now == 0 {
                    break;
                }
            }
        }
        assert!(back == stream, "{piece}");
        (kept, count)
    }

    #[test]
    fn what_is_taken_out_comes_back() {
        let mut state = 1u32;
        let mut noise = |len: usize| -> Vec<u8> {
            std::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .take(len)
            .collect()
        };
        let (a, b) = (noise(5000), noise(20_000));
        // Again at once, changed in the middle, just in reach, out of reach; runs.
        let changed = [&a[..2500], b"!", &a[2500..]].concat();
        let stream = [&a[..], &b, &a, &changed, &b, &a[..1500], &[0; 9000], &a, &noise(60_000), &a, &b].concat();
        for piece in [1, 100, 1023, 1024, 5000, 32_768] {
            let (kept, count) = taken_out(&stream, piece);
            assert!(count < 100, "{piece}: {count}");
            assert!(piece < 5000 || kept < stream.len() - 30_000, "{piece}: {kept}");
        }
        assert_eq!(taken_out(&noise(3000), 100), (3000, 0));
    }
}
