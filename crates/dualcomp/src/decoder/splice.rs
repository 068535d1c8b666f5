//! Spans of decoded bytes that stand for files.

use std::collections::VecDeque;

use crate::error::{Error, Result};

/// A span that was announced.
pub(crate) struct Span<T> {
    /// Of its first byte, counted over the bytes that the chunks of the stream decode to.
    pub(crate) start: u64,
    pub(crate) len: u64,
    /// What makes a file of it.
    pub(crate) content: T,
    /// Bytes of memory that this takes.
    pub(crate) memory: u64,
}

impl<T> Span<T> {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.len)
    }
}

/// A span that has begun.
struct Open<T> {
    span: Span<T>,
    /// Its bytes so far, with files in the place of the spans inside it.
    held: Vec<u8>,
    /// Bytes of these files.
    files: u64,
}

/// Replaces spans of bytes, which may lie in each other, as the bytes pass.
pub(crate) struct Splicer<T> {
    /// Bytes that have passed.
    position: u64,
    /// Spans that have not begun, by their start.
    waiting: VecDeque<Span<T>>,
    /// Spans that have begun, each inside the one before.
    open: Vec<Open<T>>,
    /// Bytes of memory that all spans take.
    memory: u64,
}

impl<T> Default for Splicer<T> {
    fn default() -> Self {
        Self { position: 0, waiting: VecDeque::new(), open: Vec::new(), memory: 0 }
    }
}

/// Spans inside each other at most. A picture in a picture's metadata is one inside of one.
const MAX_DEPTH: usize = 8;

