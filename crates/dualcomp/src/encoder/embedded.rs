//! JPEG files among bytes: their coefficients are coded apart, and what rebuilds the file stands in their place.

use dualcomp_jpeg::{Coefficients, Limits, parse};

use crate::codec::v1::jpeg::Profile;
use crate::codec::v1::jpeg_file;
use crate::encoder::find_files::{Ends, Finder, Found};
use crate::options::Level;

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
    /// CRC-32 of the file.
    pub(crate) sum: u32,
    pub(crate) payload: Vec<u8>,
}

impl Embedded {
    /// Codes a file, unless it is of a kind that has no coder or would become no shorter.
    pub(crate) fn new(file: &[u8], level: Level, threads: usize) -> Option<Self> {
        Self::inside(file, level, threads, 1)
    }

    fn inside(file: &[u8], level: Level, threads: usize, depth: u32) -> Option<Self> {
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
        drop((coefficients, rebuild));
        // The bytes that stay are coded as those of the file would be.
        if text.len() + payload.len() + OVERHEAD >= file.len() {
            return None;
        }
        let whole = CodedSpan { start: 0, len: 0, file_len: file.len(), sum: crc32fast::hash(file), payload };
        let mut found = Self { text: Vec::new(), spans: vec![whole] };
        let mut finder = Finder::default();
        finder.push(&text, Ends::Flush, |part| found.append(part, level, threads, depth));
        found.spans[0].len = found.text.len();
        Some(found)
    }

    /// Appends what is inside a file, which may be a file too.
    fn append(&mut self, found: Found<'_>, level: Level, threads: usize, depth: u32) -> bool {
        match found {
            Found::Bytes(bytes) => self.text.extend_from_slice(bytes),
            Found::File(_) if depth == MAX_DEPTH => return false,
            Found::File(file) => {
                let Some(inner) = Self::inside(file, level, threads, depth + 1) else { return false };
                let start = self.text.len();
                self.spans.extend(inner.spans.into_iter().map(|span| CodedSpan { start: span.start + start, ..span }));
                self.text.extend(inner.text);
            }
        }
        true
    }
}

/// Blocks of a band, which is coded apart from others so that two cores can work: fewer make a file larger.
const BAND: usize = 1 << 16;

/// Bands of a picture. At the highest level size counts more than time.
fn bands(coefficients: &Coefficients, level: Level) -> usize {
    if level == Level::Max { 1 } else { (coefficients.blocks() / BAND).clamp(1, 16) }
}
