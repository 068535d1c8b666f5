//! Looking at the structure of a stream without decoding it.

use std::io::Read;

use crate::error::{Error, Result};
use crate::format::block::substreams_of;
use crate::format::copies::{MAX_COPIES, copied_len};
use crate::format::file::header::{FileFormat, ImageFileInfo};
use crate::format::file::span::FileSpan;
use crate::format::image::header::parse_header;
use crate::format::image::info::ImageInfo;
use crate::format::image::metadata::{CODED, MetadataKind};
use crate::format::image::original_file::OriginalFile;
use crate::format::image::tile_grid::Grid;
use crate::format::{
    CHECKSUM_LEN, Chunk, ChunkKind, Event, Header, Kind, MAX_PASSED, Parser, next_event, number_len, take_number,
};

/// As much of a body as [`inspect`] looks at.
const PREFIX: usize = 64;

/// What [`inspect`] has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The streams, one after the other.
    pub streams: Vec<StreamInfo>,
}

/// One stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamInfo {
    /// What it holds.
    pub kind: Kind,
    /// Where its header starts, in bytes.
    pub offset: u64,
    /// The model its blocks need, if any: the first bytes of the SHA-256 of the weights file. Where a dictionary is named,
    /// that says which.
    pub model: Option<[u8; 4]>,
    /// The dictionary its blocks need, if any: the first bytes of the SHA-256 of its file.
    pub dictionary: Option<[u8; 4]>,
    /// The size and layout of an image.
    pub image: Option<ImageInfo>,
    /// The format of an image file that is kept to the last byte.
    pub file: Option<FileFormat>,
    /// Its chunks, in their order.
    pub chunks: Vec<ChunkInfo>,
    /// Bytes of the stream with its header.
    pub coded_len: u64,
    /// Bytes it decodes to, as its chunks say; metadata does not count.
    pub raw_len: u64,
}

/// One chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChunkInfo {
    /// What it is for; none if this library does not know it and may pass over it.
    pub kind: Option<ChunkKind>,
    /// The code of its kind, below 64.
    pub code: u8,
    /// Where it starts, in bytes.
    pub offset: u64,
    /// Its bytes, with its type and length.
    pub coded_len: u64,
    /// Bytes it decodes to, as it says; for metadata the bytes of the content.
    pub raw_len: u64,
    /// Substreams of a coded block of bytes.
    pub substreams: Option<u8>,
    /// What a chunk of metadata holds; none where this library does not know it.
    pub metadata: Option<MetadataKind>,
}

/// Reads streams to the end of `reader` and says what they are made of. Decodes nothing, so checksums of blocks
/// are not verified and no model is needed. The reader should be buffered. Takes memory for each chunk.
///
/// ```
/// use dualcomp::ChunkKind;
///
/// let stream = dualcomp::compress(&[b'a'; 5000], &Default::default())?;
/// let summary = dualcomp::inspect(stream.as_slice())?;
/// let chunk = &summary.streams[0].chunks[0];
/// assert_eq!((chunk.kind, chunk.raw_len, chunk.coded_len), (Some(ChunkKind::Fill), 5000, 9));
/// # Ok::<(), dualcomp::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] if the reader fails, [`Error::Format`] if the data is
/// not made of whole streams.
pub fn inspect(reader: impl Read) -> Result<Summary> {
    let mut reader = reader;
    let mut parser = Parser::new();
    let mut summary = Summary::default();
    let mut first = [0];
    loop {
        let offset = parser.offset();
        // The end of the input is the end of the summary only between streams.
        let count = read_some(&mut reader, &mut first)?;
        if count == 0 && offset > 0 {
            return Ok(summary);
        }
        parser.push(&first[..count])?;
        let header = loop {
            if let Event::Header(header) = next_event(&mut reader, &mut parser)? {
                break header;
            }
        };
        summary.streams.push(stream(&mut reader, &mut parser, header, offset)?);
        parser.restart();
    }
}

fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            result => return result.map_err(Error::from_io),
        }
    }
}

