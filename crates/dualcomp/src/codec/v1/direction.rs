//! Encoding, decoding, and what training does: one type for all of them, so that a coder is compiled once. Drawn tiles,
//! whose decisions take the least time, are compiled for each (docs/experiments/0070).

use dualcomp_entropy::{BitCoder, RangeDecoder, RangeEncoder};

/// What decisions go to or come from.
pub(crate) enum Direction<'a> {
    /// They are written.
    Encode(RangeEncoder),
    /// They are read.
    Decode(RangeDecoder<'a>),
    /// They are told to one who learns from them.
    Tell(&'a mut dyn BitCoder),
}

impl<'a> Direction<'a> {
    /// An encoder that has written nothing.
    pub(crate) fn encode() -> Self {
        Self::Encode(RangeEncoder::new())
    }

    /// A decoder at the start of a payload.
    pub(crate) fn decode(payload: &'a [u8]) -> Self {
        Self::Decode(RangeDecoder::new(payload))
    }

    /// The bytes written, if any are.
    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Encode(coder) => coder.finish(),
            Self::Decode(_) | Self::Tell(_) => Vec::new(),
        }
    }
}

impl BitCoder for Direction<'_> {
    #[inline(always)]
    fn code(&mut self, bit: bool, one: u32) -> bool {
        match self {
            Self::Encode(coder) => coder.code(bit, one),
            Self::Decode(coder) => coder.code(bit, one),
            Self::Tell(coder) => tell(*coder, bit, one),
        }
    }

    #[inline(always)]
    fn reads(&self) -> bool {
        matches!(self, Self::Decode(_))
    }
}

#[cold]
#[inline(never)]
fn tell(coder: &mut dyn BitCoder, bit: bool, one: u32) -> bool {
    coder.code(bit, one)
}
