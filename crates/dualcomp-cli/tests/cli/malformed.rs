//! Image files that break their format stay bytes: decoders read some of them in ways of their own, and fail on others.

use std::io::Write;

use crate::png_chunks::{Chunk, data, file, header};
use crate::{Folder, message};

fn stays_bytes(name: &str, file: &[u8], words: &str) {
    let folder = Folder::new();
    folder.write(name, file);
    let output = folder.run(&format!("compress {name}"));
    let said = message(&output);
    assert!(output.status.success() && said.contains("kept as bytes") && said.contains(words), "{said}");
    let said = folder.fails(&format!("compress --force --pixels {name}"), 1);
    assert!(said.contains("no pixels to keep") && said.contains(words), "{said}");
    folder.ok(&format!("decompress {name}.dcs -o back"));
    assert_eq!(folder.read("back"), file);
}

/// A PNG file of one row of `width` pixels.
fn png(width: u8, depth: u8, color: u8, chunks: &[Chunk<'_>], row: &[u8]) -> Vec<u8> {
    let (header, data) = (header(width, depth, color), data(row));
    file(&[&[(b"IHDR", &header[..])][..], chunks, &[(b"IDAT", &data)]].concat())
}

#[test]
fn a_bmp_without_pixels() {
    for (bits, width, height) in [(16_u16, 0_u32, 1_u32), (8, 0, 1 << 24), (32, 3, 0)] {
        let colors = u32::from(bits == 8);
        let mut file = b"BM\0\0\0\0\0\0\0\0".to_vec();
        for word in [54 + 4 * colors, 40, width, height, 1 | u32::from(bits) << 16, 0, 0, 0, 0, colors, 0] {
            file.extend(word.to_le_bytes());
        }
        file.resize(54 + 4 * colors as usize, 0);
        stays_bytes("a.bmp", &file, "no pixels");
        // Nor does it keep others from their turn.
        let folder = Folder::new();
        folder.write("a.bmp", &file);
        folder.write("b", "words");
        folder.ok("compress a.bmp b");
        assert_eq!(folder.names(), ["a.bmp", "a.bmp.dcs", "b", "b.dcs"]);
    }
}

#[test]
fn many_parts_that_are_left_out_make_a_short_note() {
    let names = (0..20_000_u32).map(|name| {
        let letter = |place: u32| b'A' + (name / 26_u32.pow(place) % 26) as u8;
        [b'a', letter(0), letter(1), letter(2)]
    });
    let names: Vec<[u8; 4]> = names.collect();
    let chunks: Vec<Chunk<'_>> = names.iter().map(|name| (name, &[][..])).collect();
    let note = "its aAAA chunk, its aBAA chunk, its aCAA chunk";
    let folder = Folder::new();
    folder.write("a.png", png(1, 8, 0, &chunks, &[0]));
    let said = message(&folder.run("compress a.png"));
    assert!(said.contains(note) && said.contains(" and many more; --pixels does") && said.len() < 300, "{said}");
    let said = message(&folder.run("compress a.png --pixels"));
    assert!(said.contains("left out: its aAAA chunk") && said.len() < 300, "{said}");
    let twice = vec![(b"gAMA", &[0, 0, 1, 1][..]); 20_000];
    folder.write("b.png", png(1, 8, 0, &twice, &[0]));
    assert_eq!(message(&folder.run("compress b.png")).matches("a second gAMA chunk").count(), 1);
}

#[test]
fn tags_of_a_tiff_that_all_refer_to_the_same_bytes() {
    let known = [[256, 1], [257, 1], [258, 8], [259, 1], [262, 1], [273, 8], [277, 1], [278, 1], [279, 1]];
    let count = known.len() + 50_000;
    let length = 8 + 2 + 12 * count as u32 + 4;
    let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
    file.extend((count as u16).to_le_bytes());
    let known = known.iter().map(|&[tag, value]| [tag, 4, 1, value]);
    for [tag, kind, count, value] in known.chain((0..50_000).map(|tag| [1000 + tag, 1, length - 8, 8])) {
        file.extend([tag as u8, (tag >> 8) as u8, kind as u8, 0]);
        file.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    }
    file.extend([0; 4]);
    let start = std::time::Instant::now();
    let folder = Folder::new();
    folder.write("a.tif", &file);
    let said = message(&folder.run("compress a.tif"));
    assert!(said.contains("leave out its tag 1000, its tag 1001, ") && said.contains(" and many more"), "{said}");
    assert!(start.elapsed().as_secs() < 30, "all 30,000,000,000 bytes were looked at");
}

#[test]
fn palettes_of_a_png() {
    for palette in [&[][..], &[1], &[1, 2, 3, 4], &[0; 3 * 257]] {
        stays_bytes("a.png", &png(1, 8, 3, &[(b"PLTE", palette)], &[0]), "palette is malformed");
    }
    let twice = [(b"PLTE", &[1, 2, 3][..]), (b"PLTE", &[4, 5, 6])];
    stays_bytes("a.png", &png(1, 8, 3, &twice, &[0]), "palette is malformed");
}

#[test]
fn transparency_of_a_png() {
    let palette = (b"PLTE", &[1, 2, 3][..]);
    for (color, chunks) in [
        (3, &[palette, (b"tRNS", &[1, 2])][..]),
        (3, &[(b"tRNS", &[1]), palette]),
        (3, &[palette, (b"tRNS", &[1]), (b"tRNS", &[2])]),
        (0, &[(b"tRNS", &[1])]),
        (0, &[(b"tRNS", &[0, 1, 0, 2])]),
        (4, &[(b"tRNS", &[0, 1])]),
    ] {
        stays_bytes("a.png", &png(1, 8, color, chunks, &[0, 0][..if color == 4 { 2 } else { 1 }]), "transparency");
    }
}

#[test]
fn depths_of_a_png() {
    for (depth, color) in [(0, 0), (32, 0), (16, 3), (4, 2)] {
        stays_bytes("a.png", &png(1, depth, color, &[(b"bKGD", &[0, 0])], &[0; 6]), "depth that there is not");
    }
}

#[test]
fn tiles_of_single_channels_of_a_tiff() {
    // 1 x 17 RGB pixels in tiles of 16 x 16: the lower three are not whole.
    let data: u32 = 8 + 2 + 12 * 11 + 4 + 6 + 2 * 24;
    let lists = data - 6 - 2 * 24;
    let tags: [[u32; 4]; 11] = [
        [256, 3, 1, 1],
        [257, 3, 1, 17],
        [258, 3, 3, lists],
        [259, 3, 1, 1],
        [262, 3, 1, 2],
        [277, 3, 1, 3],
        [284, 3, 1, 2],
        [322, 3, 1, 16],
        [323, 3, 1, 16],
        [324, 4, 6, lists + 6],
        [325, 4, 6, lists + 6 + 24],
    ];
    let mut file = b"II\x2a\0\x08\0\0\0\x0b\0".to_vec();
    for [tag, kind, count, value] in tags {
        file.extend([tag as u8, (tag >> 8) as u8, kind as u8, 0]);
        file.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    }
    file.extend([0, 0, 0, 0, 8, 0, 8, 0, 8, 0]);
    file.extend((0..6).flat_map(|tile| (data + 256 * tile).to_le_bytes()));
    file.extend((0..6).flat_map(|_| 256_u32.to_le_bytes()));
    file.resize(data as usize + 6 * 256, 7);
    stays_bytes("a.tif", &file, "tiles of its channels stand apart");
}

#[test]
fn metadata_that_a_decoder_would_refuse() {
    // At random, so that it is stored as it is.
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let exif: Vec<u8> = (0..16 << 20).map(|_| random()).collect();
    let of = |bytes: usize| png(1, 8, 0, &[(b"eXIf", &exif[..bytes])], &[0]);
    stays_bytes("a.png", &of((16 << 20) - 4), "metadata");
    let folder = Folder::new();
    folder.write("a.png", of((16 << 20) - 5));
    folder.ok("compress --pixels a.png -l fast");
    folder.ok("test a.dci");
}

#[test]
fn texts_that_inflate_to_more_than_is_kept() {
    let mut text = flate2::write::ZlibEncoder::new(b"Comment\0\0".to_vec(), flate2::Compression::fast());
    text.write_all(&vec![b'a'; 9 << 20]).unwrap();
    let text = text.finish().unwrap();
    // The damage behind the second text is not reached, nor would a thousand more be.
    let chunks = [(b"zTXt", &text[..]), (b"zTXt", &text), (b"IDAT", b"damaged")];
    stays_bytes("a.png", &png(1, 8, 0, &chunks, &[0]), "metadata takes more than 16777216 bytes");
}
