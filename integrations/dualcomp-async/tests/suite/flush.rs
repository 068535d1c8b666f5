//! What a pause of the input lets out.

use dualcomp_async::tokio::{bufread, write};
use dualcomp_async::{DecoderConfig, FlushPolicy};
use futures::executor::block_on;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};

use crate::flavours::{futures_io, tokio_io};
use crate::support::{Narrow, Steps, compress, decompress, fast, text};

#[tokio::test]
async fn what_was_said_before_a_pause_arrives_before_it_ends() {
    for policy in [FlushPolicy::OnPending, FlushPolicy::After(5), FlushPolicy::After(0)] {
        let (mut speaker, near) = tokio::io::duplex(1000);
        let encoder = bufread::DualCompEncoder::with_config(BufReader::new(near), fast().with_flush(policy));
        let mut listener = bufread::DualCompDecoder::new(BufReader::new(encoder));
        let mut heard = [0; 5];
        for word in [b"hello", b"there"] {
            speaker.write_all(word).await.unwrap();
            listener.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, word);
        }
        drop(speaker);
        assert_eq!(listener.read(&mut heard).await.unwrap(), 0);
    }
}

#[test]
fn pauses_cost_nothing_unless_the_policy_says_so() {
    let bytes = text(50_000);
    let sizes = [FlushPolicy::Never, FlushPolicy::After(10_000), FlushPolicy::After(1000), FlushPolicy::OnPending].map(
        |policy| {
            let config = fast().with_flush(policy);
            let (stream, _) = tokio_io::encode_read(Steps::new(bytes.chunks(100)), config.clone(), 1000);
            let (other, _) = futures_io::encode_read(Steps::new(bytes.chunks(100)), config, 1000);
            assert_eq!(stream, other);
            assert!(decompress(&stream) == bytes);
            stream.len()
        },
    );
    assert_eq!(sizes[0], compress(&bytes).len());
    assert!(sizes.is_sorted_by(|less, more| less < more), "{sizes:?}");
}

#[test]
fn writers_flush_when_asked_or_as_the_policy_says() {
    block_on(async {
        let mut encoder = write::DualCompEncoder::with_config(Narrow::new(10), fast());
        encoder.write_all(b"one").await.unwrap();
        encoder.flush().await.unwrap();
        assert_eq!(encoder.get_ref().flushed, 1);
        let mut decoder = write::DualCompDecoder::new(Vec::new());
        decoder.write_all(&encoder.get_ref().taken).await.unwrap();
        decoder.flush().await.unwrap();
        assert_eq!(decoder.get_ref(), b"one");
        // The stream goes on after a flush, and another flush adds nothing.
        let before = encoder.get_ref().taken.len();
        encoder.flush().await.unwrap();
        assert_eq!(encoder.get_ref().taken.len(), before);

        let config = fast().with_flush(FlushPolicy::Never);
        let mut encoder = write::DualCompEncoder::with_config(Narrow::new(10), config);
        encoder.write_all(b"one").await.unwrap();
        encoder.flush().await.unwrap();
        assert!(encoder.get_ref().taken.is_empty());
        encoder.write_all(b"two").await.unwrap();
        encoder.shutdown().await.unwrap();
        assert_eq!(encoder.into_inner().taken, compress(b"onetwo"));
    });
}

#[test]
fn a_closed_stream_takes_no_more() {
    block_on(async {
        let mut encoder = write::DualCompEncoder::with_config(Vec::new(), fast());
        encoder.write_all(b"one").await.unwrap();
        encoder.shutdown().await.unwrap();
        assert!(encoder.write_all(b"two").await.is_err());
        encoder.flush().await.unwrap();
        encoder.shutdown().await.unwrap();
        assert_eq!(encoder.into_inner(), compress(b"one"));
    });
}

#[tokio::test]
async fn a_copy_in_small_parts_need_not_flush_small_blocks() {
    let bytes = text(40_000);
    let config = fast().with_flush(FlushPolicy::After(1 << 20));
    let mut encoder = write::DualCompEncoder::with_config(Vec::new(), config);
    tokio::io::copy_buf(&mut Steps::new(bytes.chunks(100)), &mut encoder).await.unwrap();
    encoder.shutdown().await.unwrap();
    assert_eq!(encoder.into_inner(), compress(&bytes));
}

#[test]
fn flushed_streams_decode_at_any_pace() {
    let bytes = text(10_000);
    let (stream, _) =
        tokio_io::encode_read(Steps::new(bytes.chunks(500)), fast().with_flush(FlushPolicy::OnPending), 64);
    let ((out, error), _) = tokio_io::decode_read(Steps::new(stream.chunks(1)), DecoderConfig::default(), 1);
    assert!(error.is_none() && out == bytes);
}
