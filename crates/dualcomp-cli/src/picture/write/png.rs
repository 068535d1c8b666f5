//! PNG files.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dualcomp::Metadata;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use png::{DeflateCompression, Encoder, Filter};

use super::LeftOut;
use super::png_chunks;
use super::reduce::{self, Stored};
use crate::picture::Picture;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Images of more bytes are compressed in the first way only, and with the first two filters, not with all.
const LARGE: usize = 64 << 20;

/// Of images of no more bytes every filter is tried, whatever they show.
const TINY: usize = 1 << 18;

/// Every filter, first those that large images are tried with.
const ALL: &[Filter] =
    &[Filter::NoFilter, Filter::Adaptive, Filter::MinEntropy, Filter::Paeth, Filter::Up, Filter::Sub];

/// Levels of deflate: of photographs that are not tiny, which are 0.6 % larger than at the highest, 6 % if they are
/// very smooth, in a third to an eighth of the time; and of all others, which shrink to little.
const OF_PHOTOS: u8 = 5;
const HIGHEST: u8 = 9;

/// Filtered rows of no more bytes are compressed by Zopfli, too: icons, 3 to 10 % smaller, since small files are often
/// made so. It takes a quarter of a second at worst, of two values in no order; of 64 KiB of these it would be some
/// four seconds (experiments/0104).
const SMALL: u64 = 1 << 13;

/// Rows of fewer bytes are filtered here: the `png` crate takes 5 us for each, however short it is.
const SHORT: usize = 64;

/// Rounds of Zopfli; more gain less than a part in a thousand each.
const ROUNDS: NonZero<u64> = NonZero::new(5).expect("not zero");

/// Blocks of a stream of Zopfli: where to part more takes a second of a few KiB that are nearly noise
/// (experiments/0104).
const BLOCKS: u16 = 2;

/// A PNG file, which has a place for everything but IPTC.
pub(super) fn encode(picture: &Picture, left_out: &mut LeftOut) -> Result<Vec<u8>, String> {
    encode_with(picture, left_out, &[Filter::Adaptive], OF_PHOTOS)
}

/// The same with these filters for photographs that are not tiny, at this level of deflate.
fn encode_with(
    picture: &Picture,
    left_out: &mut LeftOut,
    filters: &'static [Filter],
    level: u8,
) -> Result<Vec<u8>, String> {
    let metadata = &picture.metadata;
    let (stored, data) = smallest(picture, metadata, (filters, level))?;
    let mut file = SIGNATURE.to_vec();
    let [a, b, c, d] = picture.info.width.to_be_bytes();
    let [e, f, g, h] = picture.info.height.to_be_bytes();
    png_chunks::put(&mut file, b"IHDR", &[a, b, c, d, e, f, g, h, stored.depth as u8, stored.color as u8, 0, 0, 0]);
    png_chunks::put_colors(&mut file, metadata, left_out)?;
    if let Some(bits) = &stored.significant {
        png_chunks::put(&mut file, b"sBIT", bits);
        left_out.kept(dualcomp::MetadataKind::SignificantBits);
    }
    if !stored.palette.is_empty() {
        png_chunks::put(&mut file, b"PLTE", &stored.palette);
    }
    if let Some(transparency) = &stored.transparency {
        png_chunks::put(&mut file, b"tRNS", transparency);
    }
    if let Some(background) = &stored.background {
        png_chunks::put(&mut file, b"bKGD", background);
        left_out.kept(dualcomp::MetadataKind::Background);
    }
    png_chunks::put_rest(&mut file, metadata, left_out);
    file.extend(data);
    png_chunks::put(&mut file, b"IEND", &[]);
    Ok(file)
}

/// The smallest PNG file that is found for the pixels, without metadata.
///
/// # Errors
/// Those of the `png` crate, in words.
pub(crate) fn best_png(picture: &Picture) -> Result<Vec<u8>, String> {
    let plain = Picture { info: picture.info, metadata: Metadata::default(), pixels: picture.pixels.clone() };
    encode_with(&plain, &mut LeftOut(Vec::new()), &[Filter::Adaptive, Filter::MinEntropy, Filter::Paeth], HIGHEST)
}

