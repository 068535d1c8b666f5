//! The adapters with the gzip codec of `compression-codecs` make what `async-compression` makes.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is how a test fails")]

use std::io;

use compression_codecs::{DecodeV2, GzipDecoder, GzipEncoder};
use compression_core::Level;
use compression_core::util::{PartialBuffer, WriteBuffer};
use futures::executor::block_on;
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader, Cursor};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::worker::{Decode, Encode, Task};

macro_rules! constructors {
    ($encoder:ident, $decoder:ident) => {
        impl<T> Encoder<T> {
            pub(crate) fn new(inner: T, level: compression_core::Level) -> Self {
                let codec = compression_codecs::GzipEncoder::new(level.into());
                let policy = Some(crate::FlushPolicy::OnPending);
                Self { inner, machine: $encoder::new(codec, crate::Offload::Inline, policy) }
            }
        }

        impl<T> Decoder<T> {
            pub(crate) fn new(inner: T, multiple_members: bool) -> Self {
                let codec = compression_codecs::GzipDecoder::new();
                Self { inner, machine: $decoder::new(codec, crate::Offload::Inline, multiple_members) }
            }
        }
    };
}
pub(crate) use constructors;

impl Encode for GzipEncoder {
    fn room(&self) -> usize {
        usize::MAX
    }

    fn is_due(&self, _: Task) -> bool {
        false
    }

    fn work(&mut self, _: Task) -> io::Result<()> {
        Ok(())
    }

    /// What does not fit in the output comes with the next flush.
    fn drain(&mut self, _: &mut WriteBuffer<'_>) -> io::Result<()> {
        Ok(())
    }
}

impl Decode for GzipDecoder {
    fn room(&self) -> usize {
        usize::MAX
    }

    fn is_due(&self) -> bool {
        false
    }

    fn work(&mut self, _: Option<u8>) -> io::Result<()> {
        Ok(())
    }

    /// As `async-compression` does: this codec calls it an error to be asked without input.
    fn drain(&mut self, output: &mut WriteBuffer<'_>) -> io::Result<bool> {
        Ok(DecodeV2::decode(self, &mut PartialBuffer::new(&[]), output).unwrap_or(false))
    }
}

fn text(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 24
    };
    (0..).flat_map(|_| format!("{} and {}, ", number(), number() / 9).into_bytes()).take(len).collect()
}

fn inputs() -> impl Iterator<Item = Vec<u8>> {
    [0, 1, 6, 1000, 70_000, 300_000].into_iter().map(text).chain([vec![0; 100_000]])
}

const LEVELS: [Level; 4] = [Level::Fastest, Level::Default, Level::Best, Level::Precise(0)];

/// A reader of `$bytes` that gives so many at a time.
macro_rules! futures_source {
    ($bytes:expr, $step:expr) => {
        BufReader::with_capacity($step, Cursor::new($bytes))
    };
}

fn tokio_source(bytes: &[u8], step: usize) -> tokio::io::BufReader<&[u8]> {
    tokio::io::BufReader::with_capacity(step, bytes)
}

#[test]
fn readers_encode_the_same() {
    for (input, level) in inputs().flat_map(|input| LEVELS.map(|level| (input.clone(), level))) {
        for step in [1000, 8192, 1 << 20] {
            block_on(async {
                let (mut theirs, mut ours) = (Vec::new(), Vec::new());
                let mut encoder =
                    async_compression::tokio::bufread::GzipEncoder::with_quality(tokio_source(&input, step), level);
                encoder.read_to_end(&mut theirs).await.unwrap();
                let mut encoder = crate::tokio::bufread::gzip::Encoder::new(tokio_source(&input, step), level);
                encoder.read_to_end(&mut ours).await.unwrap();
                assert!(ours == theirs);

                let (mut theirs, mut ours) = (Vec::new(), Vec::new());
                let mut encoder = async_compression::futures::bufread::GzipEncoder::with_quality(
                    futures_source!(&input, step),
                    level,
                );
                encoder.read_to_end(&mut theirs).await.unwrap();
                let mut encoder = crate::futures::bufread::gzip::Encoder::new(futures_source!(&input, step), level);
                encoder.read_to_end(&mut ours).await.unwrap();
                assert!(ours == theirs);
            });
        }
    }
}

#[test]
fn writers_encode_the_same() {
    for (input, level) in inputs().flat_map(|input| LEVELS.map(|level| (input.clone(), level))) {
        // With a flush after each part but the last.
        for step in [999, 40_000, 1 << 20] {
            block_on(async {
                let mut theirs = async_compression::tokio::write::GzipEncoder::with_quality(Vec::new(), level);
                let mut ours = crate::tokio::write::gzip::Encoder::new(Vec::new(), level);
                for part in input.chunks(step) {
                    theirs.write_all(part).await.unwrap();
                    theirs.flush().await.unwrap();
                    ours.write_all(part).await.unwrap();
                    ours.flush().await.unwrap();
                    assert!(ours.get_ref() == theirs.get_ref());
                }
                theirs.shutdown().await.unwrap();
                ours.shutdown().await.unwrap();
                assert!(ours.into_inner() == theirs.into_inner());

                let mut theirs = async_compression::futures::write::GzipEncoder::with_quality(Vec::new(), level);
                let mut ours = crate::futures::write::gzip::Encoder::new(Vec::new(), level);
                for part in input.chunks(step) {
                    theirs.write_all(part).await.unwrap();
                    ours.write_all(part).await.unwrap();
                }
                theirs.close().await.unwrap();
                ours.close().await.unwrap();
                assert!(ours.into_inner() == theirs.into_inner());
            });
        }
    }
}

