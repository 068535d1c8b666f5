//! Files made by a released version decode, and the same input still makes the same file.
//!
//! `tests/vectors/NAME.dcs` and `NAME.dci` belong to the inputs below. A change of format or weights before the
//! first release replaces them: run with `DUALCOMP_BLESS=1`.

use std::path::PathBuf;

use dualcomp::{ColorType, EncoderOptions, ImageInfo, Level, Metadata};
use dualcomp::{compress, decode_image, decompress, encode_image};
use dualcomp_tests::{Numbers, picture, text};

fn golden(name: &str, made: &[u8]) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    if std::env::var_os("DUALCOMP_BLESS").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    std::fs::read(&path).unwrap()
}

#[test]
fn bytes_streams() {
    let inputs =
        [("empty", vec![]), ("text", text(6000)), ("zeros", vec![0; 100_000]), ("random", Numbers::new(11).bytes(700))];
    for (name, input) in inputs {
        for level in [Level::Fast, Level::Default, Level::Max] {
            let made = compress(&input, &EncoderOptions::default().with_level(level)).unwrap();
            let stored = golden(&format!("{name}-{level}.dcs"), &made);
            assert!(decompress(&stored, &Default::default()).unwrap() == input, "{name} {level} decodes");
            assert!(made == stored, "{name} {level} is made anew");
        }
    }
}

#[test]
fn images() {
    let kinds = [("grey", ColorType::L8), ("rgb", ColorType::Rgb8), ("rgba16", ColorType::Rgba16)];
    for (name, color) in kinds {
        let pixels: Vec<u8> = picture(40, 30, color.bytes_per_pixel() as u32);
        // Samples of 16 bits are in the machine's order at the interface.
        let native = |bytes: &[u8]| -> Vec<u8> {
            if color.bytes_per_sample() == 1 || cfg!(target_endian = "big") {
                return bytes.to_vec();
            }
            bytes.chunks_exact(2).flat_map(|b| [b[1], b[0]]).collect()
        };
        let info = ImageInfo::new(40, 30, color);
        let made = encode_image(&native(&pixels), &info, &Metadata::default(), &Default::default()).unwrap();
        let stored = golden(&format!("{name}.dci"), &made);
        assert!(decode_image(&stored, &Default::default()).unwrap().pixels == native(&pixels), "{name} decodes");
        assert!(made == stored, "{name} is made anew");
    }
}
