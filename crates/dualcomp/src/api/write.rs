//! Writers that compress or decompress what is written to them into another writer.

use std::io::{self, Write};

use crate::error::{Error, FormatErrorKind, Result};
use crate::options::{DecoderOptions, EncoderOptions};
use crate::progress::{Progress, Status};

/// Output passed on at a time.
const BUFFER: usize = 1 << 15;

/// Output of a codec on its way to a writer.
#[derive(Debug)]
struct Outlet<W> {
    writer: W,
    buffer: Box<[u8]>,
    /// What the writer has not taken yet.
    waiting: std::ops::Range<usize>,
}

impl<W: Write> Outlet<W> {
    fn new(writer: W) -> Self {
        Self { writer, buffer: vec![0; BUFFER].into(), waiting: 0..0 }
    }

    /// Passes on what is waiting. What a failing writer has taken is not passed on again.
    fn pass(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match self.writer.write(&self.buffer[self.waiting.clone()]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.waiting.start += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Lets a codec write once there is room.
    fn step(&mut self, codec: impl FnOnce(&mut [u8]) -> Result<Progress>) -> io::Result<Progress> {
        self.pass()?;
        let progress = codec(&mut self.buffer)?;
        self.waiting = 0..progress.produced;
        Ok(progress)
    }

    /// Lets a codec write until it is done.
    fn drive(&mut self, mut codec: impl FnMut(&mut [u8]) -> Result<Progress>) -> io::Result<()> {
        while self.step(&mut codec)?.status != Status::Done {}
        self.pass()
    }
}

/// Compresses what is written to it into `W`.
///
/// The stream is whole only after [`finish`](Self::finish) or [`try_finish`](Self::try_finish). Dropping the
/// encoder before leaves a stream cut short, which decoders report, rather than one that only looks whole.
///
/// ```
/// use std::io::Write;
///
/// let mut encoder = dualcomp::write::Encoder::new(Vec::new(), Default::default());
/// encoder.write_all(b"write me")?;
/// let stream = encoder.finish()?;
/// assert_eq!(dualcomp::decompress(&stream, &Default::default())?, b"write me");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Encoder<W> {
    outlet: Outlet<W>,
    encoder: crate::Encoder,
}

impl<W: Write> Encoder<W> {
    /// Compresses into `writer`.
    pub fn new(writer: W, options: EncoderOptions) -> Self {
        Self::with_encoder(writer, crate::Encoder::new(options))
    }

    /// Compresses with an encoder that was set up elsewhere.
    pub fn with_encoder(writer: W, encoder: crate::Encoder) -> Self {
        Self { outlet: Outlet::new(writer), encoder }
    }

    /// The writer below.
    pub fn get_ref(&self) -> &W {
        &self.outlet.writer
    }

    /// The writer below. Writing to it damages the stream.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.outlet.writer
    }

    /// Ends the stream. May be called again after a failure of the writer, or for nothing.
    ///
    /// # Errors
    /// What the writer returns, or an [`enum@crate::Error`] of the encoder.
    pub fn try_finish(&mut self) -> io::Result<()> {
        self.outlet.drive(|output| self.encoder.finish(output))
    }

    /// Ends the stream and gives the writer back.
    ///
    /// # Errors
    /// As for [`Self::try_finish`].
    pub fn finish(mut self) -> io::Result<W> {
        self.try_finish()?;
        Ok(self.outlet.writer)
    }

    /// The writer below, without ending the stream.
    pub fn into_inner(self) -> W {
        self.outlet.writer
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        loop {
            let progress = self.outlet.step(|output| self.encoder.encode(data, output))?;
            if progress.consumed > 0 || data.is_empty() {
                return Ok(progress.consumed);
            }
        }
    }

    /// Makes a block of what was written so far, so that the other side can have all of it; costs some bytes. After the
    /// end of the stream there is only what the writer below has to pass on.
    fn flush(&mut self) -> io::Result<()> {
        self.outlet.drive(|output| self.encoder.flush(output))?;
        self.outlet.writer.flush()
    }
}

/// Decompresses what is written to it into `W`.
///
/// Bytes arrive block by block. [`finish`](Self::finish) tells whether the stream was whole.
///
/// ```
/// use std::io::Write;
///
/// let stream = dualcomp::compress(b"write me", &Default::default())?;
/// let mut decoder = dualcomp::write::Decoder::new(Vec::new(), Default::default());
/// decoder.write_all(&stream)?;
/// assert_eq!(decoder.finish()?, b"write me");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Decoder<W> {
    outlet: Outlet<W>,
    decoder: crate::Decoder,
    /// Compressed bytes taken so far.
    taken: u64,
}

impl<W: Write> Decoder<W> {
    /// Decompresses into `writer`.
    pub fn new(writer: W, options: DecoderOptions) -> Self {
        Self::with_decoder(writer, crate::Decoder::new(options))
    }

    /// Decompresses with a decoder that was set up elsewhere.
    pub fn with_decoder(writer: W, decoder: crate::Decoder) -> Self {
        Self { outlet: Outlet::new(writer), decoder, taken: 0 }
    }

    /// The writer below.
    pub fn get_ref(&self) -> &W {
        &self.outlet.writer
    }

    /// The writer below.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.outlet.writer
    }

    /// Passes on all that is decoded and checks that the stream is whole.
    ///
    /// # Errors
    /// What the writer returns, or an [`enum@crate::Error`] of the decoder.
    pub fn try_finish(&mut self) -> io::Result<()> {
        self.drain()?;
        Ok(self.decoder.finish()?)
    }

    /// As [`Self::try_finish`], and gives the writer back.
    ///
    /// # Errors
    /// As for [`Self::try_finish`].
    pub fn finish(mut self) -> io::Result<W> {
        self.try_finish()?;
        Ok(self.outlet.writer)
    }

    /// The writer below, whatever has become of the stream.
    pub fn into_inner(self) -> W {
        self.outlet.writer
    }

    fn drain(&mut self) -> io::Result<()> {
        while self.outlet.step(|output| self.decoder.decode(&[], output))?.status == Status::NeedsOutput {}
        self.outlet.pass()
    }
}

impl<W: Write> Write for Decoder<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        loop {
            let progress = self.outlet.step(|output| self.decoder.decode(data, output))?;
            self.taken += progress.consumed as u64;
            if progress.consumed > 0 || data.is_empty() {
                return Ok(progress.consumed);
            }
            if progress.status == Status::Done {
                let detail = "something else follows the end of the stream";
                return Err(Error::format(FormatErrorKind::TrailingData, self.taken, detail).into());
            }
        }
    }

    /// Passes on all that is decoded so far.
    fn flush(&mut self) -> io::Result<()> {
        self.drain()?;
        self.outlet.writer.flush()
    }
}
