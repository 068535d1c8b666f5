//! Whether a stream is coded with the network or by contexts alone: at the highest level by what its start shrinks to.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use super::block::{self, table_for};
use crate::error::Result;
use crate::options::{Level, thread_count};
use crate::pair::both;
use crate::text::TextCoder;

/// Bytes of a stream that are coded both ways at most.
const SAMPLE: usize = 32 << 10;
/// Bytes that say too little.
const LEAST: usize = 1 << 10;

/// What codes a stream.
pub(super) struct Choice {
    pub(super) network: bool,
    /// The coder and the body of the first block, if all of it was tried.
    pub(super) first: Option<(TextCoder, Option<Vec<u8>>)>,
}

/// Chooses by the first block of a stream.
pub(super) fn choose(
    raw: &[u8],
    predictor: Option<&Arc<dyn Predictor>>,
    level: Level,
    threads: usize,
) -> Result<Choice> {
    if level != Level::Max || predictor.is_none() || raw.len() < LEAST {
        return Ok(Choice { network: predictor.is_some(), first: None });
    }
    let sample = &raw[..raw.len().min(SAMPLE)];
    let code = |network| {
        let mut coder = TextCoder::new(table_for(Some(sample.len() as u64), level), predictor.cloned(), 1);
        let body = block::code(&mut coder, sample, network, level)?;
        Ok((coder, body))
    };
    let (with, without) = both(thread_count(threads, 2), || code(true), || code(false));
    let (with, without) = (with?, without?);
    let len = |body: &Option<Vec<u8>>| body.as_ref().map_or(usize::MAX, Vec::len);
    let network = len(&with.1) <= len(&without.1);
    let first = (sample.len() == raw.len()).then_some(if network { with } else { without });
    Ok(Choice { network, first })
}
