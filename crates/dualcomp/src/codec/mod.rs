//! What turns payloads of chunks into bytes and pixels, a module for each version of the format.
//!
//! A version that was released is frozen: a later one is added beside it and never changes it. Encoders write the current
//! version and name its module; decoders come through this door, which asks the header's version.

pub(crate) mod v1;

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::error::Result;
use crate::format::ChunkKind;
use crate::format::block::CodedBlock;
use crate::format::bytes_params::BytesParams;
use crate::format::file::span::{FileSpan, SpanMethod};
use crate::format::image::tile_grid::TileShape;
use crate::format::version::FormatVersion;

pub(crate) use v1::budget::Budget;
pub(crate) use v1::bytes::dictionary::Tables;

/// Units of work of a chunk, a stream of bytes, a coded block and a tile before their content, and of a coder before its
/// table; a unit is about a microsecond of one core (docs/spec/format.md, section 7).
pub(crate) const CHUNK_WORK: u64 = 1;
pub(crate) const STREAM_WORK: u64 = 16;
const BLOCK_WORK: u64 = 32;
const CODER_WORK: u64 = 512;
const TILE_WORK: u64 = 1024;
const DEFLATE_WORK: u64 = 512;

/// Units of work of a coded block, without what its coder takes.
pub(crate) fn block_work(params: BytesParams, network: bool, raw_len: usize) -> u64 {
    let per_byte = if network { 4 } else { 1 } * if params.has_second_group() { 2 } else { 1 };
    BLOCK_WORK + per_byte * raw_len as u64
}

/// Units of work of making a substream's coder.
pub(crate) fn coder_work(params: BytesParams) -> u64 {
    CODER_WORK + params.counters() as u64 / 256
}

/// Bytes a substream may remember beside its table, roughly.
const HISTORY: u64 = 16 << 20;

/// Bytes of memory that a substream's coder takes.
pub(crate) fn coder_memory(params: BytesParams) -> u64 {
    4 * params.counters() as u64 + HISTORY
}

/// Units of work of coded metadata of `len` bytes.
pub(crate) fn metadata_work(len: usize) -> u64 {
    BLOCK_WORK + coder_work(v1::metadata::params(len)) + len as u64
}

/// Bytes that decoding it takes at most, roughly: the table, the history with its places, and what comes out.
pub(crate) fn metadata_memory(len: usize) -> u64 {
    let params = v1::metadata::params(len);
    4 * (params.counters() as u64 + (1 << params.places_log2())) + 3 * len as u64
}

/// Units of work of preparing a dictionary for streams that begin with the network or not.
pub(crate) fn dictionary_work(tables: &Tables, params: BytesParams, network: bool) -> u64 {
    let (groups, with) =
        (1 + u64::from(params.has_second_group()), if network { tables.network_len() as u64 } else { 0 });
    let samples = BLOCK_WORK * tables.ends().len() as u64;
    coder_work(tables.params()) + samples + groups * (tables.samples().len() as u64 + 3 * with)
}

/// Units of work of making a file of a span and its payload, with the tables of its coders.
pub(crate) fn file_work(span: &FileSpan, payload: &[u8]) -> u64 {
    match span.method {
        SpanMethod::Jpeg => {
            let tables = v1::jpeg::tables(payload).map_or(0, |(bands, bytes)| bands * (bytes >> 10));
            BLOCK_WORK + 4 * span.file_len + tables
        }
        // Its tiles are charged as they come.
        SpanMethod::Rows => BLOCK_WORK + span.file_len / 8,
        SpanMethod::Deflate => DEFLATE_WORK + 2 * (span.len.saturating_add(span.file_len)),
    }
}

/// Units of work of making an image file of its pixels, but for what is around its image data.
pub(crate) fn original_file_work(rows_len: u64, data_len: u64) -> u64 {
    DEFLATE_WORK + rows_len / 8 + 2 * rows_len.saturating_add(data_len)
}

/// The kind of chunk that says what a tile's payload needs: that of its numbers, if it is mapped.
pub(crate) fn kind_within(kind: ChunkKind, payload: &[u8]) -> ChunkKind {
    let within = if kind == ChunkKind::TileMapped { v1::image::mapped::kind_of(payload) } else { None };
    within.unwrap_or(kind)
}

/// Units of work of a row of a tile, beside its samples: narrow tiles take as long for a row as wider ones.
const ROW_WORK: u64 = 8;

