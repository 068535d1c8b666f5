//! Chunks of PNG files that stand where decoders do not look for them, or of which there are two.

use std::io::Write;

use crate::{Folder, message};

pub(crate) type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

/// A PNG file of these chunks, behind which the last stands.
pub(crate) fn file(chunks: &[Chunk<'_>]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [chunks, &[(b"IEND", &[])]].concat() {
        let body = [&kind[..], content].concat();
        file.extend((content.len() as u32).to_be_bytes());
        file.extend(&body);
        file.extend(crc32fast::hash(&body).to_be_bytes());
    }
    file
}

/// The content of the header of one row.
pub(crate) fn header(width: u8, depth: u8, color: u8) -> [u8; 13] {
    [0, 0, 0, width, 0, 0, 0, 1, depth, color, 0, 0, 0]
}

/// Image data of one row.
pub(crate) fn data(row: &[u8]) -> Vec<u8> {
    zlib(&[&[0], row].concat())
}

pub(crate) fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Compresses the file, which must be kept as bytes with a note that has these words.
fn stays_bytes(file: &[u8], words: &str) {
    let folder = Folder::new();
    folder.write("a.png", file);
    let said = message(&folder.run("compress --rm a.png"));
    assert!(said.contains("kept as bytes") && said.contains(words), "{words}: {said}");
    folder.ok("decompress a.png.dcs");
    assert!(folder.read("a.png") == file, "{words}");
}

/// Compresses the file as pixels, and gives the file that is made of these.
fn again(file: &[u8]) -> Vec<u8> {
    let folder = Folder::new();
    folder.write("a.png", file);
    let output = folder.run("compress a.png -o a.dci --pixels");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", message(&output));
    let output = folder.run("decompress a.dci -o back.png");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", message(&output));
    folder.read("back.png")
}

