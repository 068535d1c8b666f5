//! Bytes in, a stream out.

mod blocks;
pub(crate) mod choose_block;
mod copies;
mod plan;
mod records;
mod text;
pub(crate) mod train_dictionary;

use std::collections::VecDeque;
use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::codec::v1::bytes::BytesCoder;
use crate::encoder::bytes::choose_block::{BLOCK, MAX_SPANS};
use crate::encoder::bytes::copies::Copies;
use crate::encoder::bytes::plan::Way;
use crate::encoder::bytes::records::Records;
use crate::encoder::files::embedded::CodedSpan;
use crate::encoder::files::find_files::{Ends, Finder};
use crate::error::{Error, Result};
use crate::format::bytes_params::BytesParams;
use crate::format::file::header::ImageFileInfo;
use crate::options::EncoderOptions;
use crate::progress::{Pending, Progress, Status};
use crate::runtime::model_source::ModelSource;

/// Compresses bytes. Does no I/O: the caller passes slices in and out, of any length.
///
/// Input gathers until a block of 1 MiB is full, [`flush`](Self::flush) asks for what there is, or
/// [`finish`](Self::finish) ends the stream. Memory: the block twice, context tables of up to 28 MiB, and 1.3 bytes for
/// each byte of the stream up to 8 MiB; the [window](EncoderOptions::window). At [`Level::Max`](crate::Level::Max) the
/// tables take 104 MiB where [`size_hint`](EncoderOptions::size_hint) says 4 MiB or more.
///
/// ```
/// use dualcomp::{Encoder, EncoderOptions, Level, Status};
///
/// let mut encoder = Encoder::new(EncoderOptions::default().with_level(Level::Fast));
/// let mut stream = Vec::new();
/// let mut room = [0; 512];
/// let mut input = &b"one slice after the other"[..];
/// while !input.is_empty() {
///     let progress = encoder.encode(input, &mut room)?;
///     input = &input[progress.consumed..];
///     stream.extend_from_slice(&room[..progress.produced]);
/// }
/// loop {
///     let progress = encoder.finish(&mut room)?;
///     stream.extend_from_slice(&room[..progress.produced]);
///     if progress.status == Status::Done {
///         break;
///     }
/// }
/// assert_eq!(dualcomp::decompress(&stream, &Default::default())?, b"one slice after the other");
/// # Ok::<(), dualcomp::Error>(())
/// ```
pub struct Encoder {
    options: EncoderOptions,
    source: ModelSource,
    /// Input that was not looked at.
    buffer: Vec<u8>,
    /// What finds copies in it, chosen when it is first looked at.
    copies: Option<Copies>,
    /// What finds files in the input.
    finder: Option<Finder>,
    /// Input that is in no file, in which copies were not looked for.
    loose: Vec<u8>,
    /// What the next blocks are made of: input, and what stands in the place of files.
    text: Vec<u8>,
    /// Bytes of blocks that were made.
    position: u64,
    /// Spans of the text that stand for files, by their start.
    spans: VecDeque<(u64, CodedSpan)>,
    /// Where the last of them ends.
    spans_end: u64,
    /// Bytes of their payloads.
    spans_len: usize,
    /// Chunks to be given out before the next block.
    before: Vec<u8>,
    /// How many they are.
    spans_before: u64,
    begins_with_file: bool,
    /// What the file shows that the stream is to hold, if it is to hold an image file.
    file: Option<ImageFileInfo>,
    pending: Pending,
    /// Bytes of one value that wait for more of it.
    fill: Option<(u8, u64)>,
    /// Chosen with the header.
    params: Option<BytesParams>,
    coder: Option<BytesCoder>,
    /// How blocks are coded; chosen with the first one that is.
    way: Option<Way>,
    records: Records,
    /// Whether the header is out.
    started: bool,
    /// Blocks that are out.
    blocks: u64,
    /// Of all input, and its length in bytes.
    checksum: crc32fast::Hasher,
    taken: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Finished,
    Failed,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("options", &self.options).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Encoder {
    /// An encoder with this library's own model, which is loaded only if a block needs it.
    pub fn new(options: EncoderOptions) -> Self {
        Self::with_source(options, ModelSource::Embedded)
    }

    /// An encoder with the caller's model, or without a model at all.
    pub fn with_predictor(options: EncoderOptions, predictor: Option<Arc<dyn Predictor>>) -> Self {
        Self::with_source(options, ModelSource::Given(predictor))
    }

    /// An encoder of a stream that holds an image file.
    pub(crate) fn of_image_file(options: EncoderOptions, info: ImageFileInfo) -> Self {
        let mut encoder = Self::with_source(options.with_dictionary(None), ModelSource::Given(None));
        encoder.file = Some(info);
        encoder
    }

    /// Whether the input began with a file whose coefficients are coded apart.
    pub(crate) fn begins_with_file(&self) -> bool {
        self.begins_with_file
    }

    fn with_source(options: EncoderOptions, source: ModelSource) -> Self {
        let finder = options.find_files.then(Finder::default);
        Self {
            options,
            source,
            buffer: Vec::new(),
            copies: None,
            finder,
            loose: Vec::new(),
            text: Vec::new(),
            position: 0,
            spans: VecDeque::new(),
            spans_end: 0,
            spans_len: 0,
            before: Vec::new(),
            spans_before: 0,
            begins_with_file: false,
            file: None,
            pending: Pending::default(),
            fill: None,
            params: None,
            coder: None,
            way: None,
            records: Records::default(),
            started: false,
            blocks: 0,
            checksum: crc32fast::Hasher::new(),
            taken: 0,
            state: State::Open,
        }
    }

    /// Takes input and gives out what is ready. The status is never [`Status::Done`].
    ///
    /// # Errors
    /// [`Error::Model`] if the model fails, [`Error::Parameter`] after [`finish`](Self::finish) or an error.
    pub fn encode(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress> {
        if self.state != State::Open {
            return Err(Error::parameter("the encoder has finished or failed"));
        }
        let (mut consumed, mut produced) = (0, 0);
        loop {
            produced += self.pending.drain(&mut output[produced..]);
            if !self.pending.is_empty() {
                return Ok(Progress { consumed, produced, status: Status::NeedsOutput });
            }
            if consumed == input.len() {
                return Ok(Progress { consumed, produced, status: Status::NeedsInput });
            }
            // A full block waits for the byte after it, because the last block says that it is the last.
            if self.room() == 0 {
                self.make_room()?;
                continue;
            }
            let count = self.room().min(input.len() - consumed);
            self.buffer.extend_from_slice(&input[consumed..consumed + count]);
            self.checksum.update(&input[consumed..consumed + count]);
            self.taken += count as u64;
            consumed += count;
        }
    }

    /// Bytes of input that [`encode`](Self::encode) takes before the work of coding a block; 0 if a block is full.
    pub fn room(&self) -> usize {
        BLOCK - self.buffer.len()
    }

    /// Codes the block if it is full, as [`encode`](Self::encode) does before it takes more: for callers that
    /// choose where long work is done. Only for input that goes on; else [`finish`](Self::finish) codes it. With an
    /// empty output, [`flush`](Self::flush) and [`finish`](Self::finish) too leave the block inside the encoder.
    ///
    /// # Errors
    /// As for [`encode`](Self::encode).
    pub fn make_room(&mut self) -> Result<()> {
        if self.state != State::Open {
            return Err(Error::parameter("the encoder has finished or failed"));
        }
        if self.room() > 0 {
            return Ok(());
        }
        self.guarded(|this| {
            this.absorb(Ends::No);
            this.full_blocks()?;
            this.put_full_copies()
        })
    }

    /// Makes blocks of the text while it fills one, and of what there is where many bytes of files wait for it.
    fn full_blocks(&mut self) -> Result<()> {
        while self.text.len() >= BLOCK || self.spans_len > MAX_SPANS {
            self.block(BLOCK.min(self.text.len()), false)?;
        }
        Ok(())
    }

    /// Makes a block of the input so far, so that a decoder of the output so far gets all of it. Costs some
    /// bytes; does nothing if there is no new input, and gives out what is left if the stream has ended. Call until the
    /// status is [`Status::Done`].
    ///
    /// # Errors
    /// [`Error::Model`] if the model fails, [`Error::Parameter`] after an error.
    pub fn flush(&mut self, output: &mut [u8]) -> Result<Progress> {
        match self.state {
            State::Failed => return Err(Error::parameter("the encoder has failed")),
            State::Finished => return Ok(self.give(output)),
            State::Open => {}
        }
        // Also while something waits to be given out: behind it there may be a block, or a fill that could have gone on.
        self.guarded(|this| {
            this.absorb(Ends::Flush);
            while !this.text.is_empty() {
                this.block(BLOCK.min(this.text.len()), false)?;
            }
            this.put_fill(false)?;
            this.put_copies()
        })?;
        Ok(self.give(output))
    }

    /// Ends the stream. Call until the status is [`Status::Done`]; no input can follow.
    ///
    /// # Errors
    /// [`Error::Model`] if the model fails, [`Error::Parameter`] after an error.
    pub fn finish(&mut self, output: &mut [u8]) -> Result<Progress> {
        match self.state {
            State::Failed => return Err(Error::parameter("the encoder has failed")),
            State::Open => {
                self.guarded(Self::end)?;
                self.state = State::Finished;
                // The last block may wait long to be taken, the rest need not.
                self.coder = None;
                self.buffer = Vec::new();
                self.copies = None;
            }
            State::Finished => {}
        }
        Ok(self.give(output))
    }

    fn give(&mut self, output: &mut [u8]) -> Progress {
        let produced = self.pending.drain(output);
        let status = if self.pending.is_empty() { Status::Done } else { Status::NeedsOutput };
        Progress { consumed: 0, produced, status }
    }

    /// After an error the coder's state is unknown, so nothing more may come out.
    fn guarded(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        work(self).inspect_err(|_| self.state = State::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::file::span::SpanMethod;

    #[test]
    fn files_do_not_pile_up_before_a_block() {
        for (waiting, left) in [(MAX_SPANS, 10), (MAX_SPANS + 1, 0)] {
            let mut encoder = Encoder::new(EncoderOptions::default().with_level(crate::Level::Fast));
            let (payload, method) = (vec![0; waiting], SpanMethod::Jpeg);
            let span = CodedSpan { start: 0, len: 10, file_len: 2 * waiting, method, sum: 0, payload };
            encoder.text = b"0123456789".to_vec();
            (encoder.spans_end, encoder.spans_len) = (10, waiting);
            encoder.spans.push_back((0, span));
            encoder.full_blocks().unwrap();
            assert_eq!((encoder.text.len(), encoder.spans.is_empty()), (left, left == 0));
        }
    }
}
