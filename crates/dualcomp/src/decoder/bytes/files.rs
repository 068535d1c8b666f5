//! Spans of a stream of bytes that stand for files.

use std::ops::Range;

use crate::codec::{self, Budget, file_work};
use crate::decoder::bytes::{CodedFile, Decoder, Passing, rows};
use crate::decoder::splice::Span;
use crate::error::Result;
use crate::format::file::span::{FileSpan, SpanMethod};
use crate::format::{Chunk, verify_checksum};
use crate::progress::Pending;

impl Decoder {
    /// Takes note of a span that stands for a file.
    pub(super) fn span(&mut self, chunk: &Chunk, body: &[u8]) -> Result<()> {
        let (span, payload) = FileSpan::parse(body)?;
        let start = self.splicer.position().saturating_add(span.skip);
        // Of spans inside each other, the outermost is what comes out.
        if self.outermost.back().is_none_or(|outer| start >= outer.end) {
            self.count(span.file_len)?;
            self.outermost.push_back(start..start.saturating_add(span.len));
        }
        self.computed = self.computed.saturating_add(span.file_len);
        self.options.limits.check_ratio(self.computed, self.parser.offset())?;
        self.charge(file_work(&span, payload))?;
        let memory = (payload.len() + size_of::<Span<CodedFile>>() + size_of::<Range<u64>>()) as u64;
        let len = span.len;
        self.options.limits.check_memory(self.held().saturating_add(memory).saturating_add(len))?;
        let content = CodedFile { span, payload: payload.to_vec(), chunk: *chunk };
        self.splicer.announce(Span { start, len, content, memory })
    }

    /// Gives out decoded bytes, with files in the place of the spans that stand for them.
    pub(super) fn pass(&mut self, raw: Vec<u8>, chunk: &Chunk) {
        if self.splicer.is_idle() {
            self.splicer.skip(raw.len() as u64);
            self.pending.bytes = raw;
        } else {
            self.passing = Some(Passing { bytes: raw, passed: 0, offset: chunk.offset });
        }
    }

    /// Makes the next file, or comes to the bytes in front of it. All that came before was given out: a block may have more
    /// files than fit in memory.
    pub(super) fn pass_on(&mut self) -> Result<()> {
        // The parser gives chunks only after a header.
        let (Some(header), Some(mut passing)) = (self.header, self.passing.take()) else { return Ok(()) };
        self.pending = Pending::default();
        let others = (self.held() - self.splicer.memory()).saturating_add(passing.bytes.capacity() as u64);
        let (limits, threads, work, read, source) =
            (&self.options.limits, self.options.threads, &mut self.work, self.parser.offset(), &self.source);
        let mut rest = &passing.bytes[passing.passed..];
        let made = self.splicer.push(&mut rest, |CodedFile { span, payload, chunk }, text, held| {
            let held = held.saturating_add(others);
            let budget =
                Budget { limits, held: held.saturating_add(payload.len() as u64), threads, work: &mut *work, read };
            let file = match span.method {
                SpanMethod::Rows => rows::decode(&text, &payload, span.file_len, source, budget),
                SpanMethod::Jpeg => codec::decode_jpeg(header.version, &text, &payload, span.file_len, budget),
                SpanMethod::Deflate => codec::decode_deflate(header.version, &text, &payload, span.file_len, &budget),
            };
            let file = file.map_err(|error| error.at(chunk.offset))?;
            verify_checksum(&file, span.sum, &chunk)?;
            Ok(file)
        });
        let left = rest.len();
        self.pending.bytes = made.map_err(|error| error.at(passing.offset))?.unwrap_or_default();
        if left > 0 || self.splicer.is_due() {
            passing.passed = passing.bytes.len() - left;
            self.passing = Some(passing);
        }
        Ok(())
    }

    /// Checks at the end of a stream that nothing is missing.
    pub(super) fn complete(&self, chunk: &Chunk) -> Result<()> {
        if chunk.last && !self.splicer.is_idle() {
            return Err(chunk.corrupt("a span goes on behind the end of the stream"));
        }
        Ok(())
    }
}
