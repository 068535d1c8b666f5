//! Streams of bytes inside a chunk of an image.

use crate::codec::Budget;
use crate::decoder::bytes::Decoder;
use crate::error::{Error, LimitKind, Result};
use crate::options::DecoderOptions;
use crate::progress::Status;
use crate::runtime::model_source::ModelSource;

/// Room made for bytes at a time.
const STEP: usize = 1 << 16;

/// The bytes of a stream, which must be so many. Its work is added to that of the image.
pub(super) fn bytes(stream: &[u8], len: u64, source: &ModelSource, budget: &mut Budget<'_>) -> Result<Vec<u8>> {
    let limits = budget.limits.with_work_left(*budget.work, budget.read).with_max_output_bytes(len);
    let limits = limits.with_max_memory_bytes(budget.limits.max_memory_bytes.saturating_sub(budget.held));
    let options = DecoderOptions::default().with_limits(limits).with_threads(budget.threads).with_concatenated(false);
    let (held, spent) = (budget.held, *budget.work);
    let mut decoder = Decoder::with_source(options, source.clone());
    let len = usize::try_from(len).map_err(|_| Error::corrupt("a stream inside a chunk is too long"))?;
    // The length is a claim: memory is taken as data comes.
    let (mut out, mut taken) = (Vec::new(), 0);
    loop {
        let given = out.len();
        out.resize(given + STEP.min(len - given), 0);
        let progress =
            decoder.decode(&stream[taken..], &mut out[given..]).map_err(|error| inside(error, held, spent))?;
        taken += progress.consumed;
        out.truncate(given + progress.produced);
        match progress.status {
            // A stream may have more to do behind its last byte.
            Status::NeedsOutput if out.len() < len || progress.produced > 0 => {}
            Status::Done if out.len() == len && taken == stream.len() && decoder.is_bytes() => {
                *budget.work = budget.work.saturating_add(decoder.work());
                return Ok(out);
            }
            _ => return Err(Error::corrupt("a stream inside a chunk is not as long as the chunk says")),
        }
    }
}

/// An error of a stream inside a chunk, whose places and ends are not those of the stream around it.
fn inside(error: Error, held: u64, spent: u64) -> Error {
    match error {
        Error::Format(_) | Error::UnknownDictionary { .. } => Error::corrupt("a stream inside a chunk is damaged"),
        Error::LimitsExceeded(error) if error.kind() == LimitKind::OutputBytes => {
            Error::corrupt("a stream inside a chunk is longer than the chunk says")
        }
        Error::LimitsExceeded(error) => Error::LimitsExceeded(error.beside(held, spent)),
        other => other,
    }
}
