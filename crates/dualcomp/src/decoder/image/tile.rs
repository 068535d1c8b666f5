//! One tile of a stream, decoded apart from the others.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::decode_tile;
use crate::error::Result;
use crate::format::image::area::Area;
use crate::format::image::info::ImageInfo;
use crate::format::version::FormatVersion;
use crate::format::{Chunk, ChunkKind, plain_body, split_checksum, take_number, verify_checksum};

/// A tile before it is decoded.
pub(crate) struct Tile {
    pub(crate) version: FormatVersion,
    pub(crate) chunk: Chunk,
    pub(crate) body: Vec<u8>,
    pub(crate) area: Area,
    pub(crate) raw_len: usize,
    pub(crate) predictor: Option<Arc<dyn Predictor>>,
}

impl Tile {
    pub(crate) fn decode(self, info: &ImageInfo) -> Result<Vec<u8>> {
        let offset = self.chunk.offset;
        self.raw(info).map_err(|error| error.at(offset))
    }

    fn raw(&self, info: &ImageInfo) -> Result<Vec<u8>> {
        let Self { version, chunk, body, area, raw_len, predictor } = self;
        let (raw, sum) = match chunk.kind() {
            Some(ChunkKind::Fill) => {
                let mut pixel = plain_body(body, chunk)?;
                let len = take_number(&mut pixel)?;
                if len != *raw_len as u64 || pixel.len() != info.color.bytes_per_pixel() {
                    return Err(chunk.corrupt("the fill does not suit its tile"));
                }
                return Ok(pixel.repeat(raw_len / pixel.len()));
            }
            Some(ChunkKind::Stored) => {
                let (sum, raw) = split_checksum(body)?;
                (raw.to_vec(), sum)
            }
            kind => {
                let (sum, payload) = split_checksum(body)?;
                let shape = area.shape(info.color);
                let raw = kind
                    .and_then(|kind| decode_tile(*version, kind, payload, shape, predictor.as_deref()))
                    .ok_or_else(|| chunk.corrupt("a tile has no such kind"))?;
                (raw?, sum)
            }
        };
        if raw.len() != *raw_len {
            return Err(chunk.corrupt("the tile has the wrong length"));
        }
        verify_checksum(&raw, sum, chunk)?;
        Ok(raw)
    }
}
