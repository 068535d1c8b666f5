//! Blocks and chunks of a stream of bytes.

use crate::api::dictionary::Dictionary;
use crate::codec::v1::bytes::BytesCoder;
use crate::encoder::bytes::Encoder;
use crate::encoder::bytes::choose_block;
use crate::encoder::bytes::choose_block::BLOCK;
use crate::encoder::bytes::plan::{Way, choose};
use crate::error::Result;
use crate::format::block::{BlockPlan, NetworkSpan};
use crate::format::bytes_params::BytesParams;
use crate::format::file::span::{FileSpan, put_span};
use crate::format::version::FormatVersion;
use crate::format::{ChunkKind, Header, Kind, MAX_FILL, put_chunk, put_number, with_checksum};
use crate::options::Level;

impl Encoder {
    /// Makes a block of so many bytes of the text, at least one.
    pub(super) fn block(&mut self, len: usize, last: bool) -> Result<()> {
        let rest = self.text.split_off(len);
        let mut raw = std::mem::replace(&mut self.text, rest);
        // A span must not begin or end inside a fill.
        let made = match choose_block::single_byte(&raw).filter(|_| self.position >= self.spans_end) {
            Some(byte) => self.extend_fill(byte, len as u64, last),
            None => self.put_fill(false).and_then(|()| self.code_with_spans(&raw, last)),
        };
        self.position += len as u64;
        if self.text.capacity() == 0 {
            raw.clear();
            self.text = raw;
        }
        made
    }

    /// Codes a block, behind the spans that begin in it.
    fn code_with_spans(&mut self, raw: &[u8], last: bool) -> Result<()> {
        let end = self.position + raw.len() as u64;
        while let Some((start, span)) = self.spans.front().filter(|(start, _)| *start < end) {
            let head = FileSpan {
                sum: span.sum,
                skip: start - self.position,
                len: span.len as u64,
                file_len: span.file_len as u64,
                method: span.method,
            };
            put_span(&mut self.before, &head, &span.payload);
            self.spans_len -= span.payload.len();
            self.spans.pop_front();
            self.spans_before += 1;
        }
        self.code(raw, last)
    }

    fn extend_fill(&mut self, byte: u8, len: u64, last: bool) -> Result<()> {
        match &mut self.fill {
            Some((value, sum)) if *value == byte && *sum + len <= MAX_FILL => *sum += len,
            _ => {
                self.put_fill(false)?;
                self.fill = Some((byte, len));
            }
        }
        if last { self.put_fill(true) } else { Ok(()) }
    }

    pub(super) fn put_fill(&mut self, last: bool) -> Result<()> {
        let Some((byte, len)) = self.fill.take() else { return Ok(()) };
        let mut content = Vec::new();
        put_number(&mut content, len);
        content.push(byte);
        self.put(ChunkKind::Fill, last, &with_checksum(&content))
    }

    fn code(&mut self, raw: &[u8], last: bool) -> Result<()> {
        let level = self.options.level;
        if choose_block::incompressible(raw) {
            return self.store(raw, last);
        }
        let dictionary = self.options.dictionary.as_ref();
        let predictor =
            if level.uses_network() { self.source.of_text(dictionary.map(Dictionary::model)) } else { None };
        let record = self.records.of(raw, level)?;
        if let Some(dictionary) = dictionary {
            dictionary.checked(predictor.as_ref())?;
        }
        let dictionary = dictionary.map(Dictionary::tables).cloned();
        if self.way.is_none() {
            let whole = last && !self.started;
            let choice = choose(raw, whole, predictor.as_ref(), level, dictionary.as_ref(), self.options.threads)?;
            self.way = Some(choice.way);
            // A stream of this one block: its coder need not be of the size that more would call for.
            if let Some((coder, body, stored)) = choice.first.filter(|_| whole && record.is_none()) {
                self.params = Some(coder.params());
                return match stored {
                    true => self.store(raw, last),
                    false => self.put_coded(&body, choice.way.network(raw.len()), last),
                };
            }
        }
        let substreams = choose_block::substreams_for(raw.len(), level);
        let network = self.way.map_or(NetworkSpan::None, |way| way.network(substreams.first_of(raw.len())));
        let params = self.params(last.then_some(raw.len() as u64));
        // A decoder makes its coder for the first coded block too, so this one may be dropped if that is none.
        let fresh = self.coder.is_none();
        let threads = self.options.threads;
        let coder = self.coder.get_or_insert_with(|| BytesCoder::new(params, predictor, dictionary, threads));
        let (body, stored) = choose_block::code(coder, raw, BlockPlan { substreams, network, record })?;
        if stored && (fresh || last) {
            self.coder = None;
            return self.store(raw, last);
        }
        self.put_coded(&body, network, last)
    }

