//! Pixels in, a stream out.

pub(crate) mod blocks;
mod choose_blocks;
mod choose_fast;
mod choose_map;
mod choose_tile;
pub(crate) mod classify;
pub(crate) mod fast_forms;
pub(crate) mod lattice;
mod sample_maps;
mod sample_rows;
mod tiling;

use std::borrow::Cow;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::kind_within;
use crate::codec::v1;
use crate::codec::v1::image::tile_bytes::take_tile;
use crate::encoder::files::original_file::{self, KeepFile};
use crate::encoder::image::choose_blocks::out_of_blocks;
use crate::encoder::image::choose_map::best;
use crate::encoder::image::choose_tile::wants_network;
use crate::encoder::image::classify::{drawn, single_pixel};
use crate::encoder::image::tiling::tile_size;
use crate::error::{Error, Result};
use crate::format::image::area::Area;
use crate::format::image::header::{MAX_SIDE, header_content};
use crate::format::image::info::ImageInfo;
use crate::format::image::metadata::coded::{CodedMetadata, MAX_CODED};
use crate::format::image::metadata::{CODED, Metadata};
use crate::format::image::stream_sum::StreamSum;
use crate::format::image::tile_grid::Grid;
use crate::format::version::FormatVersion;
use crate::format::{CHECKSUM_LEN, ChunkKind, Header, Kind, put_chunk, put_number, with_checksum};
use crate::options::{EncoderOptions, thread_count};
use crate::runtime::float_environment;
use crate::runtime::join::join;
use crate::runtime::model_source::ModelSource;
use crate::runtime::parallel as work;

/// Compresses an image: `pixels` are its rows from the top, without gaps, samples interleaved, 16-bit samples in
/// native byte order. Samples and metadata come back exactly.
///
/// Uses this library's own model. Takes memory for the result and, per thread, 15 to 25 MiB for a tile of
/// 2^18 pixels. Tiles that are drawn, came out of a JPEG decoder, or are coded at [`Level::Fast`](crate::Level::Fast)
/// have up to 2^20, and take up to 65 MiB.
///
/// ```
/// use dualcomp::{ColorType, ImageInfo, Metadata};
///
/// let info = ImageInfo::new(3, 1, ColorType::Rgb8);
/// let pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255];
/// let data = dualcomp::encode_image(&pixels, &info, &Metadata::default(), &Default::default())?;
/// let image = dualcomp::decode_image(&data, &Default::default())?;
/// assert_eq!((image.info, image.pixels.as_slice()), (info, pixels.as_slice()));
/// # Ok::<(), dualcomp::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] if a side is out of range, `pixels` has another length than `info` says, a piece of metadata one
/// that its kind cannot have, or if this thread rounds floating-point numbers in another way than streams are defined by;
/// [`Error::Model`] if the model fails.
pub fn encode_image(pixels: &[u8], info: &ImageInfo, metadata: &Metadata, options: &EncoderOptions) -> Result<Vec<u8>> {
    encode(pixels, info, metadata, options, ModelSource::Embedded, |_, _| ())
}

/// As [`encode_image`], with the caller's model, or without a model at all.
///
/// # Errors
/// As for [`encode_image`].
pub fn encode_image_with(
    pixels: &[u8],
    info: &ImageInfo,
    metadata: &Metadata,
    options: &EncoderOptions,
    predictor: Option<Arc<dyn Predictor>>,
) -> Result<Vec<u8>> {
    encode(pixels, info, metadata, options, ModelSource::Given(predictor), |_, _| ())
}

/// A tile's chunk, but for its last flag.
struct Coded {
    kind: ChunkKind,
    body: Vec<u8>,
}

impl Coded {
    fn uses_network(&self) -> bool {
        kind_within(self.kind, self.body.get(CHECKSUM_LEN..).unwrap_or_default()).uses_network()
    }
}

pub(crate) fn encode(
    pixels: &[u8],
    info: &ImageInfo,
    metadata: &Metadata,
    options: &EncoderOptions,
    source: ModelSource,
    progress: impl FnMut(u64, u64),
) -> Result<Vec<u8>> {
    Ok(code(pixels, info, metadata, options, source, progress)?.stream(None))
}

/// Codes an image, and what makes its file again where that is wanted; says whether it was kept.
pub(crate) fn encode_with_file(
    pixels: &[u8],
    info: &ImageInfo,
    metadata: &Metadata,
    file: Option<(&[u8], KeepFile)>,
    options: &EncoderOptions,
    source: ModelSource,
    progress: impl FnMut(u64, u64),
) -> Result<(Vec<u8>, bool)> {
    let Some((file, keep)) = file else {
        return Ok((encode(pixels, info, metadata, options, source, progress)?, false));
    };
    let (coded, content) = join(
        thread_count(options.threads, 2),
        || code(pixels, info, metadata, options, source, progress),
        || original_file::content(file, keep, pixels, info, options.threads),
    );
    let coded = coded?;
    let content = content.filter(|content| keep.allows(content.len(), coded.len()));
    Ok((coded.stream(content.as_deref()), content.is_some()))
}

/// An image, coded, before its chunks are joined.
struct CodedImage<'a> {
    model: [u8; 4],
    header: Vec<u8>,
    /// Kinds of metadata and what they hold.
    pieces: Vec<(u8, Cow<'a, [u8]>)>,
    tiles: Vec<Coded>,
}

