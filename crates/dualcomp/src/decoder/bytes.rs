//! A stream in, bytes out.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::{self, Budget, BytesDecoder, CHUNK_WORK, STREAM_WORK, block_work, coder_work, file_work};
use crate::decoder::splice::{Span, Splicer};
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::block::{CodedBlock, MAX_BODY, Substreams};
use crate::format::bytes_params::BytesParams;
use crate::format::file_header::{ImageFileInfo, MAX_FILE_HEADER_BODY};
use crate::format::file_span::{FileSpan, MAX_SPAN_BODY};
use crate::format::{
    CHECKSUM_LEN, Chunk, ChunkKind, Event, Header, Kind, MAX_BLOCK, MAX_FILL, Parser, plain_body, split_checksum,
    take_number, verify_checksum, with_type,
};
use crate::limits::Limits;
use crate::options::DecoderOptions;
use crate::progress::{Pending, Progress, Status};
use crate::runtime::model_source::ModelSource;

/// The longest body of a fill: checksum, length, byte.
const MAX_FILL_BODY: usize = CHECKSUM_LEN + 5 + 1;
/// The longest body of an end: checksum, length.
const MAX_END_BODY: usize = CHECKSUM_LEN + 10;
/// Chunks of unknown kinds that may follow each other.
const MAX_PASSED: u64 = 1024;
/// Bytes a substream may remember beside its table.
const HISTORY: u64 = 16 << 20;

