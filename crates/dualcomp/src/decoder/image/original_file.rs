//! Image files made again of their pixels.

use crate::codec::v1::deflate::samples::Samples;
use crate::codec::{self, Budget, original_file_work};
use crate::decoder::bytes::Decoder;
use crate::error::{Error, Result};
use crate::format::agree;
use crate::format::image::info::ImageInfo;
use crate::format::image::original_file::OriginalFile;
use crate::format::version::FormatVersion;
use crate::options::DecoderOptions;
use crate::progress::Status;
use crate::runtime::model_source::ModelSource;

/// Room made for bytes at a time.
const STEP: usize = 1 << 16;

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
    let (rows, samples) = samples.of(info, pixels)?;
    let height = u64::from(info.height);
    // The samples, the rows, what is around the image data, and the file.
    let held = budget.held.saturating_add(samples.len() as u64).saturating_add(rows.len());
    let held = held.saturating_add(made.file_len - made.data_len + height).saturating_add(made.file_len);
    budget.limits.check_memory(held)?;
    *budget.work = budget.work.saturating_add(original_file_work(rows.len(), made.data_len));
    budget.limits.check_work(*budget.work, budget.read)?;
    let budget = Budget { held, ..budget };
    let others = others(&made, made.file_len - made.data_len + height, source, &budget)?;
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

/// The bytes of the file beside its image data, and the filters, which must be so many.
fn others(made: &OriginalFile<'_>, len: u64, source: &ModelSource, budget: &Budget<'_>) -> Result<Vec<u8>> {
    let limits = budget.limits.with_work_left(*budget.work, budget.read).with_max_output_bytes(len);
    let limits = limits.with_max_memory_bytes(budget.limits.max_memory_bytes.saturating_sub(budget.held));
    let options = DecoderOptions::default().with_limits(limits).with_threads(budget.threads);
    let mut decoder = Decoder::with_source(options, source.clone());
    // The length is a claim: memory is taken as data comes.
    let (mut out, mut taken) = (Vec::new(), 0);
    loop {
        let given = out.len();
        out.resize(given + STEP.min(len as usize - given), 0);
        let progress = decoder.decode(&made.others[taken..], &mut out[given..]).map_err(inside)?;
        taken += progress.consumed;
        out.truncate(given + progress.produced);
        match progress.status {
            Status::NeedsOutput if (out.len() as u64) < len => {}
            Status::Done if out.len() as u64 == len && taken == made.others.len() => return Ok(out),
            _ => return Err(Error::corrupt("the original file is not as long as its chunk says")),
        }
    }
}

/// An error of a stream inside a chunk, whose places and ends are not those of the stream around it.
fn inside(error: Error) -> Error {
    match error {
        Error::Format(_) => Error::corrupt("what is around the image data of the original file is damaged"),
        other => other,
    }
}
