//! The chunks of an image in their order: metadata, tiles, what makes the original file, the end.

use std::borrow::Cow;
use std::io::Read;

use crate::codec::{self, CHUNK_WORK, kind_within, metadata_memory, metadata_work, tile_memory, tile_work};
use crate::decoder::image::ImageDecoder;
use crate::decoder::image::chunks::{body, checksum_of, next_chunk};
use crate::decoder::image::tile::Tile;
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::image::area::Area;
use crate::format::image::metadata::coded::{CodedMetadata, MAX_CODED};
use crate::format::image::metadata::{CODED, MetadataKind};
use crate::format::image::stream_sum::StreamSum;
use crate::format::{CHECKSUM_LEN, Chunk, ChunkKind, Event, next_event, plain_body};
use crate::options::thread_count;

impl<R: Read> ImageDecoder<R> {
    pub(super) fn take_metadata(&mut self) -> Result<()> {
        let (mut total, mut coded) = (0, 0);
        loop {
            let chunk = next_chunk(&mut self.reader, &mut self.parser)?;
            if !chunk.is(ChunkKind::Metadata) {
                self.chunk = Some(chunk);
                return Ok(());
            }
            if chunk.last {
                return Err(self.corrupt("the image ends before its last tile"));
            }
            self.charge(CHUNK_WORK)?;
            total = chunk.len.saturating_add(total);
            self.options.limits.check_metadata(total)?;
            self.options.limits.check_memory(chunk.len)?;
            let body = body(&mut self.reader, &mut self.parser, &chunk, usize::MAX)?;
            self.sums.add(checksum_of(&body));
            self.annotated = true;
            let content = plain_body(&body, &chunk).map_err(|error| error.at(chunk.offset))?;
            let (&code, content) = content.split_first().ok_or(chunk.corrupt("the metadata has no code"))?;
            match MetadataKind::from_code(code & !CODED) {
                Some(kind) => {
                    let content = match code & CODED {
                        0 => Cow::Borrowed(content),
                        _ => Cow::Owned(
                            self.coded_metadata(content, chunk.len, [&mut total, &mut coded])
                                .map_err(|error| error.at(chunk.offset))?,
                        ),
                    };
                    self.metadata.take(kind, &content, self.info.color).map_err(|error| error.at(chunk.offset))?;
                }
                None if chunk.skippable => {}
                None => {
                    let detail = "the kind of metadata is unknown";
                    return Err(Error::format(FormatErrorKind::UnknownChunk, chunk.offset, detail));
                }
            }
        }
    }

    /// Metadata that is coded, in a chunk of `len` bytes; `total` are those of all metadata, `coded` of all that was coded.
    fn coded_metadata(&mut self, content: &[u8], len: u64, [total, coded]: [&mut u64; 2]) -> Result<Vec<u8>> {
        let metadata = CodedMetadata::parse(content)?;
        *coded += metadata.len as u64;
        if *coded > MAX_CODED {
            return Err(Error::corrupt("coded metadata is too long"));
        }
        // Counted as if it were not coded.
        *total = total.saturating_add((metadata.len as u64).saturating_sub(content.len() as u64));
        self.options.limits.check_metadata(*total)?;
        self.options.limits.check_memory(len.saturating_add(metadata_memory(metadata.len)))?;
        self.charge(metadata_work(metadata.len))?;
        let raw = codec::decode_metadata(self.header.version, metadata.payload, metadata.len)?;
        metadata.verify(&raw)?;
        Ok(raw)
    }

    /// As many threads as are wanted and as there is memory for.
    pub(super) fn threads(&self, held: u64) -> Result<usize> {
        let jobs = usize::try_from(self.grid.len()).unwrap_or(usize::MAX);
        let each = self.thread_memory();
        let limit = self.options.limits.max_memory_bytes;
        self.options.limits.check_memory(held.saturating_add(each))?;
        let affordable = usize::try_from((limit - held) / each).unwrap_or(usize::MAX);
        Ok(thread_count(self.options.threads, jobs).min(affordable))
    }

