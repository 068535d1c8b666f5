//! Readers and writers around the codec.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};

use dualcomp::{DecoderOptions, inspect, read, write};

use super::*;

/// Gives and takes at most `step` bytes at a time, and is interrupted or would block in between.
struct Awkward<T> {
    inner: T,
    step: usize,
    calls: usize,
    trouble: ErrorKind,
}

impl<T> Awkward<T> {
    fn new(inner: T, step: usize, trouble: ErrorKind) -> Self {
        Self { inner, step, calls: 0, trouble }
    }

    fn turn(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) { Err(self.trouble.into()) } else { Ok(()) }
    }
}

impl<R: Read> Read for Awkward<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.turn()?;
        let len = buffer.len().min(self.step);
        self.inner.read(&mut buffer[..len])
    }
}

impl<W: Write> Write for Awkward<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.turn()?;
        self.inner.write(&data[..data.len().min(self.step)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn reader(stream: impl BufRead, options: DecoderOptions) -> read::Decoder<impl BufRead> {
    read::Decoder::with_decoder(stream, decoder(options))
}

#[test]
fn readers_round_trip_through_awkward_readers() {
    let data = [text(5000), noise(300)].concat();
    for step in [1, 7, 1000] {
        let source = Awkward::new(data.as_slice(), step, ErrorKind::Interrupted);
        let mut stream = Vec::new();
        read::Encoder::with_encoder(source, encoder()).read_to_end(&mut stream).unwrap();
        assert!(stream == compress(&data));
        let source = BufReader::with_capacity(13, Awkward::new(stream.as_slice(), step, ErrorKind::Interrupted));
        let mut out = Vec::new();
        reader(source, DecoderOptions::default()).read_to_end(&mut out).unwrap();
        assert!(out == data);
    }
}

#[test]
fn what_a_file_has_grown_by_is_not_of_the_stream() {
    // As a file that is written to meanwhile: at its end, and then not.
    struct Growing<'a>(Vec<&'a [u8]>);
    impl Read for Growing<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let part: &[u8] = if self.0.is_empty() { &[] } else { self.0.remove(0) };
            buffer[..part.len()].copy_from_slice(part);
            Ok(part.len())
        }
    }
    let data = noise(4000);
    let mut reader = read::Encoder::with_encoder(Growing(vec![&data, b"", b"more"]), encoder());
    let (mut stream, mut room) = (Vec::new(), [0; 100]);
    loop {
        match reader.read(&mut room).unwrap() {
            0 => break,
            count => stream.extend_from_slice(&room[..count]),
        }
    }
    assert!(decompress(&stream).unwrap() == data);
}

#[test]
fn writers_round_trip_and_go_on_after_trouble() {
    let data = [text(5000), noise(300), vec![0; 100_000]].concat();
    // Calls that fail are made again, as callers of non-blocking writers do.
    fn insist<T>(mut call: impl FnMut() -> io::Result<T>) -> T {
        loop {
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return result.unwrap(),
            }
        }
    }
    for step in [1, 100, 100_000] {
        let sink = Awkward::new(Vec::new(), step, ErrorKind::WouldBlock);
        let mut encoder = write::Encoder::with_encoder(sink, encoder());
        let mut rest = data.as_slice();
        while !rest.is_empty() {
            let count = insist(|| encoder.write(rest));
            rest = &rest[count..];
        }
        insist(|| encoder.try_finish());
        encoder.try_finish().unwrap();
        let stream = encoder.into_inner().inner;
        assert!(stream == compress(&data));

        let sink = Awkward::new(Vec::new(), step, ErrorKind::WouldBlock);
        let mut decoder = write::Decoder::with_decoder(sink, super::decoder(DecoderOptions::default()));
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            let count = insist(|| decoder.write(rest));
            rest = &rest[count..];
        }
        insist(|| decoder.try_finish());
        assert!(decoder.into_inner().inner == data);
    }
}

