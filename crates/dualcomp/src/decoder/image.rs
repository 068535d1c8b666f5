//! A stream in, pixels out.

use std::io::Read;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::v1::image::tile_bytes::put_tile;
use crate::codec::{CHUNK_WORK, tile_memory, tile_work};
use crate::decoder::image_chunks::{body, checksum_of, next_chunk, skip};
use crate::decoder::tile::Tile;
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::image::area::Area;
use crate::format::image::header::{MAX_HEADER_BODY, parse_header};
use crate::format::image::info::ImageInfo;
use crate::format::image::metadata::{Metadata, MetadataKind};
use crate::format::image::stream_sum::StreamSum;
use crate::format::image::tile_grid::Grid;
use crate::format::{CHECKSUM_LEN, Chunk, ChunkKind, Event, HEADER_LEN, Header, Kind, Parser, next_event, plain_body};
use crate::limits::Limits;
use crate::options::{DecoderOptions, thread_count};
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
    let bytes = decoder.info.bytes().unwrap_or(u64::MAX);
    options.limits.check_memory(bytes)?;
    let len = usize::try_from(bytes).map_err(|_| Error::parameter("the image does not fit in memory"))?;
    let info = decoder.info;
    let metadata = std::mem::take(&mut decoder.metadata);
    let mut pixels = vec![0; len];
    decoder.read(&info.area(), &mut pixels, bytes, |_, _| ())?;
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

    fn read_metadata(&mut self) -> Result<()> {
        let mut total = 0;
        loop {
            let chunk = next_chunk(&mut self.reader, &mut self.parser)?;
            if !chunk.is(ChunkKind::Metadata) {
                self.chunk = Some(chunk);
                return Ok(());
            }
            if chunk.last {
                return Err(self.corrupt("the image ends before its last tile"));
            }
            total = chunk.len.saturating_add(total);
            self.options.limits.check_metadata(total)?;
            self.options.limits.check_memory(chunk.len)?;
            let body = body(&mut self.reader, &mut self.parser, &chunk, usize::MAX)?;
            self.sums.add(checksum_of(&body));
            self.annotated = true;
            let content = plain_body(&body, &chunk).map_err(|error| error.at(chunk.offset))?;
            let (&code, content) = content.split_first().ok_or(chunk.corrupt("the metadata has no code"))?;
            match MetadataKind::from_code(code) {
                Some(kind) => {
                    self.metadata.take(kind, content, self.info.color).map_err(|error| error.at(chunk.offset))?;
                }
                None if chunk.skippable => {}
                None => {
                    let detail = "the kind of metadata is unknown";
                    return Err(Error::format(FormatErrorKind::UnknownChunk, chunk.offset, detail));
                }
            }
        }
    }

    /// Decodes the pixels of an area, and says how many units of work that took; `held` bytes of memory are taken already.
    pub(super) fn read(
        mut self,
        area: &Area,
        pixels: &mut [u8],
        held: u64,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<u64> {
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
        )?;
        Ok(self.work)
    }

    /// As many threads as are wanted and as there is memory for.
    fn threads(&self, held: u64) -> Result<usize> {
        let jobs = usize::try_from(self.grid.len()).unwrap_or(usize::MAX);
        let each = self.thread_memory();
        let limit = self.options.limits.max_memory_bytes;
        self.options.limits.check_memory(held.saturating_add(each))?;
        let affordable = usize::try_from((limit - held) / each).unwrap_or(usize::MAX);
        Ok(thread_count(self.options.threads, jobs).min(affordable))
    }

    /// Bytes that decoding takes on each thread, roughly.
    fn thread_memory(&self) -> u64 {
        tile_memory(self.header.version, self.grid.area(0).shape(self.info.color))
    }

    /// Reads up to the body of the tile of this index; none, and the rest of the stream, after the last.
    fn next_tile(&mut self, index: u64) -> Result<Option<Chunk>> {
        let chunk = match self.chunk.take() {
            Some(chunk) => chunk,
            None if self.ended && index < self.grid.len() => {
                return Err(self.corrupt("the image ends before its last tile"));
            }
            None if self.ended => return Ok(None),
            None => next_chunk(&mut self.reader, &mut self.parser)?,
        };
        self.charge(CHUNK_WORK)?;
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

    /// Counts work, before it is done.
    fn charge(&mut self, units: u64) -> Result<()> {
        self.work = self.work.saturating_add(units);
        self.options.limits.check_work(self.work, self.parser.offset())
    }

    fn corrupt(&self, detail: &'static str) -> Error {
        Error::format(FormatErrorKind::Corrupt, self.parser.offset(), detail)
    }

    fn tile(&mut self, area: Area, chunk: Chunk) -> Result<Tile> {
        let raw_len = (area.pixels() * self.info.color.bytes_per_pixel() as u64) as usize;
        let longest = CHECKSUM_LEN + if chunk.is(ChunkKind::Fill) { 5 + 8 } else { raw_len };
        let body = body(&mut self.reader, &mut self.parser, &chunk, longest)?;
        self.sums.add(checksum_of(&body));
        if let Some(kind) = chunk.kind() {
            self.charge(tile_work(kind, area.shape(self.info.color)))?;
        }
        let mut predictor = None;
        if chunk.kind().is_some_and(ChunkKind::uses_network) {
            predictor = self.source.predictor_with(self.header.model);
            if predictor.is_none() {
                return Err(Error::UnknownModel { id: self.header.model });
            }
        }
        Ok(Tile { version: self.header.version, chunk, body, area, raw_len, predictor })
    }
}
