//! Image files made again of their pixels.

use crate::codec::v1::deflate::samples::Samples;
use crate::codec::{self, Budget, original_file_work};
use crate::decoder::image::stream_inside;
use crate::error::{Error, Result};
use crate::format::agree;
use crate::format::image::info::ImageInfo;
use crate::format::image::original_file::OriginalFile;
use crate::format::version::FormatVersion;
use crate::runtime::model_source::ModelSource;

/// Makes the file that `content` tells of, of the pixels of the image.
pub(super) fn decode(
    version: FormatVersion,
    content: &[u8],
    info: &ImageInfo,
    pixels: &[u8],
    source: &ModelSource,
    budget: Budget<'_>,
) -> Result<Vec<u8>> {
    let made = OriginalFile::parse(content)?;
    budget.limits.check_output(made.file_len)?;
    let samples = Samples::parse(made.samples)?;
    // Samples of less than a byte are collected beside their pixels.
    budget.limits.check_memory(budget.held.saturating_add(2 * pixels.len() as u64))?;
    let (rows, samples) = samples.of(info, pixels)?;
    let height = u64::from(info.height);
    // The samples, the rows, what is around the image data, and the file.
    let held = budget.held.saturating_add(samples.len() as u64).saturating_add(rows.len());
    let held = held.saturating_add(made.file_len - made.data_len + height).saturating_add(made.file_len);
    budget.limits.check_memory(held)?;
    *budget.work = budget.work.saturating_add(original_file_work(rows.len(), made.data_len));
    budget.limits.check_work(*budget.work, budget.read)?;
    let mut budget = Budget { held, ..budget };
    let others = stream_inside::bytes(made.others, made.file_len - made.data_len + height, source, &mut budget)?;
    let (head, rest) = others.split_at(made.head_len as usize);
    let (filters, tail) = rest.split_at(info.height as usize);
    let text = rows.filtered(&samples, filters)?;
    let data = codec::decode_deflate(version, &text, made.payload, made.data_len, &budget)?;
    let file = [head, &data, tail].concat();
    if !agree(crc32fast::hash(&file), made.sum) {
        return Err(Error::corrupt("the original file does not match its checksum"));
    }
    Ok(file)
}
