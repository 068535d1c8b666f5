//! Driving the parser from a reader without reading beyond the stream.

use std::io::{ErrorKind, Read};

use crate::error::{Error, Result};
use crate::format::parser::{Event, Parser};

/// Reads until the parser finds something.
pub(crate) fn next_event(reader: &mut impl Read, parser: &mut Parser) -> Result<Event> {
    let mut buffer = [0; 1 << 14];
    // A body of length zero is found without input.
    let (_, mut event) = parser.push(&[])?;
    loop {
        if let Some(event) = event {
            return Ok(event);
        }
        let wanted = parser.wanted().min(buffer.len());
        let count = match reader.read(&mut buffer[..wanted]) {
            Ok(0) => return Err(parser.truncated()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::from_io(error)),
        };
        let (taken, found) = parser.push(&buffer[..count])?;
        debug_assert_eq!(taken, count, "the parser wanted it");
        event = found;
    }
}
