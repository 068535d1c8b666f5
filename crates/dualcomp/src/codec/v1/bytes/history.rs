//! The bytes coded so far in a stream, and where the last ones stood before.

use std::sync::Arc;

use crate::codec::v1::bytes::dictionary::DictionaryHistory;
use crate::codec::v1::bytes::places::{MIN_MATCH, Places};

/// Bytes of all recent blocks, with a flag where a token starts. Those of a dictionary lie below: places count from its
/// first byte.
pub(crate) struct History {
    below: Option<Arc<DictionaryHistory>>,
    /// Bytes of the dictionary.
    base: usize,
    bytes: Vec<u8>,
    /// A bit for each byte.
    starts: Vec<u64>,
    places: Places,
    /// The last two bytes that followed each two bytes, the latest lowest; empty for one group of contexts.
    followers: Vec<u16>,
}

/// Bits of a word.
pub(crate) const FLAGS: usize = u64::BITS as usize;

impl History {
    pub(crate) fn new(table_log2: u32, groups: usize) -> Self {
        Self {
            below: None,
            base: 0,
            bytes: Vec::new(),
            starts: Vec::new(),
            places: Places::new(table_log2),
            followers: vec![0; if groups > 1 { 1 << 16 } else { 0 }],
        }
    }

    /// An empty history above that of a dictionary.
    pub(crate) fn above(below: Arc<DictionaryHistory>, table_log2: u32, groups: usize) -> Self {
        let mut history = Self::new(table_log2, groups);
        history.base = below.bytes.len();
        if groups > 1 {
            history.followers.clone_from(&below.followers);
        }
        history.below = Some(below);
        history
    }

    /// What a dictionary keeps of this history: that of all its samples.
    pub(crate) fn into_dictionary(self) -> DictionaryHistory {
        DictionaryHistory::new(self.bytes, self.starts, self.followers)
    }

    /// Makes room for `length` bytes. Beyond `window` it forgets the oldest bytes, at least a quarter of the window.
    pub(crate) fn open(&mut self, length: usize, window: usize) {
        let most = window.saturating_sub(length);
        if self.bytes.len() > most {
            // Whole words of flags.
            let gone = (self.bytes.len() - most).max(window / 4).next_multiple_of(FLAGS).min(self.bytes.len());
            self.bytes.drain(..gone);
            self.starts.drain(..gone.div_ceil(FLAGS));
            // No token goes on from the dictionary into what is left.
            if let Some(first) = self.starts.first_mut() {
                *first |= 1;
            }
            self.places.forget(gone);
        }
        if self.bytes.len() + length > window / 8 {
            // The whole window at once, rather than a copy each time that it doubles.
            let most = window.max(self.bytes.len() + length);
            self.bytes.reserve_exact(most - self.bytes.len());
            self.starts.reserve_exact(most.div_ceil(FLAGS) - self.starts.len());
        }
    }

