//! The last bytes of a stream.

/// The last 2^`log2` bytes. Takes their room as they come.
pub(crate) struct Window {
    /// As a ring, once it is full.
    bytes: Vec<u8>,
    log2: u32,
    /// Bytes that have passed.
    len: u64,
}

impl Window {
    pub(crate) fn new(log2: u32) -> Self {
        Self { bytes: Vec::new(), log2, len: 0 }
    }

    /// Bytes that it keeps.
    pub(crate) fn size(&self) -> usize {
        1 << self.log2
    }

    /// Bytes that have passed.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    fn at(&self, place: u64) -> usize {
        place as usize & (self.size() - 1)
    }

    /// The byte at this place of the stream, one of those that are kept.
    #[inline]
    pub(crate) fn byte(&self, place: u64) -> u8 {
        self.bytes[self.at(place)]
    }

    /// Appends bytes.
    pub(crate) fn push(&mut self, mut new: &[u8]) {
        while !new.is_empty() {
            let at = self.at(self.len);
            let (now, rest) = new.split_at(new.len().min(self.size() - at));
            if self.bytes.len() == at && self.bytes.len() < self.size() {
                // Twice as much each time, but no more than is ever needed.
                let room = (2 * at).clamp(at + now.len(), self.size()) - at;
                self.bytes.reserve_exact(if self.bytes.capacity() < at + now.len() { room } else { 0 });
                self.bytes.extend_from_slice(now);
            } else {
                self.bytes[at..at + now.len()].copy_from_slice(now);
            }
            self.len += now.len() as u64;
            new = rest;
        }
    }

    /// Fills `out` with what stands `distance` bytes before, of those that are kept, and appends it. What it appends may be
    /// copied too.
    pub(crate) fn copy(&mut self, distance: u64, out: &mut [u8]) {
        let (mut made, mut back) = (0, distance);
        while made < out.len() {
            let from = self.at(self.len - back);
            // Up to what is not there yet, and the end of the ring.
            let now = (out.len() - made).min(back as usize).min(self.size() - from);
            out[made..made + now].copy_from_slice(&self.bytes[from..from + now]);
            self.push(&out[made..made + now]);
            made += now;
            // What it has made repeats itself: twice as much at a time, so that a short distance takes no longer.
            if distance + made as u64 >= 2 * back && 2 * back <= self.size() as u64 {
                back *= 2;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_are_kept_and_copied() {
        let mut window = Window::new(4);
        let mut all = Vec::new();
        for i in 0..100u8 {
            let new: Vec<u8> = (0..i % 23).map(|j| i.wrapping_mul(7) ^ j).collect();
            window.push(&new);
            all.extend(new);
            for back in 1..=all.len().min(16) {
                assert_eq!(window.byte((all.len() - back) as u64), all[all.len() - back]);
            }
            let distance = usize::from(i % 16) + 1;
            if all.len() >= distance {
                let mut out = vec![0; usize::from(i) % 37];
                window.copy(distance as u64, &mut out);
                for byte in out {
                    assert_eq!(byte, all[all.len() - distance]);
                    all.push(byte);
                }
            }
            assert_eq!(window.len(), all.len() as u64);
        }
        assert_eq!(window.bytes.len(), 16);
    }

    #[test]
    fn runs_of_all_distances_are_copied() {
        for distance in 1..=16u64 {
            let mut window = Window::new(4);
            let start: Vec<u8> = (0..20).collect();
            window.push(&start);
            let mut out = vec![0; 200];
            window.copy(distance, &mut out);
            assert!((0..200).all(|i| out[i] == start[20 - distance as usize + i % distance as usize]), "{distance}");
            assert_eq!((window.byte(219), window.bytes.capacity()), (out[199], 16));
        }
    }
}
