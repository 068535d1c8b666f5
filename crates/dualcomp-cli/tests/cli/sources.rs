//! What each image file says, and that nothing of it is lost without a word.

use crate::{Folder, message};

/// A file of `tests/files`, in a folder of its own.
fn with(name: &str) -> Folder {
    let folder = Folder::new();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/");
    folder.write(name, std::fs::read(format!("{path}{name}")).unwrap());
    folder
}

/// Compresses the file, which must be kept as bytes with a note that has these words, and come back whole.
fn stays_bytes(name: &str, words: &str) {
    let folder = with(name);
    let output = folder.run(&format!("compress {name}"));
    let said = message(&output);
    assert!(output.status.success() && said.contains("kept as bytes") && said.contains(words), "{name}: {said}");
    assert_eq!(folder.names(), [name.to_owned(), format!("{name}.dcs")]);
    folder.ok(&format!("decompress {name}.dcs -o back"));
    assert_eq!(folder.read("back"), folder.read(name));
}

/// Compresses the file, which must become a picture with metadata of these names and without a word.
fn becomes_pixels(name: &str, kept: &[&str]) -> Folder {
    let folder = with(name);
    let output = folder.run(&format!("compress {name} -o picture.dci"));
    assert!(output.status.success() && output.stderr.is_empty(), "{name}: {}", message(&output));
    let json: serde_json::Value = serde_json::from_slice(&folder.ok("inspect --json picture.dci")).unwrap();
    assert_eq!(json["kind"], "image", "{name}");
    let found: Vec<_> = json["metadata"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(found, kept, "{name}");
    folder
}

/// The content of the chunks of this kind in a PNG file.
fn chunks(file: &[u8], kind: &[u8; 4]) -> Vec<Vec<u8>> {
    let (mut found, mut rest) = (Vec::new(), &file[8..]);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        if after.starts_with(kind) {
            found.push(after[4..4 + length].to_vec());
        }
        rest = &rest[12 + length..];
    }
    found
}

/// A chunk of a PNG file comes back as it was.
fn comes_back(name: &str, kind: &[u8; 4], kept: &[&str]) {
    let folder = becomes_pixels(name, kept);
    folder.ok("decompress picture.dci -o back.png");
    let before = chunks(&folder.read(name), kind);
    assert_eq!((chunks(&folder.read("back.png"), kind), before.len()), (before, 1), "{name}");
}

#[test]
fn what_stands_in_the_last_chunk_is_not_lost() {
    let folder = with("gamma.png");
    let mut file = folder.read("gamma.png");
    file.truncate(file.len() - 12);
    file.extend([&[0, 0, 0, 1][..], b"IENDx", &crc32fast::hash(b"IENDx").to_be_bytes()].concat());
    folder.write("gamma.png", file);
    let said = message(&folder.run("compress gamma.png"));
    assert!(said.contains("PNG image kept as bytes: pixels would leave out a malformed IEND chunk"), "{said}");
}

#[test]
fn a_thumbnail_is_not_taken_for_the_sensor_data_of_a_raw_file() {
    stays_bytes("sensor.nef", "images inside");
}

#[test]
fn samples_that_are_neither_colour_nor_opacity_are_not_dropped() {
    stays_bytes("infrared.tif", "neither colour nor opacity");
}

#[test]
fn associated_alpha_is_not_taken_for_straight_alpha() {
    stays_bytes("premultiplied.tif", "multiplied by its opacity");
}

#[test]
fn samples_of_ten_bits_are_not_cut() {
    stays_bytes("ten-bits-a.bmp", "lower bits");
    stays_bytes("ten-bits-b.bmp", "lower bits");
}

#[test]
fn exif_is_kept_wherever_it_stands() {
    comes_back("exif-before.png", b"eXIf", &["EXIF"]);
    comes_back("exif-behind.png", b"eXIf", &["EXIF"]);
}

#[test]
fn colour_and_resolution_of_a_png_come_back() {
    comes_back("gamma.png", b"gAMA", &["gamma"]);
    comes_back("chromaticities.png", b"cHRM", &["gamma", "chromaticities"]);
    comes_back("resolution.png", b"pHYs", &["resolution"]);
}

#[test]
fn bytes_behind_the_end_of_a_png_are_not_dropped() {
    stays_bytes("trailing.png", "behind its end");
    let folder = with("trailing.png");
    let output = folder.run("compress --pixels trailing.png");
    assert!(output.status.success() && message(&output).contains("left out: the"), "{}", message(&output));
    assert_eq!(folder.names(), ["trailing.dci", "trailing.png"]);
    let folder = with("gamma.png");
    folder.write("one.png", [&folder.read("gamma.png")[..], b"?"].concat());
    let said = message(&folder.run("compress one.png"));
    assert!(said.contains("leave out the byte behind its end;"), "{said}");
}

