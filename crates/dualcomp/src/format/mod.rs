//! The byte layout: header, numbers, chunks. Section numbers are those of docs/spec/format.md.

pub(crate) mod block;
pub(crate) mod bytes_params;
mod chunk;
mod chunk_kind;
pub(crate) mod copies;
pub(crate) mod dictionary_file;
pub(crate) mod file;
mod header;
pub(crate) mod image;
mod parser;
mod reader;
mod varint;
pub(crate) mod version;
mod writer;

pub(crate) use chunk::Chunk;
pub use chunk_kind::{ChunkKind, UnknownChunkKind};
pub use header::{FORMAT_VERSION, Kind, detect};
pub(crate) use header::{HEADER_LEN, Header};
pub(crate) use parser::{Event, Parser};
pub(crate) use reader::next_event;
pub(crate) use varint::{number_len, put_number, take_number};
pub(crate) use writer::{put_chunk, with_checksum};

use crate::error::{Error, Result};

/// Bytes of a block at most, section 4.
pub(crate) const MAX_BLOCK: usize = 4 << 20;
/// Bytes of a fill at most.
pub(crate) const MAX_FILL: u64 = 1 << 30;

/// Bytes of the checksum that every body starts with, but for an empty one.
pub(crate) const CHECKSUM_LEN: usize = 4;

/// Splits the checksum off a body.
pub(crate) fn split_checksum(body: &[u8]) -> Result<(u32, &[u8])> {
    let (sum, rest) = body.split_first_chunk().ok_or(Error::corrupt("the chunk is too short for its checksum"))?;
    Ok((u32::from_le_bytes(*sum), rest))
}

/// The checksum of a chunk, from that of its content alone: goes on over the type.
pub(crate) fn with_type(content: u32, byte: u8) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(content);
    hasher.update(&[byte]);
    hasher.finalize()
}

/// Chunks of unknown kinds that may follow each other.
pub(crate) const MAX_PASSED: u64 = 1024;

/// Fails unless `content` and the type of its chunk have the checksum `sum`.
pub(crate) fn verify_checksum(content: &[u8], sum: u32, chunk: &Chunk) -> Result<()> {
    if agree(with_type(crc32fast::hash(content), chunk.byte()), sum) { Ok(()) } else { Err(chunk.mismatch()) }
}

/// Whether two checksums are the same. A build with `--cfg dualcomp_unchecked` takes any for right, so that tests reach
/// what is behind checksums that nobody computes: it is never one to decode data with.
pub(crate) fn agree(one: u32, other: u32) -> bool {
    cfg!(dualcomp_unchecked) || one == other
}

/// The content of a body whose checksum is over the rest of the body itself (fill, image header, metadata).
pub(crate) fn plain_body<'a>(body: &'a [u8], chunk: &Chunk) -> Result<&'a [u8]> {
    let (sum, rest) = split_checksum(body)?;
    verify_checksum(rest, sum, chunk)?;
    Ok(rest)
}