impl CodedImage<'_> {
    /// Bytes of the stream, roughly.
    fn len(&self) -> usize {
        let pieces = self.pieces.iter().map(|piece| piece.1.len());
        pieces.chain(self.tiles.iter().map(|tile| tile.body.len())).sum()
    }

    /// The stream, with what makes the original file if there is that.
    fn stream(self, original: Option<&[u8]>) -> Vec<u8> {
        let Self { model, header, pieces, tiles } = self;
        let mut out =
            Header { version: FormatVersion::CURRENT, kind: Kind::Image, model, dictionary: None, params: None }
                .to_bytes()
                .to_vec();
        let mut sums = StreamSum::default();
        sums.add(put_chunk(&mut out, ChunkKind::ImageHeader, false, &with_checksum(&header)));
        let alone = pieces.is_empty() && tiles.len() == 1 && original.is_none();
        for (code, content) in pieces {
            let content = [&[code], &*content].concat();
            sums.add(put_chunk(&mut out, ChunkKind::Metadata, false, &with_checksum(&content)));
        }
        for tile in &tiles {
            sums.add(put_chunk(&mut out, tile.kind, alone, &tile.body));
        }
        if let Some(content) = original {
            // Not summed, so that a reader that does not know it may pass over it.
            put_chunk(&mut out, ChunkKind::OriginalFile, false, &with_checksum(content));
        }
        if !alone {
            put_chunk(&mut out, ChunkKind::End, true, &sums.body());
        }
        out
    }
}

/// Bytes of metadata at least that are coded: below, little is gained, and icons open sooner.
const MIN_CODED_METADATA: usize = 64;

/// Metadata as it is coded, if that is shorter and not more than `left` bytes are.
fn coded_metadata(content: &[u8], left: u64) -> Result<Option<Vec<u8>>> {
    if content.len() < MIN_CODED_METADATA || content.len() as u64 > left {
        return Ok(None);
    }
    let payload = v1::metadata::encode(content)?;
    let coded = CodedMetadata::new(content, &payload).write();
    Ok((coded.len() < content.len()).then_some(coded))
}

fn code<'a>(
    pixels: &[u8],
    info: &ImageInfo,
    metadata: &'a Metadata,
    options: &EncoderOptions,
    source: ModelSource,
    mut progress: impl FnMut(u64, u64),
) -> Result<CodedImage<'a>> {
    let sides = 1..=MAX_SIDE;
    if !sides.contains(&info.width.into()) || !sides.contains(&info.height.into()) {
        return Err(Error::parameter("a side of an image is 1 to 2^31 - 1 pixels long"));
    }
    if info.bytes() != Some(pixels.len() as u64) {
        return Err(Error::parameter("the length of the pixels does not match the size of the image"));
    }
    let mut pieces = metadata.pieces(info.color)?;
    let mut left = MAX_CODED;
    for piece in &mut pieces {
        if let Some(coded) = coded_metadata(&piece.1, left)? {
            left -= piece.1.len() as u64;
            *piece = (piece.0 | CODED, Cow::Owned(coded));
        }
    }
    let wide = drawn(pixels, info.color) || out_of_blocks(pixels, info, options.level)?;
    let (tile_width, tile_height) = tile_size(info.width, info.height, wide, options.level);
    let grid = Grid { width: info.width, height: info.height, tile_width, tile_height };
    // Fits, because the pixels are in memory.
    let mut tiles: Vec<Option<Coded>> = Vec::new();
    tiles.resize_with(grid.len() as usize, || None);
    let mut indices = 0..grid.len();
    // The tile to code, and the model where the tile may need one.
    let next = || {
        let Some(index) = indices.next() else { return Ok(None) };
        let area = grid.area(index);
        let raw = take_tile(pixels, info, &area);
        let alone = single_pixel(&raw, info.color).is_some() || !wants_network(&raw, info.color, options.level);
        let predictor = if alone { None } else { source.of_pixels() };
        Ok(Some((area, raw, predictor)))
    };
    let threads = thread_count(options.threads, tiles.len());
    let code = |(area, raw, predictor): (Area, Vec<u8>, Option<Arc<dyn Predictor>>)| {
        if let Some(pixel) = single_pixel(&raw, info.color) {
            let mut content = Vec::new();
            put_number(&mut content, raw.len() as u64);
            content.extend_from_slice(pixel);
            return Ok(Coded { kind: ChunkKind::Fill, body: with_checksum(&content) });
        }
        float_environment::check()?;
        let best = best(&raw, &area, info.color, options.level, predictor.as_deref())?;
        if best.0.len() >= raw.len() {
            return Ok(Coded { kind: ChunkKind::Stored, body: with_checksum(&raw) });
        }
        let mut body = crc32fast::hash(&raw).to_le_bytes().to_vec();
        body.extend_from_slice(&best.0);
        Ok(Coded { kind: best.1, body })
    };
    let mut finished = 0;
    work::run(threads, next, code, |index, coded| {
        tiles[index as usize] = Some(coded);
        finished += grid.area(index).pixels();
        progress(finished, info.pixels());
        Ok(())
    })?;
    let tiles: Vec<Coded> = tiles.into_iter().flatten().collect();
    let model = match tiles.iter().any(Coded::uses_network) {
        true => source.of_pixels().map_or([0; 4], |predictor| predictor.id()),
        false => [0; 4],
    };
    Ok(CodedImage { model, header: header_content(info, &grid), pieces, tiles })
}
