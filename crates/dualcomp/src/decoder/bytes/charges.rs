//! What a stream takes of work, memory and output, counted before it is done.

use std::ops::Range;

use crate::codec::BytesDecoder;
use crate::copies::copier::Copier;
use crate::decoder::bytes::{Decoder, Passing};
use crate::error::Result;

impl Decoder {
    /// Units of work so far.
    pub(in crate::decoder) fn work(&self) -> u64 {
        self.work
    }

    /// Counts work.
    pub(super) fn charge(&mut self, units: u64) -> Result<()> {
        self.work = self.work.saturating_add(units);
        self.options.limits.check_work(self.work, self.parser.offset())
    }

    /// Bytes of memory that the stream takes now: what has been learned, the window, spans, and bytes that wait.
    pub(super) fn held(&self) -> u64 {
        let coder = self.coder.as_ref().map_or(0, BytesDecoder::memory);
        let copier = self.copier.as_ref().map_or(0, Copier::memory);
        let waiting = self.passing.as_ref().map_or(0, |passing: &Passing| passing.bytes.capacity());
        let waiting = (waiting + self.pending.bytes.capacity()) as u64;
        self.splicer.memory().saturating_add(coder + copier + waiting)
    }

    /// Counts output: files and copies.
    pub(super) fn count(&mut self, len: u64) -> Result<()> {
        self.decoded = self.decoded.saturating_add(len);
        self.options.limits.check_output(self.decoded)
    }

    /// Counts bytes that come next in the stream as output, without those of spans: their files were counted.
    pub(super) fn count_next(&mut self, len: u64) -> Result<()> {
        let start = self.splicer.position();
        let end = start.saturating_add(len);
        while self.outermost.front().is_some_and(|span| span.end <= start) {
            self.outermost.pop_front();
        }
        let within = |span: &Range<u64>| span.end.min(end).saturating_sub(span.start.max(start));
        let replaced: u64 = self.outermost.iter().take_while(|span| span.start < end).map(within).sum();
        self.count(len - replaced)
    }
}
