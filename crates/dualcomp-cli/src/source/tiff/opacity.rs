//! Grey samples with opacity in a TIFF file, which the `image` crate does not read.

use std::io::Cursor;

use dualcomp::{ColorType, ImageInfo};
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::{ExtraSamples, Tag};

use crate::picture::Picture;
use crate::source::CUT;
use crate::source::pixels::{WORKING_MEMORY, check_pixels, readable};

/// The pixels, if they are grey with opacity.
pub(crate) fn read(file: &[u8]) -> Result<Option<Picture>, String> {
    let mut decoder = readable(Decoder::new(Cursor::new(file)))?;
    // To the decoder these are two bands of whatever it may be.
    let color = match decoder.colortype() {
        Ok(tiff::ColorType::Multiband { bit_depth: 8, num_samples: 2 }) => ColorType::La8,
        Ok(tiff::ColorType::Multiband { bit_depth: 16, num_samples: 2 }) => ColorType::La16,
        _ => return Ok(None),
    };
    let opacity = [ExtraSamples::AssociatedAlpha, ExtraSamples::UnassociatedAlpha].map(|kind| kind.to_u16());
    let extra = readable(decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples))?.unwrap_or_default();
    if extra.len() != 1 || !opacity.contains(&extra[0]) {
        return Ok(None);
    }
    let (width, height) = readable(decoder.dimensions())?;
    check_pixels(width, height)?;
    // At most 2^28 pixels of four bytes.
    let bytes = width as usize * height as usize * color.bytes_per_pixel();
    let mut limits = Limits::default();
    limits.decoding_buffer_size = bytes;
    limits.intermediate_buffer_size = WORKING_MEMORY as usize;
    limits.ifd_value_size = WORKING_MEMORY as usize;
    let mut samples = DecodingResult::U8(Vec::new());
    let layout = readable(decoder.with_limits(limits).read_image_to_buffer(&mut samples))?;
    let mut pixels = samples.as_buffer(0).as_bytes().to_vec();
    if pixels.len() != bytes {
        return Err(CUT.to_owned());
    }
    if layout.planes > 1 {
        let (gray, opacity) = pixels.split_at(bytes / 2);
        let size = color.bytes_per_sample();
        let pairs = gray.chunks_exact(size).zip(opacity.chunks_exact(size));
        pixels = pairs.flat_map(|(gray, opacity)| [gray, opacity]).flatten().copied().collect();
    }
    Ok(Some(Picture { info: ImageInfo::new(width, height, color), metadata: Default::default(), pixels }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A little-endian file of 2 x 1 pixels of grey and opacity with an extra sample of this kind.
    fn file(bits: u16, planar: u16, photometric: u16, extra: u16, samples: &[u8]) -> Vec<u8> {
        let bytes = samples.len() as u16;
        let mut tags = vec![(256, 2), (257, 1), (258, bits), (259, 1), (262, photometric), (277, 2), (278, 1)];
        tags.extend([(284, planar), (338, extra)]);
        let strips = if planar == 2 { 2 } else { 1 };
        let data = 8 + 2 + 12 * (tags.len() as u16 + 2) + 4;
        let mut out = b"II\x2a\0\x08\0\0\0".to_vec();
        out.extend((tags.len() as u16 + 2).to_le_bytes());
        let mut entries: Vec<[u16; 6]> = tags.iter().map(|&(tag, value)| [tag, 3, 1, 0, value, 0]).collect();
        // Two values of two bytes fit into an entry.
        let second = |value| if strips == 2 { value } else { 0 };
        entries.push([273, 3, strips, 0, data, second(data + bytes / 2)]);
        entries.push([279, 3, strips, 0, bytes / strips, second(bytes / 2)]);
        entries.sort_unstable();
        out.extend(entries.as_flattened().iter().flat_map(|word| word.to_le_bytes()));
        out.extend([0; 4]);
        out.extend(samples);
        out
    }

    #[test]
    fn gray_and_opacity_are_read() {
        let picture = read(&file(8, 1, 1, 2, &[1, 2, 3, 4])).unwrap().unwrap();
        assert_eq!((picture.info, &picture.pixels[..]), (ImageInfo::new(2, 1, ColorType::La8), &[1, 2, 3, 4][..]));
        let picture = read(&file(16, 1, 1, 2, &[1, 2, 3, 4, 5, 6, 7, 8])).unwrap().unwrap();
        let samples = picture.pixels.as_chunks().0.iter().map(|sample| u16::from_ne_bytes(*sample));
        assert_eq!(samples.collect::<Vec<_>>(), [0x201, 0x403, 0x605, 0x807]);
        let apart = read(&file(8, 2, 1, 2, &[1, 3, 2, 4])).unwrap().unwrap();
        assert_eq!(apart.pixels, [1, 2, 3, 4]);
    }

    #[test]
    fn other_second_samples_are_not_taken_for_opacity() {
        assert!(read(&file(8, 1, 1, 0, &[1, 2, 3, 4])).unwrap().is_none());
        assert!(read(&file(8, 1, 0, 2, &[1, 2, 3, 4])).is_err());
        assert!(read(&file(8, 1, 1, 2, &[1, 2, 3])).is_err());
    }
}
