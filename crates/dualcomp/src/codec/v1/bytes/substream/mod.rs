//! One substream of the blocks of a stream: a coder of its own, in one of three forms.

mod dictionary;
pub(crate) mod full;
pub(crate) mod learned;

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
}

/// The first bytes of a part of a block, which are coded with the network.
#[derive(Clone, Copy)]
pub(crate) struct NetworkPrefix<'a> {
    pub(crate) predictor: &'a dyn Predictor,
    /// Length in bytes, at most that of the part.
    pub(crate) len: usize,
}

/// A substream in the form that the parameters of its stream say, the same for all of a stream.
pub(crate) enum AnySubstream {
    Light(Box<LightCoder>),
    OneGroup(Box<SubstreamCoder<1>>),
    TwoGroups(Box<SubstreamCoder<2>>),
}

impl AnySubstream {
    /// A substream that has coded nothing.
    pub(crate) fn new(params: BytesParams, dictionary: Option<Arc<Tables>>) -> Self {
        if params.is_light() {
            Self::Light(Box::new(LightCoder::new(params)))
        } else if params.has_second_group() {
            Self::TwoGroups(Box::new(SubstreamCoder::new(params).with_dictionary(dictionary)))
        } else {
            Self::OneGroup(Box::new(SubstreamCoder::new(params).with_dictionary(dictionary)))
        }
    }

    /// What it does in any form.
    pub(crate) fn coder(&mut self) -> &mut dyn Substream {
        match self {
            Self::Light(coder) => &mut **coder,
            Self::OneGroup(coder) => &mut **coder,
            Self::TwoGroups(coder) => &mut **coder,
        }
    }
}
