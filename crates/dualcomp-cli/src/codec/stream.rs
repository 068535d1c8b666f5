//! Bytes through the library as they come.

use std::cell::Cell;
use std::io::{self, BufRead, Read, Write};

use dualcomp::{Dictionary, Error};

use super::model;
use super::settings::{Settings, decoder_options, encoder_options};
use crate::terminal::Failure;

/// How much is handed on at a time.
const BUFFER: usize = 1 << 16;

/// Compresses a stream of bytes with bounded memory and returns its length. Calls `progress` with the bytes that are
/// coded.
pub(crate) fn encode_bytes(
    mut input: impl Read,
    output: impl Write,
    size: Option<u64>,
    settings: Settings,
    progress: impl Fn(u64),
) -> Result<u64, Failure> {
    let options = encoder_options(&settings).with_size_hint(size);
    let grown = Cell::new(false);
    let encoder = match model::named() {
        Some(model) => dualcomp::Encoder::with_predictor(options, Some(model)),
        None => dualcomp::Encoder::new(options),
    };
    let mut encoder = dualcomp::write::Encoder::with_encoder(Watched { output, grown: &grown }, encoder);
    let mut buffer = vec![0; BUFFER];
    let mut total = 0;
    loop {
        let count = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        encoder.write_all(&buffer[..count])?;
        total += count as u64;
        // Until a block has come out, what went in only waits.
        if grown.take() {
            progress(total);
        }
    }
    encoder.finish()?;
    progress(total);
    Ok(total)
}

/// Decompresses a stream of bytes with bounded memory and returns the length of the result. Calls `progress` with the
/// bytes of the input that are decoded.
pub(crate) fn decode_bytes(
    mut input: impl BufRead,
    mut output: impl Write,
    threads: usize,
    dictionaries: &[Dictionary],
    progress: impl Fn(u64),
) -> Result<u64, Failure> {
    let taken = Cell::new(0);
    let mut options = decoder_options(threads);
    options.dictionaries.extend_from_slice(dictionaries);
    let decoder = match model::named_by(input.fill_buf()?) {
        Some(model) => dualcomp::Decoder::with_predictor(options, Some(model)),
        None => dualcomp::Decoder::new(options),
    };
    let mut decoder = dualcomp::read::Decoder::with_decoder(Counted { input, taken: &taken }, decoder);
    let mut buffer = vec![0; BUFFER];
    let mut total = 0;
    loop {
        let count = match decoder.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::from_io(error).into()),
        };
        output.write_all(&buffer[..count])?;
        total += count as u64;
        progress(taken.get());
    }
}

/// Notes that something was written.
struct Watched<'a, W> {
    output: W,
    grown: &'a Cell<bool>,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.grown.set(true);
        self.output.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Counts what is read.
struct Counted<'a, R> {
    input: R,
    taken: &'a Cell<u64>,
}

impl<R: BufRead> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.taken.set(self.taken.get() + count as u64);
        self.input.consume(count);
    }
}