/// The way to store the pixels whose chunks of image data are shortest, and these chunks.
fn smallest<'a>(
    picture: &'a Picture,
    metadata: &Metadata,
    of_photos: (&'static [Filter], u8),
) -> Result<(Stored<'a>, Vec<u8>), String> {
    let mut ways = reduce::ways(picture, metadata);
    let (large, drawn) = (picture.pixels.len() > LARGE, picture.is_drawn());
    if large {
        ways.truncate(1);
    }
    let mut trials = Vec::new();
    for (way, stored) in ways.iter().enumerate() {
        let narrow = stored.color == png::ColorType::Indexed || (stored.depth as u8) < 8;
        let (filters, level) = match (narrow, drawn) {
            _ if picture.pixels.len() <= TINY => (ALL, HIGHEST),
            (true, _) => (&[Filter::NoFilter, Filter::Adaptive][..], HIGHEST),
            (_, true) => (ALL, HIGHEST),
            // Whoever opens a photograph waits for it.
            _ => of_photos,
        };
        let count = if large { 2 } else { filters.len() };
        trials.extend(filters.iter().take(count).map(|&filter| (way, filter, level)));
    }
    let next = AtomicUsize::new(0);
    let best: Mutex<Option<(usize, usize, Vec<u8>)>> = Mutex::new(None);
    let work = || -> Result<(), String> {
        loop {
            let trial = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(way, filter, level)) = trials.get(trial) else { return Ok(()) };
            let stored = &ways[way];
            let data = image_data(picture, stored, filter, level)?;
            let size = data.len() + stored.palette.len() + stored.transparency.as_ref().map_or(0, Vec::len);
            // Nothing can be half done while the lock is held.
            let mut best = best.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            // The order of trials breaks ties, so that the file does not depend on threads.
            if best.as_ref().is_none_or(|&(least, of, _)| (size, trial) < (least, of)) {
                *best = Some((size, trial, data));
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(trials.len());
    thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        work()?;
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a thread has failed".to_owned())?)
    })?;
    let best = best.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (_, trial, data) = best.ok_or("there is no way to store it")?;
    let way = trials[trial].0;
    Ok((ways.swap_remove(way), squeezed(data)?))
}

/// The IDAT chunks in a shorter form, if there is one and they are few.
fn squeezed(data: Vec<u8>) -> Result<Vec<u8>, String> {
    let (mut compressed, mut rest) = (Vec::new(), data.as_slice());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        compressed.extend_from_slice(&after[4..4 + length]);
        rest = &after[4 + length + 4..];
    }
    let mut rows = Vec::new();
    let said = |error: std::io::Error| error.to_string();
    ZlibDecoder::new(compressed.as_slice()).take(SMALL + 1).read_to_end(&mut rows).map_err(said)?;
    if rows.len() as u64 > SMALL {
        return Ok(data);
    }
    let options =
        zopfli::Options { iteration_count: ROUNDS, maximum_block_splits: BLOCKS, ..zopfli::Options::default() };
    let mut shorter = Vec::new();
    zopfli::compress(options, zopfli::Format::Zlib, rows.as_slice(), &mut shorter).map_err(said)?;
    if shorter.len() >= compressed.len() {
        return Ok(data);
    }
    let mut chunk = Vec::new();
    png_chunks::put(&mut chunk, b"IDAT", &shorter);
    Ok(chunk)
}

/// The IDAT chunks.
fn image_data(picture: &Picture, stored: &Stored<'_>, filter: Filter, level: u8) -> Result<Vec<u8>, String> {
    let row = stored.samples.len() / picture.info.height as usize;
    if row < SHORT {
        return short_rows(&stored.samples, row, filter, level);
    }
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, picture.info.width, picture.info.height);
    encoder.set_color(stored.color);
    encoder.set_depth(stored.depth);
    encoder.set_deflate_compression(DeflateCompression::Level(level));
    encoder.set_filter(filter);
    if !stored.palette.is_empty() {
        encoder.set_palette(stored.palette.as_slice());
    }
    let said = |error: png::EncodingError| error.to_string();
    let mut writer = encoder.write_header().map_err(said)?;
    writer.write_image_data(&stored.samples).map_err(said)?;
    writer.finish().map_err(said)?;
    let (mut data, mut rest) = (Vec::new(), file.get(SIGNATURE.len()..).unwrap_or_default());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        // Type and checksum, too.
        let whole = u32::from_be_bytes(*length) as usize + 12;
        if after.starts_with(b"IDAT") {
            data.extend_from_slice(&rest[..whole]);
        }
        rest = &rest[whole..];
    }
    Ok(data)
}

