//! What hides in image files where decoders do not look.

use crate::png_chunks::{data, file, header};
use crate::{Folder, message};

/// Compresses a file, which must be kept as bytes with a note that has these words, and come back whole.
fn stays_bytes(name: &str, file: &[u8], words: &str) {
    let folder = Folder::new();
    folder.write(name, file);
    let output = folder.run(&format!("compress -1 {name}"));
    let said = message(&output);
    assert!(output.status.success() && said.contains("kept as bytes") && said.contains(words), "{name}: {said}");
    folder.ok(&format!("decompress {name}.dcs -o back"));
    assert!(folder.read("back") == file, "{name}");
}

/// Compresses a file, which must become pixels without a word.
fn becomes_pixels(name: &str, file: &[u8]) {
    let folder = Folder::new();
    folder.write(name, file);
    let output = folder.run(&format!("compress -1 {name} -o a.dci"));
    assert!(output.status.success() && output.stderr.is_empty(), "{name}: {}", message(&output));
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_le_bytes();
    [kind, &length[..], content, &[0][..content.len() % 2]].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[&b"WEBP"[..], &chunks.concat()].concat())
}

/// The image data of a WebP file of 30 x 20 pixels, as a chunk has it.
fn lossless() -> Vec<u8> {
    let samples: Vec<u8> = (0..1800_u32).map(|at| (at * at / 90) as u8).collect();
    let mut file = Vec::new();
    image_webp::WebPEncoder::new(&mut file).encode(&samples, 30, 20, image_webp::ColorType::Rgb8).unwrap();
    let length = u32::from_le_bytes(file[16..20].try_into().unwrap());
    file[20..20 + length as usize].to_vec()
}

#[test]
fn what_stands_in_the_chunks_of_a_webp_file_is_not_lost() {
    let image = lossless();
    // Some programs complete chunks, as all do with zeros.
    for more in [&[][..], &[0], &[0; 9]] {
        becomes_pixels("a.webp", &webp(&[chunk(b"VP8L", &[&image, more].concat())]));
    }
    for more in [&[1][..], &[0, 0, 7], &[9; 950]] {
        let file = webp(&[chunk(b"VP8L", &[&image, more].concat())]);
        stays_bytes("a.webp", &file, "leave out what follows its image data");
    }
    let canvas = [0x08, 0, 0, 0, 29, 0, 0, 19, 0, 0];
    let exif = b"II*\0\x08\0\0\0\0\0\0\0\0\0\0";
    let extended = |canvas: &[u8]| webp(&[chunk(b"VP8X", canvas), chunk(b"VP8L", &image), chunk(b"EXIF", exif)]);
    becomes_pixels("a.webp", &extended(&canvas));
    stays_bytes("a.webp", &extended(&[&canvas[..], &[7; 300]].concat()), "reserved fields");
    stays_bytes("a.webp", &extended(&[&[0x48], &canvas[1..]].concat()), "reserved fields");
    stays_bytes("a.webp", &extended(&[&[0x08, 1], &canvas[2..]].concat()), "reserved fields");
    let mut file = webp(&[chunk(b"EXIF", exif), chunk(b"VP8L", &image)]);
    let pad = file.windows(4).position(|kind| kind == b"EXIF").unwrap() + 8 + exif.len();
    file[pad] = 1;
    // A simple file begins with its image, to decoders.
    file = webp(&[chunk(b"VP8X", &canvas), file[12..].to_vec()]);
    stays_bytes("a.webp", &file, "what fills its chunks up");
}

#[test]
fn space_behind_raw_samples_is_not_lost() {
    for end in ["", "\n", " \t\n"] {
        let plain = format!("P2\n2 1\n255\n7 9{end}");
        becomes_pixels("a.pgm", plain.as_bytes());
        let raw = [&b"P5\n2 1\n255\nab"[..], end.as_bytes()].concat();
        match end {
            "" => becomes_pixels("a.pgm", &raw),
            _ => stays_bytes("a.pgm", &raw, "what follows its first image"),
        }
    }
}

#[test]
fn palettes_have_no_more_colours_than_indices() {
    let (header, data) = (header(8, 1, 3), data(&[0b0101_0101]));
    let with = |palette: &[u8]| file(&[(b"IHDR", &header), (b"PLTE", palette), (b"IDAT", &data)]);
    becomes_pixels("a.png", &with(&[1, 2, 3, 4, 5, 6]));
    for colours in [3, 256] {
        stays_bytes("a.png", &with(&vec![7; 3 * colours]), "more colours than its pixels can name");
    }
}

#[test]
fn parts_of_image_data_must_be_where_idot_says() {
    let (header, data) = (header(1, 8, 0), data(&[7]));
    let words = |words: [u32; 4]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    let with = |parts: &[u8]| file(&[(b"IHDR", &header), (b"iDOT", parts), (b"IDAT", &data)]);
    // One part, which begins behind the 28 bytes of this chunk.
    let right = words([1, 0, 1, 28]);
    becomes_pixels("a.png", &with(&right));
    stays_bytes("a.png", &with(&words([1, 0, 1, 29])), "its iDOT chunk");
    stays_bytes("a.png", &with(&[b'?'; 700]), "its iDOT chunk");
    let twice = file(&[(b"IHDR", &header), (b"iDOT", &right), (b"iDOT", &right), (b"IDAT", &data)]);
    stays_bytes("a.png", &twice, "a second iDOT chunk");
}