#[test]
fn an_input_that_stays_in_spite_of_rm_is_named() {
    let folder = with("trailing.png");
    let output = folder.run("compress -q --pixels --rm trailing.png");
    assert!(output.status.success() && message(&output).contains("left out: the"), "{}", message(&output));
    let folder = becomes_pixels("iptc.tif", &["IPTC"]);
    let output = folder.run("decompress -q --rm picture.dci -o back.png");
    assert!(output.status.success() && message(&output).contains("no place for IPTC"), "{}", message(&output));
    assert_eq!(folder.names(), ["back.png", "iptc.tif", "picture.dci"]);
    assert!(folder.run("decompress -q picture.dci -o again.png").stderr.is_empty());
}

#[test]
fn a_profile_larger_than_the_pixels_is_kept() {
    becomes_pixels("profile.png", &["ICC profile"]);
    becomes_pixels("profile.tif", &["ICC profile"]);
}

#[test]
fn tags_of_a_tiff_are_kept_or_named() {
    stays_bytes("geo.tif", "GeoTIFF");
    for (name, kept) in [("exif.tif", "text"), ("iptc.tif", "IPTC"), ("profile.tif", "ICC profile")] {
        let folder = becomes_pixels(name, &[kept]);
        folder.ok("decompress picture.dci -o back.tif");
        let output = folder.run("compress back.tif -o again.dci");
        assert!(output.stderr.is_empty(), "{}", message(&output));
        assert!(folder.read("again.dci") == folder.read("picture.dci"), "{name}");
    }
    let folder = becomes_pixels("iptc.tif", &["IPTC"]);
    assert!(message(&folder.run("decompress picture.dci -o back.png")).contains("PNG has no place for IPTC"));
}

#[test]
fn the_prefix_of_exif_in_a_webp_does_not_get_into_a_png() {
    let folder = becomes_pixels("exif-prefix.webp", &["ICC profile", "EXIF", "XMP"]);
    folder.ok("decompress picture.dci -o back.png");
    let exif = &chunks(&folder.read("back.png"), b"eXIf")[0];
    assert!(exif.starts_with(b"II") || exif.starts_with(b"MM"), "{exif:?}");
}

#[test]
fn other_images_get_a_note() {
    for (name, data, word) in [
        ("a.gif", &b"GIF89a\x01\0\x01\0\0\0\0;"[..], "GIF"),
        ("a.jpg", b"\xFF\xD8\xFF\xD9", "JPEG"),
        ("a.tga", b"\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\x01\0\x18\0abc", "TGA"),
    ] {
        let folder = Folder::new();
        folder.write(name, data);
        let said = message(&folder.run(&format!("compress {name}")));
        assert!(said.contains(word) && said.contains("kept as bytes"), "{said}");
        assert!(folder.run(&format!("compress --quiet --force {name}")).stderr.is_empty());
        assert!(folder.fails(&format!("compress --pixels --force {name}"), 1).contains("no pixels"));
    }
}

#[test]
fn more_data_behind_an_image_is_an_error() {
    let folder = with("gamma.png");
    folder.ok("compress gamma.png");
    let one = folder.read("gamma.dci");
    folder.write("two.dci", [&one[..], &one].concat());
    let said = folder.fails("decompress two.dci", 1);
    assert!(said.contains("follows the end of the image"), "{said}");
    assert!(folder.fails("test two.dci", 1).contains("follows the end"));
}

#[test]
fn a_dcs_name_asks_for_bytes() {
    let folder = with("gamma.png");
    let file = folder.read("gamma.png");
    assert!(folder.run_with("compress - -o x.dcs", &file).status.success());
    folder.ok("decompress x.dcs -o back");
    assert_eq!(folder.read("back"), file);
    assert!(folder.run_with("compress --pixels - -o y.dcs", &file).status.success());
    let json: serde_json::Value = serde_json::from_slice(&folder.ok("inspect --json y.dcs")).unwrap();
    assert_eq!((&json["kind"], &json["file"]), (&"image".into(), &"y.dcs".into()));
}

/// A file of 30 x 20 samples, big-endian ones of 16 bits if they run beyond 255.
fn graymap(header: &str, most: u32, sample: impl Fn(u32, u32) -> u32) -> Vec<u8> {
    let mut file = format!("{header}\n{most}\n").into_bytes();
    for at in 0..600 {
        let bytes = (sample(at % 30, at / 30) as u16).to_be_bytes();
        file.extend(&bytes[usize::from(most < 256)..]);
    }
    file
}