/// What a reader gives out, and the kind of the error after it.
async fn read_all(mut reader: impl tokio::io::AsyncRead + Unpin) -> (Vec<u8>, Option<io::ErrorKind>) {
    let mut bytes = Vec::new();
    let error = reader.read_to_end(&mut bytes).await.err().map(|error| error.kind());
    (bytes, error)
}

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    async_compression::tokio::bufread::GzipEncoder::new(bytes).read_to_end(&mut stream).await.unwrap();
    stream
}

/// Compares decoders on a stream, whole or damaged.
async fn compare_decoders(stream: &[u8], step: usize, multiple: bool) {
    let mut theirs = async_compression::tokio::bufread::GzipDecoder::new(tokio_source(stream, step));
    theirs.multiple_members(multiple);
    let ours = crate::tokio::bufread::gzip::Decoder::new(tokio_source(stream, step), multiple);
    assert_eq!(read_all(ours).await, read_all(theirs).await);

    let mut theirs = async_compression::futures::bufread::GzipDecoder::new(futures_source!(stream, step));
    theirs.multiple_members(multiple);
    let mut ours = crate::futures::bufread::gzip::Decoder::new(futures_source!(stream, step), multiple);
    let (mut their_bytes, mut our_bytes) = (Vec::new(), Vec::new());
    let their_error = theirs.read_to_end(&mut their_bytes).await.err().map(|error| error.kind());
    let our_error = ours.read_to_end(&mut our_bytes).await.err().map(|error| error.kind());
    assert_eq!((our_bytes, our_error), (their_bytes, their_error));
}

#[test]
fn readers_decode_the_same() {
    for input in inputs() {
        block_on(async {
            let stream = gzip(&input).await;
            let twice = [stream.as_slice(), &stream].concat();
            for step in [1, 7, 8192] {
                compare_decoders(&stream, step, false).await;
                compare_decoders(&twice, step, false).await;
                compare_decoders(&twice, step, true).await;
            }
        });
    }
}

#[test]
fn writers_decode_the_same() {
    for input in inputs() {
        block_on(async {
            let stream = gzip(&input).await;
            for step in [1, 100, 1 << 20] {
                let mut ours = crate::tokio::write::gzip::Decoder::new(Vec::new(), false);
                let mut other = crate::futures::write::gzip::Decoder::new(Vec::new(), false);
                for part in stream.chunks(step) {
                    ours.write_all(part).await.unwrap();
                    other.write_all(part).await.unwrap();
                }
                ours.shutdown().await.unwrap();
                other.close().await.unwrap();
                assert!(ours.into_inner() == input && other.into_inner() == input);
            }
            let mut cut = crate::tokio::write::gzip::Decoder::new(Vec::new(), false);
            cut.write_all(&stream[..stream.len() - 1]).await.unwrap();
            assert!(cut.shutdown().await.is_err());
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_is_met_the_same(len in 0..5000usize, at in any::<prop::sample::Index>(), flip in any::<u8>(), cut in any::<bool>()) {
        block_on(async {
            let mut stream = [gzip(&text(len)).await, gzip(b"second").await].concat();
            let at = at.index(stream.len());
            stream[at] ^= flip;
            if cut {
                stream.truncate(at);
            }
            compare_decoders(&stream, 512, true).await;
            compare_decoders(&stream, 512, false).await;
        });
    }
}

#[test]
fn a_pause_flushes_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut outputs = [Vec::new(), Vec::new()];
        for (number, output) in outputs.iter_mut().enumerate() {
            let (mut far, near) = tokio::io::duplex(100);
            let near = tokio::io::BufReader::new(near);
            let mut encoder: Box<dyn tokio::io::AsyncRead + Unpin> = match number {
                0 => Box::new(async_compression::tokio::bufread::GzipEncoder::new(near)),
                _ => Box::new(crate::tokio::bufread::gzip::Encoder::new(near, Level::Default)),
            };
            far.write_all(b"said before the pause").await.unwrap();
            let mut room = [0; 200];
            let count = encoder.read(&mut room).await.unwrap();
            output.extend_from_slice(&room[..count]);
            far.write_all(b", and after").await.unwrap();
            drop(far);
            encoder.read_to_end(output).await.unwrap();
        }
        assert_eq!(outputs[0], outputs[1]);
    });
}