    /// Bytes that decoding takes on each thread, roughly.
    pub(super) fn thread_memory(&self) -> u64 {
        tile_memory(self.header.version, self.grid.area(0).shape(self.info.color))
    }

    /// Reads up to the body of the tile of this index; none, and the rest of the stream, after the last.
    pub(super) fn next_tile(&mut self, index: u64) -> Result<Option<Chunk>> {
        let chunk = match self.chunk.take() {
            Some(chunk) => chunk,
            None if self.ended && index < self.grid.len() => {
                return Err(self.corrupt("the image ends before its last tile"));
            }
            None if self.ended => return Ok(None),
            None => next_chunk(&mut self.reader, &mut self.parser)?,
        };
        self.charge(CHUNK_WORK)?;
        if index == self.grid.len() && chunk.is(ChunkKind::OriginalFile) {
            self.original_file(chunk)?;
            return self.next_tile(index);
        }
        if index == self.grid.len() && chunk.is(ChunkKind::End) && chunk.last {
            let body = body(&mut self.reader, &mut self.parser, &chunk, StreamSum::MAX_BODY)?;
            self.sums.verify(&chunk, &body).map_err(|error| error.at(chunk.offset))?;
            self.ended = true;
            return Ok(None);
        }
        if !chunk.kind().is_some_and(ChunkKind::is_tile) {
            return Err(chunk.corrupt("the chunk is out of place"));
        }
        if index == self.grid.len() {
            return Err(chunk.corrupt("there are more tiles than the image has"));
        }
        if chunk.last && (self.grid.len() > 1 || self.annotated) {
            return Err(chunk.corrupt("an image of several chunks ends without their checksum"));
        }
        self.ended = chunk.last;
        Ok(Some(chunk))
    }

    /// Reads what makes the original file, or passes over it.
    fn original_file(&mut self, chunk: Chunk) -> Result<()> {
        if self.original.is_some() || chunk.last || !chunk.skippable {
            return Err(chunk.corrupt("the original file's chunk is out of place"));
        }
        let mut content = Vec::new();
        if self.wants_file {
            self.options.limits.check_memory(self.info.bytes().unwrap_or(u64::MAX).saturating_add(chunk.len))?;
            content = body(&mut self.reader, &mut self.parser, &chunk, usize::MAX)?;
        } else {
            self.parser.pass(chunk)?;
            while !matches!(next_event(&mut self.reader, &mut self.parser)?, Event::Body(_)) {}
        }
        self.original = Some((chunk, content));
        Ok(())
    }

    /// Counts work, before it is done.
    pub(super) fn charge(&mut self, units: u64) -> Result<()> {
        self.work = self.work.saturating_add(units);
        self.options.limits.check_work(self.work, self.parser.offset())
    }

    pub(super) fn corrupt(&self, detail: &'static str) -> Error {
        Error::format(FormatErrorKind::Corrupt, self.parser.offset(), detail)
    }

    pub(super) fn tile(&mut self, area: Area, chunk: Chunk) -> Result<Tile> {
        let raw_len = (area.pixels() * self.info.color.bytes_per_pixel() as u64) as usize;
        let longest = CHECKSUM_LEN + if chunk.is(ChunkKind::Fill) { 5 + 8 } else { raw_len };
        let body = body(&mut self.reader, &mut self.parser, &chunk, longest)?;
        self.sums.add(checksum_of(&body));
        let payload = body.get(CHECKSUM_LEN..).unwrap_or_default();
        let kind = chunk.kind().map(|kind| kind_within(kind, payload));
        if let Some(kind) = kind {
            self.charge(tile_work(kind, area.shape(self.info.color)))?;
        }
        let mut predictor = None;
        if kind.is_some_and(ChunkKind::uses_network) {
            predictor = self.source.predictor_with(self.header.model);
            if predictor.is_none() {
                return Err(Error::UnknownModel { id: self.header.model });
            }
        }
        Ok(Tile { version: self.header.version, chunk, body, area, raw_len, predictor })
    }
}