#[test]
fn samples_of_ten_bits_come_back_to_the_last_byte() {
    let curve = |x: u32, y: u32| x * x + y * 3 + x * y % 7;
    for (most, bits) in [(1023, 10), (4095, 12), (32767, 15), (15, 4), (1, 1)] {
        let folder = Folder::new();
        let file = graymap("P5\n30 20", most, |x, y| curve(x, y) % (most + 1));
        folder.write("a.pgm", &file);
        let output = folder.run("compress a.pgm");
        assert!(output.status.success() && output.stderr.is_empty(), "{}", message(&output));
        let output = folder.run("decompress a.dci -o back.pgm");
        assert!(output.status.success() && output.stderr.is_empty(), "{}", message(&output));
        assert!(folder.read("back.pgm") == file, "{most}");
        folder.ok("decompress a.dci");
        assert_eq!(chunks(&folder.read("a.png"), b"sBIT"), [[bits]]);
        folder.ok("compress a.png -o again.dci");
        folder.ok("decompress again.dci -o again.pgm");
        assert!(folder.read("again.pgm") == file, "{most}");
    }
}

#[test]
fn samples_of_ten_bits_of_a_pam_file_come_back_to_the_last_byte() {
    for (depth, kind) in [(1, "GRAYSCALE"), (3, "RGB"), (4, "RGB_ALPHA")] {
        let folder = Folder::new();
        let header =
            format!("P7\nWIDTH {}\nHEIGHT 10\nDEPTH {depth}\nMAXVAL 1023\nTUPLTYPE {kind}\nENDHDR\n", 60 / depth);
        let samples = (0..600_u32).flat_map(|at| ((at * at % 1024) as u16).to_be_bytes());
        let file: Vec<u8> = header.bytes().chain(samples).collect();
        folder.write("a.pam", &file);
        let output = folder.run("compress a.pam");
        assert!(output.status.success() && output.stderr.is_empty(), "{kind}: {}", message(&output));
        folder.ok("decompress a.dci -o back.pam");
        assert!(folder.read("back.pam") == file, "{kind}");
    }
}

#[test]
fn samples_of_ten_bits_stay_bytes_where_the_file_says_more() {
    let curve = |x: u32, y: u32| x * x + y * 3;
    for (file, words) in [
        (graymap("P5\n# by hand\n30 20", 1023, curve), "usual way"),
        (graymap("P5 30 20", 1023, curve), "usual way"),
        (graymap("P5\n30 20", 1023, |x, y| 1000 + x + y), "usual way"),
        (graymap("P5\n30 20", 1000, curve), "whole number of bits"),
        (graymap("P5\n30 20", 1023, |x, y| x / 9 * y / 9), "drawn"),
    ] {
        let folder = Folder::new();
        folder.write("a.pgm", &file);
        let said = message(&folder.run("compress a.pgm"));
        assert!(said.contains("PNM image kept as bytes: ") && said.contains(words), "{said}");
        folder.ok("decompress a.pgm.dcs -o back");
        assert!(folder.read("back") == file);
    }
}

#[test]
fn samples_beyond_the_greatest_are_not_cut() {
    let folder = Folder::new();
    folder.write("a.pam", b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE GRAYSCALE\nENDHDR\n\x01\x02");
    let said = message(&folder.run("compress a.pam"));
    assert!(said.contains("kept as bytes"), "{said}");
}

#[test]
fn headers_of_netpbm_files_are_told_in_plain_words() {
    let folder = Folder::new();
    for (file, words) in [
        (&b"P6 0 4 255 "[..], "it has no pixels: 0 x 4"),
        (b"P6 1 1 255#c\n\x1b\x07\x01\n", "its header has a comment in a number"),
        (b"P6 1 1 \x1b[1m\x9b255\n\x01\x02\x03", "its header is malformed"),
        (b"P5 2 1 0200\nab", "its samples run to 200, which"),
        (b"P5 2 1 07\n\x01\x02", "it is not written in the usual way"),
    ] {
        folder.write("a.pnm", file);
        let said = message(&folder.run("compress -f a.pnm"));
        assert!(said.contains(&format!("PNM image kept as bytes: {words}")) && !said.contains("u{"), "{said}");
    }
    folder.write("a.pnm", [&b"P5 30 20 0255 "[..], &[7; 600]].concat());
    assert!(folder.run("compress a.pnm").stderr.is_empty());
    folder.ok("decompress a.dci -o back.pgm");
    assert_eq!(folder.read("back.pgm"), [&b"P5\n30 20\n255\n"[..], &[7; 600]].concat());
}
