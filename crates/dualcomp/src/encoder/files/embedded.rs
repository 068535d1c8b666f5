//! Files among bytes: JPEG files, whose coefficients are coded apart, what rebuilds the file standing in their place;
//! and deflate streams, in whose place their text stands.

use dualcomp_jpeg::{Coefficients, Limits, parse};

use crate::codec;
use crate::codec::v1::jpeg::Profile;
use crate::codec::v1::jpeg_file;
use crate::encoder::files::deflate;
use crate::encoder::files::extent::FileKind;
use crate::encoder::files::find_files::{Effort, Ends, Finder, Found};
use crate::encoder::files::is_longer::is_longer;
use crate::encoder::files::png_rows;
use crate::format::file::span::SpanMethod;
use crate::options::{EncoderOptions, Level};
use crate::runtime::model_source::ModelSource;

/// Bytes of coefficients at most: decoders have them in memory twice, and have 1 GiB by default.
const MAX_COEFFICIENTS: u64 = 256 << 20;
/// Bytes of memory that decoders have by default.
pub(super) const MEMORY: u64 = 1 << 30;
/// Bytes that a decoder needs for a deflate stream beside what it holds of it: tables, and groups of its parts.
const DEFLATE: u64 = codec::v1::deflate::MEMORY + (1 << 20);
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

/// What a file is inside of.
#[derive(Clone, Copy)]
struct Around {
    /// Files inside each other, this one among them.
    depth: u32,
    /// Bytes of memory that a decoder holds beside the file.
    held: u64,
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
    ///
    /// A decoder holds so many bytes of memory beside it. What was done in vain is counted.
    pub(crate) fn new(
        (kind, file): (FileKind, &[u8]),
        options: &EncoderOptions,
        source: &ModelSource,
        held: u64,
        effort: &mut Effort,
    ) -> Option<Self> {
        Self::inside((kind, file), options, source, Around { depth: 1, held }, effort)
    }

    fn inside(
        file: (FileKind, &[u8]),
        options: &EncoderOptions,
        source: &ModelSource,
        around: Around,
        effort: &mut Effort,
    ) -> Option<Self> {
        let (come, mut spent) = (effort.come, 0);
        let found = Self::tried(file, options, source, around, effort, &mut spent);
        if found.is_none() {
            // Nor does a text count that is coded nowhere.
            effort.come = come;
            effort.vain += spent;
        }
        found
    }

    fn tried(
        (kind, file): (FileKind, &[u8]),
        options: &EncoderOptions,
        source: &ModelSource,
        around: Around,
        effort: &mut Effort,
        spent: &mut u64,
    ) -> Option<Self> {
        let (text, payload, method) = match kind {
            FileKind::Jpeg => {
                let (text, payload) = jpeg(file, options.level, options.threads, around.held, spent)?;
                (text, payload, SpanMethod::Jpeg)
            }
            _ => {
                let (text, payload) = deflate::apart(kind, file, spent)?;
                let need = text.len() + payload.len() + 2 * file.len();
                if around.held + need as u64 + DEFLATE > MEMORY {
                    return None;
                }
                (text, payload, SpanMethod::Deflate)
            }
        };
        let sum = crc32fast::hash(file);
        let whole = CodedSpan { start: 0, len: 0, file_len: file.len(), method, sum, payload };
        let mut found = Self { text: Vec::new(), spans: vec![whole] };
        if let FileKind::Png(header) = kind
            && let Some((filters, payload)) =
                png_rows::apart(&text, header, options, source, around.held + found.spans[0].payload.len() as u64)
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
        let mut finder = Finder::with_effort(*effort);
        // Meanwhile a decoder holds the text, and what makes the file of it.
        let held = around.held + text.len() as u64 + found.spans[0].payload.len() as u64;
        let around = Around { depth: around.depth + 1, held };
        finder.push(&text, Ends::Flush, |part| found.append(part, options, source, around));
        *effort = finder.effort;
        found.spans[0].len = found.text.len();
        let payloads: usize = found.spans.iter().map(|span| span.payload.len() + OVERHEAD).sum();
        (payloads < file.len() && !is_longer(&found.text, file.len() - payloads, options.level, spent)).then_some(found)
    }

