//! Streams of bytes.

use dualcomp::{Decoder, Encoder, EncoderOptions, Level, Status};

use super::short;
use crate::tiny::tiny;

/// Decodes and inspects.
pub fn decode_bytes(data: &[u8]) {
    let decoded = dualcomp::decompress_with(data, &short(), tiny());
    let found = dualcomp::inspect(data);
    if let Ok(decoded) = decoded {
        // What decodes is whole, so that it can be told what is in it.
        let sum: u64 = found.expect("it decodes").streams.iter().map(|stream| stream.raw_len).sum();
        assert_eq!(sum, decoded.len() as u64);
    }
}

/// Decodes in slices, whose lengths the first two bytes give, and as a whole: the results are the same.
pub fn slices(data: &[u8]) {
    let [inputs, outputs, data @ ..] = data else { return };
    let sliced = decode(data, usize::from(*inputs) + 1, usize::from(*outputs) + 1);
    assert_eq!(sliced, decode(data, data.len().max(1), 1 << 16));
}

/// What comes out, and the error at the end.
fn decode(data: &[u8], inputs: usize, outputs: usize) -> (Vec<u8>, Option<String>) {
    let mut decoder = Decoder::with_predictor(short(), tiny());
    let (mut out, mut room) = (Vec::new(), vec![0; outputs]);
    for mut slice in data.chunks(inputs) {
        loop {
            let progress = match decoder.decode(slice, &mut room) {
                Ok(progress) => progress,
                Err(error) => return (out, Some(error.to_string())),
            };
            assert!(progress.consumed > 0 || progress.produced > 0 || progress.status != Status::NeedsOutput);
            slice = &slice[progress.consumed..];
            out.extend_from_slice(&room[..progress.produced]);
            if progress.status != Status::NeedsOutput {
                assert!(slice.is_empty());
                break;
            }
        }
    }
    // An error may wait behind the bytes that came out last.
    (out, decoder.finish().err().map(|error| error.to_string()))
}

/// Encodes, with the level and flushes that the first two bytes give, and decodes.
pub fn round_trip_bytes(data: &[u8]) {
    let [level, flushes, data @ ..] = data else { return };
    let level = if level % 2 == 0 { Level::Fast } else { Level::Default };
    let options = EncoderOptions::default().with_level(level);
    let mut encoder = Encoder::with_predictor(options, tiny());
    let mut stream = Vec::new();
    let part = data.len() / usize::from(flushes % 4 + 1) + 1;
    for part in data.chunks(part) {
        put(&mut stream, part, |input, room| encoder.encode(input, room));
        put(&mut stream, &[], |_, room| encoder.flush(room));
    }
    put(&mut stream, &[], |_, room| encoder.finish(room));
    let decoded = dualcomp::decompress_with(&stream, &short().with_limits(Default::default()), tiny());
    assert!(decoded.expect("it was just encoded") == data);
}

/// Calls a side of the encoder until it has no more to give.
fn put(
    stream: &mut Vec<u8>,
    mut input: &[u8],
    mut call: impl FnMut(&[u8], &mut [u8]) -> dualcomp::Result<dualcomp::Progress>,
) {
    let mut room = [0; 300];
    loop {
        let progress = call(input, &mut room).expect("encoders take any bytes");
        input = &input[progress.consumed..];
        stream.extend_from_slice(&room[..progress.produced]);
        if progress.status != Status::NeedsOutput {
            return;
        }
    }
}
