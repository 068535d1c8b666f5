//! What decoding costs, in time of a processor and in the units of `Limits::max_work`.

use std::io;

use dualcomp::{DecoderOptions, Error, LimitKind, Limits};

/// Nanoseconds that this thread has had of a core, whatever else the machine does; none where Linux does not tell.
///
/// # Errors
/// If what the system says is no number.
pub fn thread_time() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = text.split_whitespace().next().unwrap_or_default();
    first.parse().map_err(io::Error::other)
}

/// Decodes a stream of either kind on this thread with at most `units` of work.
///
/// # Errors
/// What decoding returns.
pub fn decode(stream: &[u8], image: bool, units: u64) -> Result<(), Error> {
    let limits = Limits::default().with_max_work(units, 0);
    let options = DecoderOptions::default().with_limits(limits).with_threads(1);
    match image {
        true => dualcomp::decode_image(stream, &options).map(drop),
        false => dualcomp::decompress(stream, &options).map(drop),
    }
}

/// Whether the limit of work ended this.
pub fn is_out_of_work(result: &Result<(), Error>) -> bool {
    matches!(result, Err(Error::LimitsExceeded(error)) if error.kind() == LimitKind::Work)
}

/// Units of work that decoding a stream takes, to one part in 32: the least limit that it keeps.
pub fn units(stream: &[u8], image: bool) -> u64 {
    let is_enough = |units| !is_out_of_work(&decode(stream, image, units));
    let (mut low, mut high) = (0, 1 << 10);
    while !is_enough(high) {
        (low, high) = (high, 2 * high);
    }
    while high - low > (high / 32).max(1) {
        let middle = low.midpoint(high);
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}
