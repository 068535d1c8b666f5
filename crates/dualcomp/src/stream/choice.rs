//! Whether a stream is coded with the network or by contexts alone, and by which contexts: what its start shrinks to
//! decides, at the highest level, and in streams of middle length at the default one.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use super::block::{self, is_long, table_for};
use crate::error::Result;
use crate::options::{Level, thread_count};
use crate::pair::both;
use crate::text::{TableSize, TextCoder};

/// Bytes of a stream that are coded in more than one way at most: at the highest level, and below it.
const SAMPLE: usize = 32 << 10;
const SHORT_SAMPLE: usize = 16 << 10;
/// Bytes that say too little.
const LEAST: usize = 1 << 10;
/// Below the highest level, a stream is worth a sample if it is so many times longer.
const LONG: usize = 16;
/// Below the highest level, the network must make a sample smaller by one part in so many.
const MARGIN: usize = 64;
/// Bytes of a long stream that are coded with the network: later its contexts know much of the same, in a third of the
/// time.
pub(super) const HEAD: usize = 64 << 10;

/// What codes a stream.
pub(super) struct Choice {
    pub(super) way: Way,
    /// The coder and the body of the first block, if all of it was tried.
    pub(super) first: Option<(TextCoder, Option<Vec<u8>>)>,
}

/// A way to code a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By contexts alone.
    Mixed,
    /// With the network.
    Network,
    /// With the network and contexts of the second group.
    Wide,
    /// As [`Wide`](Self::Wide), but only the first [`HEAD`] bytes; then comes [`Rest`](Self::Rest).
    Head,
    /// By contexts of both groups alone.
    Rest,
}

impl Way {
    pub(super) fn uses_network(self) -> bool {
        !matches!(self, Self::Mixed | Self::Rest)
    }

    /// The table that this way needs, of a size.
    pub(super) fn table(self, size: TableSize) -> TableSize {
        match self {
            Self::Mixed | Self::Network => size,
            Self::Wide => size.wide(),
            Self::Head | Self::Rest => size.and_half().wide(),
        }
    }
}

/// Chooses by the first block of a stream.
pub(super) fn choose(
    raw: &[u8],
    predictor: Option<&Arc<dyn Predictor>>,
    level: Level,
    threads: usize,
) -> Result<Choice> {
    let usual = match predictor {
        None => Way::Mixed,
        Some(_) if is_long(raw.len(), level) && level == Level::Default => Way::Head,
        Some(_) => Way::Network,
    };
    let len = match level {
        Level::Max if raw.len() >= LEAST => SAMPLE.min(raw.len()),
        Level::Default if raw.len() >= LONG * SHORT_SAMPLE => SHORT_SAMPLE,
        _ => 0,
    };
    if predictor.is_none() || len == 0 || usual == Way::Head {
        return Ok(Choice { way: usual, first: None });
    }
    let sample = &raw[..len];
    let code = |way: Way| {
        let table = way.table(table_for(Some(sample.len() as u64), level));
        let mut coder = TextCoder::new(table, predictor.cloned(), 1);
        let body = block::code(&mut coder, sample, false, way.uses_network())?;
        Ok((body.as_ref().map_or(usize::MAX, Vec::len), way, (coder, body)))
    };
    let others = || {
        let (network, mixed) = (code(Way::Network)?, code(Way::Mixed)?);
        Ok(if network.0 <= mixed.0 { network } else { mixed })
    };
    let threads = thread_count(threads, 2);
    let (one, other) = match level {
        Level::Max => both(threads, || code(Way::Wide), others),
        _ => both(threads, || code(Way::Network), || code(Way::Mixed)),
    };
    let (one, other) = (one?, other?);
    // What contexts do not know at the start, they learn. The network is not worth its time where it gains little.
    let margin = if level == Level::Max { 0 } else { one.0 / MARGIN };
    let (_, way, coded) = if one.0.saturating_add(margin) <= other.0 { one } else { other };
    Ok(Choice { way, first: (sample.len() == raw.len()).then_some(coded) })
}
