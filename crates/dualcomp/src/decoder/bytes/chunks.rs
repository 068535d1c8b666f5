//! What the chunks of a stream of bytes mean.

use crate::api::dictionary::Dictionary;
use crate::codec::{BytesDecoder, CHUNK_WORK, block_work, coder_memory, coder_work, dictionary_work};
use crate::decoder::bytes::Decoder;
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::block::{CodedBlock, MAX_BODY};
use crate::format::copies::MAX_COPIES;
use crate::format::file::header::{ImageFileInfo, MAX_FILE_HEADER_BODY};
use crate::format::file::span::MAX_SPAN_BODY;
use crate::format::{
    CHECKSUM_LEN, Chunk, ChunkKind, Header, Kind, MAX_BLOCK, MAX_FILL, MAX_PASSED, agree, plain_body, split_checksum,
    take_number, verify_checksum, with_type,
};

/// The longest body of a fill: checksum, length, byte.
const MAX_FILL_BODY: usize = CHECKSUM_LEN + 5 + 1;
/// The longest body of an end: checksum, length.
const MAX_END_BODY: usize = CHECKSUM_LEN + 10;

impl Decoder {
    /// Decides about a chunk before its body comes.
    pub(super) fn announce(&mut self, chunk: Chunk) -> Result<()> {
        self.charge(CHUNK_WORK)?;
        let holds_file = self.header.is_some_and(|header| header.kind == Kind::ImageFile);
        if (holds_file && self.file.is_none()) != (chunk.kind() == Some(ChunkKind::FileHeader)) {
            return Err(chunk.corrupt("the file header is missing or out of place"));
        }
        let longest = match chunk.kind() {
            None if chunk.last && chunk.skippable => {
                return Err(chunk.corrupt("the stream ends with a chunk of an unknown kind"));
            }
            None => {
                self.passed += 1;
                if self.passed > MAX_PASSED {
                    return Err(chunk.corrupt("too many chunks of unknown kinds follow each other"));
                }
                self.parser.pass(chunk)?;
                self.chunk = Some((chunk, None));
                return Ok(());
            }
            Some(ChunkKind::Empty) if chunk.last && self.blocks == 0 => 0,
            Some(ChunkKind::Empty) => return Err(chunk.corrupt("an empty chunk is all of its stream")),
            Some(ChunkKind::End) if chunk.last => MAX_END_BODY,
            Some(ChunkKind::End) => return Err(chunk.corrupt("the stream goes on behind its end")),
            Some(ChunkKind::FileHeader) if !chunk.last => MAX_FILE_HEADER_BODY,
            Some(ChunkKind::FileSpan) if !chunk.last => MAX_SPAN_BODY,
            Some(ChunkKind::Window) if !chunk.last && self.blocks == 0 => CHECKSUM_LEN + 1,
            Some(ChunkKind::Window) => return Err(chunk.corrupt("a window does not come first")),
            Some(ChunkKind::Copies) if !chunk.last => CHECKSUM_LEN + MAX_COPIES,
            Some(kind) if !kind.is_tile() => return Err(chunk.corrupt("a chunk of an image in a stream of bytes")),
            Some(_) if chunk.last && self.blocks > 0 => {
                return Err(chunk.corrupt("a stream of several blocks ends without their checksum"));
            }
            Some(ChunkKind::Stored) => CHECKSUM_LEN + MAX_BLOCK,
            Some(ChunkKind::ContextsOnly | ChunkKind::Network) => MAX_BODY,
            Some(ChunkKind::Fill) => MAX_FILL_BODY,
            Some(_) => return Err(chunk.corrupt("a chunk of an image in a stream of bytes")),
        };
        if chunk.len > longest as u64 {
            return Err(chunk.corrupt("the chunk is longer than its kind allows"));
        }
        // The payload of a span is kept, and for a moment twice.
        let copies = if chunk.is(ChunkKind::FileSpan) { 2 } else { 1 };
        self.options.limits.check_memory(self.held().saturating_add(copies * chunk.len))?;
        self.parser.gather(longest);
        self.chunk = Some((chunk, chunk.kind()));
        Ok(())
    }

    pub(super) fn body(&mut self, body: &[u8]) -> Result<()> {
        // The parser gives a body only after its chunk.
        let Some((chunk, kind)) = self.chunk.take() else { return Ok(()) };
        if let Some(kind) = kind {
            self.block(&chunk, kind, body)
                .and_then(|()| self.complete(&chunk))
                .and_then(|()| self.has_copied(&chunk))
                .map_err(|error| error.at(chunk.offset))?;
        }
        if chunk.last {
            self.ended = true;
            // Frees the contexts: the decoder may be kept, or its last block wait to be taken.
            self.coder = None;
        }
        Ok(())
    }