/// The IDAT chunk of rows of so few bytes, each as it is or less the one above.
fn short_rows(samples: &[u8], row: usize, filter: Filter, level: u8) -> Result<Vec<u8>, String> {
    let up = filter != Filter::NoFilter;
    let (zeros, mut filtered) = (vec![0; row], Vec::with_capacity(samples.len() / row * (row + 1)));
    for (i, bytes) in samples.chunks_exact(row).enumerate() {
        let above = if up && i > 0 { &samples[(i - 1) * row..][..row] } else { &zeros };
        filtered.push(2 * u8::from(up));
        filtered.extend(bytes.iter().zip(above).map(|(x, above)| x.wrapping_sub(*above)));
    }
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(level.into()));
    let said = |error: std::io::Error| error.to_string();
    zlib.write_all(&filtered).map_err(said)?;
    let mut chunk = Vec::new();
    png_chunks::put(&mut chunk, b"IDAT", &zlib.finish().map_err(said)?);
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use dualcomp::{ColorType, ImageInfo};

    use super::*;

    #[test]
    fn images_of_two_values_are_not_searched_for_seconds() {
        let info = ImageInfo::new(250, 260, ColorType::L8);
        let mut state = 1_u32;
        let pixels: Vec<u8> = (0..250 * 260)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 31) as u8 * 5
            })
            .collect();
        let picture = Picture { info, metadata: Metadata::default(), pixels };
        let stored = reduce::ways(&picture, &picture.metadata).swap_remove(0);
        let data = image_data(&picture, &stored, Filter::NoFilter, HIGHEST).unwrap();
        assert!(squeezed(data.clone()).unwrap() == data);
    }
    #[test]
    fn only_few_rows_are_for_zopfli() {
        for (width, squeezes) in [(SMALL as u32 / 64 - 1, true), (SMALL as u32 / 64, false)] {
            let info = ImageInfo::new(width, 64, ColorType::L8);
            let pixels = (0..width * 64).map(|i| (i * i / 97 % 7) as u8 * 36).collect();
            let picture = Picture { info, metadata: Metadata::default(), pixels };
            let stored = reduce::ways(&picture, &picture.metadata).swap_remove(0);
            let data = image_data(&picture, &stored, Filter::NoFilter, HIGHEST).unwrap();
            assert_eq!(squeezed(data.clone()).unwrap() != data, squeezes, "{width}");
        }
    }
    #[test]
    fn short_rows_are_read_by_others() {
        for (width, height, color) in [(1, 1, ColorType::L8), (1, 3000, ColorType::L8), (7, 300, ColorType::Rgba16)] {
            let info = ImageInfo::new(width, height, color);
            let pixels: Vec<u8> = (0..info.bytes().unwrap()).map(|i| (i * i / 97 % 251) as u8).collect();
            let picture = Picture { info, metadata: Metadata::default(), pixels };
            let stored = reduce::ways(&picture, &picture.metadata).pop().unwrap();
            for &filter in ALL {
                let mut file = SIGNATURE.to_vec();
                let header = [width.to_be_bytes(), height.to_be_bytes()].concat();
                png_chunks::put(
                    &mut file,
                    b"IHDR",
                    &[&header[..], &[stored.depth as u8, stored.color as u8, 0, 0, 0]].concat(),
                );
                file.extend(image_data(&picture, &stored, filter, HIGHEST).unwrap());
                png_chunks::put(&mut file, b"IEND", &[]);
                let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
                let mut back = vec![0; reader.output_buffer_size().unwrap()];
                reader.next_frame(&mut back).unwrap();
                assert!(back == *stored.samples, "{width} {height} {filter:?}");
            }
        }
    }
}
