//! The bytes coded so far in a stream, and where the last ones stood before.

use dualcomp_entropy::hash;
use prefetch_index::prefetch_index;

/// Bytes of all lanes of all recent blocks, with a flag where a token starts.
pub(super) struct History {
    bytes: Vec<u8>,
    /// For each byte a bit that says whether a lane has reached it, and above 32 of these, one each that says whether a
    /// token starts there.
    flags: Vec<u64>,
    /// One past the last place where bytes of this hash ended.
    places: Vec<u32>,
    shift: u32,
    /// The last two bytes that followed each two bytes, the latest lowest; empty for one group of contexts.
    followers: Vec<u16>,
}

/// Bytes that must agree before a match is looked up.
const LEAST: u32 = 5;
/// Bytes of a match that are compared with what came before.
pub(super) const LONGEST: u32 = 32;
/// As far as they are counted, where more bytes agree.
pub(super) const COUNTED: u32 = 1023;

impl History {
    pub(super) fn new(table_log2: u32, groups: usize) -> Self {
        Self {
            bytes: Vec::new(),
            flags: Vec::new(),
            places: vec![0; 1 << table_log2],
            shift: 32 - table_log2,
            followers: vec![0; if groups > 1 { 1 << 16 } else { 0 }],
        }
    }

    /// Makes room for a block and returns where it begins. Forgets the oldest bytes once `window` is exceeded,
    /// a quarter of it at least.
    pub(super) fn open(&mut self, length: usize, window: usize) -> usize {
        let most = window.saturating_sub(length);
        if self.bytes.len() > most {
            // Whole words of flags.
            let gone = (self.bytes.len() - most).max(window / 4).next_multiple_of(32).min(self.bytes.len());
            self.bytes.drain(..gone);
            self.flags.drain(..gone.div_ceil(32));
            for place in &mut self.places {
                *place = place.saturating_sub(gone as u32);
            }
        }
        let base = self.bytes.len();
        if base + length > window / 8 {
            // All that the window can need, rather than a copy each time that it doubles.
            self.bytes.reserve_exact(window.max(length).saturating_sub(base));
            self.flags.reserve_exact(window.max(length).div_ceil(32).saturating_sub(self.flags.len()));
        }
        self.bytes.resize(base + length, 0);
        self.flags.resize((base + length).div_ceil(32), 0);
        base
    }

    /// Takes note of the byte that followed two bytes: the last three, the latest lowest.
    #[inline]
    pub(super) fn follow(&mut self, last: u64) {
        if let Some(followers) = self.followers.get_mut(last as usize >> 8 & 0xFFFF) {
            *followers = *followers << 8 | last as u16 & 0xFF;
        }
    }

    /// The last two bytes that followed the last two of these.
    #[inline]
    pub(super) fn followed(&self, last: u32) -> u16 {
        self.followers.get(last as usize & 0xFFFF).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn put(&mut self, at: usize, byte: u8, starts: bool) {
        self.bytes[at] = byte;
        self.flags[at / 32] |= (1 | u64::from(starts) << 32) << (at % 32);
    }

    /// The byte at this place, if it is coded already.
    #[inline]
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).filter(|_| self.flags[at / 32] >> (at % 32) & 1 == 1).copied()
    }

    /// The bytes of these places, 0 where no lane came by.
    pub(super) fn bytes(&self, at: usize, len: usize) -> &[u8] {
        &self.bytes[at..at + len]
    }

    /// Whether a token starts at this place.
    #[inline]
    pub(super) fn starts(&self, at: usize) -> bool {
        self.flags.get(at / 32).is_some_and(|flags| flags >> (at % 32 + 32) & 1 == 1)
    }

    /// The place after an earlier occurrence of the bytes before `at`, and how many agree; notes this one.
    pub(super) fn find(&mut self, at: usize, last: u64) -> Option<(u32, u32)> {
        let candidate = self.note(at, last)?;
        // Another lane's place may be the later one.
        let agree = (1..=LONGEST.min(candidate).min(at as u32))
            .take_while(|&i| self.byte(candidate as usize - i as usize) == self.byte(at - i as usize))
            .count() as u32;
        (agree >= LEAST).then_some((candidate, agree))
    }

    /// Notes the place `at`, and returns the one noted for the same bytes before.
    #[inline]
    pub(super) fn note(&mut self, at: usize, last: u64) -> Option<u32> {
        if at < LEAST as usize {
            return None;
        }
        let slot = self.slot(last);
        Some(std::mem::replace(&mut self.places[slot], at as u32))
    }

    /// Fetches what [`Self::find`] will look at, so that it need not wait for memory.
    #[inline]
    pub(super) fn prefetch(&self, last: u64) {
        prefetch_index(&self.places, self.slot(last));
    }

    #[inline]
    fn slot(&self, last: u64) -> usize {
        (hash(last as u32, (last >> 32) as u32 & 0xFF) >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_of_a_later_lane_is_no_longer_than_what_came_before() {
        let mut history = History::new(12, 1);
        assert_eq!(history.open(100, 1 << 20), 0);
        let last = u64::from_be_bytes(*b"\0\0\0abcde");
        for lane in [50, 0] {
            for (i, byte) in b"abcde".iter().enumerate() {
                history.put(lane + i, *byte, false);
            }
        }
        assert_eq!(history.find(55, last), None);
        assert_eq!(history.find(5, last), Some((55, 5)));
    }

    #[test]
    fn the_oldest_bytes_are_forgotten_and_later_places_move() {
        let mut history = History::new(12, 1);
        history.open(128, 256);
        let last = u64::from_be_bytes(*b"\0\0\0abcde");
        for (i, byte) in b"xabcde".iter().enumerate() {
            history.put(99 + i, *byte, false);
        }
        history.note(105, last);
        // 64 of them, which leaves 64.
        let base = history.open(192, 256);
        assert_eq!((base, history.byte(36)), (64, Some(b'a')));
        for (i, byte) in b"yabcde".iter().enumerate() {
            history.put(base + i, *byte, false);
        }
        assert_eq!(history.find(base + 6, last), Some((41, 5)));
    }
}
