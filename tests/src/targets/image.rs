//! Images.

use std::io::{self, Read};

use dualcomp::{
    Area, ChunkKind, ColorType, EncoderOptions, ImageDecoder, ImageEncoder, ImageInfo, KeepFile, Level, Metadata,
};

use super::chunks::HEADER_I;
use super::short;
use crate::deflated::PICTURE;
use crate::hostile::checked;
use crate::picture;
use crate::tiny::tiny;

/// Decodes as a whole, from a reader that gives a byte at a time, and a part: the results are the same.
pub fn decode_image(data: &[u8]) {
    let whole = dualcomp::decode_image_with(data, &short(), tiny());
    let _ = dualcomp::inspect(data);
    let Ok(decoder) = ImageDecoder::with_predictor(Slow(data), short(), tiny()) else {
        assert!(whole.is_err());
        return;
    };
    let info = decoder.info();
    // The limits hold, so this is small.
    let mut pixels = vec![0; info.bytes().map_or(0, |bytes| bytes as usize)];
    let slow = decoder.read_pixels(&mut pixels);
    let Ok(whole) = whole else { return };
    assert!(slow.is_ok() && whole.pixels == pixels && whole.info == info);
    let area = Area { left: info.width / 3, top: info.height / 2, width: 1, height: 1 };
    let mut pixel = vec![0; info.color.bytes_per_pixel()];
    let decoder = ImageDecoder::with_predictor(data, short(), tiny()).expect("it decodes");
    decoder.read_area(&area, &mut pixel, |_, _| ()).expect("it decodes");
    let at = (area.top as usize * info.width as usize + area.left as usize) * pixel.len();
    assert_eq!(pixel, pixels[at..at + pixel.len()]);
    // What makes the original file may be damaged; the pixels are the same.
    let decoder = ImageDecoder::with_predictor(data, short(), tiny()).expect("it decodes");
    if let Ok((again, _)) = decoder.read_with_file(|_, _| ()) {
        assert!(again == pixels);
    }
}

/// Takes bytes for what makes the original file of a small image, with a checksum that is right.
pub fn original_file(data: &[u8]) {
    let image = with_original_file();
    let (tiles, end) = image.split_at(original_file_at(&image));
    let end = &end[end.len() - END..];
    let stream = [tiles, &checked(0x80 | 19, data), end].concat();
    let decoder = ImageDecoder::with_predictor(stream.as_slice(), short(), tiny()).expect("the image is whole");
    if let Ok((pixels, file)) = decoder.read_with_file(|_, _| ()) {
        assert!(pixels.len() == 24 * 16 * 3 && file.is_some());
    }
    decode_image(&stream);
}

/// Bytes of an image's end: a type, a length, a checksum, a number.
const END: usize = 7;

/// A picture of 24 x 16 pixels with its PNG file.
pub(crate) fn with_original_file() -> Vec<u8> {
    let (info, options) = (ImageInfo::new(24, 16, ColorType::Rgb8), EncoderOptions::default().with_level(Level::Fast));
    let encoder = ImageEncoder::new(options.with_threads(1)).with_original_file(PICTURE, KeepFile::Always);
    let coded = encoder.encode(&picture(24, 16, 3), &info, &Metadata::default(), |_, _| ()).expect("it can be coded");
    assert!(coded.keeps_file, "its file is made of these pixels");
    coded.data
}

/// Where the chunk of the original file begins.
pub(crate) fn original_file_at(stream: &[u8]) -> usize {
    let chunks = &dualcomp::inspect(stream).expect("it is whole").streams[0].chunks;
    let chunk = chunks.iter().find(|chunk| chunk.kind == Some(ChunkKind::OriginalFile));
    chunk.expect("it has one").offset as usize
}

/// Reads headers whose checksum is right.
pub fn image_header(data: &[u8]) {
    let (header, rest) = data.split_at(data.len().min(11));
    let file = [HEADER_I, &checked(8, header), rest].concat();
    if let Ok(decoder) = ImageDecoder::with_predictor(file.as_slice(), short(), tiny()) {
        let info = decoder.info();
        assert!(info.width > 0 && info.height > 0 && info.pixels() <= 1 << 12);
        assert!(decoder.metadata().icc.as_ref().is_none_or(|icc| icc.len() <= 1 << 16));
    }
    decode_image(&file);
}

/// Encodes the image that the bytes describe, and decodes it.
pub fn round_trip_image(data: &[u8]) {
    let [level, color, width, height, samples @ ..] = data else { return };
    let color = ColorType::ALL[usize::from(color % 8)];
    let info = ImageInfo::new(u32::from(width % 40) + 1, u32::from(height % 40) + 1, color);
    let bytes = info.bytes().map_or(0, |bytes| bytes as usize);
    let pixels: Vec<u8> = samples.iter().copied().chain([7]).cycle().take(bytes).collect();
    let level = [Level::Fast, Level::Default, Level::Max][usize::from(level % 3)];
    let metadata = Metadata::default().with_xmp((level == Level::Fast).then(|| samples.to_vec()));
    let options = EncoderOptions::default().with_level(level).with_threads(1);
    let file = dualcomp::encode_image_with(&pixels, &info, &metadata, &options, tiny()).expect("it can be encoded");
    let image = dualcomp::decode_image_with(&file, &Default::default(), tiny()).expect("it was just encoded");
    assert!(image.info == info && image.pixels == pixels && image.metadata == metadata);
}

/// Gives a byte at a time.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = room.len().min(1);
        self.0.read(&mut room[..len])
    }
}
