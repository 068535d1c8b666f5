//! A stream in, pixels out.

mod chunks;
mod original_file;
mod parts;
mod stream_inside;
mod tile;

use std::io::Read;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::Budget;
use crate::codec::v1::image::tile_bytes::put_tile;
use crate::decoder::image::chunks::{body, checksum_of, next_chunk, skip};
use crate::decoder::image::tile::Tile;
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::image::area::Area;
use crate::format::image::header::{MAX_HEADER_BODY, parse_header};
use crate::format::image::info::ImageInfo;
use crate::format::image::metadata::Metadata;
use crate::format::image::stream_sum::StreamSum;
use crate::format::image::tile_grid::Grid;
use crate::format::{Chunk, ChunkKind, Event, HEADER_LEN, Header, Kind, Parser, next_event, plain_body};
use crate::limits::Limits;
use crate::options::DecoderOptions;
use crate::runtime::model_source::ModelSource;
use crate::runtime::parallel as work;

/// A decoded image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// Its size and layout.
    pub info: ImageInfo,
    /// What came with it.
    pub metadata: Metadata,
    /// Its rows from the top, without gaps, samples interleaved, 16-bit samples in native byte order.
    pub pixels: Vec<u8>,
}

/// Decompresses an image.
///
/// # Errors
/// [`Error::Format`], [`Error::LimitsExceeded`] and [`Error::UnknownModel`] for what the data is or needs;
/// anything after the stream is [`FormatErrorKind::TrailingData`]. [`Error::Model`] if the model fails.
pub fn decode_image(data: &[u8], options: &DecoderOptions) -> Result<Image> {
    decode(data, options, ModelSource::Embedded)
}

/// As [`decode_image`], with the caller's model, or without a model at all.
///
/// # Errors
/// As for [`decode_image`].
pub fn decode_image_with(
    data: &[u8],
    options: &DecoderOptions,
    predictor: Option<Arc<dyn Predictor>>,
) -> Result<Image> {
    decode(data, options, ModelSource::Given(predictor))
}

fn decode(mut data: &[u8], options: &DecoderOptions, source: ModelSource) -> Result<Image> {
    let start = data.len() as u64;
    let mut decoder = ImageDecoder::with_source(&mut data, options.clone(), source)?;
    let info = decoder.info;
    let metadata = std::mem::take(&mut decoder.metadata);
    let (pixels, _) = decoder.read_all(false, |_, _| ())?;
    if !data.is_empty() {
        return Err(Error::format(
            FormatErrorKind::TrailingData,
            start - data.len() as u64,
            "something else follows the end of the image",
        ));
    }
    Ok(Image { info, metadata, pixels })
}

/// Decompresses an image from a reader, in two steps: its size and metadata, then its pixels.
///
/// Reads nothing beyond the end of the image, and for that in small pieces: the reader should be buffered.
///
/// ```
/// use dualcomp::{ColorType, ImageDecoder, ImageInfo, Metadata};
///
/// let info = ImageInfo::new(2, 2, ColorType::L8);
/// let data = dualcomp::encode_image(&[1, 2, 3, 4], &info, &Metadata::default(), &Default::default())?;
///
/// let decoder = ImageDecoder::new(data.as_slice(), Default::default())?;
/// let mut pixels = vec![0; decoder.info().bytes().unwrap() as usize];
/// decoder.read_pixels(&mut pixels)?;
/// assert_eq!(pixels, [1, 2, 3, 4]);
/// # Ok::<(), dualcomp::Error>(())
/// ```
pub struct ImageDecoder<R> {
    reader: R,
    options: DecoderOptions,
    source: ModelSource,
    parser: Parser,
    header: Header,
    info: ImageInfo,
    grid: Grid,
    metadata: Metadata,
    /// The chunk after the metadata, whose body is still to come.
    chunk: Option<Chunk>,
    /// Whether the final chunk was read.
    ended: bool,
    /// The chunks so far.
    sums: StreamSum,
    /// Whether there is metadata, so that even one tile does not end the image.
    annotated: bool,
    /// Units of work so far.
    work: u64,
    /// Whether what makes the original file is kept.
    wants_file: bool,
    /// The chunk that says how it is made, and its content where it is wanted.
    original: Option<(Chunk, Vec<u8>)>,
}

