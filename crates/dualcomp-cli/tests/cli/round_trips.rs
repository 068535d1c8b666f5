//! Files that come back in their own format, and those of which something would not.

use crate::png_chunks::{data, file, header};
use crate::{Folder, message};

/// Compresses `in.EXT` to a picture, and writes this as `back.EXT` and as `back.png`; all without a word.
fn back(folder: &Folder, extension: &str) -> Vec<u8> {
    for command in [
        format!("compress -f in.{extension} -o in.dci"),
        format!("decompress -f in.dci -o back.{extension}"),
        "decompress -f in.dci -o back.png".to_owned(),
    ] {
        let output = folder.run(&command);
        assert!(output.status.success() && output.stderr.is_empty(), "{command}: {}", message(&output));
    }
    folder.read(&format!("back.{extension}"))
}

fn contains(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|found| found == part)
}

/// Two pixels of 24 bits, or two of 32 bits with opacity, below a header of 108 or 124 bytes that says sRGB.
fn bitmap(header: u32, bits: u32, intent: u32) -> Vec<u8> {
    let compression = if bits == 32 { 3 } else { 0 };
    let mut out = b"BM".to_vec();
    for word in [14 + header + 8, 0, 14 + header, header, 2, 1, 1 | bits << 16, compression, 8, 2835, 2835, 0, 0] {
        out.extend(word.to_le_bytes());
    }
    let masks = if bits == 32 { [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000_u32] } else { [0; 4] };
    out.extend(masks.iter().flat_map(|mask| mask.to_le_bytes()));
    out.extend(b"BGRs");
    out.resize(14 + header as usize, 0);
    if header == 124 {
        out[122..126].copy_from_slice(&intent.to_le_bytes());
    }
    out.extend(if bits == 32 { [1, 2, 3, 4, 5, 6, 7, 8] } else { [1, 2, 3, 4, 5, 6, 0, 0] });
    out
}

#[test]
fn srgb_of_a_bitmap_comes_back() {
    let folder = Folder::new();
    for bits in [24, 32] {
        for (length, intent, chunk) in
            [(108, 0, &b"cICP\x01\x0D\0\x01"[..]), (124, 4, b"sRGB\0"), (124, 2, b"sRGB\x01"), (124, 8, b"sRGB\x03")]
        {
            let file = bitmap(length, bits, intent);
            folder.write("in.bmp", &file);
            assert!(back(&folder, "bmp") == file, "{bits} {length} {intent}");
            assert!(contains(&folder.read("back.png"), chunk), "{bits} {length} {intent}");
        }
    }
    // Pixels with opacity say it only where the input did.
    folder.write("plain.png", file(&[(b"IHDR", &header(2, 8, 6)), (b"IDAT", &data(&[1, 2, 3, 4, 5, 6, 7, 8]))]));
    folder.ok("compress plain.png -o plain.dci");
    folder.ok("decompress -f plain.dci -o in.bmp");
    assert!(!contains(&folder.read("in.bmp"), b"BGRs"));
    assert!(back(&folder, "bmp") == folder.read("in.bmp"));
    assert!(!contains(&folder.read("back.png"), b"cICP"));
}

#[test]
fn black_and_white_of_a_pam_file_comes_back() {
    let folder = Folder::new();
    for (depth, kind) in [(1, "BLACKANDWHITE"), (2, "BLACKANDWHITE_ALPHA")] {
        let header = format!("P7\nWIDTH 30\nHEIGHT 20\nDEPTH {depth}\nMAXVAL 1\nTUPLTYPE {kind}\nENDHDR\n");
        let samples = (0..600 * depth).map(|at| (at * at / 7 % 2) as u8);
        let file: Vec<u8> = header.bytes().chain(samples).collect();
        folder.write("in.pam", &file);
        assert!(back(&folder, "pam") == file, "{kind}");
        if depth == 1 {
            assert!(folder.run("decompress in.dci -o back.pbm").stderr.is_empty());
        }
    }
}

#[test]
fn what_netpbm_files_leave_open_or_hide_stays() {
    let folder = Folder::new();
    for (file, words) in [
        (&b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n\x07"[..], "does not say what its samples mean"),
        (b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nENDHDR\nabcd", "does not say what its samples mean"),
        (b"P4\n5 2\n\xA8\x51", "what fills its rows up"),
    ] {
        folder.write("a.pam", file);
        let said = message(&folder.run("compress -f a.pam"));
        assert!(said.contains("kept as bytes") && said.contains(words), "{said}");
    }
    folder.write("in.pbm", b"P4\n5 2\n\xA8\x50");
    assert_eq!(back(&folder, "pbm"), b"P4\n5 2\n\xA8\x50");
}

#[test]
fn what_is_written_as_tiff_is_read() {
    let folder = Folder::new();
    let row: Vec<u8> = (1..=16).collect();
    let resolution = [&300_u32.to_be_bytes()[..], &299_u32.to_be_bytes(), &[1]].concat();
    for (color, depth, bytes) in
        [(0, 8, 2), (4, 8, 4), (2, 8, 6), (6, 8, 8), (0, 16, 4), (4, 16, 8), (2, 16, 12), (6, 16, 16)]
    {
        let image = [(b"IHDR", &header(2, depth, color)[..]), (b"pHYs", &resolution), (b"IDAT", &data(&row[..bytes]))];
        for file in [file(&image), file(&[image[0], image[2]])] {
            folder.write("a.png", &file);
            folder.ok("compress -f --pixels a.png -o a.dci");
            folder.ok("decompress -f a.dci -o a.png");
            folder.ok("decompress -f a.dci -o in.tif");
            assert!(back(&folder, "tif") == folder.read("in.tif"), "{color} {depth}");
            assert!(folder.read("back.png") == folder.read("a.png"), "{color} {depth}");
        }
    }
}
