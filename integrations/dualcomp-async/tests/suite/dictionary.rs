//! Streams and frames with a dictionary.

use bytes::BytesMut;
use dualcomp_async::framed::{DualCompDecoder, DualCompEncoder};
use dualcomp_async::{DecoderConfig, Dictionary, EncoderConfig, FlushPolicy, Level};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::codec::{Decoder, Encoder};

fn message(id: u32) -> Vec<u8> {
    format!("{{\"sensor\": \"s{}\", \"unit\": \"celsius\", \"value\": {}, \"ok\": true}}\n", id % 9, id * 7)
        .into_bytes()
}

fn configs() -> (EncoderConfig, DecoderConfig) {
    let samples: Vec<Vec<u8>> = (0..50).map(message).collect();
    let dictionary = Dictionary::from_samples(&samples).unwrap();
    let encoder = EncoderConfig::default().with_level(Level::Fast).with_dictionary(dictionary.clone());
    (encoder, DecoderConfig::default().with_dictionary(dictionary))
}

#[test]
fn frames_know_the_dictionary() {
    let (encoder, decoder) = configs();
    let mut wire = BytesMut::new();
    DualCompEncoder::new(encoder).encode(message(777), &mut wire).unwrap();
    assert!(wire.len() < 45, "{}", wire.len());
    let none = DualCompDecoder::new(Default::default()).decode(&mut wire.clone()).unwrap_err();
    assert!(none.to_string().contains("needs dictionary"), "{none}");
    assert_eq!(DualCompDecoder::new(decoder).decode(&mut wire).unwrap().unwrap(), message(777));
}

#[tokio::test]
async fn a_pause_flushes_messages_that_begin_with_the_dictionary() {
    let (encoder, decoder) = configs();
    let encoder = encoder.with_flush(FlushPolicy::OnPending);
    let mut wire = dualcomp_async::tokio::write::DualCompEncoder::with_config(Vec::new(), encoder);
    for id in 500..510 {
        wire.write_all(&message(id)).await.unwrap();
        wire.flush().await.unwrap();
    }
    wire.shutdown().await.unwrap();
    let wire = wire.into_inner();
    assert!(wire.len() < 300, "{}", wire.len());
    let mut out = Vec::new();
    let mut reader = dualcomp_async::tokio::bufread::DualCompDecoder::with_config(wire.as_slice(), decoder);
    reader.read_to_end(&mut out).await.unwrap();
    assert_eq!(out, (500..510).flat_map(message).collect::<Vec<_>>());
}
