//! How a stream is coded: with the network or by contexts alone, and by which contexts. Samples of its first block
//! decide, at the highest level always, at the default one for long streams (experiments/0015).

use std::borrow::Cow;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::Tables;
use crate::codec::v1::bytes::BytesCoder;
use crate::encoder::bytes::choose_block;
use crate::encoder::bytes::choose_block::{params_for, substreams_for};
use crate::error::Result;
use crate::format::block::{BlockPlan, MIN_SPLIT, NetworkSpan, Substreams};
use crate::format::bytes_params::BytesParams;
use crate::options::{Level, thread_count};
use crate::runtime::join::join;

/// Bytes of a sample at most: at the highest level, and below it.
const SAMPLE: usize = 32 << 10;
const SHORT_SAMPLE: usize = 16 << 10;
/// Parts of a block that make a sample.
const PARTS: usize = 4;
/// Shorter blocks are not sampled.
const MIN_BLOCK: usize = 1 << 10;
/// Below the highest level, a stream is sampled if it is this many times longer than the sample.
const LONG: usize = 16;
/// Below the highest level, the network must shrink a sample by one part in this many: 1.6 %.
const MARGIN: usize = 64;
/// Below the highest level, the second group of contexts must shrink a sample by one part in this many: 0.4 %. Of a long text it
/// makes more (experiments/0095).
const LONG_MARGIN: usize = 256;

/// One part in this many of a long block is coded with the network. The network takes three times the time of contexts
/// alone, so a third of it costs as much as the second group of contexts.
const PART: usize = 3;

/// What codes a stream.
pub(crate) struct Choice {
    pub(crate) way: Way,
    /// The coder and the body of the first block, and whether storing it is no longer, if all of it was tried.
    pub(crate) first: Option<(BytesCoder, Vec<u8>, bool)>,
}

/// A way to code a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By contexts alone.
    Contexts,
    /// With the network.
    Network,
    /// With the network and contexts of the second group.
    NetworkTwoGroups,
    /// With the network for a part of each block, by contexts alone for the rest.
    Part,
    /// By contexts of both groups alone.
    ContextsTwoGroups,
}

impl Way {
    /// What is coded with the network, of `len` bytes that a substream has of a block.
    pub(crate) fn network(self, len: usize) -> NetworkSpan {
        match self {
            Self::Contexts | Self::ContextsTwoGroups => NetworkSpan::None,
            Self::Network | Self::NetworkTwoGroups => NetworkSpan::All,
            // Shorter parts of a block may not be divided, and gain little from it.
            Self::Part if len < MIN_SPLIT => NetworkSpan::None,
            Self::Part => NetworkSpan::prefix(len / PART),
        }
    }

    /// The table that this way needs, of a size; `whole` if the stream is one block, for which more is worth its
    /// memory.
    pub(crate) fn params(self, size: BytesParams, whole: bool) -> BytesParams {
        match self {
            Self::Part if whole => size.and_half(),
            Self::ContextsTwoGroups if whole => size.and_half().with_second_group(),
            Self::Contexts | Self::Network | Self::Part => size,
            Self::NetworkTwoGroups | Self::ContextsTwoGroups => size.with_second_group(),
        }
    }
}

/// So many bytes of a block: all of it, or parts at equal distances.
fn sample(raw: &[u8], len: usize) -> Cow<'_, [u8]> {
    if len == raw.len() {
        return Cow::Borrowed(raw);
    }
    let part = len / PARTS;
    let starts = (0..PARTS).map(|i| i * (raw.len() - part) / (PARTS - 1));
    Cow::Owned(starts.flat_map(|start| &raw[start..start + part]).copied().collect())
}

/// Chooses by the first block of a stream, which may be the `whole` of it.
pub(crate) fn choose(
    raw: &[u8],
    whole: bool,
    predictor: Option<&Arc<dyn Predictor>>,
    level: Level,
    dictionary: Option<&Arc<Tables>>,
    threads: usize,
) -> Result<Choice> {
    let Some(predictor) = predictor else { return Ok(Choice { way: Way::Contexts, first: None }) };
    // With the network, the second group of contexts costs little beside it, and takes most from a dictionary.
    let begins = dictionary.is_some() && whole && raw.len() < LONG * SHORT_SAMPLE;
    let long = substreams_for(raw.len(), level) == Substreams::Two;
    let len = match level {
        Level::Max if raw.len() >= MIN_BLOCK => SAMPLE.min(raw.len()),
        Level::Default if raw.len() >= LONG * SHORT_SAMPLE => SHORT_SAMPLE,
        _ => return Ok(Choice { way: if begins { Way::NetworkTwoGroups } else { Way::Network }, first: None }),
    };
    let sample = &*sample(raw, len);
    let code = |way: Way| {
        let table = way.params(params_for(Some(sample.len() as u64), level), false);
        let mut coder = BytesCoder::new(table, Some(predictor.clone()), dictionary.cloned(), 1);
        let body = choose_block::code(
            &mut coder,
            sample,
            BlockPlan { substreams: Substreams::One, network: way.network(sample.len()), record: None },
        )?;
        let (body, stored) = body;
        Ok((if stored { usize::MAX } else { body.len() }, way, (coder, body, stored)))
    };
    let others = || {
        let (network, contexts) = (code(Way::Network)?, code(Way::Contexts)?);
        Ok(if network.0 <= contexts.0 { network } else { contexts })
    };
    let threads = thread_count(threads, 2);
    let (one, other) = match level {
        Level::Max => join(threads, || code(Way::NetworkTwoGroups), others),
        _ if long => join(threads, || code(Way::ContextsTwoGroups), || code(Way::Contexts)),
        _ => join(threads, || code(Way::Network), || code(Way::Contexts)),
    };
    let (one, other) = (one?, other?);
    // What contexts do not know at the start, they learn. More work is not worth its time where it gains little.
    let margin = match level {
        Level::Max => 0,
        _ if long => one.0 / LONG_MARGIN,
        _ => one.0 / MARGIN,
    };
    let (_, way, coded) = if one.0.saturating_add(margin) <= other.0 { one } else { other };
    let way = match way {
        Way::Contexts if long => Way::Part,
        // What is longer than its sample learns from more contexts (experiments/0096).
        Way::Contexts if level == Level::Max && sample.len() < raw.len() => Way::ContextsTwoGroups,
        way => way,
    };
    Ok(Choice { way, first: (sample.len() == raw.len()).then_some(coded) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_of_all_of_a_block() {
        let raw: Vec<u8> = (0..100).collect();
        assert_eq!(*sample(&raw, 100), raw);
        assert_eq!(*sample(&raw, 8), [0, 1, 32, 33, 65, 66, 98, 99]);
        assert_eq!(*sample(&raw, 99).first_chunk().unwrap(), [0, 1, 2]);
        assert_eq!(sample(&raw, 99).len(), 96);
    }
}
