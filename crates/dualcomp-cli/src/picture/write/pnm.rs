//! Netpbm files.

use dualcomp::{ColorType, MetadataKind};

use super::LeftOut;
use crate::picture::Picture;

/// A PAM file if there is alpha or that is `wanted`, else a PGM or PPM file. Samples have as many bits as are significant,
/// where the others repeat these.
pub(super) fn encode(picture: &Picture, wanted: Pam, left_out: &mut LeftOut) -> Vec<u8> {
    if let Some(file) = encode_narrow(picture, wanted) {
        left_out.kept(MetadataKind::SignificantBits);
        return file;
    }
    encode_bits(picture, if picture.is_16_bit() { 16 } else { 8 }, wanted)
}

/// When a Netpbm file is a PAM file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pam {
    Always,
    /// Where PGM and PPM have no place for the opacity.
    WithAlpha,
}

/// A file whose greatest sample says how many bits are significant; none where the pixels or the metadata do not.
pub(crate) fn encode_narrow(picture: &Picture, wanted: Pam) -> Option<Vec<u8>> {
    let (&bits, others) = picture.metadata.significant_bits.as_deref()?.split_first()?;
    // Of fewer bits than nine a file has bytes, which would be pixels of another type.
    let narrower = if picture.is_16_bit() { 9..=15 } else { 1..=7 };
    if !narrower.contains(&bits) || others.iter().any(|&other| other != bits) {
        return None;
    }
    let all = if picture.is_16_bit() { 16 } else { 8 };
    samples(picture)
        .all(|sample| repeated(sample >> (all - bits), bits, all) == sample)
        .then(|| encode_bits(picture, bits, wanted))
}

/// A sample of `bits` bits widened to `all` bits, of which the lower ones repeat the upper ones: 0 stays the least, and the
/// greatest stays the greatest.
pub(crate) fn repeated(sample: u16, bits: u8, all: u8) -> u16 {
    let (mut out, mut free) = (0, all);
    while free >= bits {
        free -= bits;
        out |= sample << free;
    }
    out | sample >> (bits - free)
}

fn samples(picture: &Picture) -> impl Iterator<Item = u16> {
    let (wide, bytes) = match picture.is_16_bit() {
        true => (picture.pixels.as_chunks::<2>().0, &[][..]),
        false => (&[][..], picture.pixels.as_slice()),
    };
    wide.iter().map(|sample| u16::from_ne_bytes(*sample)).chain(bytes.iter().copied().map(u16::from))
}

/// By hand, since the `image` crate's encoder does not take every 16-bit colour type.
fn encode_bits(picture: &Picture, bits: u8, wanted: Pam) -> Vec<u8> {
    let (width, height) = (picture.info.width, picture.info.height);
    let maximum = u16::MAX >> (16 - bits);
    let arbitrary = |depth: u8, tuple: &str| {
        format!("P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL {maximum}\nTUPLTYPE {tuple}\nENDHDR\n")
    };
    let mut file = match (picture.info.color.channels(), wanted) {
        (1, Pam::WithAlpha) => format!("P5\n{width} {height}\n{maximum}\n"),
        (3, Pam::WithAlpha) => format!("P6\n{width} {height}\n{maximum}\n"),
        (1, Pam::Always) => arbitrary(1, if bits == 1 { "BLACKANDWHITE" } else { "GRAYSCALE" }),
        (2, _) => arbitrary(2, if bits == 1 { "BLACKANDWHITE_ALPHA" } else { "GRAYSCALE_ALPHA" }),
        (3, Pam::Always) => arbitrary(3, "RGB"),
        _ => arbitrary(4, "RGB_ALPHA"),
    }
    .into_bytes();
    file.reserve_exact(picture.pixels.len());
    if picture.is_16_bit() {
        file.extend(samples(picture).flat_map(|sample| (sample >> (16 - bits)).to_be_bytes()));
    } else {
        file.extend(picture.pixels.iter().map(|&sample| sample >> (8 - bits)));
    }
    file
}

/// Whether there is nothing but black and white.
pub(super) fn is_bitmap(picture: &Picture) -> bool {
    picture.info.color == ColorType::L8 && picture.pixels.iter().all(|sample| matches!(sample, 0 | 255))
}

/// A PBM file of a picture that is a bitmap, which says that its samples have one bit.
pub(super) fn encode_bitmap(picture: &Picture, left_out: &mut LeftOut) -> Vec<u8> {
    if picture.metadata.significant_bits.as_deref() == Some(&[1]) {
        left_out.kept(MetadataKind::SignificantBits);
    }
    let mut file = format!("P4\n{} {}\n", picture.info.width, picture.info.height).into_bytes();
    file.extend(bitmap(picture));
    file
}

/// The bits of a picture that is a bitmap: one for each pixel, set where it is black, and zeros up to whole bytes.
pub(crate) fn bitmap(picture: &Picture) -> impl Iterator<Item = u8> {
    let byte = |pixels: &[u8]| {
        let bits = pixels.iter().fold(0, |bits, &pixel| bits << 1 | u8::from(pixel == 0));
        bits << (8 - pixels.len())
    };
    picture.pixels.chunks_exact(picture.info.width as usize).flat_map(move |row| row.chunks(8).map(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_repeated_and_can_be_taken_back() {
        for all in [8, 16] {
            for bits in 1..all {
                let most = u16::MAX >> (16 - bits);
                for sample in 0..=most {
                    assert_eq!(repeated(sample, bits, all) >> (all - bits), sample);
                }
                assert_eq!((repeated(0, bits, all), repeated(most, bits, all)), (0, u16::MAX >> (16 - all)));
            }
        }
        assert_eq!((repeated(0b10_1100_0111, 10, 16), repeated(0b101, 3, 8)), (0b1011_0001_1110_1100, 0b1011_0110));
    }
}
