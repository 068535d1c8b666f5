//! A tile coded as a string of bytes (docs/spec/image.md, section 13): for deep samples that repeat, where what stands at
//! another place predicts more than the neighbours do.

use crate::codec::v1::bytes::BytesCoder;
use crate::error::{Error, Result};
use crate::format::block::{BlockPlan, NetworkSpan, Substreams};
use crate::format::bytes_params::BytesParams;
use crate::format::image::tile_grid::TileShape;
use crate::format::{MAX_BLOCK, put_number, take_number};

/// All blocks have one substream and no network.
const PLAN: BlockPlan = BlockPlan { substreams: Substreams::One, network: NetworkSpan::None, record: None };
/// Bytes of history and of the tables of its places that a coder keeps: for each byte of a tile, at least and at most.
const HISTORY: (u64, u64, u64) = (10, 1 << 20, 12 << 20);

/// The parameters of a tile of `len` bytes: those of a stream of as many bytes (experiments/0027).
pub(crate) fn params(len: u64) -> BytesParams {
    BytesParams::new((len.max(1).next_power_of_two().ilog2() as u8 + 6).clamp(18, 21))
}

/// The payload of a tile.
pub(crate) fn encode(raw: &[u8]) -> Result<Vec<u8>> {
    let mut coder = BytesCoder::new(params(raw.len() as u64), None, None, 1);
    let mut payload = Vec::new();
    for block in raw.chunks(MAX_BLOCK) {
        let coded = coder.encode(block, PLAN)?;
        put_number(&mut payload, coded.len() as u64);
        payload.extend(coded);
    }
    Ok(payload)
}

/// The bytes of a tile. Any payload gives some bytes or an error.
pub(crate) fn decode(mut payload: &[u8], shape: TileShape) -> Result<Vec<u8>> {
    let len = shape.raw_len() as usize;
    let mut coder = BytesCoder::new(params(len as u64), None, None, 1);
    let mut raw = Vec::with_capacity(len);
    while raw.len() < len {
        let coded = take_number(&mut payload)?;
        let (block, rest) = usize::try_from(coded)
            .ok()
            .and_then(|coded| payload.split_at_checked(coded))
            .ok_or(Error::corrupt("a block is longer than its tile"))?;
        raw.extend(coder.decode(block, MAX_BLOCK.min(len - raw.len()), PLAN)?);
        payload = rest;
    }
    if !payload.is_empty() {
        return Err(Error::corrupt("bytes follow the last block of a tile"));
    }
    Ok(raw)
}

/// Bytes that decoding a tile of this shape takes at most, roughly.
pub(crate) fn tile_memory(shape: TileShape) -> u64 {
    let len = shape.raw_len();
    let (each, least, most) = HISTORY;
    4 * params(len).counters() as u64 + (least + each * len).min(most) + 3 * len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColorType;

    #[test]
    fn tiles_of_one_block_come_back() {
        for (width, height) in [(1, 1), (64, 16), (1 << 9, 300)] {
            let shape = TileShape { width, height, color: ColorType::Rgba16 };
            let raw: Vec<u8> = (0..shape.raw_len() as u32).map(|i| (i / 9 % 31 * (i % 8)) as u8).collect();
            let payload = encode(&raw).unwrap();
            // One block, whose length comes first.
            let mut block = &payload[..];
            assert_eq!(take_number(&mut block).unwrap(), block.len() as u64);
            assert!(decode(&payload, shape).unwrap() == raw);
            assert!(decode(&payload[..payload.len() - 1], shape).is_err());
            assert!(decode(&[&payload[..], &[0]].concat(), shape).is_err());
        }
    }

    #[test]
    fn parameters_follow_from_the_length() {
        assert_eq!([1, 4096, 8192, 1 << 15, 1 << 25].map(|len| params(len).counters().ilog2()), [18, 18, 19, 21, 21]);
    }
}