#[test]
fn chunks_behind_the_image_data_are_not_dropped_and_not_moved() {
    let (header, data) = (header(3, 8, 2), data(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
    let of = |chunk: Chunk<'_>| file(&[(b"IHDR", &header), (b"IDAT", &data), chunk]);
    for chunk in [
        (b"tRNS", &[0, 1, 0, 2, 0, 3][..]),
        (b"gAMA", &[0, 0, 1, 1]),
        (b"cHRM", &[0; 32]),
        (b"sRGB", &[0]),
        (b"iCCP", b"a\0\0\x78\x9c\x03\0\0\0\0\x01"),
        (b"cICP", &[1, 13, 0, 1]),
        (b"sBIT", &[5, 6, 5]),
        (b"bKGD", &[0, 1, 0, 2, 0, 3]),
        (b"pHYs", &[0, 0, 0, 1, 0, 0, 0, 1, 1]),
        (b"vpAg", &[7]),
    ] {
        stays_bytes(&of(chunk), &format!("misplaced {} chunk", chunk.0.escape_ascii()));
    }
    for chunk in [(b"tEXt", &b"Title\0x"[..]), (b"eXIf", b"MM\0\x2a\0\0\0\x08\0\0\0\0\0\0"), (b"tIME", &[7; 7])] {
        let back = again(&of(chunk));
        assert!(back.windows(4 + chunk.1.len()).any(|part| part == [&chunk.0[..], chunk.1].concat()), "{chunk:?}");
    }
    stays_bytes(&of((b"PLTE", &[1, 2, 3])), "palette is out of place");
    stays_bytes(&file(&[(b"IHDR", &header), (b"IDAT", &data), (b"tIME", &[7; 7]), (b"IDAT", &[])]), "stand together");
    stays_bytes(&of((b"IHDR", &header)), "header is out of place");
}

#[test]
fn chunks_behind_the_palette_are_not_moved() {
    let (header, data) = (header(1, 8, 3), data(&[0]));
    let palette = (b"PLTE", &[1, 2, 3][..]);
    let of = |chunks: [Chunk<'_>; 2]| file(&[(b"IHDR", &header), chunks[0], chunks[1], (b"IDAT", &data)]);
    for chunk in [(b"gAMA", &[0, 0, 1, 1][..]), (b"sRGB", &[0]), (b"sBIT", &[5, 6, 5])] {
        stays_bytes(&of([palette, chunk]), &format!("misplaced {} chunk", chunk.0.escape_ascii()));
    }
    stays_bytes(&of([(b"bKGD", &[0]), palette]), "");
    again(&of([palette, (b"bKGD", &[0])]));
}

#[test]
fn a_second_xmp_packet_is_not_taken_for_text() {
    let xmp = (b"iTXt", &b"XML:com.adobe.xmp\0\0\0\0\0<x>\xC3\xA9</x>"[..]);
    stays_bytes(&file(&[(b"IHDR", &header(1, 8, 0)), xmp, xmp, (b"IDAT", &data(&[0]))]), "second XMP chunk");
}

#[test]
fn keywords_that_cannot_be_written_are_not_taken() {
    let of =
        |kind: &[u8; 4], content: &[u8]| file(&[(b"IHDR", &header(1, 8, 0)), (kind, content), (b"IDAT", &data(&[0]))]);
    for letters in [0, 80] {
        let keyword = "k".repeat(letters);
        stays_bytes(&of(b"tEXt", format!("{keyword}\0x").as_bytes()), "malformed tEXt chunk");
        stays_bytes(&of(b"iTXt", format!("{keyword}\0\0\0\0\0x").as_bytes()), "malformed iTXt chunk");
    }
    let longest = format!("tEXt{}\0x", "k".repeat(79));
    let back = again(&of(b"tEXt", &longest.as_bytes()[4..]));
    assert!(back.windows(longest.len()).any(|part| part == longest.as_bytes()));
}

#[test]
fn the_significant_bits_of_opacity_come_back() {
    for (color, row, bits) in [
        (6, &[1, 2, 3, 255, 4, 5, 6, 0][..], &[5, 6, 5, 1][..]),
        (4, &[1, 255, 4, 0], &[5, 1]),
        (4, &[1, 255, 4, 0], &[5, 8]),
    ] {
        let file = file(&[(b"IHDR", &header(2, 8, color)), (b"sBIT", bits), (b"IDAT", &data(row))]);
        let back = again(&file);
        let same = back.windows(4 + bits.len()).any(|part| part == [b"sBIT", bits].concat());
        // Opacity of all bits needs no samples of its own.
        assert_eq!((same, back[25]), if bits.ends_with(&[8]) { (false, 0) } else { (true, color) }, "{bits:?}");
    }
}

#[test]
fn many_short_texts_are_not_compressed_one_by_one() {
    let texts = vec![(b"tEXt", &b"Title\0short"[..]); 20_000];
    let (header, data) = (header(1, 8, 0), data(&[0]));
    let again = again(&file(&[&[(b"IHDR", &header[..])][..], &texts, &[(b"IDAT", &data)]].concat()));
    assert_eq!(again.windows(15).filter(|part| part == b"tEXtTitle\0short").count(), 20_000);
    let long = [&b"Title\0"[..], &[b'a'; 2000]].concat();
    assert!(self::again(&file(&[(b"IHDR", &header), (b"tEXt", &long), (b"IDAT", &data)])).len() < 1000);
}

#[test]
fn long_metadata_is_no_reason_for_more_pixels() {
    let text = [&b"Comment\0\0"[..], &zlib(&b"abc".repeat(300))].concat();
    // Strings that repeat, which pixels hold less well.
    let row: Vec<u8> = (0..600_u32).map(|sample| ((sample % 97).pow(3) % 251) as u8).collect();
    let file = file(&[(b"IHDR", &header(200, 8, 2)), (b"zTXt", &text), (b"IDAT", &data(&row))]);
    stays_bytes(&file, "its pixels take more");
    // Whoever names a .dci has it.
    let folder = Folder::new();
    folder.write("a.png", &file);
    assert!(folder.run("compress a.png -o a.dci").stderr.is_empty());
    assert!(folder.read("a.dci").len() > file.len() + 64);
}
