//! Whole byte strings at once.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::decoder::bytes::Decoder;
use crate::encoder::bytes::Encoder;
use crate::error::{Error, FormatErrorKind, Result};
use crate::limits::Limits;
use crate::options::{DecoderOptions, EncoderOptions};
use crate::progress::{Progress, Status};

/// Room made for output at a time.
const STEP: usize = 1 << 16;

/// Compresses bytes of any kind. Uses this library's own model, unless the level does without.
///
/// The result is never longer than the input by more than 64 bytes and a thousandth.
///
/// ```
/// let text = "the same again, ".repeat(100);
/// let stream = dualcomp::compress(text.as_bytes(), &Default::default())?;
/// assert!(stream.len() < text.len() / 10);
/// assert_eq!(dualcomp::decompress(&stream, &Default::default())?, text.as_bytes());
/// # Ok::<(), dualcomp::Error>(())
/// ```
///
/// # Errors
/// [`Error::Model`] if the model fails; [`Error::Parameter`] if the dictionary is for another model, or if this thread
/// rounds floating-point numbers in another way than streams are defined by.
pub fn compress(data: &[u8], options: &EncoderOptions) -> Result<Vec<u8>> {
    run_encoder(data, Encoder::new(sized(data, options)), |_| ())
}

/// As [`compress`], with the caller's model, or without a model at all.
///
/// # Errors
/// As for [`compress`].
pub fn compress_with(data: &[u8], options: &EncoderOptions, predictor: Option<Arc<dyn Predictor>>) -> Result<Vec<u8>> {
    run_encoder(data, Encoder::with_predictor(sized(data, options), predictor), |_| ())
}

/// Decompresses a stream of bytes.
///
/// The result counts as memory: [`Limits::max_memory_bytes`](crate::Limits::max_memory_bytes) bounds it as
/// [`Limits::max_output_bytes`](crate::Limits::max_output_bytes) does. For results that should not be in memory
/// as a whole there are [`Decoder`] and [`read::Decoder`](crate::read::Decoder).
///
/// # Errors
/// [`Error::Format`], [`Error::LimitsExceeded`], [`Error::UnknownModel`] and [`Error::UnknownDictionary`] for what the
/// data is or needs; [`Error::Model`] if the model fails; [`Error::Parameter`] if this thread rounds floating-point
/// numbers in another way than streams are defined by.
pub fn decompress(data: &[u8], options: &DecoderOptions) -> Result<Vec<u8>> {
    run_decoder(data, Decoder::new(bounded(options)))
}

/// As [`decompress`], with the caller's model, or without a model at all.
///
/// # Errors
/// As for [`decompress`].
pub fn decompress_with(
    data: &[u8],
    options: &DecoderOptions,
    predictor: Option<Arc<dyn Predictor>>,
) -> Result<Vec<u8>> {
    run_decoder(data, Decoder::with_predictor(bounded(options), predictor))
}

pub(super) fn sized(data: &[u8], options: &EncoderOptions) -> EncoderOptions {
    options.clone().with_size_hint(data.len() as u64)
}

pub(super) fn bounded(options: &DecoderOptions) -> DecoderOptions {
    let mut options = options.clone();
    options.limits = with_output_in_memory(options.limits);
    options
}

/// Limits for a decoder whose output is gathered, so that it counts as memory.
pub(super) fn with_output_in_memory(mut limits: Limits) -> Limits {
    limits.max_output_bytes = limits.max_output_bytes.min(limits.max_memory_bytes);
    limits
}

/// Appends to `out` what a call gives out.
fn append(out: &mut Vec<u8>, call: impl FnOnce(&mut [u8]) -> Result<Progress>) -> Result<Progress> {
    let len = out.len();
    out.resize(len + STEP, 0);
    let result = call(&mut out[len..]);
    out.truncate(len + result.as_ref().map_or(0, |progress| progress.produced));
    result
}

/// Encodes all; `end` looks at the encoder then.
pub(super) fn run_encoder(mut data: &[u8], mut encoder: Encoder, end: impl FnOnce(&Encoder)) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    while !data.is_empty() {
        let progress = append(&mut out, |output| encoder.encode(data, output))?;
        data = &data[progress.consumed..];
    }
    while append(&mut out, |output| encoder.finish(output))?.status != Status::Done {}
    end(&encoder);
    out.shrink_to_fit();
    Ok(out)
}

fn run_decoder(data: &[u8], mut decoder: Decoder) -> Result<Vec<u8>> {
    let (mut out, mut taken) = (Vec::new(), 0);
    loop {
        let progress = append(&mut out, |output| decoder.decode(&data[taken..], output))?;
        taken += progress.consumed;
        if progress.status != Status::NeedsOutput {
            break;
        }
    }
    decoder.finish()?;
    if taken < data.len() {
        let detail = "something else follows the end of the stream";
        return Err(Error::format(FormatErrorKind::TrailingData, taken as u64, detail));
    }
    Ok(out)
}