/// Units of work of a tile of this shape.
pub(crate) fn tile_work(kind: ChunkKind, shape: TileShape) -> u64 {
    let per_sample = match kind {
        ChunkKind::Empty | ChunkKind::Stored | ChunkKind::Fill => return shape.raw_len() >> 10,
        ChunkKind::Photo | ChunkKind::LatticePhoto => 2,
        ChunkKind::PhotoDeep | ChunkKind::LatticeDeep | ChunkKind::Network => 3,
        ChunkKind::TileBlocks => return TILE_WORK + 2 * shape.raw_len() + (v1::image::blocks::tables() >> 10),
        ChunkKind::TileBytes => {
            let len = shape.raw_len();
            return TILE_WORK + len + coder_work(v1::image::nested::params(len));
        }
        _ => 1,
    };
    TILE_WORK + ROW_WORK * u64::from(shape.height) + per_sample * shape.raw_len()
}

/// Decodes the coded blocks of a stream of bytes, one after the other.
pub(crate) enum BytesDecoder {
    V1(v1::bytes::BytesCoder),
}

impl BytesDecoder {
    /// A decoder that has seen nothing, for up to `threads` threads, all there are if 0.
    pub(crate) fn new(
        version: FormatVersion,
        params: BytesParams,
        predictor: Option<Arc<dyn Predictor>>,
        dictionary: Option<Arc<Tables>>,
        threads: usize,
    ) -> Self {
        match version {
            FormatVersion::V1 => Self::V1(v1::bytes::BytesCoder::new(params, predictor, dictionary, threads)),
        }
    }

    /// The bytes of a block. Any payload gives some bytes or an error.
    pub(crate) fn decode(&mut self, block: &CodedBlock<'_>) -> Result<Vec<u8>> {
        match self {
            Self::V1(coder) if block.learned => {
                coder.encode(block.payload, block.plan)?;
                Ok(block.payload.to_vec())
            }
            Self::V1(coder) => coder.decode(block.payload, block.raw_len, block.plan),
        }
    }

    /// Substreams that have a coder.
    pub(crate) fn substreams(&self) -> usize {
        match self {
            Self::V1(coder) => coder.substreams(),
        }
    }

    /// Bytes of memory that it takes.
    pub(crate) fn memory(&self) -> u64 {
        match self {
            Self::V1(coder) => coder.substreams() as u64 * coder_memory(coder.params()),
        }
    }
}

/// The bytes of a tile that is coded as chunks of this kind say; none if these are no coded tiles. Any payload gives some
/// bytes or an error.
pub(crate) fn decode_tile(
    version: FormatVersion,
    kind: ChunkKind,
    payload: &[u8],
    shape: TileShape,
    predictor: Option<&dyn Predictor>,
) -> Option<Result<Vec<u8>>> {
    match version {
        FormatVersion::V1 => v1::image::tile_kinds::decode(kind, payload, shape, predictor),
    }
}

/// Metadata of `len` bytes. Any payload gives some bytes or an error.
pub(crate) fn decode_metadata(version: FormatVersion, payload: &[u8], len: usize) -> Result<Vec<u8>> {
    match version {
        FormatVersion::V1 => v1::metadata::decode(payload, len),
    }
}

/// Makes a JPEG file of `file_len` bytes of a span of bytes and a payload. Gives some file or an error.
pub(crate) fn decode_jpeg(
    version: FormatVersion,
    text: &[u8],
    payload: &[u8],
    file_len: u64,
    budget: Budget<'_>,
) -> Result<Vec<u8>> {
    match version {
        FormatVersion::V1 => v1::jpeg_file::decode(text, payload, file_len, budget),
    }
}

/// Makes a deflate stream, with what is around it, of its text and a payload. Gives some file or an error.
pub(crate) fn decode_deflate(
    version: FormatVersion,
    text: &[u8],
    payload: &[u8],
    file_len: u64,
    budget: &Budget<'_>,
) -> Result<Vec<u8>> {
    match version {
        FormatVersion::V1 => v1::deflate::container::decode(text, payload, file_len, budget),
    }
}

/// Bytes that decoding a tile of this shape takes at most on a thread, roughly.
pub(crate) fn tile_memory(version: FormatVersion, shape: TileShape) -> u64 {
    match version {
        FormatVersion::V1 => {
            let coded = v1::image::tile::tile_memory(shape)
                .max(v1::image::fast::tile_memory(shape))
                .max(v1::image::drawn::tile_memory(shape))
                .max(v1::image::nested::tile_memory(shape))
                .max(v1::image::blocks::tile_memory(shape));
            coded + v1::image::mapped::tile_memory(shape)
        }
    }
}
