//! What decoding costs.

use crate::cost::{decode, is_out_of_work, thread_time};
use crate::hostile::hostile;

/// Units of work that are allowed, and for each of them nanoseconds that are: a unit is about a microsecond of a quiet
/// core of 2023, and others share the core and its memory.
const UNITS: u64 = 1 << 13;
const EACH: u64 = 16_000;
/// Nanoseconds for what all streams share and for what a thread loses to the system.
const ONCE: u64 = 100_000_000;

/// Takes the bytes as a stream, or, if they begin with a number of one, as changes of a hostile stream. Decoding either
/// takes no longer than the limit of work allows.
///
/// # Panics
/// If it takes longer.
pub fn cost(data: &[u8]) {
    let [number, at, value, rest @ ..] = data else { return };
    let streams = hostile([0; 4], 1 << 14);
    let (image, stream) = match streams.get(usize::from(*number)) {
        Some(case) => {
            let mut stream = case.stream.clone();
            // Beyond the header, which would only be refused.
            let place = 10 + usize::from(*at) % (stream.len() - 10);
            stream[place] = *value;
            stream.extend(rest);
            (case.image, stream)
        }
        None => (data.get(3) == Some(&b'I'), data.to_vec()),
    };
    let Ok(start) = thread_time() else { return };
    let result = decode(&stream, image, UNITS);
    let time = thread_time().map_or(0, |now| now - start);
    assert!(time < ONCE + EACH * UNITS, "{time} ns, {result:?}, out of work: {}", is_out_of_work(&result));
}