    fn block(&mut self, chunk: &Chunk, kind: ChunkKind, body: &[u8]) -> Result<()> {
        self.passed = 0;
        self.blocks += u64::from(!matches!(kind, ChunkKind::Empty | ChunkKind::End));
        match kind {
            ChunkKind::Stored => {
                let (sum, raw) = split_checksum(body)?;
                if raw.is_empty() {
                    return Err(chunk.corrupt("the block is empty"));
                }
                self.count_next(raw.len() as u64)?;
                self.charge(raw.len() as u64 >> 10)?;
                verify_checksum(raw, sum, chunk)?;
                self.pass(raw.to_vec(), chunk);
            }
            ChunkKind::Fill => {
                let mut content = plain_body(body, chunk)?;
                let len = take_number(&mut content)?;
                let &[byte] = content else { return Err(chunk.corrupt("a fill has one byte")) };
                if !(1..=MAX_FILL).contains(&len) {
                    return Err(chunk.corrupt("the length of the fill is out of range"));
                }
                self.count_next(len)?;
                self.charge(len >> 10)?;
                if self.splicer.fill(byte, len)? {
                    self.fill = Some((byte, len));
                } else {
                    self.pass(Vec::new(), chunk);
                }
            }
            ChunkKind::FileSpan => self.span(chunk, body)?,
            ChunkKind::Window => self.window(chunk, body)?,
            ChunkKind::Copies => self.copies(chunk, body)?,
            ChunkKind::FileHeader => self.file = Some(ImageFileInfo::parse(chunk, body)?),
            ChunkKind::ContextsOnly | ChunkKind::Network => self.coded(chunk, kind == ChunkKind::Network, body)?,
            ChunkKind::End => {
                self.complete(chunk)?;
                self.has_copied(chunk)?;
                self.end(chunk, body)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Compares the stream with what its last chunk says of it. All of it was given out before.
    fn end(&self, chunk: &Chunk, body: &[u8]) -> Result<()> {
        let (sum, mut rest) = split_checksum(body)?;
        let len = take_number(&mut rest)?;
        if !rest.is_empty() {
            return Err(chunk.corrupt("the last chunk is too long"));
        }
        if len != self.given || !agree(with_type(self.checksum.clone().finalize(), chunk.byte()), sum) {
            let detail = "the stream does not match its length and checksum: blocks are missing, added or out of order";
            return Err(Error::format(FormatErrorKind::Checksum, chunk.offset, detail));
        }
        Ok(())
    }

    fn coded(&mut self, chunk: &Chunk, network: bool, body: &[u8]) -> Result<()> {
        let block = CodedBlock::parse(body, network)?;
        self.count_next(block.raw_len as u64)?;
        self.computed = self.computed.saturating_add(block.raw_len as u64);
        self.options.limits.check_ratio(self.computed, self.parser.offset())?;
        // The parser gives chunks only after a header.
        let Some(Header { version, model, dictionary, params: Some(params), .. }) = self.header else { return Ok(()) };
        let dictionary = dictionary.and_then(|id| self.dictionary(id)).cloned();
        let model = dictionary.as_ref().map_or(model, Dictionary::model);
        let made = self.coder.as_ref().map_or(0, BytesDecoder::substreams);
        let coders = block.plan.substreams.count().saturating_sub(made) as u64;
        // A dictionary is prepared when a substream first needs it, also one that begins in a later block.
        let prepares = dictionary
            .as_ref()
            .map(Dictionary::tables)
            .filter(|tables| coders > 0 && !tables.is_prepared(params.has_second_group(), network));
        let tables = prepares.map_or(0, |tables| tables.memory());
        let more = coders * coder_memory(params) + (body.len() + 3 * block.raw_len + tables) as u64;
        self.options.limits.check_memory(self.held().saturating_add(more))?;
        if let Some(tables) = prepares {
            self.charge(dictionary_work(tables, params, network))?;
        }
        self.charge(block_work(params, network, block.raw_len) + coders * coder_work(params))?;
        let predictor = self.source.predictor_with(model);
        if network && predictor.is_none() {
            return Err(Error::UnknownModel { id: model });
        }
        let (tables, threads) = (dictionary.map(|dictionary| dictionary.tables().clone()), self.options.threads);
        let coder = self.coder.get_or_insert_with(|| BytesDecoder::new(version, params, predictor, tables, threads));
        let raw = coder.decode(&block)?;
        if raw.len() != block.raw_len {
            return Err(Error::corrupt("the block has another length than it says"));
        }
        verify_checksum(&raw, block.sum, chunk)?;
        self.pass(raw, chunk);
        Ok(())
    }
}
