//! A stream in, bytes out.

mod charges;
mod chunks;
mod copies;
mod files;
mod rows;
mod streams;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::BytesDecoder;
use crate::copies::copier::Copier;
use crate::decoder::splice::Splicer;
use crate::error::{Error, Result};
use crate::format::file::header::ImageFileInfo;
use crate::format::file::span::FileSpan;
use crate::format::{Chunk, ChunkKind, Event, Header, Kind, Parser};
use crate::limits::Limits;
use crate::options::DecoderOptions;
use crate::progress::{Pending, Progress, Status};
use crate::runtime::model_source::ModelSource;

/// Decompresses a stream of bytes. Does no I/O: the caller passes slices in and out, of any length.
///
/// The bytes of a block come out only after its checksum was found right. When something is wrong, the blocks
/// before it come out first and the error follows in a later call.
///
/// ```
/// use dualcomp::{Decoder, DecoderOptions, Status};
///
/// let stream = dualcomp::compress(b"in and out in slices", &Default::default())?;
/// let mut decoder = Decoder::new(DecoderOptions::default());
/// let (mut bytes, mut room) = (Vec::new(), [0; 8]);
/// for mut slice in stream.chunks(5) {
///     loop {
///         let progress = decoder.decode(slice, &mut room)?;
///         slice = &slice[progress.consumed..];
///         bytes.extend_from_slice(&room[..progress.produced]);
///         if progress.status != Status::NeedsOutput {
///             break;
///         }
///     }
/// }
/// decoder.finish()?; // fails if the stream is cut short
/// assert_eq!(bytes, b"in and out in slices");
/// # Ok::<(), dualcomp::Error>(())
/// ```
pub struct Decoder {
    options: DecoderOptions,
    source: ModelSource,
    parser: Parser,
    /// Whether the input so far is whole streams, at least one.
    ended: bool,
    header: Option<Header>,
    /// The chunk whose body comes, and its kind if that is known.
    chunk: Option<(Chunk, Option<ChunkKind>)>,
    coder: Option<BytesDecoder>,
    /// Spans that stand for files.
    splicer: Splicer<CodedFile>,
    /// Spans inside no other that have not ended.
    outermost: VecDeque<Range<u64>>,
    /// What the stream says of the image file that it holds.
    file: Option<ImageFileInfo>,
    pending: Pending,
    /// Bytes of the last block on their way through the spans.
    passing: Option<Passing>,
    fill: Option<(u8, u64)>,
    /// The window and the copies of the stream, if it has a window.
    copier: Option<Copier>,
    /// Bytes decoded so far, over all streams: those of files in place of those of their spans.
    decoded: u64,
    /// Those of them that had to be computed.
    computed: u64,
    /// Units of work so far, over all streams.
    work: u64,
    /// Blocks of this stream, their length in bytes, and the checksum of what they decode to.
    blocks: u64,
    given: u64,
    checksum: crc32fast::Hasher,
    /// Chunks since the last block that mean nothing to this library.
    passed: u64,
    /// Whether a whole stream came before this one.
    follows: bool,
    failure: Failure,
}

/// Decoded bytes that spans are replaced in, a file at a time.
struct Passing {
    bytes: Vec<u8>,
    /// Those that have passed.
    passed: usize,
    /// Where their chunk starts.
    offset: u64,
}

/// A file that a span stands for.
struct CodedFile {
    span: FileSpan,
    payload: Vec<u8>,
    chunk: Chunk,
}