#[test]
fn a_flushed_writer_has_passed_on_everything() {
    let mut encoder = write::Encoder::with_encoder(Vec::new(), encoder());
    encoder.write_all(b"before").unwrap();
    encoder.flush().unwrap();
    let len = encoder.get_ref().len();
    encoder.flush().unwrap();
    assert_eq!(encoder.get_ref().len(), len);
    let mut decoder = write::Decoder::with_decoder(Vec::new(), super::decoder(DecoderOptions::default()));
    decoder.write_all(encoder.get_ref()).unwrap();
    decoder.flush().unwrap();
    assert_eq!(decoder.get_ref(), b"before");
    encoder.try_finish().unwrap();
    encoder.flush().unwrap();
    assert!(encoder.write(b"after").is_err());
    assert_eq!(decompress(&encoder.into_inner()).unwrap(), b"before");
    assert_eq!(decoder.try_finish().unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn a_dropped_writer_leaves_a_cut_stream() {
    let mut stream = Vec::new();
    let mut encoder = write::Encoder::with_encoder(&mut stream, encoder());
    encoder.write_all(b"half of it").unwrap();
    encoder.flush().unwrap();
    drop(encoder);
    assert!(decompress(&stream).unwrap_err().is_truncated());
}

#[test]
fn a_reader_stops_after_one_stream_if_told() {
    let streams = [compress(&text(500)), compress(b"second")].concat();
    let options = DecoderOptions::default().with_concatenated(false);
    let mut decoder = read::Decoder::with_decoder(streams.as_slice(), decoder(options.clone()));
    let mut out = Vec::new();
    decoder.read_to_end(&mut out).unwrap();
    assert_eq!(out, text(500));
    assert_eq!(decoder.read(&mut [0; 9]).unwrap(), 0);
    let rest = decoder.into_inner();
    assert_eq!(decompress(rest).unwrap(), b"second");

    let mut decoder = write::Decoder::with_decoder(Vec::new(), super::decoder(options));
    let error = decoder.write_all(&streams).unwrap_err();
    assert_eq!(kind::<()>(Err(Error::from_io(error))), Some(FormatErrorKind::TrailingData));
}

#[test]
fn readers_and_writers_report_what_is_wrong() {
    let stream = compress(&text(500));
    let mut out = Vec::new();
    let error = reader(&stream[..40], DecoderOptions::default()).read_to_end(&mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    let error = reader(&b"nonsense"[..], DecoderOptions::default()).read_to_end(&mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert_eq!(kind::<()>(Err(Error::from_io(error))), Some(FormatErrorKind::NotDualComp));
    let mut decoder = write::Decoder::with_decoder(Vec::new(), decoder(DecoderOptions::default()));
    assert_eq!(decoder.write_all(b"nonsense").unwrap_err().kind(), ErrorKind::InvalidData);
    assert!(inspect(&stream[..40]).unwrap_err().is_truncated());
    assert!(inspect(&b""[..]).unwrap_err().is_truncated());
}

#[test]
fn inspection_adds_up() {
    let data = [text(1 << 20), vec![b'='; 1 << 20], text(1000)].concat();
    let streams = [compress(&data), compress(b"")].concat();
    let summary = inspect(streams.as_slice()).unwrap();
    assert_eq!(summary.streams.len(), 2);
    let first = &summary.streams[0];
    assert_eq!((first.raw_len, first.model, first.image), (data.len() as u64, None, None));
    assert_eq!(first.coded_len + summary.streams[1].coded_len, streams.len() as u64);
    assert_eq!(first.chunks.iter().map(|chunk| chunk.coded_len).sum::<u64>() + 10, first.coded_len);
    assert_eq!(first.chunks.iter().map(|chunk| chunk.substreams).collect::<Vec<_>>(), [Some(2), None, Some(1), None]);
    assert_eq!(summary.streams[1].offset, first.coded_len);
}
