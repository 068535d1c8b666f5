//! One tile of a stream, decoded apart from the others.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::v1::image::predict::local_error::LocalErrors;
use crate::codec::v1::image::profile::photo::PhotoCoder;
use crate::codec::v1::image::profile::sample::SampleCoder;
use crate::codec::v1::image::tile::{Profile, decode_tile};
use crate::error::Result;
use crate::format::image_info::ImageInfo;
use crate::format::tile_grid::Area;
use crate::format::{Chunk, ChunkKind, plain_body, split_checksum, take_number, verify_checksum};

/// Bytes that a model and regressions keep for a row that is under way, and regressions for a column.
const ROW_MEMORY: u64 = 68 << 10;
const COLUMN_MEMORY: u64 = 1100;

/// A tile before it is decoded.
pub(crate) struct Tile {
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
        let Self { chunk, body, area, raw_len, predictor } = self;
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
                let profile =
                    kind.and_then(Profile::of_kind).ok_or_else(|| chunk.corrupt("a tile has no such kind"))?;
                (decode_tile(payload, area.width, area.height, info.color, profile, predictor.as_deref())?, sum)
            }
        };
        if raw.len() != *raw_len {
            return Err(chunk.corrupt("the tile has the wrong length"));
        }
        verify_checksum(&raw, sum, chunk)?;
        Ok(raw)
    }
}

/// Bytes that decoding tiles of this size takes on each thread, roughly: bodies and results under way, the
/// neighbourhood of the pixels with its border, tables, and the rows of the network.
pub(crate) fn tile_memory(info: &ImageInfo, area: &Area) -> u64 {
    let bytes = area.pixels() * info.color.bytes_per_pixel() as u64;
    let bordered = (u64::from(area.width) + 8) * (u64::from(area.height) + 8);
    // With two that are looked back at.
    let rows = u64::from(area.width.div_ceil(3) + 2).min(area.height.into()) + 2;
    let tables = SampleCoder::memory(area.pixels() as usize) + PhotoCoder::memory(area.pixels() as usize);
    let local_errors = rows * u64::from(area.width) * LocalErrors::PIXEL;
    6 * bytes + 11 * bordered + tables + local_errors + rows * ROW_MEMORY + u64::from(area.width) * COLUMN_MEMORY
}
