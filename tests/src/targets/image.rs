//! Images.

use std::io::{self, Read};

use dualcomp::{Area, ColorType, EncoderOptions, ImageDecoder, ImageInfo, Level, Metadata};

use super::chunks::HEADER_I;
use super::short;
use crate::hostile::checked;
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
