//! One substream of the blocks of a stream: a coder of its own.

mod dictionary;
pub(crate) mod full;
pub(crate) mod learned;

use std::any::Any;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::Result;
use crate::codec::v1::bytes::dictionary::Tables;
use crate::codec::v1::bytes::light::LightCoder;
use crate::codec::v1::bytes::substream::full::SubstreamCoder;
use crate::format::block::RecordLen;
use crate::format::bytes_params::BytesParams;

/// A substream that codes one part of each block after the other.
pub(crate) trait Substream: Send {
    /// Says what the next block consists of.
    fn open(&mut self, record: Option<RecordLen>);

    /// The payload of its part of a block.
    fn encode(&mut self, prefix: Option<NetworkPrefix<'_>>, raw: &[u8]) -> Result<Vec<u8>>;

    /// The bytes of its part of a block. Any payload gives some bytes or an error.
    fn decode(&mut self, prefix: Option<NetworkPrefix<'_>>, payload: &[u8], len: usize) -> Result<Vec<u8>>;

    /// A flag for each of the last `len` bytes: whether a token starts there.
    fn starts(&self, len: usize) -> Vec<u64>;

    /// Appends bytes that another substream has coded to the history, to find matches there.
    fn take_over(&mut self, bytes: &[u8], starts: &[u64]);

    /// The same as what it is, to find two of a kind.
    fn as_any(&mut self) -> &mut dyn Any;
}

/// The first bytes of a part of a block, which are coded with the network.
#[derive(Clone, Copy)]
pub(crate) struct NetworkPrefix<'a> {
    pub(crate) predictor: &'a dyn Predictor,
    /// Length in bytes, at most that of the part.
    pub(crate) len: usize,
}

/// A substream that has coded nothing, for a stream with these parameters.
pub(crate) fn substream(params: BytesParams, dictionary: Option<Arc<Tables>>) -> Box<dyn Substream> {
    if params.is_light() {
        Box::new(LightCoder::new(params))
    } else if params.has_second_group() {
        Box::new(SubstreamCoder::<2>::new(params).with_dictionary(dictionary))
    } else {
        Box::new(SubstreamCoder::<1>::new(params).with_dictionary(dictionary))
    }
}
