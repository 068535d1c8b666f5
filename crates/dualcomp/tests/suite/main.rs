//! What the library promises, without a model, so that every test is fast.

// Helpers of tests fail as tests do.
#![allow(clippy::unwrap_used)]

mod adapters;
mod bytes;
mod copies;
mod damaged_images;
mod dictionaries;
mod images;
mod limits;
mod malformed;
mod models;
mod spans;

use std::sync::Arc;

use dualcomp::predictor::Predictor;
use dualcomp::{Decoder, DecoderOptions, Encoder, EncoderOptions, Error, FormatErrorKind, Result, Status};

const NO_MODEL: Option<Arc<dyn Predictor>> = None;

fn compress(data: &[u8]) -> Vec<u8> {
    dualcomp::compress_with(data, &EncoderOptions::default(), NO_MODEL).unwrap()
}

fn decompress(stream: &[u8]) -> Result<Vec<u8>> {
    dualcomp::decompress_with(stream, &DecoderOptions::default(), NO_MODEL)
}

fn encoder() -> Encoder {
    Encoder::with_predictor(EncoderOptions::default(), NO_MODEL)
}

fn decoder(options: DecoderOptions) -> Decoder {
    Decoder::with_predictor(options, NO_MODEL)
}

#[test]
fn codecs_may_be_shared_by_threads() {
    fn both<T: Send + Sync>() {}
    both::<(Encoder, Decoder)>();
    both::<(dualcomp::read::Encoder<&[u8]>, dualcomp::read::Decoder<&[u8]>)>();
    both::<(dualcomp::write::Encoder<Vec<u8>>, dualcomp::write::Decoder<Vec<u8>>)>();
    both::<dualcomp::ImageDecoder<&[u8]>>();
}

/// The family of a format error, and none for any other.
fn kind<T>(result: Result<T>) -> Option<FormatErrorKind> {
    match result {
        Err(Error::Format(error)) => Some(error.kind()),
        _ => None,
    }
}

/// Lengths of slices, used in turn.
struct Slices<'a> {
    lengths: std::iter::Cycle<std::iter::Copied<std::slice::Iter<'a, usize>>>,
}

impl<'a> Slices<'a> {
    fn new(lengths: &'a [usize]) -> Self {
        Self { lengths: lengths.iter().copied().cycle() }
    }

    fn next(&mut self) -> usize {
        self.lengths.next().unwrap()
    }
}

/// Encodes with slices of these lengths; a flush comes before each input slice whose place is in `flushes`.
fn encode_sliced(data: &[u8], inputs: &[usize], outputs: &[usize], flushes: &[usize]) -> Vec<u8> {
    let (mut inputs, mut outputs) = (Slices::new(inputs), Slices::new(outputs));
    let mut encoder = encoder();
    let mut stream = Vec::new();
    let mut rest = data;
    let mut count = 0;
    while !rest.is_empty() {
        if flushes.contains(&count) {
            loop {
                let mut room = vec![0; outputs.next()];
                let progress = encoder.flush(&mut room).unwrap();
                stream.extend(&room[..progress.produced]);
                if progress.status == Status::Done {
                    break;
                }
            }
        }
        count += 1;
        let (mut slice, after) = rest.split_at(inputs.next().min(rest.len()));
        rest = after;
        loop {
            let mut room = vec![0; outputs.next()];
            let progress = encoder.encode(slice, &mut room).unwrap();
            slice = &slice[progress.consumed..];
            stream.extend(&room[..progress.produced]);
            if progress.status == Status::NeedsInput {
                assert!(slice.is_empty());
                break;
            }
        }
    }
    loop {
        let mut room = vec![0; outputs.next()];
        let progress = encoder.finish(&mut room).unwrap();
        stream.extend(&room[..progress.produced]);
        if progress.status == Status::Done {
            return stream;
        }
    }
}

/// Decodes with slices of these lengths; gives what came out with the error after it, if any.
fn decode_sliced(
    stream: &[u8],
    inputs: &[usize],
    outputs: &[usize],
    options: DecoderOptions,
) -> (Vec<u8>, Result<usize>) {
    let (mut inputs, mut outputs) = (Slices::new(inputs), Slices::new(outputs));
    let mut decoder = decoder(options);
    let (mut out, mut taken) = (Vec::new(), 0);
    loop {
        let end = stream.len().min(taken + inputs.next());
        let mut room = vec![0; outputs.next()];
        let progress = match decoder.decode(&stream[taken..end], &mut room) {
            Ok(progress) => progress,
            Err(error) => return (out, Err(error)),
        };
        taken += progress.consumed;
        out.extend(&room[..progress.produced]);
        let over = taken == stream.len() && progress.status != Status::NeedsOutput;
        if over || progress.status == Status::Done && progress.consumed == 0 && end > taken {
            return (out, decoder.finish().map(|()| taken));
        }
    }
}

/// Bytes that look random.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 12345u64;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 56) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn text(len: usize) -> Vec<u8> {
    let words = ["alpha ", "beta\n", "gamma, ", "delta ", "{\"id\": ", "42}, "];
    let picks = noise(len);
    picks.iter().flat_map(|&n| words[usize::from(n) % words.len()].bytes()).take(len).collect()
}

/// Streams of one block of each kind, with what they decode to.
fn samples() -> Vec<(Vec<u8>, Vec<u8>)> {
    let inputs = [vec![], vec![7], vec![b'z'; 300], noise(40), text(120)];
    let mut found: Vec<_> = inputs.iter().map(|data| (compress(data), data.clone())).collect();
    let mixed = [text(60), noise(20), vec![0; 50], text(40)].concat();
    found.push((encode_sliced(&mixed, &[60, 20, 50, 40], &[1000], &[1, 2, 3]), mixed));
    found
}