impl<T> Splicer<T> {
    /// Whether no span has begun or waits.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.open.is_empty()
    }

    /// Bytes that have passed.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Lets so many bytes pass while idle.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.position += bytes;
    }

    /// Bytes of memory that the spans take.
    pub(crate) fn memory(&self) -> u64 {
        self.memory
    }

    /// Whether a span ends where the bytes have come to: a file is to be made of it.
    pub(crate) fn is_due(&self) -> bool {
        self.open.last().is_some_and(|open| open.span.end() == self.position)
    }

    /// Takes note of a span to come.
    pub(crate) fn announce(&mut self, span: Span<T>) -> Result<()> {
        if span.start < self.waiting.back().map_or(self.position, |last| last.start) {
            return Err(Error::corrupt("a span begins before the one announced before it"));
        }
        if span.len == 0 {
            return Err(Error::corrupt("a span is empty"));
        }
        self.memory = self.memory.saturating_add(span.memory).saturating_add(span.len);
        self.waiting.push_back(span);
        Ok(())
    }

    /// Bytes up to the next start or end of a span.
    fn until_change(&self) -> u64 {
        let next = self.waiting.front().map(|span| span.start);
        let end = self.open.last().map(|open| open.span.end());
        next.into_iter().chain(end).min().map_or(u64::MAX, |place| place - self.position)
    }

    /// Lets so many bytes of one value pass, which no span begins or ends among. Returns whether they are in no span, and
    /// so remain to be given out.
    pub(crate) fn fill(&mut self, byte: u8, len: u64) -> Result<bool> {
        self.begin()?;
        if len > self.until_change() {
            return Err(Error::corrupt("a span begins or ends inside a fill"));
        }
        self.position += len;
        let Some(open) = self.open.last_mut() else { return Ok(true) };
        // Not more than the span has, whose length was checked.
        open.held.resize(open.held.len() + len as usize, byte);
        Ok(false)
    }

    /// Lets bytes pass, up to the first of them that come out: a file, or what is in no span. Takes these bytes off the front
    /// of `bytes` and returns what comes out, nothing once all have passed. `make` makes a file of a span and its bytes, and
    /// is told how much memory other spans take.
    pub(crate) fn push(
        &mut self,
        bytes: &mut &[u8],
        mut make: impl FnMut(T, Vec<u8>, u64) -> Result<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some(file) = self.close(&mut make)? {
                return Ok(Some(file));
            }
            self.begin()?;
            let most = usize::try_from(self.until_change()).unwrap_or(usize::MAX);
            let (now, rest) = bytes.split_at(bytes.len().min(most));
            if now.is_empty() {
                return Ok(None);
            }
            (self.position, *bytes) = (self.position + now.len() as u64, rest);
            match self.open.last_mut() {
                Some(open) => open.held.extend_from_slice(now),
                None => return Ok(Some(now.to_vec())),
            }
        }
    }

    /// Opens the spans that begin here.
    fn begin(&mut self) -> Result<()> {
        while self.waiting.front().is_some_and(|span| span.start == self.position) {
            let Some(span) = self.waiting.pop_front() else { break };
            if self.open.len() == MAX_DEPTH {
                return Err(Error::corrupt("too many spans inside each other"));
            }
            if self.open.last().is_some_and(|outer| span.end() > outer.span.end()) {
                return Err(Error::corrupt("a span ends behind the one around it"));
            }
            self.open.push(Open { span, held: Vec::new(), files: 0 });
        }
        Ok(())
    }

    /// Closes the spans that end here; returns the file that comes out, if the outermost one ends.
    fn close(&mut self, make: &mut impl FnMut(T, Vec<u8>, u64) -> Result<Vec<u8>>) -> Result<Option<Vec<u8>>> {
        while let Some(Open { span, held, files }) = self.open.pop_if(|open| open.span.end() == self.position) {
            self.memory -= span.memory + span.len + files;
            let file = make(span.content, held, self.memory)?;
            let Some(outer) = self.open.last_mut() else { return Ok(Some(file)) };
            outer.held.extend_from_slice(&file);
            outer.files += file.len() as u64;
            self.memory += file.len() as u64;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u64, len: u64) -> Span<char> {
        Span { start, len, content: if len > 4 { '<' } else { '[' }, memory: 10 }
    }

    /// What comes out of bytes that pass in slices of every length.
    fn spliced(spans: &[(u64, u64)], bytes: &[u8]) -> Result<String> {
        let mut results = (1..=bytes.len()).map(|len| {
            let (mut splicer, mut out) = (Splicer::default(), Vec::new());
            for &(start, len) in spans {
                splicer.announce(span(start, len))?;
            }
            let mut make =
                |mark, held: Vec<u8>, _| Ok(format!("{mark}{}{mark}", String::from_utf8_lossy(&held)).into_bytes());
            for mut slice in bytes.chunks(len) {
                while let Some(piece) = splicer.push(&mut slice, &mut make)? {
                    out.extend(piece);
                }
            }
            assert!(splicer.is_idle() && splicer.memory() == 0 && splicer.position() == bytes.len() as u64);
            Ok(String::from_utf8_lossy(&out).into_owned())
        });
        let first = results.next().unwrap();
        for other in results {
            assert_eq!(other.as_ref().ok(), first.as_ref().ok());
        }
        first
    }

    #[test]
    fn spans_are_replaced_from_the_inside() {
        assert_eq!(spliced(&[], b"abc").unwrap(), "abc");
        assert_eq!(
            spliced(&[(0, 5), (1, 1), (3, 2), (5, 2)], b"abcdefgh").unwrap(),
            "<a[b]c[de]<[fg]h".replace("]", "[")
        );
        assert_eq!(spliced(&[(2, 6), (2, 5), (2, 1)], b"abcdefgh").unwrap(), "ab<<[c[defg<h<");
        assert!(spliced(&[(1, 3), (2, 4)], b"abcdefgh").is_err(), "they overlap");
        assert!(spliced(&[(3, 2), (2, 4)], b"abcdefgh").is_err(), "the outer one comes second");
        assert!(spliced(&[(3, 0)], b"abcdefgh").is_err());
        assert!(spliced(&[(0, 8); 9], b"abcdefgh").is_err(), "too deep");
    }

    #[test]
    fn fills_are_in_a_span_or_in_none() {
        let make = |_, held: Vec<u8>, _| Ok(held);
        let mut splicer = Splicer::default();
        assert!(splicer.fill(0, 1 << 40).unwrap());
        splicer.announce(span(1 << 40, 5)).unwrap();
        assert!(!splicer.fill(7, 5).unwrap());
        assert_eq!(splicer.push(&mut &[][..], make).unwrap(), Some(vec![7; 5]));
        splicer.announce(span((1 << 40) + 7, 2)).unwrap();
        assert!(splicer.fill(7, 3).is_err());
    }

    #[test]
    fn files_come_out_one_by_one() {
        let mut splicer = Splicer::default();
        for start in [1, 2] {
            splicer.announce(span(start, 1)).unwrap();
        }
        let (mut bytes, mut out) = (&b"abcd"[..], Vec::new());
        while let Some(piece) = splicer.push(&mut bytes, |_, held, _| Ok([held, vec![b'!']].concat())).unwrap() {
            out.push(String::from_utf8(piece).unwrap());
        }
        assert_eq!(out, ["a", "b!", "c!", "d"]);
    }

    #[test]
    fn spans_count_as_memory() {
        let mut splicer = Splicer::default();
        splicer.announce(span(0, 15)).unwrap();
        assert_eq!(splicer.memory(), 25);
        splicer.announce(span(0, 1)).unwrap();
        assert_eq!(splicer.memory(), 36);
    }
}
