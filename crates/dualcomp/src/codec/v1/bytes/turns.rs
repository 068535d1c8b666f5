//! Two substreams on one thread, which take turns.

use fearless_simd::Level;

use crate::Result;
use crate::codec::v1::bytes::light;
use crate::codec::v1::bytes::substream::full::SubstreamCoder;
use crate::codec::v1::bytes::substream::{AnySubstream, NetworkPrefix};
use crate::codec::v1::direction::Direction;

/// The payloads of both parts of a block.
pub(super) fn encode(
    two: [&mut AnySubstream; 2],
    prefix: Option<NetworkPrefix<'_>>,
    raw: [&[u8]; 2],
) -> Result<[Vec<u8>; 2]> {
    match two {
        [AnySubstream::Light(one), AnySubstream::Light(two)] => {
            light::without_network(prefix)?;
            light::encode_two([one, two], raw)
        }
        [AnySubstream::OneGroup(one), AnySubstream::OneGroup(two)] => encode_full([one, two], prefix, raw),
        [AnySubstream::TwoGroups(one), AnySubstream::TwoGroups(two)] => encode_full([one, two], prefix, raw),
        _ => unreachable!("substreams of a stream are of one form"),
    }
}

/// The bytes of both parts of a block, of a payload and so many bytes each.
pub(super) fn decode(
    two: [&mut AnySubstream; 2],
    prefix: Option<NetworkPrefix<'_>>,
    parts: [(&[u8], usize); 2],
) -> Result<[Vec<u8>; 2]> {
    match two {
        [AnySubstream::Light(one), AnySubstream::Light(two)] => {
            light::without_network(prefix)?;
            light::decode_two([one, two], parts)
        }
        [AnySubstream::OneGroup(one), AnySubstream::OneGroup(two)] => decode_full([one, two], prefix, parts),
        [AnySubstream::TwoGroups(one), AnySubstream::TwoGroups(two)] => decode_full([one, two], prefix, parts),
        _ => unreachable!("substreams of a stream are of one form"),
    }
}

fn encode_full<const GROUPS: usize>(
    two: [&mut SubstreamCoder<GROUPS>; 2],
    prefix: Option<NetworkPrefix<'_>>,
    raw: [&[u8]; 2],
) -> Result<[Vec<u8>; 2]> {
    let mut coders = [Direction::encode(), Direction::encode()];
    let parts = raw.map(|raw| (raw.len(), Some(raw)));
    SubstreamCoder::code_two(two, Level::new(), prefix, parts, coders.each_mut())?;
    Ok(coders.map(Direction::finish))
}

fn decode_full<const GROUPS: usize>(
    [one, two]: [&mut SubstreamCoder<GROUPS>; 2],
    prefix: Option<NetworkPrefix<'_>>,
    parts: [(&[u8], usize); 2],
) -> Result<[Vec<u8>; 2]> {
    let mut coders = parts.map(|(payload, _)| Direction::decode(payload));
    let lens = parts.map(|(_, len)| len);
    let parts = lens.map(|len| (len, None));
    SubstreamCoder::code_two([&mut *one, &mut *two], Level::new(), prefix, parts, coders.each_mut())?;
    Ok([one.last(lens[0]).to_vec(), two.last(lens[1]).to_vec()])
}
