//! The layout of a coded block of bytes (docs/spec/format.md, section 4).

use crate::error::{Error, Result};
use crate::format::{CHECKSUM_LEN, MAX_BLOCK, number_len, put_number, split_checksum, take_number};

/// Parts of a block that are coded apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Substreams {
    One,
    /// Two halves, for two threads.
    Two,
}

impl Substreams {
    /// Bytes of the first substream of a block of `len` bytes.
    pub(crate) fn first_of(self, len: usize) -> usize {
        len.div_ceil(self.count())
    }

    pub(crate) fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

/// Bytes of each substream of a block that are coded with the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NetworkSpan {
    None,
    /// The first bytes, at least one; the rest by contexts only.
    Prefix(usize),
    All,
}

impl NetworkSpan {
    /// The first `len` bytes, or none.
    pub(crate) fn prefix(len: usize) -> Self {
        if len == 0 { Self::None } else { Self::Prefix(len) }
    }

    pub(crate) fn is_none(self) -> bool {
        self == Self::None
    }
}

/// How a block is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockPlan {
    pub(crate) substreams: Substreams,
    pub(crate) network: NetworkSpan,
    /// What the bytes are made of where that is no text; none means lines.
    pub(crate) record: Option<RecordLen>,
}

/// Bytes of a record, 2 to 1024, where a block consists of records of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordLen(u16);

impl RecordLen {
    /// A length, if records may be so long.
    pub(crate) fn new(len: u64) -> Option<Self> {
        (2..=1024).contains(&len).then_some(Self(len as u16))
    }

    pub(crate) fn get(self) -> usize {
        self.0.into()
    }
}

/// Marks a number of substreams that the length of their network prefixes follows.
const PREFIXED: u8 = 4;
/// Marks a payload that is the block as it is, which the coder learns as if it had coded it.
const LEARNED: u8 = 8;
/// Marks a block of records, whose length follows.
const RECORDS: u8 = 16;
/// Bytes that a block must have at least for two substreams, which cost a thread, or for a network prefix, which costs a
/// change between two sets of mixers.
pub(crate) const MIN_SPLIT: usize = 1 << 16;
/// The longest body that a coded block may have: the payload is smaller than what it stands for.
pub(crate) const MAX_BODY: usize = CHECKSUM_LEN + 4 + 1 + 4 + 2 + MAX_BLOCK;

/// How many substreams this byte of a block stands for, if for any.
pub(crate) fn substreams_of(byte: u8) -> Option<Substreams> {
    match byte & !(PREFIXED | LEARNED | RECORDS) {
        1 => Some(Substreams::One),
        2 => Some(Substreams::Two),
        _ => None,
    }
}

/// The body of a coded block.
pub(crate) struct CodedBlock<'a> {
    pub(crate) sum: u32,
    pub(crate) raw_len: usize,
    pub(crate) plan: BlockPlan,
    /// Whether the payload is the block as it is, for the coder to learn.
    pub(crate) learned: bool,
    pub(crate) payload: &'a [u8],
}

impl<'a> CodedBlock<'a> {
    /// Reads the body of a chunk that is coded with the network or not.
    pub(crate) fn parse(body: &'a [u8], network: bool) -> Result<Self> {
        let (sum, mut rest) = split_checksum(body)?;
        let raw_len = take_number(&mut rest)?;
        if !(1..=MAX_BLOCK as u64).contains(&raw_len) {
            return Err(Error::corrupt("the length of the block is out of range"));
        }
        let (&byte, mut payload) = rest.split_first().ok_or(Error::corrupt("the block ends before its substreams"))?;
        let substreams = substreams_of(byte).ok_or(Error::corrupt("the number of substreams is out of range"))?;
        if (byte & PREFIXED != 0 || substreams == Substreams::Two) && raw_len < MIN_SPLIT as u64 {
            return Err(Error::corrupt("the block is too short for its parts"));
        }
        let network = match (byte & PREFIXED != 0, network) {
            (true, true) => {
                let len = take_number(&mut payload)?;
                if !(1..raw_len).contains(&len) {
                    return Err(Error::corrupt("the network prefixes are empty or longer than the block"));
                }
                NetworkSpan::Prefix(len as usize)
            }
            (true, false) => return Err(Error::corrupt("a network prefix without the network")),
            (false, true) => NetworkSpan::All,
            (false, false) => NetworkSpan::None,
        };
        let record = match byte & RECORDS != 0 {
            true => {
                let len = take_number(&mut payload)?;
                Some(RecordLen::new(len).ok_or(Error::corrupt("the length of a record is out of range"))?)
            }
            false => None,
        };
        let learned = byte & LEARNED != 0;
        if payload.len() as u64 > raw_len || (learned && (payload.len() as u64) < raw_len) {
            return Err(Error::corrupt("the payload does not suit the length of the block"));
        }
        Ok(Self { sum, raw_len: raw_len as usize, plan: BlockPlan { substreams, network, record }, learned, payload })
    }
}

/// Puts what [`CodedBlock::parse`] reads before the payload in front of the payload of `raw`. The payload is `raw` itself,
/// for the coder to learn, if that is no longer. The checksum is of the bytes alone.
pub(crate) fn frame_block(mut payload: Vec<u8>, raw: &[u8], plan: BlockPlan) -> Vec<u8> {
    let learned = payload.len() >= raw.len();
    if learned {
        payload.clear();
        payload.extend_from_slice(raw);
    }
    let flags = if learned { LEARNED } else { 0 } | if plan.record.is_some() { RECORDS } else { 0 };
    let mut front = crc32fast::hash(raw).to_le_bytes().to_vec();
    put_number(&mut front, raw.len() as u64);
    let substreams = plan.substreams.count() as u8;
    match plan.network {
        NetworkSpan::Prefix(len) => {
            front.push(substreams | flags | PREFIXED);
            put_number(&mut front, len as u64);
        }
        NetworkSpan::None | NetworkSpan::All => front.push(substreams | flags),
    }
    if let Some(record) = plan.record {
        put_number(&mut front, record.get() as u64);
    }
    payload.splice(0..0, front);
    payload
}

/// Whether a stored block of `raw_len` bytes is no longer than a coded one with a payload of this length.
pub(crate) fn is_no_shorter(payload_len: usize, raw_len: usize) -> bool {
    number_len(raw_len as u64) + 1 + payload_len >= raw_len
}
