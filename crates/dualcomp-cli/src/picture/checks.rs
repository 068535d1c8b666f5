//! What the `image` crate does not tell about a file but a lossless copy of its pixels must know.

use std::io::{self, SeekFrom};

use crate::source::Rewind;

/// Whether a WebP file holds a single lossless (VP8L) image.
///
/// # Errors
/// Says what else it holds.
pub(crate) fn webp(reader: &mut dyn Rewind) -> Result<(), String> {
    // The RIFF header: "RIFF", length, "WEBP"; then chunks of an even length.
    let mut position = 12;
    loop {
        let mut header = [0; 8];
        read_at(reader, position, &mut header)?;
        let [a, b, c, d, length @ ..] = header;
        match &[a, b, c, d] {
            b"VP8L" => return Ok(()),
            b"VP8 " => return Err("its WebP compression is lossy".to_owned()),
            b"ANIM" | b"ANMF" => return Err("it is an animation".to_owned()),
            _ => {}
        }
        let length = u64::from(u32::from_le_bytes(length));
        position += 8 + length + length % 2;
    }
}

/// Whether a TIFF file holds one page, losslessly compressed, the right way up.
///
/// # Errors
/// Says which of these it does not.
pub(crate) fn tiff(reader: &mut dyn Rewind) -> Result<(), String> {
    const COMPRESSION: u16 = 259;
    const ORIENTATION: u16 = 274;
    const JPEG: [u16; 2] = [6, 7];
    const LOSSY_WEBP_OR_JXL: [u16; 3] = [34892, 50001, 50002];

    let mut header = [0; 8];
    read_at(reader, 0, &mut header)?;
    let big_endian = header[0] == b'M';
    let u16_of = |bytes: [u8; 2]| match big_endian {
        true => u16::from_be_bytes(bytes),
        false => u16::from_le_bytes(bytes),
    };
    let u32_of = |bytes: [u8; 4]| match big_endian {
        true => u32::from_be_bytes(bytes),
        false => u32::from_le_bytes(bytes),
    };
    let [_, _, version_0, version_1, offset @ ..] = header;
    if u16_of([version_0, version_1]) != 42 {
        return Err("it is a BigTIFF".to_owned());
    }
    let directory = u64::from(u32_of(offset));
    let mut count = [0; 2];
    read_at(reader, directory, &mut count)?;
    let count = u16_of(count);
    for entry in 0..u64::from(count) {
        let mut bytes = [0; 12];
        read_at(reader, directory + 2 + entry * 12, &mut bytes)?;
        // Tag, type, number of values, and a single short value left-justified in the rest.
        let [tag_0, tag_1, _, _, _, _, _, _, value_0, value_1, _, _] = bytes;
        let value = u16_of([value_0, value_1]);
        match u16_of([tag_0, tag_1]) {
            COMPRESSION if JPEG.contains(&value) || LOSSY_WEBP_OR_JXL.contains(&value) => {
                return Err("its TIFF compression can be lossy".to_owned());
            }
            ORIENTATION if value != 1 => return Err("it is stored turned".to_owned()),
            _ => {}
        }
    }
    let mut next = [0; 4];
    read_at(reader, directory + 2 + u64::from(count) * 12, &mut next)?;
    match u32_of(next) {
        0 => Ok(()),
        _ => Err("it has several pages".to_owned()),
    }
}

/// Whether nothing but white space is left to read.
pub(crate) fn at_end(reader: &mut dyn Rewind) -> io::Result<bool> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(true);
        }
        if !buffer.iter().all(u8::is_ascii_whitespace) {
            return Ok(false);
        }
        let length = buffer.len();
        reader.consume(length);
    }
}

fn read_at(reader: &mut dyn Rewind, position: u64, buffer: &mut [u8]) -> Result<(), String> {
    let mut read = || -> io::Result<()> {
        reader.seek(SeekFrom::Start(position))?;
        reader.read_exact(buffer)
    };
    read().map_err(|error| format!("it is not readable: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn tiff_file(entries: &[[u16; 2]], next: u32) -> Cursor<Vec<u8>> {
        let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
        file.extend((entries.len() as u16).to_le_bytes());
        for [tag, value] in entries {
            file.extend(tag.to_le_bytes());
            file.extend([3, 0, 1, 0, 0, 0]);
            file.extend(value.to_le_bytes());
            file.extend([0, 0]);
        }
        file.extend(next.to_le_bytes());
        Cursor::new(file)
    }

    #[test]
    fn a_tiff_must_be_one_upright_lossless_page() {
        assert!(tiff(&mut tiff_file(&[[256, 4], [259, 5], [274, 1]], 0)).is_ok());
        assert!(tiff(&mut tiff_file(&[[259, 7]], 0)).is_err());
        assert!(tiff(&mut tiff_file(&[[274, 6]], 0)).is_err());
        assert!(tiff(&mut tiff_file(&[[259, 1]], 500)).is_err());
        assert!(tiff(&mut Cursor::new(b"II\x2a\0\x08\0\0\0".to_vec())).is_err());
    }

    #[test]
    fn a_webp_must_be_lossless() {
        let file = |chunk: &[u8; 4]| {
            let mut file = b"RIFF\0\0\0\0WEBPEXIF\x03\0\0\0abc\0".to_vec();
            file.extend(chunk);
            file.extend([0; 4]);
            Cursor::new(file)
        };
        assert!(webp(&mut file(b"VP8L")).is_ok());
        assert!(webp(&mut file(b"VP8 ")).is_err());
        assert!(webp(&mut file(b"ANMF")).is_err());
        assert!(webp(&mut file(b"XXXX")).is_err());
    }
}