    fn put_coded(&mut self, body: &[u8], network: NetworkSpan, last: bool) -> Result<()> {
        self.put(if network.is_none() { ChunkKind::ContextsOnly } else { ChunkKind::Network }, last, body)
    }

    /// Gives out a block as it is, of which the coder takes no note.
    fn store(&mut self, raw: &[u8], last: bool) -> Result<()> {
        self.put(ChunkKind::Stored, last, &with_checksum(raw))
    }

    /// The parameters, chosen once; `total` is the length of the stream where it is known.
    fn params(&mut self, total: Option<u64>) -> BytesParams {
        *self.params.get_or_insert_with(|| {
            let len = total.or(self.options.size_hint);
            let size = match self.options.level {
                // A dictionary has counters, and is so quick that nothing is gained by less.
                Level::Fast if self.options.dictionary.is_none() => choose_block::light_params_for(len),
                level => choose_block::params_for(len, level),
            };
            self.way.map_or(size, |way| way.params(size, len.is_some_and(|len| len <= BLOCK as u64)))
        })
    }

    /// Gives out a chunk, after the header if it is the first.
    pub(super) fn put(&mut self, kind: ChunkKind, last: bool, body: &[u8]) -> Result<()> {
        if !self.started {
            let params = self.params(last.then_some(0));
            let coded = matches!(kind, ChunkKind::ContextsOnly | ChunkKind::Network);
            // The dictionary says which model.
            let dictionary = self.options.dictionary.as_ref().filter(|_| coded || !last).map(Dictionary::id);
            let model = if dictionary.is_some() { [0; 4] } else { self.model_id(kind, last)? };
            let stream = if self.file.is_some() { Kind::ImageFile } else { Kind::Bytes };
            let params = Some(params);
            let header = Header { version: FormatVersion::CURRENT, kind: stream, model, dictionary, params };
            self.pending.bytes.extend(header.to_bytes());
            if let Some(file) = &self.file {
                put_chunk(&mut self.pending.bytes, ChunkKind::FileHeader, false, &file.body());
                self.blocks += 1;
            }
            self.started = true;
            // What is in one chunk has no window, unless it is one because copies left no more of the stream.
            if !last || self.has_copies() {
                self.put_window();
            }
        }
        if kind != ChunkKind::Copies {
            self.put_copies()?;
        }
        // Chunks of spans and what a stream says of its file count too: a block that such chunks belong to is not alone.
        self.blocks += self.spans_before;
        self.spans_before = 0;
        self.pending.bytes.append(&mut self.before);
        // A stream of one block needs no other checksum than that of the block.
        let alone = self.blocks == 0;
        put_chunk(&mut self.pending.bytes, kind, last && alone, body);
        self.blocks += 1;
        if last && !alone {
            self.put_end()?;
        }
        Ok(())
    }

    /// Ends a stream of several blocks.
    pub(super) fn put_end(&mut self) -> Result<()> {
        self.put_copies()?;
        let mut body = self.checksum.clone().finalize().to_le_bytes().to_vec();
        put_number(&mut body, self.taken);
        put_chunk(&mut self.pending.bytes, ChunkKind::End, true, &body);
        Ok(())
    }

    /// What the header says of the model: later blocks may need it, unless this one is the last.
    fn model_id(&mut self, kind: ChunkKind, last: bool) -> Result<[u8; 4]> {
        let unused =
            matches!(self.way, Some(Way::Contexts | Way::ContextsTwoGroups)) || !self.options.level.uses_network();
        if unused || (last && kind != ChunkKind::Network) {
            return Ok([0; 4]);
        }
        Ok(self.source.of_text(None).map_or([0; 4], |predictor| predictor.id()))
    }
}
