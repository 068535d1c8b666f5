//! Coding of the blocks of a bytes stream (docs/spec/bytes.md, section 2).
//!
//! A block is one substream, or two halves that a thread each codes independently. A substream is cut in tokens. After
//! a block each substream takes the bytes of the other one into its history, to find matches there (experiments/0016).

mod below;
pub(crate) mod byte_match;
pub(crate) mod contexts;
pub(crate) mod dictionary;
pub(crate) mod history;
mod inputs;
mod lane;
pub(crate) mod light;
mod mixer_set;
mod mixing;
mod places;
pub(crate) mod pretrained;
mod recent_order0;
mod shape;
mod slots;
mod structure;
pub(crate) mod substream;
#[cfg(test)]
mod tests;
mod token;
mod token_match;
mod turns;

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::format::block::{BlockPlan, NetworkSpan, Substreams};
use crate::format::bytes_params::BytesParams;
use crate::format::{put_number, take_number};
use crate::options::thread_count;
use crate::runtime::join::join;
use crate::{Error, Result};
use dictionary::Tables;
pub(crate) use mixing::BY_BYTE_NUMBERS;
use substream::{AnySubstream, NetworkPrefix, Substream};

/// Substreams of a block at most.
const SUBSTREAMS: usize = 2;
/// Bytes of history for each substream: streams should need less than 60 MB (experiments/0022).
const WINDOW: usize = 4 << 20;

/// What a bytes stream has learned: lives from block to block.
pub(crate) struct BytesCoder {
    predictor: Option<Arc<dyn Predictor>>,
    /// One, and another once it is needed; none after an error.
    substreams: Vec<AnySubstream>,
    params: BytesParams,
    /// What each substream begins with.
    dictionary: Option<Arc<Tables>>,
    threads: usize,
}

impl BytesCoder {
    /// A coder that has seen nothing but a dictionary, if there is one. Takes four bytes for each counter of the table,
    /// and up to 9 MiB of history, for each substream. May use up to `threads` threads for a block, all there are if 0.
    pub(crate) fn new(
        params: BytesParams,
        predictor: Option<Arc<dyn Predictor>>,
        dictionary: Option<Arc<Tables>>,
        threads: usize,
    ) -> Self {
        Self {
            predictor,
            substreams: vec![AnySubstream::new(params, dictionary.clone())],
            params,
            dictionary,
            threads: thread_count(threads, SUBSTREAMS),
        }
    }

    /// Substreams that have coded something.
    pub(crate) fn substreams(&self) -> usize {
        self.substreams.len()
    }

    /// The parameters of its stream.
    pub(crate) fn params(&self) -> BytesParams {
        self.params
    }

    /// The payload of a block. Using the network needs a predictor.
    pub(crate) fn encode(&mut self, raw: &[u8], plan: BlockPlan) -> Result<Vec<u8>> {
        let (first, second) = raw.split_at(plan.substreams.first_of(raw.len()));
        let alone =
            |substream: &mut dyn Substream, prefix: Option<NetworkPrefix<'_>>, raw| substream.encode(prefix, raw);
        let [first, second] = self.each(plan, [first, second], alone, turns::encode)?;
        self.share(raw, plan.substreams);
        if plan.substreams == Substreams::One {
            return Ok(first);
        }
        let mut payload = Vec::with_capacity(first.len() + second.len() + 4);
        put_number(&mut payload, first.len() as u64);
        payload.extend_from_slice(&first);
        payload.extend_from_slice(&second);
        Ok(payload)
    }

    /// The bytes of a block. Any payload gives some bytes or an error.
    pub(crate) fn decode(&mut self, payload: &[u8], raw_len: usize, plan: BlockPlan) -> Result<Vec<u8>> {
        let mut parts = (payload, &[][..]);
        if plan.substreams == Substreams::Two {
            let mut rest = payload;
            let len = take_number(&mut rest)?;
            parts = usize::try_from(len)
                .ok()
                .and_then(|len| rest.split_at_checked(len))
                .ok_or(Error::corrupt("the first substream is longer than its block"))?;
        }
        let first = plan.substreams.first_of(raw_len);
        let work = [(parts.0, first), (parts.1, raw_len - first)];
        let alone = |substream: &mut dyn Substream, prefix: Option<NetworkPrefix<'_>>, (payload, len)| {
            substream.decode(prefix, payload, len)
        };
        let [mut bytes, second] = self.each(plan, work, alone, turns::decode)?;
        bytes.extend_from_slice(&second);
        self.share(&bytes, plan.substreams);
        Ok(bytes)
    }

    /// Gives each substream the bytes of the last block that the other one coded.
    fn share(&mut self, raw: &[u8], substreams: Substreams) {
        if let [one, two] = self.substreams.as_mut_slice() {
            let (first, second) = raw.split_at(substreams.first_of(raw.len()));
            let (one, two) = (one.coder(), two.coder());
            let starts = [one.starts(first.len()), two.starts(second.len())];
            join(self.threads, || one.take_over(second, &starts[1]), || two.take_over(first, &starts[0]));
        }
    }

    /// Runs `work` for each substream, in parallel if there are two and threads for them; on one thread they take `turns`.
    /// Without a second substream its result is empty.
    fn each<W: Send>(
        &mut self,
        plan: BlockPlan,
        [first, second]: [W; SUBSTREAMS],
        work: impl Fn(&mut dyn Substream, Option<NetworkPrefix<'_>>, W) -> Result<Vec<u8>> + Sync,
        turns: impl Fn(
            [&mut AnySubstream; SUBSTREAMS],
            Option<NetworkPrefix<'_>>,
            [W; SUBSTREAMS],
        ) -> Result<[Vec<u8>; SUBSTREAMS]>,
    ) -> Result<[Vec<u8>; SUBSTREAMS]> {
        let len = match plan.network {
            NetworkSpan::None => 0,
            NetworkSpan::Prefix(len) => len,
            NetworkSpan::All => usize::MAX,
        };
        let predictor = self.predictor.as_deref().filter(|_| len > 0);
        if len > 0 && predictor.is_none() {
            return Err(Error::parameter("a network block without a model"));
        }
        let prefix = predictor.map(|predictor| NetworkPrefix { predictor, len });
        // They are put back when all went well.
        let mut substreams = std::mem::take(&mut self.substreams);
        let [one, rest @ ..] = substreams.as_mut_slice() else {
            return Err(Error::parameter("a coder that has failed"));
        };
        one.coder().open(plan.record);
        if plan.substreams == Substreams::One {
            let made = work(one.coder(), prefix, first)?;
            self.substreams = substreams;
            return Ok([made, Vec::new()]);
        }
        let mut fresh = None;
        let two = match rest {
            [two, ..] => two,
            [] => fresh.insert(AnySubstream::new(self.params, self.dictionary.clone())),
        };
        two.coder().open(plan.record);
        let made = if self.threads > 1 {
            let (one, two) = (one.coder(), two.coder());
            let (first, second) = join(self.threads, || work(one, prefix, first), || work(two, prefix, second));
            [first?, second?]
        } else {
            turns([one, two], prefix, [first, second])?
        };
        substreams.extend(fresh);
        self.substreams = substreams;
        Ok(made)
    }
}
