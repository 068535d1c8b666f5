//! What others make of the same content: the `image` crate, and programs that are installed.

use std::io::{Cursor, Write};
use std::process::{Command, Stdio};
use std::thread;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage};

use crate::page::Row;

/// A PNG file, with all effort of the `image` crate.
pub(crate) fn png(picture: &RgbImage) -> Result<Vec<u8>, image::ImageError> {
    let mut file = Cursor::new(Vec::new());
    PngEncoder::new_with_quality(&mut file, CompressionType::Best, FilterType::Adaptive).write_image(
        picture,
        picture.width(),
        picture.height(),
        ExtendedColorType::Rgb8,
    )?;
    Ok(file.into_inner())
}

/// Bytes by the programs that there are.
pub(crate) fn bytes(content: &[u8]) -> Vec<Row> {
    let programs: [(&str, &str, &[&str]); 4] = [
        ("brotli -q 11", "brotli", &["-q", "11", "-w", "24", "-c"]),
        ("zstd -19", "zstd", &["-19", "-q", "-c"]),
        ("xz -9e", "xz", &["-9e", "-c"]),
        ("gzip -9", "gzip", &["-9", "-c"]),
    ];
    let rows = programs
        .into_iter()
        .filter_map(|(name, program, arguments)| Some(Row::of(name, piped(program, arguments, content)?.len())));
    rows.collect()
}

/// An image by the programs that there are.
pub(crate) fn image(png: &[u8]) -> Vec<Row> {
    let folder = std::env::temp_dir().join(format!("dualcomp-demo-{}", std::process::id()));
    if std::fs::create_dir_all(&folder).is_err() {
        return Vec::new();
    }
    let [input, output] = ["in.png", "out"].map(|name| folder.join(name));
    let mut rows = Vec::new();
    if std::fs::write(&input, png).is_ok() {
        let (from, to) = (input.to_string_lossy(), output.to_string_lossy());
        for (name, program, arguments) in [
            ("JPEG XL, cjxl -d 0 -e 7", "cjxl", ["-d", "0", "-e", "7", &*from, &*to].as_slice()),
            ("WebP, cwebp -z 9", "cwebp", ["-quiet", "-z", "9", &*from, "-o", &*to].as_slice()),
        ] {
            let made = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
            if made.is_ok_and(|status| status.success())
                && let Ok(file) = std::fs::metadata(&output)
            {
                rows.push(Row::of(name, file.len() as usize));
            }
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    rows
}

/// What a program makes of its standard input; none if it is not installed.
fn piped(program: &str, arguments: &[&str], content: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let output = thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(content));
        child.wait_with_output()
    });
    output.ok().filter(|output| output.status.success()).map(|output| output.stdout)
}
