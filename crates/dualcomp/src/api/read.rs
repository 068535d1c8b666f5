//! Readers that compress or decompress what they read from another reader.

use std::io::{self, BufRead, BufReader, Read};

use crate::options::{DecoderOptions, EncoderOptions};
use crate::progress::Status;

/// Input taken from the reader at a time.
const BUFFER: usize = 1 << 16;

/// Reads bytes from `R` and gives out the compressed stream.
///
/// ```
/// use std::io::Read;
///
/// let mut stream = Vec::new();
/// dualcomp::read::Encoder::new(&b"read me"[..], Default::default()).read_to_end(&mut stream)?;
/// assert_eq!(dualcomp::decompress(&stream, &Default::default())?, b"read me");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Encoder<R> {
    reader: BufReader<R>,
    encoder: crate::Encoder,
    /// Whether the reader has said that it is at its end. What a file has grown by since is not of the stream.
    ended: bool,
}

impl<R: Read> Encoder<R> {
    /// Compresses what `reader` gives. Reads to its end.
    pub fn new(reader: R, options: EncoderOptions) -> Self {
        Self::with_encoder(reader, crate::Encoder::new(options))
    }

    /// Compresses with an encoder that was set up elsewhere.
    pub fn with_encoder(reader: R, encoder: crate::Encoder) -> Self {
        Self { reader: BufReader::with_capacity(BUFFER, reader), encoder, ended: false }
    }

    /// The reader below.
    pub fn get_ref(&self) -> &R {
        self.reader.get_ref()
    }

    /// The reader below. Reading from it loses data.
    pub fn get_mut(&mut self) -> &mut R {
        self.reader.get_mut()
    }

    /// The reader below; what was read ahead is lost.
    pub fn into_inner(self) -> R {
        self.reader.into_inner()
    }
}

impl<R: Read> Read for Encoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let input: &[u8] = if self.ended { &[] } else { self.reader.fill_buf()? };
            self.ended = input.is_empty();
            let progress =
                if self.ended { self.encoder.finish(buffer)? } else { self.encoder.encode(input, buffer)? };
            self.reader.consume(progress.consumed);
            if progress.produced > 0 || progress.status == Status::Done {
                return Ok(progress.produced);
            }
        }
    }
}

/// Reads a compressed stream from `R` and gives out its bytes.
///
/// With [`DecoderOptions::concatenated`] it reads streams to the end of `R`, otherwise one stream and nothing
/// beyond it. The errors it returns contain an [`enum@crate::Error`].
///
/// ```
/// use std::io::Read;
///
/// let stream = dualcomp::compress(b"read me", &Default::default())?;
/// let mut text = String::new();
/// dualcomp::read::Decoder::new(stream.as_slice(), Default::default()).read_to_string(&mut text)?;
/// assert_eq!(text, "read me");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Decoder<R> {
    reader: R,
    decoder: crate::Decoder,
}

impl<R: BufRead> Decoder<R> {
    /// Decompresses what `reader` gives.
    pub fn new(reader: R, options: DecoderOptions) -> Self {
        Self::with_decoder(reader, crate::Decoder::new(options))
    }

    /// Decompresses with a decoder that was set up elsewhere.
    pub fn with_decoder(reader: R, decoder: crate::Decoder) -> Self {
        Self { reader, decoder }
    }

    /// The reader below.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The reader below. Reading from it in the middle of a stream loses data.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The reader below, which stands after what was decoded.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            // What is decoded already does not depend on more input, which may be long in coming.
            let mut progress = self.decoder.decode(&[], buffer)?;
            if progress.produced > 0 {
                return Ok(progress.produced);
            }
            if progress.status == Status::Done && !self.decoder.reads_on() {
                return Ok(0);
            }
            let input = self.reader.fill_buf()?;
            if input.is_empty() {
                self.decoder.finish()?;
                return Ok(0);
            }
            progress = self.decoder.decode(input, buffer)?;
            self.reader.consume(progress.consumed);
            if progress.produced > 0 {
                return Ok(progress.produced);
            }
        }
    }
}