    /// Appends what is inside a file, which may be a file too.
    fn append(&mut self, found: Found<'_>, options: &EncoderOptions, source: &ModelSource, around: Around) -> bool {
        match found {
            Found::Bytes(bytes) => self.text.extend_from_slice(bytes),
            Found::File(..) if around.depth > MAX_DEPTH => return false,
            Found::File(kind, file, effort) => {
                let Some(inner) = Self::inside((kind, file), options, source, around, effort) else { return false };
                let start = self.text.len();
                self.spans.extend(inner.spans.into_iter().map(|span| CodedSpan { start: span.start + start, ..span }));
                self.text.extend(inner.text);
            }
        }
        true
    }
}

/// What rebuilds a JPEG file, and its coefficients, coded; nothing if a decoder that holds so many bytes beside them
/// has too little memory.
fn jpeg(file: &[u8], level: Level, threads: usize, held: u64, spent: &mut u64) -> Option<(Vec<u8>, Vec<u8>)> {
    let limits = Limits::default().with_max_coefficient_bytes(MAX_COEFFICIENTS);
    let (coefficients, rebuild) = parse(file, &limits).ok()?;
    *spent += (size_of::<[i16; 64]>() * coefficients.blocks()) as u64;
    let profile = match level {
        Level::Fast => Profile::Fast,
        Level::Default => Profile::Default,
        Level::Max => Profile::Max,
    };
    let mut text = Vec::new();
    rebuild.write_to(&mut text);
    let fits = |payload: &[u8]| held + jpeg_file::memory(&coefficients, &rebuild, &text, payload) <= MEMORY;
    // Before it is coded, too: such files take seconds.
    if !fits(&[]) {
        return None;
    }
    let payload = jpeg_file::encode(&coefficients, profile, bands(&coefficients, level), threads).ok()?;
    if !fits(&payload) {
        return None;
    }
    // The bytes that stay are coded as those of the file would be.
    (text.len() + payload.len() + OVERHEAD < file.len()).then_some((text, payload))
}

/// Blocks of a band, which is coded apart from others so that two cores can work: fewer make a file larger.
const BAND: usize = 1 << 16;

/// Bands of a picture. At the highest level size counts more than time.
fn bands(coefficients: &Coefficients, level: Level) -> usize {
    if level == Level::Max { 1 } else { (coefficients.blocks() / BAND).clamp(1, 16) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Budget, decode_jpeg};
    use crate::format::version::FormatVersion;

    /// A picture of 10,000 blocks, most of which are not in the file, and bytes behind it.
    fn large() -> Vec<u8> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/jpeg/grey.jpg");
        let mut file = std::fs::read(path).unwrap();
        let frame = file.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
        file[frame + 5..frame + 9].copy_from_slice(&[800_u16.to_be_bytes(), 800_u16.to_be_bytes()].concat());
        file.resize(4000, b'x');
        file
    }

    #[test]
    fn decoders_have_the_memory_that_a_file_takes() {
        let file = large();
        let limits = Limits::default();
        let (coefficients, rebuild) = parse(&file, &limits).unwrap();
        let mut text = Vec::new();
        rebuild.write_to(&mut text);
        let payload = jpeg_file::encode(&coefficients, Profile::Fast, 2, 1).unwrap();
        let need = jpeg_file::memory(&coefficients, &rebuild, &text, &payload);
        let decode = |memory, threads| {
            let limits = crate::Limits::default().with_max_memory_bytes(memory);
            let (held, work) = (payload.len() as u64, &mut 0);
            let budget = Budget { limits: &limits, held, threads, work, read: 1 << 20 };
            decode_jpeg(FormatVersion::V1, &text, &payload, file.len() as u64, budget)
        };
        // However many threads there are.
        for threads in [1, 2] {
            assert!(decode(need, threads).unwrap() == file);
            assert!(decode(need - 1, threads).is_err());
        }
        let (_, alone) = jpeg(&file, Level::Fast, 1, 0, &mut 0).unwrap();
        let need = jpeg_file::memory(&coefficients, &rebuild, &text, &alone);
        assert!(jpeg(&file, Level::Fast, 1, MEMORY - need, &mut 0).is_some());
        assert!(jpeg(&file, Level::Fast, 1, MEMORY - need + 1, &mut 0).is_none());
    }
}
