//! The byte layout: header, numbers, chunks. Section numbers are those of docs/format.md.

mod header;
mod number;
mod parser;
mod reader;
mod writer;

pub use header::{FORMAT_VERSION, Kind, detect};
pub(crate) use header::{HEADER_LEN, Header};
pub(crate) use number::{number_len, put_number, take_number};
pub(crate) use parser::{Chunk, Event, Parser};
pub(crate) use reader::next_event;
pub(crate) use writer::{put_chunk, with_checksum};

use crate::error::{Error, FormatErrorKind, Result};

/// Kinds of chunks, section 3.
pub(crate) mod kind {
    pub(crate) const EMPTY: u8 = 0;
    pub(crate) const STORED: u8 = 1;
    pub(crate) const MIXED: u8 = 2;
    pub(crate) const NETWORK: u8 = 3;
    pub(crate) const FILL: u8 = 4;
    pub(crate) const IMAGE: u8 = 8;
    pub(crate) const METADATA: u8 = 9;
}

/// Bytes of the checksum that every body starts with.
pub(crate) const CHECKSUM_LEN: usize = 4;

/// Splits the checksum off a body.
pub(crate) fn split_checksum(body: &[u8]) -> Result<(u32, &[u8])> {
    let (sum, rest) = body.split_first_chunk().ok_or(Error::corrupt("the chunk is too short for its checksum"))?;
    Ok((u32::from_le_bytes(*sum), rest))
}

/// Fails unless `data` has the checksum `sum`; `offset` is where the chunk starts.
pub(crate) fn verify_checksum(data: &[u8], sum: u32, offset: u64) -> Result<()> {
    if crc32fast::hash(data) != sum {
        return Err(Error::format(FormatErrorKind::Checksum, offset, "the chunk does not match its checksum"));
    }
    Ok(())
}

/// The content of a body whose checksum is over the rest of the body itself (fill, image header, metadata).
pub(crate) fn plain_body(body: &[u8], offset: u64) -> Result<&[u8]> {
    let (sum, rest) = split_checksum(body)?;
    verify_checksum(rest, sum, offset)?;
    Ok(rest)
}
