//! Where strings of the history stood last: what matches are found by (docs/spec/bytes.md, section 5).

use dualcomp_entropy::hash;
use prefetch_index::prefetch_index;

/// A match begins with this many bytes that agree (experiments/0022).
pub(crate) const MIN_MATCH: usize = 5;
/// Strings of this many bytes are looked for too (experiments/0030, 0093).
pub(crate) const LONG: usize = 16;
/// A look-up compares at most this many bytes.
pub(crate) const LONGEST: u32 = 32;
/// Long strings are noted where the length of the history is a multiple of this (experiments/0093).
const STEP: usize = 4;
/// Bits of a place of a long string, for histories of up to 2^24 bytes, the longest dictionary; the others are some of its hash.
const PLACE: u32 = 25;
const MASK: u32 = (1 << PLACE) - 1;

/// For strings of two lengths, the place after their last occurrence.
pub(crate) struct Places {
    short: Vec<u32>,
    /// With bits of the string's hash above, so that few of other strings are compared.
    long: Vec<u32>,
    shift: u32,
    long_shift: u32,
    /// The hash of the last long string, once [`Self::prefetch`] has made it.
    hash: Option<u32>,
}

impl Places {
    /// Of 2^`log2` short strings, and a quarter as many long ones.
    pub(crate) fn new(log2: u32) -> Self {
        let long_log2 = log2 - STEP.ilog2();
        Self {
            short: vec![0; 1 << log2],
            long: vec![0; 1 << long_log2],
            shift: 32 - log2,
            long_shift: 32 - long_log2,
            hash: None,
        }
    }

    /// The first `gone` bytes of the history, a multiple of [`STEP`], are forgotten.
    pub(crate) fn forget(&mut self, gone: usize) {
        let gone = gone as u32;
        for place in &mut self.short {
            *place = place.saturating_sub(gone);
        }
        for place in &mut self.long {
            *place = if *place & MASK > gone { *place - gone } else { 0 };
        }
    }

    /// The place after an earlier occurrence of the last bytes, and how many agree; notes this one.
    #[inline]
    pub(crate) fn find(&mut self, last: u64, history: &[u8]) -> Option<(u32, u32)> {
        let hash = self.hash.take().or_else(|| long_hash(history));
        let long = hash.map_or(0, |hash| self.long_place(hash));
        self.note_long(hash, history);
        let short = self.note_short(last, history)?;
        let agree = agreeing(&history[..short as usize], history);
        if agree < LONG as u32 && long > 0 {
            let longer = agreeing(&history[..long as usize], history);
            if longer >= LONG as u32 {
                return Some((long, longer));
            }
        }
        (agree >= MIN_MATCH as u32).then_some((short, agree))
    }

    /// Notes the place after the last bytes.
    #[inline]
    pub(crate) fn note(&mut self, last: u64, history: &[u8]) {
        // The hash is made only where it is needed.
        let hash = history.len().is_multiple_of(STEP).then(|| long_hash(history)).flatten();
        self.note_long(hash, history);
        self.note_short(last, history);
    }

    /// Fetches what [`Self::find`] will look at, so that it need not wait for memory.
    #[inline]
    pub(crate) fn prefetch(&mut self, last: u64, history: &[u8]) {
        prefetch_index(&self.short, self.slot(last));
        self.hash = long_hash(history);
        if let Some(hash) = self.hash {
            prefetch_index(&self.long, (hash >> self.long_shift) as usize);
        }
    }

    /// Returns the place noted for the same five bytes before.
    #[inline]
    fn note_short(&mut self, last: u64, history: &[u8]) -> Option<u32> {
        let slot = self.slot(last);
        (history.len() >= MIN_MATCH).then(|| std::mem::replace(&mut self.short[slot], history.len() as u32))
    }

    #[inline]
    fn note_long(&mut self, hash: Option<u32>, history: &[u8]) {
        let at = history.len();
        if let Some(hash) = hash.filter(|_| at.is_multiple_of(STEP)) {
            self.long[(hash >> self.long_shift) as usize] = at as u32 | hash << PLACE;
        }
    }

