//! What a file is, told by its first bytes.

use std::path::Path;

use super::Format;

/// What a file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// An image that can become pixels.
    Picture(Format),
    /// An image that is kept as bytes; its name.
    Kept(&'static str),
    /// Nothing that is told apart.
    Other,
}

/// Tells a file by its first bytes (32 are enough) and, where a format has no signature, by its name.
pub(crate) fn sniff(prefix: &[u8], path: &Path) -> Found {
    match prefix {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Found::Picture(Format::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Found::Picture(Format::WebP),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Found::Picture(Format::Tiff),
        // Two letters are a weak signature: plain text can begin with them. The reserved bytes are zeros.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Found::Picture(Format::Bmp),
        [b'P', b'1'..=b'7', b'#' | b' ' | b'\t'..=b'\r', ..] => Found::Picture(Format::Pnm),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Found::Kept("GIF"),
        [0xFF, 0xD8, 0xFF, ..] => Found::Kept("JPEG"),
        [0x00, 0x00, 0x00, 0x0C, b'J', b'X', b'L', b' ', ..] | [0xFF, 0x0A, ..] => Found::Kept("JPEG XL"),
        [0x00, 0x00, 0x00, 0x0C, b'j', b'P', ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] => Found::Kept("JPEG 2000"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', ..] => Found::Kept("AVIF"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', b'e' | b'i', b'i' | b'f' | b'c', ..] => Found::Kept("HEIF"),
        [b'q', b'o', b'i', b'f', ..] => Found::Kept("QOI"),
        [b'#', b'?', b'R', b'A', b'D', ..] => Found::Kept("Radiance"),
        [0x76, 0x2F, 0x31, 0x01, ..] => Found::Kept("OpenEXR"),
        [b'D', b'D', b'S', b' ', ..] => Found::Kept("DDS"),
        [b'8', b'B', b'P', b'S', ..] => Found::Kept("Photoshop"),
        [b'f', b'a', b'r', b'b', b'f', b'e', b'l', b'd', ..] => Found::Kept("farbfeld"),
        [0, 0, 1, 0, _, 0, ..] if named(path, &["ico"]) => Found::Kept("ICO"),
        // A map of colours or none, and a kind of image there is.
        [_, 0 | 1, 1..=3 | 9..=11, ..] if named(path, &["tga", "icb", "vda", "vst"]) => Found::Kept("TGA"),
        _ => Found::Other,
    }
}

fn named(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    extensions.iter().any(|known| extension == *known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(prefix: &[u8], name: &str) -> Found {
        sniff(prefix, Path::new(name))
    }

    #[test]
    fn text_that_begins_like_an_image_is_no_image() {
        for text in [&b"BMW, a maker of cars in Munich"[..], b"P5x", b"IIX", b"GIF89", b"RIFF", b""] {
            assert_eq!(of(text, "notes.tga"), Found::Other, "{text:?}");
        }
        assert_eq!(of(b"P5 1 1 255 ", "-"), Found::Picture(Format::Pnm));
    }

    #[test]
    fn formats_kept_as_bytes_have_names() {
        assert_eq!(of(b"GIF89a\x01\0", "x"), Found::Kept("GIF"));
        assert_eq!(of(b"\xFF\xD8\xFF\xE0", "x"), Found::Kept("JPEG"));
        let tga = b"\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\x01\0\x18\0";
        assert_eq!((of(tga, "a.TGA"), of(tga, "a")), (Found::Kept("TGA"), Found::Other));
    }
}
