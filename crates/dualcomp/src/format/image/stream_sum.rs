//! What the last chunk of an image says of all others: how many there are, and the checksum of their checksums
//! (docs/spec/format.md, section 5).

use crate::error::{Error, FormatErrorKind, Result};
use crate::format::{CHECKSUM_LEN, Chunk, agree, put_number, split_checksum, take_number, with_type};

/// Chunks of an image so far, in their order. Chunks of unknown kinds do not count.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamSum {
    hasher: crc32fast::Hasher,
    chunks: u64,
}

impl StreamSum {
    /// The longest body of an end: checksum, number.
    pub(crate) const MAX_BODY: usize = CHECKSUM_LEN + 10;

    /// Takes note of a chunk with this checksum.
    pub(crate) fn add(&mut self, checksum: [u8; CHECKSUM_LEN]) {
        self.hasher.update(&checksum);
        self.chunks += 1;
    }

    /// The body of the chunk that ends the image, before the checksum goes on over its type.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = self.hasher.clone().finalize().to_le_bytes().to_vec();
        put_number(&mut body, self.chunks);
        body
    }

    /// Fails unless the chunk that ends the image agrees.
    pub(crate) fn verify(&self, chunk: &Chunk, body: &[u8]) -> Result<()> {
        let (sum, mut rest) = split_checksum(body)?;
        let chunks = take_number(&mut rest)?;
        if !rest.is_empty() {
            return Err(chunk.corrupt("the last chunk is too long"));
        }
        if !agree(with_type(self.hasher.clone().finalize(), chunk.byte()), sum) || chunks != self.chunks {
            let detail = "the image does not match its checksum: chunks are missing, added or out of order";
            return Err(Error::format(FormatErrorKind::Checksum, chunk.offset, detail));
        }
        Ok(())
    }
}