/// Decompresses a stream of bytes. Does no I/O: the caller passes slices in and out, of any length.
///
/// The bytes of a block come out only after its checksum was found right. When something is wrong, the blocks
/// before it come out first and the error follows in a later call.
///
/// ```
/// use dualcomp::{Decoder, DecoderOptions, Status};
///
/// let stream = dualcomp::compress(b"in and out in slices", &Default::default())?;
/// let mut decoder = Decoder::new(DecoderOptions::default())?;
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
    /// The last byte of the outermost span so far, and one.
    spans_end: u64,
    /// What the stream says of the image file that it holds.
    file: Option<ImageFileInfo>,
    pending: Pending,
    fill: Option<(u8, u64)>,
    /// Bytes decoded so far, over all streams.
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
    ///
    /// # Errors
    /// None at present.
    pub fn new(options: DecoderOptions) -> Result<Self> {
        Self::with_source(options, ModelSource::Embedded)
    }

    /// A decoder that knows the caller's model, or no model at all.
    ///
    /// # Errors
    /// None at present.
    pub fn with_predictor(options: DecoderOptions, predictor: Option<Arc<dyn Predictor>>) -> Result<Self> {
        Self::with_source(options, ModelSource::Given(predictor))
    }

    fn with_source(options: DecoderOptions, source: ModelSource) -> Result<Self> {
        Ok(Self {
            options,
            source,
            parser: Parser::new(),
            ended: false,
            header: None,
            chunk: None,
            coder: None,
            splicer: Splicer::default(),
            spans_end: 0,
            file: None,
            pending: Pending::default(),
            fill: None,
            decoded: 0,
            computed: 0,
            work: 0,
            blocks: 0,
            given: 0,
            checksum: crc32fast::Hasher::new(),
            passed: 0,
            follows: false,
            failure: Failure::None,
        })
    }

    /// Takes input and gives out what it decodes to.
    ///
    /// The status is [`Status::Done`] when a stream has ended and nothing is left to give out. Input after that
    /// is decoded as another stream if [`DecoderOptions::concatenated`] is set, else left alone.
    ///
    /// # Errors
    /// [`Error::Format`], [`Error::LimitsExceeded`] and [`Error::UnknownModel`] for what the data is or needs;
    /// [`Error::Model`] if the model fails; [`Error::Parameter`] after any of these.
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
    /// [`FormatErrorKind::Truncated`] if the input was not whole streams, or none at all;
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

    /// Goes on after the end of a stream, even if [`DecoderOptions::concatenated`] is not set: what comes next is
    /// another stream. What [`Limits`] bound goes on counting. Does nothing unless the decoder
    /// [is finished](Self::is_finished).
    pub fn next_stream(&mut self) {
        if self.is_finished() {
            self.open_next();
        }
    }

    /// Prepares for another, unrelated stream: forgets everything but the options and the model.
    pub fn reset(&mut self) {
        self.parser = Parser::new();
        self.ended = false;
        self.header = None;
        self.chunk = None;
        self.coder = None;
        self.splicer = Splicer::default();
        self.spans_end = 0;
        self.file = None;
        self.pending = Pending::default();
        self.fill = None;
        self.decoded = 0;
        self.computed = 0;
        self.work = 0;
        self.begin();
        self.follows = false;
        self.failure = Failure::None;
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

    /// Whether input after the end of a stream is another stream.
    pub(crate) fn reads_on(&self) -> bool {
        self.options.concatenated
    }

    fn is_drained(&self) -> bool {
        self.pending.is_empty() && self.fill.is_none()
    }

    fn advance(&mut self, input: &[u8], output: &mut [u8], progress: &mut Progress) -> Result<Status> {
        loop {
            progress.produced += self.drain(&mut output[progress.produced..]);
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

    /// Begins a stream.
    fn open(&mut self, header: Header) -> Result<()> {
        let offset = self.parser.offset() - crate::format::HEADER_LEN as u64;
        if self.follows && (header.kind == Kind::ImageFile || self.file.is_some()) {
            let detail = "something else comes before or after the image file";
            return Err(Error::format(FormatErrorKind::TrailingData, offset, detail));
        }
        if header.kind != Kind::ImageFile {
            header.expect(Kind::Bytes, offset)?;
        }
        self.charge(STREAM_WORK)?;
        self.header = Some(header);
        Ok(())
    }

    /// Forgets the blocks of the stream before.
    fn begin(&mut self) {
        self.blocks = 0;
        self.given = 0;
        self.checksum = crc32fast::Hasher::new();
        self.passed = 0;
        self.splicer = Splicer::default();
        self.spans_end = 0;
    }

    fn open_next(&mut self) {
        self.parser.restart();
        self.begin();
        self.follows = true;
        self.ended = false;
    }

    /// What does not start as a stream after a stream is something else than a wrong file.
    fn trailing(&self, error: Error) -> Error {
        match error {
            Error::Format(format) if self.follows && format.kind() == FormatErrorKind::NotDualComp => Error::format(
                FormatErrorKind::TrailingData,
                format.offset().unwrap_or_default(),
                "something else follows the end of the stream",
            ),
            error => error,
        }
    }

    fn drain(&mut self, output: &mut [u8]) -> usize {
        let mut count = self.pending.drain(output);
        if let Some((byte, left)) = &mut self.fill {
            let run = (output.len() - count).min(usize::try_from(*left).unwrap_or(usize::MAX));
            output[count..count + run].fill(*byte);
            *left -= run as u64;
            count += run;
            if *left == 0 {
                self.fill = None;
            }
        }
        self.checksum.update(&output[..count]);
        self.given += count as u64;
        count
    }

    /// Decides about a chunk before its body comes.
    fn announce(&mut self, chunk: Chunk) -> Result<()> {
        self.charge(CHUNK_WORK)?;
        let holds_file = self.header.is_some_and(|header| header.kind == Kind::ImageFile);
        if (holds_file && self.file.is_none()) != (chunk.kind() == Some(ChunkKind::FileHeader)) {
            return Err(chunk.corrupt("the file header is missing or out of place"));
        }
        let longest = match chunk.kind() {
            None if chunk.last => return Err(chunk.corrupt("the stream ends with a chunk of an unknown kind")),
            None => {
                self.passed += 1;
                if self.passed > MAX_PASSED {
                    return Err(chunk.corrupt("too many chunks of unknown kinds follow each other"));
                }
                self.parser.pass(chunk)?;
                self.chunk = Some((chunk, None));
                return Ok(());
            }
            Some(ChunkKind::Empty) if chunk.last && self.blocks == 0 => 0,
            Some(ChunkKind::Empty) => return Err(chunk.corrupt("an empty chunk is all of its stream")),
            Some(ChunkKind::End) if chunk.last => MAX_END_BODY,
            Some(ChunkKind::End) => return Err(chunk.corrupt("the stream goes on behind its end")),
            Some(ChunkKind::FileHeader) if !chunk.last => MAX_FILE_HEADER_BODY,
            Some(ChunkKind::FileSpan) if !chunk.last => MAX_SPAN_BODY,
            Some(kind) if !kind.is_tile() => return Err(chunk.corrupt("a chunk of an image in a stream of bytes")),
            Some(_) if chunk.last && self.blocks > 0 => {
                return Err(chunk.corrupt("a stream of several blocks ends without their checksum"));
            }
            Some(ChunkKind::Stored) => CHECKSUM_LEN + MAX_BLOCK,
            Some(ChunkKind::ContextsOnly | ChunkKind::Network) => MAX_BODY,
            Some(ChunkKind::Fill) => MAX_FILL_BODY,
            Some(_) => return Err(chunk.corrupt("a chunk of an image in a stream of bytes")),
        };
        if chunk.len > longest as u64 {
            return Err(chunk.corrupt("the chunk is longer than its kind allows"));
        }
        self.options.limits.check_memory(self.splicer.memory().saturating_add(chunk.len))?;
        self.parser.gather(longest);
        self.chunk = Some((chunk, chunk.kind()));
        Ok(())
    }

    fn body(&mut self, body: &[u8]) -> Result<()> {
        // The parser gives a body only after its chunk.
        let Some((chunk, kind)) = self.chunk.take() else { return Ok(()) };
        if let Some(kind) = kind {
            self.block(&chunk, kind, body)
                .and_then(|()| self.complete(&chunk))
                .map_err(|error| error.at(chunk.offset))?;
        }
        if chunk.last {
            self.ended = true;
            // Frees the contexts: the decoder may be kept, or its last block wait to be taken.
            self.coder = None;
        }
        Ok(())
    }

    fn block(&mut self, chunk: &Chunk, kind: ChunkKind, body: &[u8]) -> Result<()> {
        self.passed = 0;
        self.blocks += u64::from(kind.is_tile() || matches!(kind, ChunkKind::FileSpan | ChunkKind::FileHeader));
        match kind {
            ChunkKind::Stored => {
                let (sum, raw) = split_checksum(body)?;
                if raw.is_empty() {
                    return Err(chunk.corrupt("the block is empty"));
                }
                self.count(raw.len() as u64)?;
                self.charge(raw.len() as u64 >> 10)?;
                verify_checksum(raw, sum, chunk)?;
                self.pass(raw.to_vec())?;
            }
            ChunkKind::Fill => {
                let mut content = plain_body(body, chunk)?;
                let len = take_number(&mut content)?;
                let &[byte] = content else { return Err(chunk.corrupt("a fill has one byte")) };
                if !(1..=MAX_FILL).contains(&len) {
                    return Err(chunk.corrupt("the length of the fill is out of range"));
                }
                self.count(len)?;
                self.charge(len >> 10)?;
                if self.splicer.fill(byte, len)? {
                    self.fill = Some((byte, len));
                } else {
                    self.pass(Vec::new())?;
                }
            }
            ChunkKind::FileSpan => self.span(chunk, body)?,
            ChunkKind::FileHeader => self.file = Some(ImageFileInfo::parse(chunk, body)?),
            ChunkKind::ContextsOnly | ChunkKind::Network => self.coded(chunk, kind == ChunkKind::Network, body)?,
            ChunkKind::End => self.end(chunk, body)?,
            _ => {}
        }
        Ok(())
    }

    /// Compares the stream with what its last chunk says of it. All of it was given out before.
    fn end(&self, chunk: &Chunk, body: &[u8]) -> Result<()> {
        let (sum, mut rest) = split_checksum(body)?;
        let len = take_number(&mut rest)?;
        if !rest.is_empty() {
            return Err(chunk.corrupt("the last chunk is too long"));
        }
        if len != self.given || with_type(self.checksum.clone().finalize(), chunk.byte()) != sum {
            let detail = "the stream does not match its length and checksum: blocks are missing, added or out of order";
            return Err(Error::format(FormatErrorKind::Checksum, chunk.offset, detail));
        }
        Ok(())
    }

    fn coded(&mut self, chunk: &Chunk, network: bool, body: &[u8]) -> Result<()> {
        let block = CodedBlock::parse(body, network)?;
        self.count(block.raw_len as u64)?;
        self.computed = self.computed.saturating_add(block.raw_len as u64);
        self.options.limits.check_ratio(self.computed, self.parser.offset())?;
        // The parser gives chunks only after a header.
        let Some(Header { version, model, params: Some(params), .. }) = self.header else { return Ok(()) };
        check_memory(
            &self.options.limits,
            params,
            block.plan.substreams,
            body.len() + 3 * block.raw_len + self.splicer.memory() as usize,
        )?;
        let made = self.coder.as_ref().map_or(0, BytesDecoder::substreams);
        let coders = block.plan.substreams.count().saturating_sub(made) as u64;
        self.charge(block_work(params, network, block.raw_len) + coders * coder_work(params))?;
        let predictor = self.source.predictor_with(model)?;
        if network && predictor.is_none() {
            return Err(Error::UnknownModel { id: model });
        }
        let coder =
            self.coder.get_or_insert_with(|| BytesDecoder::new(version, params, predictor, self.options.threads));
        let raw = coder.decode(&block)?;
        if raw.len() != block.raw_len {
            return Err(Error::corrupt("the block has another length than it says"));
        }
        verify_checksum(&raw, block.sum, chunk)?;
        self.pass(raw)
    }

    /// Takes note of a span that stands for a file.
    fn span(&mut self, chunk: &Chunk, body: &[u8]) -> Result<()> {
        let (span, payload) = FileSpan::parse(body)?;
        let start = self.splicer.position().saturating_add(span.skip);
        // Of spans inside each other, the outermost is what comes out.
        if start >= self.spans_end {
            self.spans_end = start.saturating_add(span.len);
            self.count(span.file_len)?;
            self.decoded = self.decoded.saturating_sub(span.len);
        }
        self.computed = self.computed.saturating_add(span.file_len);
        self.options.limits.check_ratio(self.computed, self.parser.offset())?;
        self.charge(file_work(span.file_len, payload))?;
        let memory = payload.len() as u64;
        let len = span.len;
        let content = CodedFile { span, payload: payload.to_vec(), chunk: *chunk };
        self.splicer.announce(Span { start, len, content, memory }, &self.options.limits)
    }

    /// Gives out decoded bytes, with files in the place of the spans that stand for them.
    fn pass(&mut self, raw: Vec<u8>) -> Result<()> {
        if self.splicer.is_idle() {
            self.splicer.skip(raw.len() as u64);
            self.pending.bytes = raw;
            return Ok(());
        }
        // The parser gives chunks only after a header.
        let Some(header) = self.header else { return Ok(()) };
        let (limits, threads) = (&self.options.limits, self.options.threads);
        self.splicer.push(&raw, &mut self.pending.bytes, |CodedFile { span, payload, chunk }, text, held| {
            let budget = Budget { limits, held: held.saturating_add(payload.len() as u64), threads };
            let file = codec::decode_file(header.version, span.method, &text, &payload, span.file_len, budget);
            let file = file.map_err(|error| error.at(chunk.offset))?;
            verify_checksum(&file, span.sum, &chunk)?;
            Ok(file)
        })
    }

    /// Checks at the end of a stream that nothing is missing.
    fn complete(&self, chunk: &Chunk) -> Result<()> {
        if chunk.last && !self.splicer.is_idle() {
            return Err(chunk.corrupt("a span goes on behind the end of the stream"));
        }
        Ok(())
    }

    /// Counts work, before it is done.
    fn charge(&mut self, units: u64) -> Result<()> {
        self.work = self.work.saturating_add(units);
        self.options.limits.check_work(self.work, self.parser.offset())
    }

    /// Counts output, before it is made.
    fn count(&mut self, len: u64) -> Result<()> {
        let decoded = self.decoded.saturating_add(len);
        self.options.limits.check_output(decoded)?;
        self.decoded = decoded;
        Ok(())
    }
}

fn check_memory(limits: &Limits, params: BytesParams, substreams: Substreams, blocks: usize) -> Result<()> {
    limits.check_memory(substreams.count() as u64 * (4 * params.counters() as u64 + HISTORY) + blocks as u64)
}