fn stream(reader: &mut impl Read, parser: &mut Parser, header: Header, offset: u64) -> Result<StreamInfo> {
    let model = Some(header.model).filter(|&id| id != [0; 4]);
    let mut found = StreamInfo {
        kind: header.kind,
        offset,
        model,
        dictionary: header.dictionary,
        image: None,
        file: None,
        chunks: Vec::new(),
        coded_len: 0,
        raw_len: 0,
    };
    let mut layout = None;
    let (mut tiles, mut passed) = (0, 0);
    let mut replaced = Replaced::default();
    loop {
        let Event::Chunk(chunk) = next_event(reader, parser)? else { continue };
        let kind = chunk.kind();
        // So that the chunks of no stream take much more memory than it has bytes.
        match kind {
            None if passed == MAX_PASSED => {
                return Err(chunk.corrupt("too many chunks of unknown kinds follow each other"));
            }
            None => {
                passed += 1;
                parser.pass(chunk)?;
            }
            Some(kind) if kind != ChunkKind::Empty && chunk.len < CHECKSUM_LEN as u64 => {
                return Err(chunk.corrupt("the chunk is too short for its checksum"));
            }
            Some(ChunkKind::Empty) if !chunk.last || !found.chunks.is_empty() => {
                return Err(chunk.corrupt("an empty chunk is all of its stream"));
            }
            Some(_) => {
                passed = 0;
                parser.gather(if kind == Some(ChunkKind::Copies) { CHECKSUM_LEN + MAX_COPIES } else { PREFIX });
            }
        }
        let body = next_body(reader, parser)?;
        if kind == Some(ChunkKind::ImageHeader) && header.kind == Kind::Image && layout.is_none() {
            let (info, grid) = parse_header(&chunk, &body)?;
            found.image = Some(info);
            layout = Some((info, grid));
        }
        let (raw_len, substreams) =
            kind.map_or((0, None), |kind| content(&chunk, kind, &body, header.kind, layout.as_ref(), tiles));
        if kind == Some(ChunkKind::FileHeader) && header.kind == Kind::ImageFile && found.image.is_none() {
            let info = ImageFileInfo::parse(&chunk, &body).map_err(|error| error.at(chunk.offset))?;
            found.image = Some(info.image);
            found.file = Some(info.format);
        }
        match kind {
            Some(ChunkKind::FileSpan) => replaced.take_span(&body, found.raw_len),
            Some(ChunkKind::Copies) => replaced.copied = replaced.copied.saturating_add(raw_len),
            Some(kind) if kind.is_tile() => {
                tiles += 1;
                found.raw_len = found.raw_len.saturating_add(raw_len);
            }
            _ => {}
        }
        let coded_len = parser.offset() - chunk.offset;
        // Behind the checksum.
        let metadata = match kind {
            Some(ChunkKind::Metadata) => body.get(4).and_then(|&code| MetadataKind::from_code(code & !CODED)),
            _ => None,
        };
        found.chunks.push(ChunkInfo {
            kind,
            code: chunk.code,
            offset: chunk.offset,
            coded_len,
            raw_len,
            substreams,
            metadata,
        });
        if chunk.last {
            found.coded_len = parser.offset() - offset;
            found.raw_len = replaced.len_of(found.raw_len);
            return Ok(found);
        }
    }
}

fn next_body(reader: &mut impl Read, parser: &mut Parser) -> Result<Vec<u8>> {
    loop {
        if let Event::Body(body) = next_event(reader, parser)? {
            return Ok(body);
        }
    }
}

/// What comes out beside the bytes of blocks, and in their place.
#[derive(Default)]
struct Replaced {
    /// Where the last outermost span ends.
    end: u64,
    /// Bytes of outermost spans, and of the files that come out in their place.
    spans: u64,
    files: u64,
    copied: u64,
}

impl Replaced {
    /// Takes the body of a chunk that stands behind this many bytes.
    fn take_span(&mut self, body: &[u8], at: u64) {
        let Ok((span, _)) = FileSpan::parse(body) else { return };
        let start = at.saturating_add(span.skip);
        // Of spans inside each other, the outermost is what comes out.
        if start >= self.end {
            self.end = start.saturating_add(span.len);
            self.spans = self.spans.saturating_add(span.len);
            self.files = self.files.saturating_add(span.file_len);
        }
    }

    /// How much comes out of this many bytes of blocks.
    fn len_of(&self, raw_len: u64) -> u64 {
        raw_len.saturating_sub(self.spans).saturating_add(self.files).saturating_add(self.copied)
    }
}

/// How long the content of a chunk is once decoded, and the substreams of a coded block.
fn content(
    chunk: &Chunk,
    kind: ChunkKind,
    body: &[u8],
    stream: Kind,
    layout: Option<&(ImageInfo, Grid)>,
    tiles: u64,
) -> (u64, Option<u8>) {
    // Behind the checksum. A chunk too short for what it should hold counts for nothing.
    let mut rest = body.get(4..).unwrap_or_default();
    match (kind, stream) {
        (ChunkKind::Stored, _) => (chunk.len.saturating_sub(4), None),
        (ChunkKind::Fill, _) => (take_number(&mut rest).unwrap_or(0), None),
        (ChunkKind::Copies, Kind::Bytes) => (copied_len(rest), None),
        (ChunkKind::OriginalFile, Kind::Image) => (OriginalFile::len_of(rest).unwrap_or(0), None),
        (ChunkKind::FileSpan, _) => (FileSpan::parse(body).map_or(0, |(span, _)| span.file_len), None),
        (ChunkKind::ContextsOnly | ChunkKind::Network, Kind::Bytes | Kind::ImageFile) => (
            take_number(&mut rest).unwrap_or(0),
            rest.first().and_then(|&byte| substreams_of(byte)).map(|substreams| substreams.count() as u8),
        ),
        (kind, Kind::Image) if kind.is_tile() => {
            let tile = layout.filter(|(_, grid)| tiles < grid.len());
            let pixels = tile.map_or(0, |(_, grid)| grid.area(tiles).pixels());
            (pixels * layout.map_or(0, |(info, _)| info.color.bytes_per_pixel() as u64), None)
        }
        (ChunkKind::Metadata, _) => (chunk.len.saturating_sub(4 + number_len(1) as u64), None),
        _ => (0, None),
    }
}
