//! What goes in comes out, for every kind of input and every level.

use dualcomp::{ColorType, EncoderOptions, ImageInfo, Level, Metadata};
use dualcomp::{compress, decode_image, decompress, encode_image};
use dualcomp_tests::{Numbers, from_luma_and_chroma, picture, text};

const LEVELS: [Level; 3] = [Level::Fast, Level::Default, Level::Max];
const COLORS: [ColorType; 8] = [
    ColorType::L8,
    ColorType::La8,
    ColorType::Rgb8,
    ColorType::Rgba8,
    ColorType::L16,
    ColorType::La16,
    ColorType::Rgb16,
    ColorType::Rgba16,
];

#[test]
fn bytes_of_every_kind() {
    let mut numbers = Numbers::new(1);
    let every_byte: Vec<u8> = (0..=255).collect();
    let inputs = [
        vec![],
        vec![0],
        vec![255],
        b"a".repeat(1000),
        every_byte.repeat(9),
        text(40_000),
        numbers.bytes(5000),
        [text(3000), vec![0; 5000], numbers.bytes(3000), text(3000)].concat(),
        "\u{feff}naïve \r\n\t日本語 \u{200b}ﬁ ½ \0".repeat(50).into_bytes(),
        b"\xff\xfe\xc0\x80\xed\xa0\x80".repeat(40),
    ];
    for level in LEVELS {
        for input in &inputs {
            let stream = compress(input, &EncoderOptions::default().with_level(level)).unwrap();
            assert_eq!(decompress(&stream, &Default::default()).unwrap(), *input, "{level} {}", input.len());
        }
    }
}

#[test]
fn pixels_of_every_type_and_odd_sizes() {
    for color in COLORS {
        for (width, height) in [(1, 1), (1, 7), (9, 1), (2, 2), (13, 5), (33, 34)] {
            let pixels = picture(width, height, color.bytes_per_pixel() as u32);
            let info = ImageInfo::new(width, height, color);
            let stream = encode_image(&pixels, &info, &Metadata::default(), &Default::default()).unwrap();
            let image = decode_image(&stream, &Default::default()).unwrap();
            assert_eq!((image.info.width, image.info.height, image.info.color), (width, height, color));
            assert_eq!(image.pixels, pixels, "{color:?} {width}x{height}");
        }
    }
}

#[test]
fn colours_from_luma_and_chroma() {
    let (width, height) = (96, 64);
    let colors = from_luma_and_chroma(width, height);
    // Opacity goes its own way.
    let with_opacity: Vec<u8> = colors.chunks_exact(3).flat_map(|c| [c[0], c[1], c[2], c[1] & 63]).collect();
    for level in LEVELS {
        for (color, pixels) in [(ColorType::Rgb8, &colors), (ColorType::Rgba8, &with_opacity)] {
            let info = ImageInfo::new(width, height, color);
            let options = EncoderOptions::default().with_level(level);
            let stream = encode_image(pixels, &info, &Metadata::default(), &options).unwrap();
            assert!(decode_image(&stream, &Default::default()).unwrap().pixels == *pixels, "{level} {color:?}");
        }
    }
}

#[test]
fn metadata_comes_back() {
    let metadata = Metadata::default()
        .with_icc(vec![1; 3000])
        .with_exif(b"II*\0\x08\0\0\0".to_vec())
        .with_xmp(b"<x:xmpmeta/>".to_vec());
    let info = ImageInfo::new(5, 5, ColorType::Rgb8);
    let stream = encode_image(&picture(5, 5, 3), &info, &metadata, &Default::default()).unwrap();
    let image = decode_image(&stream, &Default::default()).unwrap();
    assert_eq!(image.metadata.icc, metadata.icc);
    assert_eq!(image.metadata.exif, metadata.exif);
    assert_eq!(image.metadata.xmp, metadata.xmp);
    assert_eq!(image.metadata.iptc, None);
}

#[test]
fn the_network_earns_its_keep() {
    // What people write, since generated text is known by its contexts alone.
    let input = include_bytes!("../../docs/spec/image.md");
    let size = |level| compress(input, &EncoderOptions::default().with_level(level)).unwrap().len();
    assert!(size(Level::Default) < size(Level::Fast));
}