impl<R> std::fmt::Debug for ImageDecoder<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImageDecoder").field("info", &self.info).field("options", &self.options).finish_non_exhaustive()
    }
}

impl<R: Read> ImageDecoder<R> {
    /// Reads everything before the pixels. Knows this library's own model.
    ///
    /// # Errors
    /// [`Error::Io`] if the reader fails, else as for [`decode_image`].
    pub fn new(reader: R, options: DecoderOptions) -> Result<Self> {
        Self::with_source(reader, options, ModelSource::Embedded)
    }

    /// As [`Self::new`], with the caller's model, or without a model at all.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn with_predictor(reader: R, options: DecoderOptions, predictor: Option<Arc<dyn Predictor>>) -> Result<Self> {
        Self::with_source(reader, options, ModelSource::Given(predictor))
    }

    pub(super) fn with_source(mut reader: R, options: DecoderOptions, source: ModelSource) -> Result<Self> {
        let mut parser = Parser::new();
        let header = loop {
            if let Event::Header(header) = next_event(&mut reader, &mut parser)? {
                break header;
            }
        };
        header.expect(Kind::Image, 0)?;
        let first = next_chunk(&mut reader, &mut parser)?;
        let chunk = Some(first)
            .filter(|chunk| chunk.is(ChunkKind::ImageHeader) && chunk.offset == HEADER_LEN as u64 && !chunk.last)
            .ok_or(Error::corrupt("the image does not start with its header").at(HEADER_LEN as u64))?;
        let body = body(&mut reader, &mut parser, &chunk, MAX_HEADER_BODY)?;
        let (info, grid) = parse_header(&chunk, &body)?;
        options.limits.check_pixels(info.pixels())?;
        let metadata = Metadata::default();
        let mut sums = StreamSum::default();
        sums.add(checksum_of(&body));
        let mut decoder = Self {
            reader,
            options,
            source,
            parser,
            header,
            info,
            grid,
            metadata,
            chunk: None,
            ended: false,
            sums,
            annotated: false,
            work: 0,
            wants_file: false,
            original: None,
        };
        decoder.read_metadata()?;
        Ok(decoder)
    }

    /// The size and layout of the image.
    pub fn info(&self) -> ImageInfo {
        self.info
    }

    /// What came with the image.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// What decoding may use.
    pub fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// Replaces the limits and checks at once that the image keeps them: its pixels, and the memory to decode it on
    /// one thread. As many threads are used later as there is memory for.
    ///
    /// # Errors
    /// [`Error::LimitsExceeded`].
    pub fn set_limits(&mut self, limits: Limits) -> Result<()> {
        limits.check_pixels(self.info.pixels())?;
        limits.check_memory(self.thread_memory())?;
        self.options.limits = limits;
        Ok(())
    }

    /// Decodes the pixels: rows from the top, without gaps, samples interleaved, 16-bit samples in native byte
    /// order. After an error the content of `pixels` is unspecified.
    ///
    /// # Errors
    /// [`Error::Parameter`] if `pixels` has another length than the image, [`ImageInfo::bytes`];
    /// [`Error::Io`] if the reader fails, else as for [`decode_image`].
    pub fn read_pixels(self, pixels: &mut [u8]) -> Result<()> {
        let whole = self.info.area();
        self.read(&whole, pixels, 0, |_, _| ()).map(drop)
    }

    /// Decodes the pixels of an area, as [`Self::read_pixels`] those of the whole image. Tiles outside it are passed
    /// over, and what follows its last tile is neither read nor checked.
    ///
    /// After every tile calls `progress`, on this thread, with how many pixels of the area are done and how many
    /// there are.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the area is empty or not inside the image, or `pixels` has another length than the
    /// area; else as for [`Self::read_pixels`].
    pub fn read_area(self, area: &Area, pixels: &mut [u8], progress: impl FnMut(u64, u64)) -> Result<()> {
        self.read(area, pixels, 0, progress).map(drop)
    }

    /// Decodes the pixels, as [`Self::read_pixels`] does, and the very file that they came from, if the stream says how
    /// it is made of them: a PNG file that was given to [`ImageEncoder`](crate::ImageEncoder). `progress`
    /// is called as by [`Self::read_area`].
    ///
    /// Beside the pixels it takes memory for the file three times and for its rows before they were compressed, and the
    /// time to compress them once more.
    ///
    /// # Errors
    /// As for [`Self::read_pixels`].
    pub fn read_with_file(self, progress: impl FnMut(u64, u64)) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
        self.read_all(true, progress)
    }

    fn read_all(mut self, wants_file: bool, progress: impl FnMut(u64, u64)) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
        let (info, bytes) = (self.info, self.info.bytes().unwrap_or(u64::MAX));
        self.options.limits.check_memory(bytes)?;
        let len = usize::try_from(bytes).map_err(|_| Error::parameter("the image does not fit in memory"))?;
        let mut pixels = vec![0; len];
        self.wants_file = wants_file;
        self.read_tiles(&info.area(), &mut pixels, bytes, progress)?;
        let Some((chunk, body)) = self.original.take().filter(|_| wants_file) else { return Ok((pixels, None)) };
        let content = plain_body(&body, &chunk).map_err(|error| error.at(chunk.offset))?;
        let (limits, threads, read) = (&self.options.limits, self.options.threads, self.parser.offset());
        let budget = Budget { limits, held: bytes.saturating_add(chunk.len), threads, work: &mut self.work, read };
        let file = original_file::decode(self.header.version, content, &info, &pixels, &self.source, budget);
        Ok((pixels, Some(file.map_err(|error| error.at(chunk.offset))?)))
    }

    /// Decodes the pixels of an area, and says how many units of work that took; `held` bytes of memory are taken already.
    pub(in crate::decoder) fn read(
        mut self,
        area: &Area,
        pixels: &mut [u8],
        held: u64,
        progress: impl FnMut(u64, u64),
    ) -> Result<u64> {
        self.read_tiles(area, pixels, held, progress)?;
        Ok(self.work)
    }

    fn read_tiles(
        &mut self,
        area: &Area,
        pixels: &mut [u8],
        held: u64,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<()> {
        let (info, grid) = (self.info, self.grid);
        if area.is_empty() || area.overlap(&info.area()) != *area {
            return Err(Error::parameter("the area is not inside the image"));
        }
        if area.pixels().checked_mul(info.color.bytes_per_pixel() as u64) != Some(pixels.len() as u64) {
            return Err(Error::parameter("the length of the pixels does not match the size of the image"));
        }
        let threads = self.threads(held)?;
        let mut index = 0;
        let (end, mut finished) = (grid.end(area), 0);
        let next = || {
            // After the last of all tiles the end of the stream is checked.
            while index < end || end == grid.len() {
                let Some(chunk) = self.next_tile(index)? else { break };
                let place = grid.area(index);
                index += 1;
                if place.overlap(area).is_empty() {
                    let sum = skip(&mut self.reader, &mut self.parser)?;
                    self.sums.add(sum);
                } else {
                    return self.tile(place, chunk).map(Some);
                }
            }
            Ok(None)
        };
        work::run(
            threads,
            next,
            |tile: Tile| Ok((tile.area, tile.decode(&info)?)),
            |_, (place, raw)| {
                put_tile(pixels, area, info.color, &place, raw);
                finished += place.overlap(area).pixels();
                progress(finished, area.pixels());
                Ok(())
            },
        )
    }
}
