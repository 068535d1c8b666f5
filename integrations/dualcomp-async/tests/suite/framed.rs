//! Messages over a framed transport.

use std::io;

use dualcomp_async::framed::{DualCompDecoder, DualCompEncoder};
use dualcomp_async::{DecoderConfig, Limits};
use futures::{SinkExt, StreamExt};
use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder, FramedRead, FramedWrite};

use crate::support::{decompress, fast, noise, text};

fn messages() -> Vec<Vec<u8>> {
    vec![b"hello".to_vec(), Vec::new(), text(20_000), noise(70_000), vec![0; 3_000_000], vec![1]]
}

fn wire(messages: &[Vec<u8>]) -> BytesMut {
    let mut wire = BytesMut::new();
    let mut encoder = DualCompEncoder::new(fast());
    for message in messages {
        encoder.encode(message, &mut wire).unwrap();
    }
    wire
}

#[tokio::test]
async fn messages_stay_apart() {
    let (near, far) = tokio::io::duplex(64);
    let mut sender = FramedWrite::new(near, DualCompEncoder::new(fast()));
    let receiver = FramedRead::new(far, DualCompDecoder::new(Default::default()));
    let send = async {
        for message in messages() {
            sender.send(Bytes::from(message)).await.unwrap();
        }
        drop(sender);
    };
    let ((), received) = tokio::join!(send, receiver.map(Result::unwrap).collect::<Vec<_>>());
    assert!(received == messages());
}

#[test]
fn a_frame_is_a_stream() {
    assert!(decompress(&wire(&messages())) == messages().concat());
}

#[test]
fn frames_in_any_parts() {
    let wire = wire(&[b"one".to_vec(), text(300)]);
    for step in [1, 5, 100] {
        let mut decoder = DualCompDecoder::new(Default::default());
        let (mut input, mut found) = (BytesMut::new(), Vec::new());
        for part in wire.chunks(step) {
            input.extend_from_slice(part);
            while let Some(frame) = decoder.decode(&mut input).unwrap() {
                found.push(frame);
            }
        }
        assert_eq!(found, [b"one".to_vec(), text(300)]);
        assert_eq!(decoder.decode_eof(&mut input).unwrap(), None);
    }
}

#[test]
fn what_is_wrong_is_an_error() {
    let wire = wire(&[b"one".to_vec(), b"two".to_vec()]);
    let mut decoder = DualCompDecoder::new(Default::default());
    let mut cut = BytesMut::from(&wire[..wire.len() - 1]);
    assert_eq!(decoder.decode_eof(&mut cut).unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(decoder.decode_eof(&mut cut).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);

    let mut decoder = DualCompDecoder::new(Default::default());
    let mut bad = wire.clone();
    bad[14] ^= 1;
    assert_eq!(decoder.decode(&mut bad).unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn frames_are_bounded_each_alone() {
    let mut wire = wire(&[vec![7; 100], vec![8; 100], vec![9; 101]]);
    let mut decoder = DualCompDecoder::with_max_frame(Default::default(), 100);
    assert_eq!(decoder.decode(&mut wire).unwrap().unwrap(), vec![7; 100]);
    assert_eq!(decoder.decode(&mut wire).unwrap().unwrap(), vec![8; 100]);
    assert!(decoder.decode(&mut wire).is_err());

    let config = DecoderConfig::default().with_limits(Limits::default().with_max_output_bytes(50));
    let mut decoder = DualCompDecoder::new(config);
    let mut bomb = self::wire(&[vec![0; 100 << 20]]);
    assert!(bomb.len() < 100);
    assert!(decoder.decode(&mut bomb.clone()).is_err());
    assert!(DualCompDecoder::new(Default::default()).decode(&mut bomb).is_err());
}

#[test]
fn frames_take_no_more_memory_than_their_length() {
    let messages = [vec![1; 5], text(20_000), vec![2; 5], vec![0; 3_000_000], vec![3; 5]];
    let (mut wire, mut decoder) = (wire(&messages), DualCompDecoder::new(Default::default()));
    let frames: Vec<Bytes> = std::iter::from_fn(|| decoder.decode(&mut wire).unwrap()).collect();
    for (frame, message) in frames.into_iter().zip(messages) {
        let frame = frame.try_into_mut().unwrap();
        assert!(frame == message);
        assert_eq!(frame.capacity(), frame.len());
    }
}
