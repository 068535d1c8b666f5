//! DualComp behind the traits of `compression-codecs`, for adapters of any kind. No call here leaves its thread.

use std::io;

use compression_codecs::{DecodeV2, EncodeV2};
use compression_core::util::{PartialBuffer, WriteBuffer};
use dualcomp::{Decoder, Encoder, Status};

use crate::config::{DecoderConfig, EncoderConfig, Guard, Hook};
use crate::worker::{Decode, Encode, Task};

/// Compresses bytes, without I/O.
///
/// ```
/// use compression_codecs::EncodeV2;
/// use compression_core::util::{PartialBuffer, WriteBuffer};
/// use dualcomp_async::codecs::DualCompEncoder;
///
/// let mut encoder = DualCompEncoder::new(Default::default());
/// let mut room = [0; 100];
/// let mut output = WriteBuffer::new_initialized(&mut room);
/// encoder.encode(&mut PartialBuffer::new(b"bytes"), &mut output)?;
/// assert!(encoder.finish(&mut output)?);
/// assert_eq!(dualcomp::decompress(output.written(), &Default::default())?, b"bytes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DualCompEncoder {
    encoder: Encoder,
    /// Whether input has come since the last block that was asked for.
    waiting: bool,
    /// Dropped last.
    _guard: Option<Guard>,
}

impl DualCompEncoder {
    /// An encoder; flush policy and [`Offload`](crate::Offload) do not concern it.
    pub fn new(config: EncoderConfig) -> Self {
        Self { encoder: config.encoder(), waiting: false, _guard: config.guard }
    }
}

impl EncodeV2 for DualCompEncoder {
    fn encode(&mut self, input: &mut PartialBuffer<&[u8]>, output: &mut WriteBuffer<'_>) -> io::Result<()> {
        let progress = self.encoder.encode(input.unwritten(), output.initialize_unwritten())?;
        self.waiting |= progress.consumed > 0;
        input.advance(progress.consumed);
        output.advance(progress.produced);
        Ok(())
    }

    fn flush(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<bool> {
        let progress = self.encoder.flush(output.initialize_unwritten())?;
        output.advance(progress.produced);
        let done = progress.status == Status::Done;
        self.waiting &= !done;
        Ok(done)
    }

    fn finish(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<bool> {
        let progress = self.encoder.finish(output.initialize_unwritten())?;
        self.waiting = false;
        output.advance(progress.produced);
        Ok(progress.status == Status::Done)
    }
}

impl Encode for DualCompEncoder {
    fn room(&self) -> usize {
        self.encoder.room()
    }

    fn is_due(&self, task: Task) -> bool {
        match task {
            Task::Room => self.encoder.room() == 0,
            Task::Flush | Task::Finish => self.waiting,
        }
    }

    fn work(&mut self, task: Task) -> io::Result<()> {
        match task {
            Task::Room => return Ok(self.encoder.make_room()?),
            Task::Flush => self.encoder.flush(&mut [])?,
            Task::Finish => self.encoder.finish(&mut [])?,
        };
        self.waiting = false;
        Ok(())
    }

    fn drain(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<()> {
        let progress = self.encoder.encode(&[], output.initialize_unwritten())?;
        output.advance(progress.produced);
        Ok(())
    }
}

/// Decompresses streams, without I/O.
///
/// ```
/// use compression_codecs::DecodeV2;
/// use compression_core::util::{PartialBuffer, WriteBuffer};
/// use dualcomp_async::codecs::DualCompDecoder;
///
/// let stream = dualcomp::compress(b"bytes", &Default::default())?;
/// let mut room = [0; 100];
/// let mut output = WriteBuffer::new_initialized(&mut room);
/// let ended = DualCompDecoder::new(Default::default()).decode(&mut PartialBuffer::new(&stream), &mut output)?;
/// assert!(ended);
/// assert_eq!(output.written(), b"bytes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DualCompDecoder {
    decoder: Decoder,
    after_block: Option<Hook>,
    /// Dropped last.
    _guard: Option<Guard>,
}

impl DualCompDecoder {
    /// A decoder, of one stream until it is told to [`reinit`](DecodeV2::reinit).
    pub fn new(config: DecoderConfig) -> Self {
        Self { decoder: config.decoder(), after_block: config.after_block, _guard: config.guard }
    }

    fn step(&mut self, input: &mut PartialBuffer<&[u8]>, output: &mut WriteBuffer<'_>) -> io::Result<Status> {
        let progress = self.decoder.decode(input.unwritten(), output.initialize_unwritten())?;
        input.advance(progress.consumed);
        output.advance(progress.produced);
        Ok(progress.status)
    }

    fn give(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<Status> {
        self.step(&mut PartialBuffer::new(&[]), output)
    }
}

impl DecodeV2 for DualCompDecoder {
    /// After the end of a stream, expects another one, and limits go on counting. Otherwise forgets all.
    fn reinit(&mut self) -> io::Result<()> {
        if self.decoder.is_finished() {
            self.decoder.next_stream();
        } else {
            self.decoder.reset();
        }
        Ok(())
    }

    fn decode(&mut self, input: &mut PartialBuffer<&[u8]>, output: &mut WriteBuffer<'_>) -> io::Result<bool> {
        Ok(self.step(input, output)? == Status::Done)
    }

    fn flush(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<bool> {
        Ok(self.give(output)? != Status::NeedsOutput)
    }

    fn finish(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<bool> {
        if self.give(output)? == Status::NeedsOutput {
            return Ok(false);
        }
        self.decoder.finish()?;
        Ok(true)
    }
}

impl Decode for DualCompDecoder {
    fn room(&self) -> usize {
        self.decoder.room()
    }

    fn is_due(&self) -> bool {
        self.decoder.has_file_due()
    }

    fn work(&mut self, byte: Option<u8>) -> io::Result<()> {
        let result = self.decoder.decode(byte.as_slice(), &mut []);
        if let Some(hook) = &self.after_block {
            hook.call();
        }
        result?;
        Ok(())
    }

    fn drain(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<bool> {
        Ok(self.give(output)? == Status::Done)
    }
}
