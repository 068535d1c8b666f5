//! Netpbm files.

use crate::picture::Picture;

/// A PGM or PPM file where there is no alpha, a PAM file where there is; by hand, since the `image`
/// crate's encoder does not take every 16-bit colour type.
pub(super) fn encode(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.info.width, picture.info.height);
    let wide = picture.is_16_bit();
    let maximum = if wide { 65535 } else { 255 };
    let arbitrary = |depth: u8, tuple: &str| {
        format!("P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL {maximum}\nTUPLTYPE {tuple}\nENDHDR\n")
    };
    let mut file = match picture.info.color.channels() {
        1 => format!("P5\n{width} {height}\n{maximum}\n"),
        2 => arbitrary(2, "GRAYSCALE_ALPHA"),
        3 => format!("P6\n{width} {height}\n{maximum}\n"),
        _ => arbitrary(4, "RGB_ALPHA"),
    }
    .into_bytes();
    if wide {
        let (samples, _) = picture.pixels.as_chunks::<2>();
        file.extend(samples.iter().flat_map(|sample| u16::from_ne_bytes(*sample).to_be_bytes()));
    } else {
        file.extend_from_slice(&picture.pixels);
    }
    file
}
