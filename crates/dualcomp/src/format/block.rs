//! The layout of a coded block of bytes (docs/spec/format.md, section 4).

use crate::codec::v1::bytes::{ALL, BytesCoder};
use crate::error::{Error, Result};
use crate::format::{CHECKSUM_LEN, Chunk, MAX_BLOCK, split_checksum, take_number, verify_checksum};

/// The body of a coded block.
pub(crate) struct Coded<'a> {
    sum: u32,
    raw_len: usize,
    twofold: bool,
    /// Bytes of each substream that are coded with the network, if not all are.
    head: Option<usize>,
    payload: &'a [u8],
}

/// Marks a number of substreams that the length of their heads follows.
pub(crate) const HEADED: u8 = 4;

/// How many substreams this byte of a block stands for, if for any.
pub(crate) fn substreams_of(byte: u8) -> Option<u8> {
    Some(byte & !HEADED).filter(|substreams| matches!(substreams, 1 | 2))
}

/// The longest body that a coded block may have: the payload is smaller than what it stands for.
pub(crate) const MAX_BODY: usize = CHECKSUM_LEN + 4 + 1 + 4 + MAX_BLOCK;

impl<'a> Coded<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self> {
        let (sum, mut rest) = split_checksum(body)?;
        let raw_len = take_number(&mut rest)?;
        if !(1..=MAX_BLOCK as u64).contains(&raw_len) {
            return Err(Error::corrupt("the length of the block is out of range"));
        }
        let (&byte, mut payload) = rest.split_first().ok_or(Error::corrupt("the block ends before its strands"))?;
        let substreams = substreams_of(byte).ok_or(Error::corrupt("the number of strands is out of range"))?;
        let mut head = None;
        if byte & HEADED != 0 {
            let len = take_number(&mut payload)?;
            if !(1..raw_len).contains(&len) {
                return Err(Error::corrupt("the heads of the strands are empty or longer than the block"));
            }
            head = Some(len as usize);
        }
        if payload.len() as u64 > raw_len {
            return Err(Error::corrupt("the block is longer coded than decoded"));
        }
        Ok(Self { sum, raw_len: raw_len as usize, twofold: substreams == 2, head, payload })
    }

    /// Substreams that the block needs.
    pub(crate) fn substreams(&self) -> u64 {
        1 + u64::from(self.twofold)
    }

    /// Bytes of the block once decoded.
    pub(crate) fn raw_len(&self) -> usize {
        self.raw_len
    }

    /// The bytes of the block, checked.
    pub(crate) fn decode(&self, coder: &mut BytesCoder, network: bool, chunk: &Chunk) -> Result<Vec<u8>> {
        let network = match self.head {
            Some(_) if !network => return Err(Error::corrupt("a head without the network")),
            Some(head) => head,
            None if network => ALL,
            None => 0,
        };
        let raw = coder.decode(self.payload, self.raw_len, self.twofold, network)?;
        if raw.len() != self.raw_len {
            return Err(Error::corrupt("the block has another length than it says"));
        }
        verify_checksum(&raw, self.sum, chunk)?;
        Ok(raw)
    }
}
