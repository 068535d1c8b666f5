//! Image data of PNG files taken apart: filters, and pixels that are coded as an image.

use crate::codec::v1::deflate::rows::{Rows, predicted};
use crate::encoder::files::embedded::MEMORY;
use crate::encoder::files::extent::PngHeader;
use crate::encoder::image::encode;
use crate::format::image::info::{ColorType, ImageInfo};
use crate::format::image::metadata::Metadata;
use crate::options::EncoderOptions;
use crate::runtime::model_source::ModelSource;

/// Bytes that decoding tiles takes on one thread, with room to spare (docs/guide/architecture.md).
const TILES: u64 = 160 << 20;

/// The filters of the rows, and the payload of a span that makes the rows of them; none if they are not those of the header,
/// become no shorter, or a decoder that holds so many bytes beside them has too little memory.
pub(crate) fn apart(
    rows: &[u8],
    header: PngHeader,
    options: &EncoderOptions,
    source: &ModelSource,
    held: u64,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let layout = layout(header)?;
    // The payload is shorter than the rows, which a decoder has twice, beside the pixels.
    let need = held.saturating_add(3 * rows.len() as u64).saturating_add(layout.info.bytes()?);
    if need.saturating_add(TILES) > MEMORY {
        return None;
    }
    if layout.len() != rows.len() as u64 || layout.row_len() == 0 {
        return None;
    }
    let (filters, pixels) = unfiltered(&layout, rows)?;
    // Bits that fill the last byte of a row must be zeros.
    if layout.filtered(&pixels, &filters).ok()? != rows {
        return None;
    }
    let coded = encode(&pixels, &layout.info, &Metadata::default(), options, source.clone(), |_, _| ()).ok()?;
    let payload = [&[layout.depth], &coded[..]].concat();
    (payload.len() + filters.len() < rows.len()).then_some((filters, payload))
}

/// The rows that a header announces; none if they are interlaced or of no known kind.
fn layout(header: PngHeader) -> Option<Rows> {
    let color = match (header.color, header.depth) {
        (0 | 3, 1 | 2 | 4 | 8) => ColorType::L8,
        (2, 8) => ColorType::Rgb8,
        (4, 8) => ColorType::La8,
        (6, 8) => ColorType::Rgba8,
        (0, 16) => ColorType::L16,
        (2, 16) => ColorType::Rgb16,
        (4, 16) => ColorType::La16,
        (6, 16) => ColorType::Rgba16,
        _ => return None,
    };
    let plain = !header.interlaced && header.width > 0 && header.height > 0;
    plain.then(|| Rows::new(ImageInfo::new(header.width, header.height, color), header.depth)).flatten()
}

/// Filters and pixels of rows; none if a filter is unknown.
fn unfiltered(layout: &Rows, rows: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (row_len, step, width) = (layout.row_len() as usize, layout.step(), layout.info.width as usize);
    let (mut filters, mut pixels) = (Vec::new(), Vec::new());
    let (mut above, mut row) = (vec![0u8; row_len], vec![0u8; row_len]);
    for line in rows.chunks_exact(1 + row_len) {
        let (&filter, line) = line.split_first().filter(|(filter, _)| **filter <= 4)?;
        filters.push(filter);
        for (at, &byte) in line.iter().enumerate() {
            let (left, corner) = if at < step { (0, 0) } else { (row[at - step], above[at - step]) };
            row[at] = byte.wrapping_add(predicted(filter, left, above[at], corner));
        }
        match layout.depth {
            8 => pixels.extend_from_slice(&row),
            16 => pixels
                .extend(row.as_chunks::<2>().0.iter().flat_map(|&sample| u16::from_be_bytes(sample).to_ne_bytes())),
            depth => {
                let samples = row.iter().flat_map(|&byte| {
                    (0..8 / depth).map(move |place| byte >> (8 - depth * (place + 1)) & ((1 << depth) - 1))
                });
                pixels.extend(samples.take(width));
            }
        }
        std::mem::swap(&mut above, &mut row);
    }
    Some((filters, pixels))
}
