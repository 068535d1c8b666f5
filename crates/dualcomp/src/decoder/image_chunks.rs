//! Reading the chunks of an image.

use std::io::Read;

use crate::error::Result;
use crate::format::{Chunk, ChunkKind, Event, Parser, next_event};

/// Reads up to the next chunk with content, whose body is still to come; none if the stream ends without one.
pub(crate) fn next_chunk(reader: &mut impl Read, parser: &mut Parser) -> Result<Option<Chunk>> {
    loop {
        let Event::Chunk(chunk) = next_event(reader, parser)? else { continue };
        match chunk.kind() {
            Some(ChunkKind::Empty) => drop(body(reader, parser, &chunk, 0)?),
            Some(_) => return Ok(Some(chunk)),
            _ => {
                parser.pass(chunk)?;
                skip(reader, parser)?;
            }
        }
        if chunk.last {
            return Ok(None);
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

/// Passes over a body.
pub(crate) fn skip(reader: &mut impl Read, parser: &mut Parser) -> Result<()> {
    while !matches!(next_event(reader, parser)?, Event::Body(_)) {}
    Ok(())
}
