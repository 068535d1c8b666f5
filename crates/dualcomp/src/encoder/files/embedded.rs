//! Files among bytes: JPEG files, whose coefficients are coded apart, what rebuilds the file standing in their place; and
//! deflate streams, in whose place their text stands.

use dualcomp_jpeg::{Coefficients, Limits, parse};

use crate::codec::v1::jpeg::Profile;
use crate::codec::v1::jpeg_file;
use crate::encoder::files::deflate;
use crate::encoder::files::extent::FileKind;
use crate::encoder::files::find_files::{Ends, Finder, Found};
use crate::encoder::files::png_rows;
use crate::format::file::span::SpanMethod;
use crate::options::{EncoderOptions, Level};
use crate::runtime::model_source::ModelSource;

/// Bytes of coefficients at most: decoders have them in memory beside other things, and have 512 MiB by default.
const MAX_COEFFICIENTS: u64 = 256 << 20;
/// Bytes that a span costs beside its payload: a chunk's type and length, a checksum, four numbers.
const OVERHEAD: usize = 20;
/// Files inside each other that are looked for.
const MAX_DEPTH: u32 = 3;

/// A file, coded but for the bytes that stand in its place.
pub(crate) struct Embedded {
    /// What stands in its place.
    pub(crate) text: Vec<u8>,
    /// The spans of the text that stand for files: first all of it, then those of files inside the file.
    pub(crate) spans: Vec<CodedSpan>,
}

/// A span of bytes that stands for a file.
pub(crate) struct CodedSpan {
    /// Of its first byte.
    pub(crate) start: usize,
    pub(crate) len: usize,
    pub(crate) file_len: usize,
    pub(crate) method: SpanMethod,
    /// CRC-32 of the file.
    pub(crate) sum: u32,
    pub(crate) payload: Vec<u8>,
}

impl Embedded {
    /// Codes a file, unless it is of a kind that has no coder or would become no shorter.
    pub(crate) fn new(kind: FileKind, file: &[u8], options: &EncoderOptions, source: &ModelSource) -> Option<Self> {
        Self::inside(kind, file, options, source, 1)
    }

    fn inside(kind: FileKind, file: &[u8], options: &EncoderOptions, source: &ModelSource, depth: u32) -> Option<Self> {
        let (text, payload, method) = match kind {
            FileKind::Jpeg => {
                let (text, payload) = jpeg(file, options.level, options.threads)?;
                (text, payload, SpanMethod::Jpeg)
            }
            _ => {
                let (text, payload) = deflate::apart(kind, file)?;
                (text, payload, SpanMethod::Deflate)
            }
        };
        let sum = crc32fast::hash(file);
        let whole = CodedSpan { start: 0, len: 0, file_len: file.len(), method, sum, payload };
        let mut found = Self { text: Vec::new(), spans: vec![whole] };
        if let FileKind::Png(header) = kind
            && let Some((filters, payload)) = png_rows::apart(&text, header, options, source)
        {
            // Some rows are shorter as strings that repeat than as pixels.
            if found.spans[0].payload.len() + payload.len() + 2 * OVERHEAD >= file.len() {
                return None;
            }
            let (len, file_len, sum) = (filters.len(), text.len(), crc32fast::hash(&text));
            found.spans[0].len = len;
            found.spans.push(CodedSpan { start: 0, len, file_len, method: SpanMethod::Rows, sum, payload });
            found.text = filters;
            return Some(found);
        }
        let mut finder = Finder::default();
        finder.push(&text, Ends::Flush, |part| found.append(part, options, source, depth));
        found.spans[0].len = found.text.len();
        Some(found)
    }

    /// Appends what is inside a file, which may be a file too.
    fn append(&mut self, found: Found<'_>, options: &EncoderOptions, source: &ModelSource, depth: u32) -> bool {
        match found {
            Found::Bytes(bytes) => self.text.extend_from_slice(bytes),
            Found::File(..) if depth == MAX_DEPTH => return false,
            Found::File(kind, file) => {
                let Some(inner) = Self::inside(kind, file, options, source, depth + 1) else { return false };
                let start = self.text.len();
                self.spans.extend(inner.spans.into_iter().map(|span| CodedSpan { start: span.start + start, ..span }));
                self.text.extend(inner.text);
            }
        }
        true
    }
}

/// What rebuilds a JPEG file, and its coefficients, coded.
fn jpeg(file: &[u8], level: Level, threads: usize) -> Option<(Vec<u8>, Vec<u8>)> {
    let limits = Limits::default().with_max_coefficient_bytes(MAX_COEFFICIENTS);
    let (coefficients, rebuild) = parse(file, &limits).ok()?;
    let profile = match level {
        Level::Fast => Profile::Fast,
        Level::Default => Profile::Default,
        Level::Max => Profile::Max,
    };
    let payload = jpeg_file::encode(&coefficients, profile, bands(&coefficients, level), threads).ok()?;
    let mut text = Vec::new();
    rebuild.write_to(&mut text);
    // The bytes that stay are coded as those of the file would be.
    (text.len() + payload.len() + OVERHEAD < file.len()).then_some((text, payload))
}

/// Blocks of a band, which is coded apart from others so that two cores can work: fewer make a file larger.
const BAND: usize = 1 << 16;

/// Bands of a picture. At the highest level size counts more than time.
fn bands(coefficients: &Coefficients, level: Level) -> usize {
    if level == Level::Max { 1 } else { (coefficients.blocks() / BAND).clamp(1, 16) }
}
