//! Bytes that are in memory already.

use dualcomp::{Error, Limits};

use super::settings::{Settings, decoder_options, encoder_options};
use super::{hexadecimal, model};
use crate::terminal::Failure;

/// Compresses bytes in memory.
pub(crate) fn pack(data: &[u8], settings: &Settings) -> Result<Vec<u8>, Failure> {
    let options = encoder_options(settings);
    Ok(match model::named() {
        Some(model) => dualcomp::compress_with(data, &options, Some(model))?,
        None => dualcomp::compress(data, &options)?,
    })
}

/// Compresses the body of a message, and decodes it as a client of dualcomp-http does; none if that is more than such a
/// client takes by default. Files in it are found only if `find`.
pub(crate) fn pack_body(data: &[u8], settings: Settings, find: bool) -> Result<Option<Vec<u8>>, Failure> {
    // Larger tables than for this size do not fit in what clients allow.
    const HINT: u64 = 3 << 20;
    let options = encoder_options(&settings).with_size_hint(HINT.min(data.len() as u64)).with_find_files(find);
    let coded = dualcomp::compress(data, &options)?;
    // The defaults of `dualcomp_http::DecompressionOptions`.
    let limits = Limits::default()
        .with_max_output_bytes(64 << 20)
        .with_max_memory_bytes(128 << 20)
        .with_max_ratio(1000)
        .with_max_work(5 << 20, 64);
    match dualcomp::decompress(&coded, &decoder_options(settings.threads).with_limits(limits)) {
        Ok(back) if back == data => Ok(Some(coded)),
        Ok(_) => Err("does not come back as it was; nothing is kept".to_owned().into()),
        Err(Error::LimitsExceeded(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a stream decodes to this content. What it would be more is not made.
pub(crate) fn is_body_of(coded: &[u8], content: &[u8], threads: usize) -> bool {
    let limits = Limits::default().with_max_output_bytes(content.len() as u64);
    let back = dualcomp::decompress(coded, &decoder_options(threads).with_limits(limits));
    back.is_ok_and(|back| back == content)
}

/// The content coding of HTTP that a stream has: the format and the model that it needs.
pub(crate) fn content_coding(stream: &[u8]) -> Result<String, Failure> {
    let model = dualcomp::inspect(stream)?.streams.first().and_then(|stream| stream.model);
    let model = model.map(|id| format!("-{}", hexadecimal(id))).unwrap_or_default();
    Ok(format!("dualcomp-{}{model}", dualcomp::FORMAT_VERSION))
}

/// Decompresses bytes in memory.
pub(crate) fn unpack(data: &[u8], threads: usize) -> Result<Vec<u8>, Failure> {
    // What is measured is in memory already, and so may its copy be.
    let limits = Limits::default().with_max_memory_bytes(u64::MAX);
    let options = decoder_options(threads).with_limits(limits);
    Ok(match model::named_by(data) {
        Some(model) => dualcomp::decompress_with(data, &options, Some(model))?,
        None => dualcomp::decompress(data, &options)?,
    })
}
