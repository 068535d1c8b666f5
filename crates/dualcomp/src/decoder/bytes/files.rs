//! Spans of a stream of bytes that stand for files.

use std::ops::Range;

use crate::codec::{self, Budget, file_work};
use crate::decoder::bytes::{CodedFile, Decoder, rows};
use crate::decoder::splice::Span;
use crate::error::Result;
use crate::format::file::span::{FileSpan, SpanMethod};
use crate::format::{Chunk, verify_checksum};

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
        let content = CodedFile { span, payload: payload.to_vec(), chunk: *chunk };
        self.splicer.announce(Span { start, len, content, memory }, &self.options.limits)
    }

    /// Gives out decoded bytes, with files in the place of the spans that stand for them.
    pub(super) fn pass(&mut self, raw: Vec<u8>) -> Result<()> {
        if self.splicer.is_idle() {
            self.splicer.skip(raw.len() as u64);
            self.pending.bytes = raw;
            return Ok(());
        }
        // The parser gives chunks only after a header.
        let Some(header) = self.header else { return Ok(()) };
        let (limits, threads, work, read, source) =
            (&self.options.limits, self.options.threads, &mut self.work, self.parser.offset(), &self.source);
        self.splicer.push(&raw, &mut self.pending.bytes, |CodedFile { span, payload, chunk }, text, held| {
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
        })
    }

    /// Checks at the end of a stream that nothing is missing.
    pub(super) fn complete(&self, chunk: &Chunk) -> Result<()> {
        if chunk.last && !self.splicer.is_idle() {
            return Err(chunk.corrupt("a span goes on behind the end of the stream"));
        }
        Ok(())
    }
}
