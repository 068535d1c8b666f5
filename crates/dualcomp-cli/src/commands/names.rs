//! The names of compressed files, and of what these decompress to: of a file that comes back, that which it had.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::source::Format;

/// Extensions of JPEG files.
const JPEG: [&str; 5] = ["jpg", "jpeg", "jpe", "jfif", "jif"];

const PNG: [&str; 1] = ["png"];

/// Extensions of other formats than JPEG.
const OTHERS: [&str; 20] = [
    "png", "webp", "tif", "tiff", "bmp", "dib", "pnm", "pbm", "pgm", "ppm", "pam", "gif", "avif", "heic", "heif",
    "jxl", "jp2", "qoi", "ico", "tga",
];

/// The name of what bytes become.
pub(super) fn of_bytes(name: &OsStr) -> OsString {
    appended(name, ".dcs")
}

/// The name of what a JPEG file becomes. The extension that decompression adds goes, others stay; nothing if the name would
/// not come back, since decompression would take it for one without its extension.
pub(super) fn of_jpeg(name: &OsStr) -> Option<OsString> {
    let path = Path::new(name);
    match path.extension()? {
        end if end == "jpg" && !ends(path.file_stem()?, &JPEG) => Some(path.with_extension("dci").into_os_string()),
        _ if ends(name, &JPEG) => Some(appended(name, ".dci")),
        _ => None,
    }
}

/// The name of what the pixels of an image file become. They decompress to a PNG file: the extension of another format goes,
/// as does that of PNG, but not another spelling of it, nor what does not name the format.
pub(super) fn of_picture(name: &OsStr, format: Format) -> OsString {
    let path = Path::new(name);
    let usual: &[&str] = match format {
        Format::Png if path.extension().is_some_and(|end| end == "png") => &PNG,
        Format::Png => &[],
        Format::WebP => &["webp"],
        Format::Tiff => &["tif", "tiff"],
        Format::Bmp => &["bmp", "dib"],
        Format::Pnm => &["pnm", "pbm", "pgm", "ppm", "pam"],
    };
    match path.file_stem() {
        Some(stem) if ends(name, usual) && !ends(stem, &PNG) => appended(stem, ".dci"),
        _ => appended(name, ".dci"),
    }
}

/// The name of bytes that were compressed, if the name of what they became tells it.
pub(super) fn bytes_from(name: &OsStr) -> Option<OsString> {
    stem(name).map(OsStr::to_owned)
}

/// The same of a JPEG file.
pub(super) fn jpeg_from(name: &OsStr) -> Option<OsString> {
    let stem = stem(name)?;
    Some(if ends(stem, &JPEG) { stem.to_owned() } else { appended(stem, ".jpg") })
}

/// Whether a name says that a file is an image of another format than JPEG.
pub(super) fn hides_jpeg(path: &Path) -> bool {
    ends(path.as_os_str(), &OTHERS)
}

/// The name of the PNG file of pixels.
pub(super) fn png_from(name: &OsStr) -> OsString {
    match stem(name) {
        // A name that is nothing but an extension is a hidden file to others.
        Some(stem) if ends(stem, &PNG) || stem.eq_ignore_ascii_case(".png") => stem.to_owned(),
        Some(stem) => appended(stem, ".png"),
        None => appended(name, ".png"),
    }
}

/// A file name without the extension of a compressed file.
fn stem(name: &OsStr) -> Option<&OsStr> {
    if ends(name, &["dci", "dcs"]) { Path::new(name).file_stem() } else { None }
}

/// Whether a name has one of these extensions, however it is spelled.
fn ends(name: &OsStr, extensions: &[&str]) -> bool {
    Path::new(name).extension().is_some_and(|end| extensions.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

fn appended(name: &OsStr, suffix: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(suffix);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_jpeg_files_come_back() {
        for (name, compressed) in [
            ("a.jpg", "a.dci"),
            ("a.2024.jpg", "a.2024.dci"),
            ("A.JPG", "A.JPG.dci"),
            ("a.jpeg", "a.jpeg.dci"),
            ("a.jpeg.jpg", "a.jpeg.jpg.dci"),
            ("a.dci.jpg", "a.dci.dci"),
        ] {
            assert_eq!(of_jpeg(name.as_ref()).unwrap(), compressed);
            assert_eq!(jpeg_from(compressed.as_ref()).unwrap(), name);
        }
        for name in ["a", "a.png", "jpg", ".jpg", "a."] {
            assert_eq!(of_jpeg(name.as_ref()), None);
        }
    }

    #[test]
    fn names_of_png_files_come_back() {
        for (name, compressed) in [
            ("a.png", "a.dci"),
            ("a.2024.png", "a.2024.dci"),
            ("A.PNG", "A.PNG.dci"),
            ("a.png.png", "a.png.png.dci"),
            ("a.dcs.png", "a.dcs.dci"),
            (".png", ".png.dci"),
        ] {
            assert_eq!(of_picture(name.as_ref(), Format::Png), compressed);
            assert_eq!(png_from(compressed.as_ref()), name);
        }
    }

    #[test]
    fn names_that_say_something_else_stay_in_that_of_the_png_file() {
        for (name, format, compressed, back) in [
            ("a", Format::Png, "a.dci", "a.png"),
            ("a.txt", Format::Png, "a.txt.dci", "a.txt.png"),
            ("a.webp", Format::Png, "a.webp.dci", "a.webp.png"),
            ("a.WebP", Format::WebP, "a.dci", "a.png"),
            ("v1.2", Format::Pnm, "v1.2.dci", "v1.2.png"),
            ("a.png.tif", Format::Tiff, "a.png.tif.dci", "a.png.tif.png"),
            ("a.png", Format::Bmp, "a.png.dci", "a.png"),
        ] {
            assert_eq!(of_picture(name.as_ref(), format), compressed);
            assert_eq!(png_from(compressed.as_ref()), back);
        }
        assert_eq!(png_from("a.png".as_ref()), "a.png.png");
        assert_eq!(bytes_from("a.txt.dcs".as_ref()).unwrap(), "a.txt");
        assert_eq!(bytes_from("a.txt".as_ref()), None);
    }
}
