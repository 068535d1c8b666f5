//! Streams through pipes, and what passes by the codec.

use dualcomp_async::tokio::{bufread, write};
use dualcomp_async::{DecoderConfig, EncoderConfig, codecs, framed};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufStream, DuplexStream};
use tokio_util::compat::{FuturesAsyncReadCompatExt, TokioAsyncReadCompatExt};
use tokio_util::io::{ReaderStream, StreamReader};

use crate::support::{compress, decompress, fast, noise, text};

#[tokio::test]
async fn a_file_through_a_pipe_of_64_bytes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let original = [tokio::fs::read(path).await.unwrap(), noise(1_050_000), vec![0; 500_000]].concat();
    for config in [fast(), EncoderConfig::default()] {
        let (near, far) = tokio::io::duplex(64);
        let sender = async {
            let mut encoder = write::DualCompEncoder::with_config(near, config.with_size_hint(1 << 12));
            tokio::io::copy(&mut original.as_slice(), &mut encoder).await?;
            encoder.shutdown().await
        };
        let receiver = async {
            let mut decoder = bufread::DualCompDecoder::new(BufReader::new(far));
            let mut out = Vec::new();
            decoder.read_to_end(&mut out).await?;
            Ok(out)
        };
        let ((), out) = tokio::try_join!(sender, receiver).unwrap();
        assert!(out == original);
    }
}

#[tokio::test]
async fn both_directions_of_a_socket() {
    let (near, far) = tokio::io::duplex(64);
    // One side compresses what it reads and writes through; the other compresses what it writes and reads through.
    let mut reading = bufread::DualCompDecoder::new(BufStream::new(near));
    let mut writing = write::DualCompEncoder::with_config(BufStream::new(far), fast());
    reading.write_all(b"plain\n").await.unwrap();
    reading.flush().await.unwrap();
    let mut line = String::new();
    writing.read_line(&mut line).await.unwrap();
    assert_eq!(line, "plain\n");
    writing.write_all(b"compressed").await.unwrap();
    writing.flush().await.unwrap();
    let mut word = [0; 10];
    reading.read_exact(&mut word).await.unwrap();
    assert_eq!(&word, b"compressed");
    let (_, _) = tokio::join!(reading.shutdown(), writing.shutdown());
}

/// Two proxies with a compressed line between them.
#[tokio::test]
async fn a_conversation_through_proxies() {
    let (mut caller, near) = tokio::io::duplex(64);
    let (here, there) = tokio::io::duplex(64);
    let (far, mut callee) = tokio::io::duplex(64);
    let proxy = async |mut plain: DuplexStream, line: DuplexStream| {
        let (reader, writer) = tokio::io::split(line);
        let reader = bufread::DualCompDecoder::new(BufReader::new(reader));
        let mut line = tokio::io::join(reader, write::DualCompEncoder::with_config(writer, fast()));
        tokio::io::copy_bidirectional(&mut plain, &mut line).await.unwrap()
    };
    let talk = async {
        let mut heard = [0; 5];
        for word in [b"hello", b"there"] {
            caller.write_all(word).await.unwrap();
            callee.read_exact(&mut heard).await.unwrap();
            callee.write_all(&heard).await.unwrap();
            caller.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, word);
        }
        // One side has said all, the other not yet.
        caller.shutdown().await.unwrap();
        assert_eq!(callee.read(&mut heard).await.unwrap(), 0);
        callee.write_all(b"bye").await.unwrap();
        callee.shutdown().await.unwrap();
        let mut last = String::new();
        caller.read_to_string(&mut last).await.unwrap();
        assert_eq!(last, "bye");
    };
    let (one, other, ()) = tokio::join!(proxy(near, here), proxy(far, there), talk);
    assert_eq!((one, other), ((10, 13), (13, 10)));
}

#[tokio::test]
async fn frames_of_bytes_between_readers() {
    let bytes = text(5000);
    let encoder = bufread::DualCompEncoder::with_config(&bytes[..], fast());
    let frames = ReaderStream::with_capacity(encoder, 7);
    let mut decoder = bufread::DualCompDecoder::new(StreamReader::new(frames));
    let mut out = Vec::new();
    decoder.read_to_end(&mut out).await.unwrap();
    assert!(out == bytes);
    assert_eq!(decoder.read(&mut [0; 9]).await.unwrap(), 0);
}

#[tokio::test]
async fn one_runtime_through_the_other() {
    let bytes = text(5000);
    let encoder = dualcomp_async::futures::bufread::DualCompEncoder::with_config(
        TokioAsyncReadCompatExt::compat(bytes.as_slice()),
        fast(),
    );
    let mut stream = Vec::new();
    FuturesAsyncReadCompatExt::compat(encoder).read_to_end(&mut stream).await.unwrap();
    assert!(stream == compress(&bytes) && decompress(&stream) == bytes);
}

#[tokio::test]
async fn what_is_below_can_be_reached() {
    let mut encoder = bufread::DualCompEncoder::with_level(&b"bytes"[..], dualcomp::Level::Fast);
    assert_eq!(encoder.get_ref(), b"bytes");
    *encoder.get_mut() = b"others";
    *std::pin::Pin::new(&mut encoder).get_pin_mut() = b"again";
    let mut stream = Vec::new();
    encoder.read_to_end(&mut stream).await.unwrap();
    assert!(encoder.into_inner().is_empty());
    let mut decoder = write::DualCompDecoder::with_config(Vec::new(), DecoderConfig::default());
    decoder.multiple_members(true);
    decoder.write_all(&stream).await.unwrap();
    decoder.write_all(&stream).await.unwrap();
    decoder.shutdown().await.unwrap();
    assert_eq!(decoder.into_inner(), b"againagain");
}

#[tokio::test]
async fn a_read_of_nothing_reads_nothing() {
    let mut encoder = bufread::DualCompEncoder::new(&b"bytes"[..]);
    assert_eq!(encoder.read(&mut []).await.unwrap(), 0);
    let mut decoder = bufread::DualCompDecoder::new(&b"not a stream"[..]);
    assert_eq!(decoder.read(&mut []).await.unwrap(), 0);
    assert!(decoder.read(&mut [0]).await.is_err());
}

#[test]
fn streams_can_be_sent_and_shared() {
    fn both<T: Send + Sync + std::fmt::Debug>() {}
    both::<bufread::DualCompEncoder<&[u8]>>();
    both::<bufread::DualCompDecoder<&[u8]>>();
    both::<write::DualCompEncoder<Vec<u8>>>();
    both::<write::DualCompDecoder<Vec<u8>>>();
    both::<(codecs::DualCompEncoder, codecs::DualCompDecoder)>();
    both::<(framed::DualCompEncoder, framed::DualCompDecoder)>();
}
