//! Reading the chunks of an image.

use std::io::Read;

use crate::error::Result;
use crate::format::{CHECKSUM_LEN, Chunk, ChunkKind, Event, MAX_PASSED, Parser, next_event};

/// Reads up to the next chunk with content, whose body is still to come.
pub(crate) fn next_chunk(reader: &mut impl Read, parser: &mut Parser) -> Result<Chunk> {
    let mut passed = 0;
    loop {
        let Event::Chunk(chunk) = next_event(reader, parser)? else { continue };
        match chunk.kind() {
            Some(ChunkKind::Empty) => return Err(chunk.corrupt("an empty chunk in an image")),
            Some(_) => return Ok(chunk),
            None if chunk.last && chunk.skippable => {
                return Err(chunk.corrupt("the stream ends with a chunk of an unknown kind"));
            }
            None => {
                passed += 1;
                if passed > MAX_PASSED {
                    return Err(chunk.corrupt("too many chunks of unknown kinds follow each other"));
                }
                parser.pass(chunk)?;
                while !matches!(next_event(reader, parser)?, Event::Body(_)) {}
            }
        }
    }
}

/// Reads a body of up to `longest` bytes.
pub(crate) fn body(reader: &mut impl Read, parser: &mut Parser, chunk: &Chunk, longest: usize) -> Result<Vec<u8>> {
    if chunk.len > longest as u64 {
        return Err(chunk.corrupt("the chunk is longer than its kind allows"));
    }
    parser.gather(longest);
    loop {
        if let Event::Body(body) = next_event(reader, parser)? {
            return Ok(body);
        }
    }
}

/// Passes over a body, and gives its checksum.
pub(crate) fn skip(reader: &mut impl Read, parser: &mut Parser) -> Result<[u8; CHECKSUM_LEN]> {
    parser.gather(CHECKSUM_LEN);
    loop {
        if let Event::Body(body) = next_event(reader, parser)? {
            return Ok(checksum_of(&body));
        }
    }
}

/// The checksum that a body starts with, filled up with zeros if it is too short for one.
pub(crate) fn checksum_of(body: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut checksum = [0; CHECKSUM_LEN];
    for (to, from) in checksum.iter_mut().zip(body) {
        *to = *from;
    }
    checksum
}
