//! Rows of PNG files, whose pixels are coded as an image.

use crate::codec::Budget;
use crate::codec::v1::deflate::rows::Rows;
use crate::decoder::image::ImageDecoder;
use crate::error::{Error, Result};
use crate::options::DecoderOptions;
use crate::runtime::model_source::ModelSource;

/// Makes rows of `file_len` bytes of their filters and of a payload, which is the bits of a sample and an image.
pub(super) fn decode(
    filters: &[u8],
    payload: &[u8],
    file_len: u64,
    source: &ModelSource,
    budget: Budget<'_>,
) -> Result<Vec<u8>> {
    let (&depth, mut image) = payload.split_first().ok_or(Error::corrupt("the rows of a PNG file have no pixels"))?;
    let limits = budget.limits.with_work_left(*budget.work, budget.read);
    let limits = limits.with_max_memory_bytes(budget.limits.max_memory_bytes.saturating_sub(budget.held));
    let options = DecoderOptions::default().with_limits(limits).with_threads(budget.threads);
    let spent = *budget.work;
    let inside = |error| inside(error, budget.held, spent);
    let decoder = ImageDecoder::with_source(&mut image, options, source.clone()).map_err(inside)?;
    let info = decoder.info();
    let rows =
        Rows::new(info, depth).filter(|rows| rows.len() == file_len && filters.len() as u64 == u64::from(info.height));
    let rows = rows.ok_or(Error::corrupt("the rows of a PNG file are not those of its pixels"))?;
    let bytes = info.bytes().unwrap_or(u64::MAX);
    let held = (filters.len() as u64).saturating_add(bytes).saturating_add(2 * file_len);
    budget.limits.check_memory(held.saturating_add(budget.held))?;
    // Not more than eight times the rows, whose length was checked.
    let mut pixels = vec![0; bytes as usize];
    let work = decoder.read(&info.area(), &mut pixels, held, |_, _| ()).map_err(inside)?;
    *budget.work = budget.work.saturating_add(work);
    if !image.is_empty() {
        return Err(Error::corrupt("something follows the pixels of a PNG file"));
    }
    rows.filtered(&pixels, filters)
}

/// An error of an image inside a stream, whose places and ends are not those of the stream.
fn inside(error: Error, held: u64, spent: u64) -> Error {
    match error {
        Error::LimitsExceeded(error) => Error::LimitsExceeded(error.beside(held, spent)),
        Error::Format(_) | Error::Io(_) => Error::corrupt("the pixels of a PNG file are damaged"),
        other => other,
    }
}
