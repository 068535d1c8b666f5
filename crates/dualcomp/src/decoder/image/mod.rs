//! A stream in, pixels out.

mod chunks;
mod original_file;
mod parts;
mod pixels;
mod stream_inside;
mod tile;
mod whole;

use std::io::Read;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::decoder::image::chunks::{body, checksum_of, next_chunk};
use crate::error::{Error, Result};
use crate::format::image::area::Area;
use crate::format::image::header::{MAX_HEADER_BODY, parse_header};
use crate::format::image::info::ImageInfo;
use crate::format::image::metadata::Metadata;
use crate::format::image::stream_sum::StreamSum;
use crate::format::image::tile_grid::Grid;
use crate::format::{Chunk, ChunkKind, Event, HEADER_LEN, Header, Kind, Parser, next_event};
use crate::limits::Limits;
use crate::options::DecoderOptions;
use crate::runtime::model_source::ModelSource;
pub use whole::{Image, decode_image, decode_image_with};

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
    loaded: Loaded,
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

/// Whether the metadata was read.
enum Loaded {
    No,
    Yes,
    /// It was tried, and nothing can follow.
    Failed,
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

    /// Reads the header alone. The metadata is read by [`Self::read_metadata`], or else before the pixels, and within the limits
    /// that are [set](Self::set_limits) by then. Knows this library's own model.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn open(reader: R, options: DecoderOptions) -> Result<Self> {
        Self::header(reader, options, ModelSource::Embedded)
    }

    pub(super) fn with_source(reader: R, options: DecoderOptions, source: ModelSource) -> Result<Self> {
        let mut decoder = Self::header(reader, options, source)?;
        decoder.read_metadata()?;
        Ok(decoder)
    }

    fn header(mut reader: R, options: DecoderOptions, source: ModelSource) -> Result<Self> {
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
        Ok(Self {
            reader,
            options,
            source,
            parser,
            header,
            info,
            grid,
            metadata,
            loaded: Loaded::No,
            chunk: None,
            ended: false,
            sums,
            annotated: false,
            work: 0,
            wants_file: false,
            original: None,
        })
    }

    /// Reads the metadata, unless that was done.
    ///
    /// # Errors
    /// As for [`Self::new`]. After one, all that is asked of this decoder is an error.
    pub fn read_metadata(&mut self) -> Result<&Metadata> {
        match self.loaded {
            Loaded::Yes => {}
            Loaded::Failed => return Err(self.corrupt("the metadata could not be read")),
            Loaded::No => {
                self.loaded = Loaded::Failed;
                self.take_metadata()?;
                self.loaded = Loaded::Yes;
            }
        }
        Ok(&self.metadata)
    }

    /// The size and layout of the image.
    pub fn info(&self) -> ImageInfo {
        self.info
    }

    /// What came with the image; nothing as long as it was not read.
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
}