    /// The place noted for what may be a long string of this hash; 0 if there is none.
    #[inline]
    fn long_place(&self, hash: u32) -> u32 {
        let place = self.long[(hash >> self.long_shift) as usize];
        if (place ^ hash << PLACE) >> PLACE == 0 { place & MASK } else { 0 }
    }

    #[inline]
    fn slot(&self, last: u64) -> usize {
        (hash(last as u32, (last >> 32) as u32 & 0xFF) >> self.shift) as usize
    }
}

#[inline]
fn long_hash(history: &[u8]) -> Option<u32> {
    let word = |at: usize, tail: &[u8; LONG]| u32::from_le_bytes([tail[at], tail[at + 1], tail[at + 2], tail[at + 3]]);
    let tail = history.last_chunk::<LONG>()?;
    Some(hash(hash(word(0, tail), word(4, tail)), hash(word(8, tail), word(12, tail))))
}

/// How many bytes at the end of both agree, at most [`LONGEST`].
pub(crate) fn agreeing(a: &[u8], b: &[u8]) -> u32 {
    let longest = a.len().min(b.len()).min(LONGEST as usize);
    let mut agree = 0;
    // Eight at a time, latest first.
    while agree + 8 <= longest {
        let word = |bytes: &[u8]| bytes[..bytes.len() - agree].last_chunk().map_or(0, |&last| u64::from_le_bytes(last));
        let differ = word(a) ^ word(b);
        if differ != 0 {
            return agree as u32 + differ.leading_zeros() / 8;
        }
        agree += 8;
    }
    let more = a[..a.len() - agree].iter().rev().zip(b[..b.len() - agree].iter().rev());
    agree as u32 + more.take(longest - agree).take_while(|(a, b)| a == b).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes each byte of a text, then looks for what follows.
    fn find(text: &[u8], then: &[u8]) -> Option<(u32, u32)> {
        let (mut places, mut last) = (Places::new(12), 0);
        let all = [text, then].concat();
        for at in 1..=all.len() {
            last = last << 8 | u64::from(all[at - 1]);
            if at == all.len() {
                return places.find(last, &all);
            }
            if at <= text.len() {
                places.note(last, &all[..at]);
            }
        }
        None
    }

    #[test]
    fn long_strings_are_found_behind_later_short_ones() {
        let text = b"0123456789 in the first line, and the first place";
        // The five bytes stood later too; sixteen and more agree at the earlier place only.
        assert_eq!(find(text, b"123456789 in the first "), Some((24, 23)));
        assert_eq!(find(text, b"n the first "), Some((44, 11)));
        assert_eq!(find(text, b"place"), Some((49, 5)));
        assert_eq!(find(text, b"three"), None);
    }

    #[test]
    fn places_of_what_is_forgotten_are_none() {
        let text: Vec<u8> = (0..40).collect();
        let last = |at: usize| u64::from_be_bytes(*text[..at].last_chunk().unwrap());
        for (gone, left) in [(8, 32), (36, 4), (40, 0), (64, 0)] {
            let mut places = Places::new(12);
            places.note(last(40), &text);
            places.forget(gone);
            let hash = long_hash(&text).unwrap();
            assert_eq!((places.long_place(hash), places.note_short(last(40), &text)), (left, Some(left)));
        }
    }

    #[test]
    fn bytes_at_the_end_are_compared_one_by_one_or_in_words() {
        let text: Vec<u8> = (0..40).collect();
        for (agree, cut) in (0..=40).flat_map(|agree| [0, 3, 30].map(|cut| (agree, cut))) {
            let mut other = text[cut..].to_vec();
            let place = other.len().checked_sub(agree + 1);
            if let Some(place) = place {
                other[place] ^= 0x40;
            }
            let expected = agree.min(text.len() - cut).min(LONGEST as usize) as u32;
            assert_eq!((agreeing(&text, &other), agreeing(&other, &text)), (expected, expected), "{agree} {cut}");
        }
    }
}
