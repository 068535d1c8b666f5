//! The chunks of a WebP file (RFC 9649, section 2).

use super::bits::{Order, Words};
use super::{Audit, CUT, add, behind};

/// What stands in front of EXIF in some files, and in JPEG always.
const EXIF_PREFIX: &[u8] = b"Exif\0\0";

/// What the chunks say, and where the flags of opacity are.
pub(super) struct WebP {
    pub(super) audit: Audit,
    /// The byte and the bit of each flag that says whether there is opacity.
    pub(super) opacity: Vec<(usize, u8)>,
    /// Whether the flag of the image data is set.
    pub(super) opaque: bool,
    /// Where the image data begins, and its bytes.
    pub(super) image: (usize, usize),
}

impl WebP {
    /// A file that has nothing but the image data, and of this no more than up to the last byte that is not zero, which is
    /// missing, too. If there is an image in it all the same, that byte is no part of the image.
    pub(super) fn shortened(&self, file: &[u8]) -> Vec<u8> {
        let data = &file[self.image.0..][..self.image.1];
        let end = data.iter().rposition(|&byte| byte != 0).unwrap_or_default();
        let mut short = [&b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0"[..], &data[..end], &[0][..end % 2]].concat();
        let inside = (short.len() - 8) as u32;
        short[4..8].copy_from_slice(&inside.to_le_bytes());
        short[16..20].copy_from_slice(&(end as u32).to_le_bytes());
        short
    }
}

/// Walks through the chunks.
pub(super) fn audit(file: &[u8]) -> Result<WebP, String> {
    let words = Words::new(file, Order::Little);
    let size = u64::from(words.u32(4)?);
    let end = 8 + size;
    words.bytes(0, end)?;
    let mut found = WebP { audit: Audit::default(), opacity: Vec::new(), opaque: true, image: (0, 0) };
    // It may end in a byte that makes its length even.
    let rest = words.bytes(end, file.len() as u64 - end)?;
    if rest.len() as u64 > size % 2 || rest.iter().any(|&byte| byte != 0) {
        found.audit.leave_out(behind(rest.len() as u64));
    }
    let (mut canvas, mut image) = (None, None);
    let mut at = 12;
    while at < end {
        let kind = words.bytes(at, 4)?;
        let len = u64::from(words.u32(at + 4)?);
        let content = words.bytes(at + 8, len)?;
        if at + 8 + len > end {
            return Err(CUT.to_owned());
        }
        let inside = Words::new(content, Order::Little);
        let Audit { metadata, left_out } = &mut found.audit;
        match kind {
            b"VP8X" if canvas.is_none() => {
                let side = |at: u64| Ok::<_, String>(u32::from(inside.u16(at)?) | u32::from(inside.u8(at + 2)?) << 16);
                canvas = Some((side(4)? + 1, side(7)? + 1));
                found.opacity.push((at as usize + 8, 4));
                // Which metadata there is, and opacity (2.7); the rest is reserved, or for animations.
                if len != 10 || inside.u8(0)? & !0b11_1100 != 0 || inside.bytes(1, 3)? != [0; 3] {
                    add(left_out, "what stands in its reserved fields".to_owned());
                }
            }
            b"VP8L" if image.is_none() => {
                let bits = inside.u32(1)?;
                image = Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1));
                found.opaque = bits >> 28 & 1 == 0;
                found.opacity.push((at as usize + 8 + 4, 4));
                found.image = (at as usize + 8, len as usize);
            }
            b"VP8 " | b"ALPH" => return Err("its WebP compression is lossy".to_owned()),
            b"ANIM" | b"ANMF" => return Err("it is an animation".to_owned()),
            b"ICCP" => Audit::once(&mut metadata.icc, Some(content.to_vec()), left_out, "ICCP chunk"),
            b"EXIF" => {
                let exif = content.strip_prefix(EXIF_PREFIX).unwrap_or(content);
                Audit::once(&mut metadata.exif, Some(exif.to_vec()), left_out, "EXIF chunk");
            }
            b"XMP " => Audit::once(&mut metadata.xmp, Some(content.to_vec()), left_out, "XMP chunk"),
            _ => found.audit.leave_out(format!("its {} chunk", kind.escape_ascii())),
        }
        at += 8 + len;
        if len % 2 == 1 {
            if at < end && words.u8(at)? != 0 {
                found.audit.leave_out("what fills its chunks up");
            }
            at += 1;
        }
    }
    match (image, canvas) {
        (None, _) => Err("it has no image".to_owned()),
        (Some(image), Some(canvas)) if image != canvas => Err("its image does not fill it".to_owned()),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        for (kind, content) in chunks {
            body.extend(*kind);
            body.extend((content.len() as u32).to_le_bytes());
            body.extend(*content);
            body.extend(&[0][..content.len() % 2]);
        }
        [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
    }

    const IMAGE: (&[u8; 4], &[u8]) = (b"VP8L", &[0x2F, 0, 0, 0, 0x10, 0]);

    #[test]
    fn only_lossless_still_images_are_taken() {
        assert!(audit(&file(&[IMAGE])).is_ok());
        assert!(!audit(&file(&[IMAGE])).unwrap().opaque);
        for chunk in [(b"VP8 ", &[][..]), (b"ALPH", &[]), (b"ANMF", &[])] {
            assert!(audit(&file(&[chunk, IMAGE])).is_err());
        }
        assert!(audit(&file(&[(b"EXIF", b"abc")])).is_err());
        assert!(audit(&file(&[(b"VP8X", &[0, 0, 0, 0, 1, 0, 0, 0, 0, 0]), IMAGE])).is_err());
        let whole = file(&[IMAGE]);
        assert!((0..whole.len()).all(|len| audit(&whole[..len]).is_err()));
    }

    #[test]
    fn metadata_is_kept_and_the_rest_named() {
        let found = audit(&file(&[IMAGE, (b"EXIF", b"Exif\0\0II*\0"), (b"XMP ", b"<x/>"), (b"C2PA", b"?")])).unwrap();
        assert_eq!(found.audit.metadata.exif.as_deref(), Some(&b"II*\0"[..]));
        assert_eq!(found.audit.metadata.xmp.as_deref(), Some(&b"<x/>"[..]));
        assert_eq!(found.audit.left_out, ["its C2PA chunk"]);
        let trailing = [&file(&[IMAGE])[..], b"more"].concat();
        assert_eq!(audit(&trailing).unwrap().audit.left_out, ["the 4 bytes behind its end"]);
    }
}
