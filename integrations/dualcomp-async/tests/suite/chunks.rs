//! Slices, pauses and cancelled calls change nothing.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dualcomp_async::tokio::{bufread, write};
use dualcomp_async::{EncoderConfig, FlushPolicy, Offload, Pool};
use futures::executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::flavours::{futures_io, tokio_io};
use crate::support::{Narrow, Steps, decompress, fast, members, noise, text};

fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let chunk = prop_oneof![
        vec(any::<u8>(), 0..20),
        (0..3000usize).prop_map(text),
        (1..2000usize, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
    ];
    vec(chunk, 0..8)
}

fn configs() -> impl Strategy<Value = EncoderConfig> {
    let policy =
        prop_oneof![Just(FlushPolicy::Never), Just(FlushPolicy::OnPending), (0..3000u64).prop_map(FlushPolicy::After),];
    let offload = prop_oneof![Just(Offload::Inline), Just(Offload::default()), Just(Offload::Pool(Pool::new(1)))];
    (policy, offload).prop_map(|(policy, offload)| fast().with_flush(policy).with_offload(offload))
}

fn slices(chunks: &[Vec<u8>]) -> Vec<&[u8]> {
    chunks.iter().map(Vec::as_slice).collect()
}

/// Polls a future at most so often, then drops it.
fn poll_some<F: Future>(future: F, times: u32) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
        std::thread::yield_now();
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn encoders_take_any_slices(
        chunks in chunks(), config in configs(), room in 1..5000usize, limit in 1..5000usize,
    ) {
        let (bytes, slices) = (chunks.concat(), slices(&chunks));
        let read = tokio_io::encode_read(Steps::new(slices.clone()), config.clone(), room);
        prop_assert!(decompress(&read.0) == bytes);
        prop_assert_eq!(&futures_io::encode_read(Steps::new(slices.clone()), config.clone(), room).0, &read.0);
        let written = tokio_io::encode_write(&slices, Narrow::new(limit), config.clone());
        prop_assert!(decompress(&written) == bytes);
        prop_assert_eq!(futures_io::encode_write(&slices, Narrow::new(limit), config), written);
    }

    #[test]
    fn decoders_take_any_slices(
        streams in vec(chunks(), 1..3), step in 1..300usize, room in 1..5000usize, limit in 1..5000usize,
    ) {
        let bytes = streams.concat().concat();
        let stream: Vec<u8> = streams
            .iter()
            .flat_map(|chunks| tokio_io::encode_write(&slices(chunks), Narrow::new(9999), fast()))
            .collect();
        let parts: Vec<_> = stream.chunks(step).collect();
        for ((out, error), _) in [
            tokio_io::decode_read(Steps::new(parts.clone()), members(), room),
            futures_io::decode_read(Steps::new(parts.clone()), members(), room),
        ] {
            prop_assert!(error.is_none() && out == bytes);
        }
        for (out, error) in [
            tokio_io::decode_write(&parts, Narrow::new(limit), members()),
            futures_io::decode_write(&parts, Narrow::new(limit), members()),
        ] {
            prop_assert!(error.is_none() && out == bytes);
        }
    }

    #[test]
    fn damage_gives_errors_and_never_other_bytes(
        chunks in chunks(), at in any::<prop::sample::Index>(), flip in 1..=255u8, cut in any::<bool>(),
    ) {
        let bytes = chunks.concat();
        let mut stream = tokio_io::encode_write(&slices(&chunks), Narrow::new(9999), fast());
        let at = at.index(stream.len());
        stream[at] ^= flip;
        if cut {
            stream.truncate(at);
        }
        let ((out, _), _) = tokio_io::decode_read(Steps::new(stream.chunks(100)), members(), 100);
        prop_assert!(bytes.starts_with(&out));
        let (written, _) = tokio_io::decode_write(&[&stream], Narrow::new(100), members());
        prop_assert_eq!(written, out);
    }

    #[test]
    fn cancelled_reads_lose_nothing(
        chunks in chunks(), config in configs(), patience in vec(1..4u32, 1..20), room in 1..500usize,
    ) {
        let bytes = chunks.concat();
        let source = Steps::new(slices(&chunks));
        let mut patience = patience.into_iter().cycle();
        let mut encoder = bufread::DualCompEncoder::with_config(source, config);
        let (mut stream, mut buffer) = (Vec::new(), vec![0; room]);
        loop {
            // Without a waker this may ask often; the last times it waits.
            match poll_some(encoder.read(&mut buffer), patience.next().unwrap_or(1)) {
                Some(Ok(0)) => break,
                Some(count) => stream.extend_from_slice(&buffer[..count.unwrap()]),
                None => {}
            }
        }
        prop_assert!(decompress(&stream) == bytes);

        let mut decoder = bufread::DualCompDecoder::new(Steps::new(stream.chunks(50)));
        let mut out = Vec::new();
        loop {
            match poll_some(decoder.read(&mut buffer), patience.next().unwrap_or(1)) {
                Some(Ok(0)) => break,
                Some(count) => out.extend_from_slice(&buffer[..count.unwrap()]),
                None => {}
            }
        }
        prop_assert!(out == bytes);
    }

    #[test]
    fn cancelled_writes_take_nothing(chunks in chunks(), config in configs(), patience in vec(1..4u32, 1..20)) {
        let mut patience = patience.into_iter().cycle();
        let mut encoder = write::DualCompEncoder::with_config(Narrow::new(7), config);
        for chunk in &chunks {
            let mut rest = chunk.as_slice();
            while !rest.is_empty() {
                // Another slice is offered after each cancelled call.
                let offer = &rest[..rest.len().min(1 + patience.next().unwrap_or(1) as usize * 400)];
                if let Some(count) = poll_some(encoder.write(offer), patience.next().unwrap_or(1)) {
                    rest = &rest[count.unwrap()..];
                }
                // A flush that is cancelled may be followed by anything.
                poll_some(encoder.flush(), patience.next().unwrap_or(1) / 3).transpose().unwrap();
            }
        }
        block_on(encoder.shutdown()).unwrap();
        prop_assert!(decompress(&encoder.into_inner().taken) == chunks.concat());
    }
}

#[test]
fn dropping_a_stream_at_work_is_safe() {
    let bytes = [noise(600_000), text(500_000)].concat();
    for polls in 0..6 {
        let mut encoder = bufread::DualCompEncoder::with_config(bytes.as_slice(), fast());
        poll_some(encoder.read(&mut [0; 10]), polls);
        drop(encoder);
    }
}
