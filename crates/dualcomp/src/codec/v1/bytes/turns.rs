//! Two substreams on one thread, which take turns.

use fearless_simd::Level;

use crate::Result;
use crate::codec::v1::bytes::light::{self, LightCoder};
use crate::codec::v1::bytes::substream::full::SubstreamCoder;
use crate::codec::v1::bytes::substream::{NetworkPrefix, Substream};
use crate::codec::v1::direction::Direction;

/// Two substreams of a stream.
type Two<'a> = [&'a mut dyn Substream; 2];

/// Runs `$body` with both substreams as `$two`, as what they are.
macro_rules! as_they_are {
    ($two:expr, light $light:pat => $lights:expr, $full:pat => $fulls:expr) => {{
        let [one, two] = $two.map(Substream::as_any);
        if let (Some(one), Some(two)) = (one.downcast_mut::<LightCoder>(), two.downcast_mut::<LightCoder>()) {
            let $light = [one, two];
            $lights
        } else if let (Some(one), Some(two)) = (one.downcast_mut(), two.downcast_mut()) {
            let $full: [&mut SubstreamCoder<1>; 2] = [one, two];
            $fulls
        } else if let (Some(one), Some(two)) = (one.downcast_mut(), two.downcast_mut()) {
            let $full: [&mut SubstreamCoder<2>; 2] = [one, two];
            $fulls
        } else {
            unreachable!("substreams of a stream are of one kind")
        }
    }};
}

/// The payloads of both parts of a block.
pub(super) fn encode(two: Two<'_>, prefix: Option<NetworkPrefix<'_>>, raw: [&[u8]; 2]) -> Result<[Vec<u8>; 2]> {
    let mut coders = [Direction::encode(), Direction::encode()];
    let parts = raw.map(|raw| (raw.len(), Some(raw)));
    as_they_are!(two,
    light two => light::without_network(prefix).and_then(|()| light::encode_two(two, raw)),
    two => {
        SubstreamCoder::code_two(two, Level::new(), prefix, parts, coders.each_mut())?;
        Ok(coders.map(Direction::finish))
    })
}

/// The bytes of both parts of a block, of a payload and so many bytes each.
pub(super) fn decode(
    two: Two<'_>,
    prefix: Option<NetworkPrefix<'_>>,
    parts: [(&[u8], usize); 2],
) -> Result<[Vec<u8>; 2]> {
    let mut coders = parts.map(|(payload, _)| Direction::decode(payload));
    let lens = parts.map(|(_, len)| len);
    as_they_are!(two,
    light two => light::without_network(prefix).and_then(|()| light::decode_two(two, parts)),
    [one, two] => {
        let parts = lens.map(|len| (len, None));
        SubstreamCoder::code_two([&mut *one, &mut *two], Level::new(), prefix, parts, coders.each_mut())?;
        Ok([one.last(lens[0]).to_vec(), two.last(lens[1]).to_vec()])
    })
}