enum Failure {
    None,
    /// To be reported when the bytes before it are out.
    Waiting(Error),
    Reported,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("options", &self.options).field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Decoder {
    /// A decoder that knows this library's own model, which is loaded only if a block needs it.
    pub fn new(options: DecoderOptions) -> Self {
        Self::with_source(options, ModelSource::Embedded)
    }

    /// A decoder that knows the caller's model, or no model at all.
    pub fn with_predictor(options: DecoderOptions, predictor: Option<Arc<dyn Predictor>>) -> Self {
        Self::with_source(options, ModelSource::Given(predictor))
    }

    pub(super) fn with_source(options: DecoderOptions, source: ModelSource) -> Self {
        Self {
            options,
            source,
            parser: Parser::new(),
            ended: false,
            header: None,
            chunk: None,
            coder: None,
            splicer: Splicer::default(),
            outermost: VecDeque::new(),
            file: None,
            pending: Pending::default(),
            passing: None,
            fill: None,
            copier: None,
            decoded: 0,
            computed: 0,
            work: 0,
            blocks: 0,
            given: 0,
            checksum: crc32fast::Hasher::new(),
            passed: 0,
            follows: false,
            failure: Failure::None,
        }
    }

    /// Takes input and gives out what it decodes to.
    ///
    /// The status is [`Status::Done`] when a stream has ended and nothing is left to give out. Input after that
    /// is decoded as another stream if [`DecoderOptions::concatenated`] is set, else left alone.
    ///
    /// # Errors
    /// [`Error::Format`], [`Error::LimitsExceeded`], [`Error::UnknownModel`] and [`Error::UnknownDictionary`] for what the
    /// data is or needs; [`Error::Model`] if the model fails; [`Error::Parameter`] after any of these, and if this thread
    /// rounds floating-point numbers in another way than streams are defined by.
    pub fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress> {
        match std::mem::replace(&mut self.failure, Failure::None) {
            Failure::None => {}
            Failure::Waiting(error) => {
                self.failure = Failure::Reported;
                return Err(error);
            }
            Failure::Reported => {
                self.failure = Failure::Reported;
                return Err(Error::parameter("the decoder has failed"));
            }
        }
        let mut progress = Progress { consumed: 0, produced: 0, status: Status::NeedsOutput };
        match self.advance(input, output, &mut progress) {
            Ok(status) => progress.status = status,
            Err(error) if progress.produced == 0 => {
                self.failure = Failure::Reported;
                return Err(error);
            }
            Err(error) => self.failure = Failure::Waiting(error),
        }
        Ok(progress)
    }

    /// Whether the input so far is whole streams, at least one, and all they decode to was given out.
    pub fn is_finished(&self) -> bool {
        self.ended && self.is_drained() && matches!(self.failure, Failure::None)
    }

    /// Says that no more input will come.
    ///
    /// # Errors
    /// [`FormatErrorKind::Truncated`](crate::FormatErrorKind::Truncated) if the input was not whole streams, or none at all;
    /// [`Error::Parameter`] if the decoder failed or has more to give out.
    pub fn finish(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.failure, Failure::Reported) {
            Failure::None => self.failure = Failure::None,
            Failure::Waiting(error) => return Err(error),
            Failure::Reported => return Err(Error::parameter("the decoder has failed")),
        }
        if !self.is_drained() {
            return Err(Error::parameter("the decoder has more to give out"));
        }
        if !self.ended {
            return Err(self.parser.truncated());
        }
        Ok(())
    }

    /// Bytes of input that cannot complete a block, so that taking them does no long work; 0 if the next byte may
    /// complete a block. For callers that choose where long work is done: they pass at most this many bytes, and at 0
    /// one byte with an empty output. The block then waits inside the decoder.
    pub fn room(&self) -> usize {
        self.parser.before_body()
    }

    /// Whether the next call begins with long work that needs no input: a file of the stream is to be made. For callers that
    /// choose where long work is done: they pass no input and an empty output. The file then waits inside the decoder.
    pub fn has_file_due(&self) -> bool {
        self.passing.is_some() && self.pending.is_empty()
    }

    /// Goes on after the end of a stream, even if [`DecoderOptions::concatenated`] is not set: what comes next is
    /// another stream. What [`Limits`](crate::Limits) bound goes on counting. Does nothing unless the decoder
    /// [is finished](Self::is_finished).
    pub fn next_stream(&mut self) {
        if self.is_finished() {
            self.open_next();
        }
    }

    /// Prepares for another, unrelated stream: forgets everything but the options and the model.
    pub fn reset(&mut self) {
        *self = Self::with_source(self.options.clone(), self.source.clone());
    }

    /// What the stream says of the image file that it holds, once its header was read. The stream then decodes to that
    /// file.
    pub fn image_file(&self) -> Option<ImageFileInfo> {
        self.file
    }

    /// Whether a stream of bytes was opened, one that holds no image file.
    pub(crate) fn is_bytes(&self) -> bool {
        self.header.is_some_and(|header| header.kind == Kind::Bytes)
    }

    /// What decoding may use.
    pub(crate) fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// Replaces the limits for what comes next.
    pub(crate) fn set_limits(&mut self, limits: Limits) {
        self.options.limits = limits;
    }

    /// Whether input after the end of a stream is another stream.
    pub(crate) fn reads_on(&self) -> bool {
        self.options.concatenated
    }

    fn is_drained(&self) -> bool {
        let due = self.copier.as_ref().is_some_and(|copier| copier.until_copy() == 0);
        self.pending.is_empty() && self.passing.is_none() && self.fill.is_none() && !due
    }

    fn advance(&mut self, input: &[u8], output: &mut [u8], progress: &mut Progress) -> Result<Status> {
        loop {
            progress.produced += self.drain(&mut output[progress.produced..]);
            // A call makes one file at most, and what comes before it is not kept waiting.
            if self.has_file_due() && progress.produced == 0 {
                self.pass_on()?;
                continue;
            }
            if !self.is_drained() {
                return Ok(Status::NeedsOutput);
            }
            let rest = &input[progress.consumed..];
            if self.ended {
                if rest.is_empty() || !self.options.concatenated {
                    return Ok(Status::Done);
                }
                self.open_next();
            }
            let (taken, event) = self.parser.push(rest).map_err(|error| self.trailing(error))?;
            progress.consumed += taken;
            match event {
                None => return Ok(Status::NeedsInput),
                Some(Event::Header(header)) => {
                    self.open(header)?;
                }
                Some(Event::Chunk(chunk)) => self.announce(chunk)?,
                Some(Event::Body(body)) => self.body(&body)?,
            }
        }
    }
}
