//! A push parser: takes input in any slices and says what it has found.

#[cfg(test)]
mod tests;

use crc32fast::Hasher;

use crate::error::{Error, FormatErrorKind, Result};
use crate::format::chunk::Chunk;
use crate::format::header::{HEADER_LEN, Header};
use crate::format::varint::PartialNumber;
use crate::format::{CHECKSUM_LEN, split_checksum, with_type};

/// Room taken for a body before its bytes have come. A length in a chunk is a claim, not yet data.
const FIRST_RESERVE: usize = 1 << 16;

/// What a [`Parser`] has found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Header(Header),
    /// The consumer now says with [`Parser::gather`] how much of the body it wants.
    Chunk(Chunk),
    /// The body has passed; here is the part that was wanted.
    Body(Vec<u8>),
}

#[derive(Debug)]
enum State {
    Header {
        bytes: [u8; HEADER_LEN],
        len: usize,
    },
    /// Before the type byte of a chunk.
    Type,
    Length {
        byte: u8,
        offset: u64,
        number: PartialNumber,
    },
    Body {
        remaining: u64,
        wanted: usize,
        body: Vec<u8>,
        /// Of a chunk of unknown kind, and what came after its checksum.
        passed: Option<(Chunk, Hasher)>,
    },
}

#[derive(Debug)]
pub(crate) struct Parser {
    state: State,
    /// Bytes taken so far, over all streams.
    offset: u64,
}

impl Parser {
    /// A parser that stands before a header.
    pub(crate) fn new() -> Self {
        Self { state: State::Header { bytes: [0; HEADER_LEN], len: 0 }, offset: 0 }
    }

    /// Expects the header of another stream; offsets go on.
    pub(crate) fn restart(&mut self) {
        self.state = State::Header { bytes: [0; HEADER_LEN], len: 0 };
    }

    /// Bytes taken so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes that the current header, number or body is certain to need, at least one: a reader that must not read
    /// beyond the stream may read this many.
    pub(crate) fn wanted(&self) -> usize {
        match &self.state {
            State::Header { len, .. } => HEADER_LEN - len,
            State::Type | State::Length { .. } => 1,
            State::Body { remaining, .. } => usize::try_from(*remaining).unwrap_or(usize::MAX).max(1),
        }
    }

    /// How many bytes certainly come before the end of a body that is gathered.
    pub(crate) fn before_body(&self) -> usize {
        // A chunk has at least a type and one byte of length before its body.
        const SHORTEST: usize = 2;
        match &self.state {
            State::Header { len, .. } => HEADER_LEN - len + SHORTEST,
            State::Type => SHORTEST,
            State::Length { .. } => 1,
            State::Body { remaining, wanted, .. } => {
                let remaining = usize::try_from(*remaining).unwrap_or(usize::MAX);
                // Bytes that are passed over end nothing.
                if *wanted > 0 { remaining.saturating_sub(1) } else { remaining }
            }
        }
    }

    /// After [`Event::Chunk`]: keeps the first `wanted` bytes of the body and passes over the rest. Without
    /// this call all of it is passed over.
    pub(crate) fn gather(&mut self, limit: usize) {
        if let State::Body { remaining, wanted, body, .. } = &mut self.state {
            *wanted = limit.min(usize::try_from(*remaining).unwrap_or(usize::MAX));
            body.reserve((*wanted).min(FIRST_RESERVE));
        }
    }

    /// After [`Event::Chunk`] of an unknown kind: passes over the body, but for its checksum, which is checked.
    ///
    /// # Errors
    /// If the chunk may not be skipped.
    pub(crate) fn pass(&mut self, chunk: Chunk) -> Result<()> {
        if !chunk.skippable {
            let detail = "the kind of the chunk is unknown";
            return Err(Error::format(FormatErrorKind::UnknownChunk, chunk.offset, detail));
        }
        self.gather(CHECKSUM_LEN);
        if let State::Body { passed, .. } = &mut self.state {
            *passed = Some((chunk, Hasher::new()));
        }
        Ok(())
    }

    /// Takes input until something is found or all is taken. Says how much was taken.
    pub(crate) fn push(&mut self, input: &[u8]) -> Result<(usize, Option<Event>)> {
        let start = self.offset;
        let mut input = input;
        let event = self.next(&mut input)?;
        Ok(((self.offset - start) as usize, event))
    }

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<Event>> {
        loop {
            match &mut self.state {
                State::Header { bytes, len } => {
                    let start = self.offset - *len as u64;
                    let count = input.len().min(HEADER_LEN - *len);
                    bytes[*len..*len + count].copy_from_slice(take(input, count, &mut self.offset));
                    *len += count;
                    if *len < HEADER_LEN {
                        Header::check_prefix(&bytes[..*len], start)?;
                        return Ok(None);
                    }
                    let header = Header::parse(bytes, start)?;
                    self.state = State::Type;
                    return Ok(Some(Event::Header(header)));
                }
                State::Type => {
                    let offset = self.offset;
                    let Some(byte) = take_byte(input, &mut self.offset) else { return Ok(None) };
                    self.state = State::Length { byte, offset, number: PartialNumber::default() };
                }
                State::Length { byte, offset, number } => {
                    let Some(next) = take_byte(input, &mut self.offset) else { return Ok(None) };
                    if let Some(len) = number.push(next).map_err(|error| error.at(*offset))? {
                        let chunk = Chunk::new(*byte, len, *offset);
                        chunk.check_type()?;
                        self.state = State::Body { remaining: len, wanted: 0, body: Vec::new(), passed: None };
                        return Ok(Some(Event::Chunk(chunk)));
                    }
                }
                State::Body { remaining, wanted, body, passed } => {
                    let count = input.len().min(usize::try_from(*remaining).unwrap_or(usize::MAX));
                    let bytes = take(input, count, &mut self.offset);
                    *remaining -= count as u64;
                    let (kept, rest) = bytes.split_at(count.min(*wanted - body.len()));
                    body.extend_from_slice(kept);
                    if let Some((_, hasher)) = passed {
                        hasher.update(rest);
                    }
                    if *remaining > 0 {
                        return Ok(None);
                    }
                    let body = std::mem::take(body);
                    if let Some((chunk, hasher)) = passed.take() {
                        let (sum, _) = split_checksum(&body).map_err(|error| error.at(chunk.offset))?;
                        if with_type(hasher.finalize(), chunk.byte()) != sum {
                            return Err(chunk.mismatch());
                        }
                    }
                    self.state = State::Type;
                    return Ok(Some(Event::Body(body)));
                }
            }
        }
    }

    /// The error for input that ends here.
    pub(crate) fn truncated(&self) -> Error {
        Error::format(FormatErrorKind::Truncated, self.offset, "the data ends before the stream does")
    }
}

fn take<'a>(input: &mut &'a [u8], count: usize, offset: &mut u64) -> &'a [u8] {
    let (taken, rest) = input.split_at(count);
    *input = rest;
    *offset += count as u64;
    taken
}

fn take_byte(input: &mut &[u8], offset: &mut u64) -> Option<u8> {
    let (&byte, rest) = input.split_first()?;
    *input = rest;
    *offset += 1;
    Some(byte)
}