    /// Bytes so far, with those of the dictionary.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.base + self.bytes.len()
    }

    /// Takes note of the byte that followed two bytes: the last three, the latest lowest.
    #[inline]
    pub(crate) fn follow(&mut self, last: u64) {
        if let Some(followers) = self.followers.get_mut(last as usize >> 8 & 0xFFFF) {
            *followers = *followers << 8 | last as u16 & 0xFF;
        }
    }

    /// The last two bytes that followed the last two of these.
    #[inline]
    pub(crate) fn followed(&self, last: u32) -> u16 {
        self.followers.get(last as usize & 0xFFFF).copied().unwrap_or(0)
    }

    /// Appends a byte, at which a token starts or does not.
    #[inline]
    pub(crate) fn push(&mut self, byte: u8, starts: bool) {
        let at = self.bytes.len();
        self.bytes.push(byte);
        if at.is_multiple_of(FLAGS) {
            self.starts.push(0);
        }
        self.starts[at / FLAGS] |= u64::from(starts) << (at % FLAGS);
    }

    /// Appends bytes that another substream has coded, with a flag for each: whether a token starts there.
    pub(crate) fn take_over(&mut self, bytes: &[u8], starts: &[u64], window: usize) {
        self.open(bytes.len(), window);
        let mut last = 0;
        for (i, &byte) in bytes.iter().enumerate() {
            self.push(byte, starts[i / FLAGS] >> (i % FLAGS) & 1 == 1);
            last = last << 8 | u64::from(byte);
            if i + 1 >= MIN_MATCH {
                self.note(last);
            }
        }
    }

    /// A flag for each of the last `len` bytes: whether a token starts there.
    pub(crate) fn last_starts(&self, len: usize) -> Vec<u64> {
        let mut flags = vec![0; len.div_ceil(FLAGS)];
        for (i, at) in (self.len() - len..self.len()).enumerate() {
            flags[i / FLAGS] |= u64::from(self.starts(at)) << (i % FLAGS);
        }
        flags
    }

    /// The last `len` bytes.
    pub(crate) fn last(&self, len: usize) -> &[u8] {
        self.bytes(self.len() - len, len)
    }

    /// The byte at this place, if it is coded already.
    #[inline]
    pub(crate) fn byte(&self, at: usize) -> Option<u8> {
        match &self.below {
            Some(below) if at < self.base => below.bytes.get(at).copied(),
            _ => self.bytes.get(at - self.base).copied(),
        }
    }

    /// The bytes of these places, which are all those of the dictionary or none.
    ///
    /// # Panics
    /// If some of them are not coded yet.
    pub(crate) fn bytes(&self, at: usize, len: usize) -> &[u8] {
        match &self.below {
            Some(below) if at < self.base => &below.bytes[at..at + len],
            _ => &self.bytes[at - self.base..][..len],
        }
    }

    /// Whether a token starts at this place.
    #[inline]
    pub(crate) fn starts(&self, at: usize) -> bool {
        let (starts, at) = match &self.below {
            Some(below) if at < self.base => (&below.starts, at),
            _ => (&self.starts, at - self.base),
        };
        starts.get(at / FLAGS).is_some_and(|flags| flags >> (at % FLAGS) & 1 == 1)
    }

    /// The place after an earlier occurrence of the last bytes, and how many agree; notes this one. The dictionary is asked
    /// if no occurrence in the stream is found.
    pub(crate) fn find(&mut self, last: u64) -> Option<(u32, u32)> {
        match self.places.find(last, &self.bytes) {
            Some((place, agree)) => Some((self.base as u32 + place, agree)),
            None => self.below.as_ref()?.find(&self.bytes),
        }
    }

    /// Notes the place after the last bytes.
    #[inline]
    pub(crate) fn note(&mut self, last: u64) {
        self.places.note(last, &self.bytes);
    }

    /// Fetches what [`Self::find`] will look at, so that it need not wait for memory.
    #[inline]
    pub(crate) fn prefetch(&mut self, last: u64) {
        self.places.prefetch(last, &self.bytes);
        if let Some(below) = &self.below {
            below.prefetch(last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::v1::bytes::places::LONGEST;

    const LAST: u64 = u64::from_be_bytes(*b"\0\0\0abcde");

    fn extend(history: &mut History, text: &[u8]) {
        for (i, &byte) in text.iter().enumerate() {
            history.push(byte, i == 0);
        }
    }

    #[test]
    fn as_many_bytes_agree_as_there_are() {
        let mut history = History::new(12, 1);
        history.open(100, 1 << 20);
        extend(&mut history, b"abcde");
        assert_eq!(history.find(LAST), None);
        extend(&mut history, b"abcde");
        assert_eq!(history.find(LAST), Some((5, 5)));
        for _ in 0..10 {
            extend(&mut history, b"abcde");
        }
        assert_eq!(history.find(LAST), Some((10, 10)));
        extend(&mut history, b"abcde");
        assert_eq!(history.find(LAST), Some((60, LONGEST)));
        assert_eq!((0..12).filter(|&at| history.starts(at)).count(), 3);
        assert_eq!((history.byte(64), history.byte(65), history.starts(65)), (Some(b'e'), None, false));
    }

    #[test]
    fn the_oldest_bytes_are_forgotten_and_later_places_move() {
        let mut history = History::new(12, 1);
        history.open(128, 256);
        extend(&mut history, &[b'-'; 99]);
        extend(&mut history, b"xabcde");
        history.note(LAST);
        extend(&mut history, &[b'-'; 23]);
        // 64 of them, which leaves 64.
        history.open(192, 256);
        assert_eq!((history.len(), history.byte(36)), (64, Some(b'a')));
        assert!(history.starts(35) && !history.starts(36));
        // So that no token of a dictionary goes on here.
        assert!(history.starts(0));
        extend(&mut history, b"yabcde");
        assert_eq!(history.find(LAST), Some((41, 5)));
    }
}
