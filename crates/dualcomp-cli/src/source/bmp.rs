//! The headers of a BMP file, its palette, and the bits of its pixels that are no samples.

use dualcomp::{Resolution, ResolutionUnit};

use super::bits::{Order, Words};
use super::{Audit, CUT};

/// Bytes of the header of the file, which the header of the bitmap follows.
const FILE_HEADER: u64 = 14;

/// What the headers say.
pub(super) struct Bmp {
    pub(super) audit: Audit,
    /// Whether one of the masks is for opacity.
    pub(super) opacity: bool,
}

/// The layout of the pixels.
struct Layout {
    header: u64,
    width: u64,
    height: u64,
    bits: u64,
    /// Red, green, blue, opacity; zeros where there are none.
    masks: [u32; 4],
    /// Where the palette is, how many colours it has, and bytes of a colour.
    palette: (u64, u64, u64),
    pixels: u64,
}

impl Layout {
    fn row(&self) -> u64 {
        (self.width * self.bits).div_ceil(32) * 4
    }

    fn end(&self) -> u64 {
        self.pixels + self.row() * self.height
    }
}

/// Looks at everything in front of, between and behind the pixels.
pub(super) fn audit(file: &[u8]) -> Result<Bmp, String> {
    let words = Words::new(file, Order::Little);
    let layout = layout(words)?;
    let mut audit = Audit::default();
    let mut used = vec![(0, layout.palette.0), (layout.palette.0, layout.palette.1 * layout.palette.2)];
    used.push((layout.pixels, layout.row() * layout.height));
    if layout.header >= 40 {
        resolution(words, &mut audit)?;
    }
    if layout.header >= 108 {
        used.extend(colors(words, &layout, &mut audit)?);
    }
    check_gaps(words, used, &mut audit)?;
    check_palette(words, &layout, &mut audit)?;
    check_pixels(words, &layout, &mut audit)?;
    significant(&layout, &mut audit);
    Ok(Bmp { audit, opacity: layout.masks[3] != 0 })
}

fn layout(words: Words<'_>) -> Result<Layout, String> {
    let header = u64::from(words.u32(14)?);
    let (width, height, bits, compression) = match header {
        12 => (u32::from(words.u16(18)?), u32::from(words.u16(20)?), words.u16(24)?, 0),
        40 | 52 | 56 | 108 | 124 => (words.u32(18)?, words.u32(22)?, words.u16(28)?, words.u32(30)?),
        _ => return Err("its header is of a kind that is not known".to_owned()),
    };
    let after = FILE_HEADER + header;
    let (mut masks, mut palette_at) = ([0; 4], after);
    match (compression, bits) {
        (0, 1 | 2 | 4 | 8) => {}
        (0, 16) => masks = [0x7C00, 0x3E0, 0x1F, 0],
        (0, 24 | 32) => masks = [0xFF_0000, 0xFF00, 0xFF, 0],
        (3, 16 | 32) => {
            for (index, mask) in masks.iter_mut().enumerate().take(if header >= 56 { 4 } else { 3 }) {
                *mask = words.u32(54 + 4 * index as u64)?;
            }
            if header == 40 {
                palette_at += 12;
            }
        }
        (1 | 2, _) => return Err("its RLE compression may leave pixels open".to_owned()),
        (4 | 5, _) => return Err("it holds a file of another format".to_owned()),
        _ => return Err("its pixels are of a kind that is not known".to_owned()),
    }
    let colors = match (header, bits) {
        (12, 1..=8) => 1 << bits,
        (_, 1..=8) => match u64::from(words.u32(46)?) {
            0 => 1 << bits,
            used => used,
        },
        (12, _) => 0,
        _ => u64::from(words.u32(46)?),
    };
    let layout = Layout {
        header,
        width: width.into(),
        // A negative height: the rows begin at the top.
        height: u64::from((height as i32).unsigned_abs()),
        bits: bits.into(),
        masks,
        palette: (palette_at, colors, if header == 12 { 3 } else { 4 }),
        pixels: words.u32(10)?.into(),
    };
    // Also bounds the sums above and below.
    if layout.palette.1 > 1 << 16 || width > 1 << 24 || layout.height > 1 << 24 {
        return Err("its sides or its palette are too large".to_owned());
    }
    let (at, colors, size) = layout.palette;
    if layout.end() > words.file.len() as u64 || at + colors * size > layout.pixels {
        return Err(CUT.to_owned());
    }
    Ok(layout)
}

fn resolution(words: Words<'_>, audit: &mut Audit) -> Result<(), String> {
    let [x, y] = [words.u32(38)?, words.u32(42)?];
    if [x, y] != [0, 0] {
        audit.metadata.resolution = Some(Resolution { x: [x, 1], y: [y, 1], unit: ResolutionUnit::Metre });
    }
    Ok(())
}

/// What headers of 108 and 124 bytes say of colours; beside it the place of a profile.
fn colors(words: Words<'_>, layout: &Layout, audit: &mut Audit) -> Result<Option<(u64, u64)>, String> {
    let whole = layout.header == 124;
    match words.bytes(70, 4)? {
        // As integers; the letters are in the order of their names from the upper byte on.
        b"BGRs" => {
            // Saturation, relative colorimetric, perceptual, absolute colorimetric.
            let intents = [(1, 2), (2, 1), (4, 0), (8, 3)];
            let intent = if whole { words.u32(122)? } else { 0 };
            let intent = intents.iter().find(|&&(known, _)| known == intent);
            audit.metadata.srgb_intent = intent.map(|&(_, intent)| intent);
        }
        b" niW" => {}
        b"DEBM" if whole => {
            let place = (FILE_HEADER + u64::from(words.u32(126)?), u64::from(words.u32(130)?));
            audit.metadata.icc = Some(words.bytes(place.0, place.1)?.to_vec());
            return Ok(Some(place));
        }
        b"KNIL" => audit.leave_out("the name of its colour profile"),
        // Primaries and gamma, which many programs leave at zero.
        [0, 0, 0, 0] if words.bytes(74, 48)?.iter().all(|&byte| byte == 0) => {}
        [0, 0, 0, 0] => audit.leave_out("its chromaticities and gamma"),
        _ => audit.leave_out("its colour space"),
    }
    Ok(None)
}

fn check_gaps(words: Words<'_>, mut used: Vec<(u64, u64)>, audit: &mut Audit) -> Result<(), String> {
    used.sort_unstable();
    let (len, mut end) = (words.file.len() as u64, 0);
    for (start, length) in used.into_iter().chain([(len, 0)]) {
        if start > end && words.bytes(end, start - end)?.iter().any(|&byte| byte != 0) {
            audit.leave_out("bytes that are no part of its picture");
        }
        end = end.max(start + length);
    }
    Ok(())
}

/// Whether the palette says more than colours, and has all that the pixels ask for.
fn check_palette(words: Words<'_>, layout: &Layout, audit: &mut Audit) -> Result<(), String> {
    let (at, colors, size) = layout.palette;
    let palette = words.bytes(at, colors * size)?;
    if layout.bits > 8 {
        if colors > 0 {
            audit.leave_out("the palette it suggests");
        }
        return Ok(());
    }
    if size == 4 && palette.iter().skip(3).step_by(4).any(|&byte| byte != 0) {
        audit.leave_out("the fourth bytes of its colours");
    }
    if colors >= 1 << layout.bits {
        return Ok(());
    }
    for row in 0..layout.height {
        let row = words.bytes(layout.pixels + row * layout.row(), (layout.width * layout.bits).div_ceil(8))?;
        for column in 0..layout.width {
            let bit = column * layout.bits;
            let index = row[(bit / 8) as usize] >> (8 - layout.bits - bit % 8) & ((1 << layout.bits) - 1) as u8;
            if u64::from(index) >= colors {
                return Err("it has pixels of colours that it lacks".to_owned());
            }
        }
    }
    Ok(())
}

/// Whether the pixels have bits beside their samples, or samples of more bits than are kept.
fn check_pixels(words: Words<'_>, layout: &Layout, audit: &mut Audit) -> Result<(), String> {
    if layout.masks.iter().any(|mask| mask.count_ones() > 8) {
        audit.leave_out("the lower bits of its samples");
    }
    let named = layout.masks.iter().fold(0, |all, mask| all | mask);
    if !matches!(layout.bits, 16 | 32) {
        return Ok(());
    }
    let pixels = words.bytes(layout.pixels, layout.row() * layout.height)?;
    let stray = match layout.bits {
        16 => pixels.chunks_exact(layout.row() as usize).any(|row| {
            let (pixels, _) = row[..2 * layout.width as usize].as_chunks::<2>();
            pixels.iter().any(|pixel| u32::from(u16::from_le_bytes(*pixel)) & !named != 0)
        }),
        _ => pixels.as_chunks::<4>().0.iter().any(|pixel| u32::from_le_bytes(*pixel) & !named != 0),
    };
    if stray {
        audit.leave_out("bits of its pixels beside their samples");
    }
    Ok(())
}

/// Samples of fewer bits than eight are widened, and can be told from the result.
fn significant(layout: &Layout, audit: &mut Audit) {
    let bits: Vec<u8> = layout.masks.iter().map(|mask| mask.count_ones() as u8).collect();
    let channels = if bits[3] > 0 { 4 } else { 3 };
    let bits = &bits[..channels];
    if bits.iter().any(|&bits| bits != 8) && bits.iter().all(|bits| (1..=8).contains(bits)) {
        audit.metadata.significant_bits = Some(bits.to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of one row with a header of 40 bytes, or with masks of 56 or more.
    fn file(header: u32, bits: u16, masks: &[u32], palette: &[[u8; 4]], pixels: &[u8]) -> Vec<u8> {
        let width = (pixels.len() * 8 / usize::from(bits)) as u32;
        let start = 14 + header + 4 * palette.len() as u32 + if header == 40 { 4 * masks.len() as u32 } else { 0 };
        let mut out = b"BM\0\0\0\0\0\0\0\0".to_vec();
        out.extend(start.to_le_bytes());
        for word in [header, width, 1, 1 | u32::from(bits) << 16, if masks.is_empty() { 0 } else { 3 }, 0, 0, 0] {
            out.extend(word.to_le_bytes());
        }
        out.extend((palette.len() as u32).to_le_bytes());
        out.extend([0; 4]);
        out.extend(masks.iter().flat_map(|mask| mask.to_le_bytes()));
        out.resize(start as usize - 4 * palette.len(), 0);
        out.extend(palette.as_flattened());
        out.extend(pixels);
        out
    }

    fn left_out(file: &[u8]) -> Vec<String> {
        audit(file).unwrap().audit.left_out
    }

    const NONE: &[&str] = &[];

    #[test]
    fn wide_masks_and_stray_bits_are_found() {
        assert_eq!(left_out(&file(40, 32, &[], &[], &[1, 2, 3, 0])), NONE);
        assert_eq!(left_out(&file(40, 32, &[], &[], &[1, 2, 3, 4])), ["bits of its pixels beside their samples"]);
        assert_eq!(left_out(&file(40, 16, &[], &[], &[0, 0x80, 0, 0])), ["bits of its pixels beside their samples"]);
        let deep = [0x3FF0_0000, 0xF_FC00, 0x3FF, 0];
        assert_eq!(left_out(&file(56, 32, &deep, &[], &[1, 2, 3, 4])), ["the lower bits of its samples"]);
        let narrow = audit(&file(40, 16, &[0xF800, 0x7E0, 0x1F], &[], &[1, 2, 3, 4])).unwrap();
        assert_eq!(narrow.audit.metadata.significant_bits, Some(vec![5, 6, 5]));
        assert!(audit(&file(56, 32, &[0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000], &[], &[1, 2, 3, 4])).unwrap().opacity);
    }

    #[test]
    fn palettes_must_have_every_colour() {
        let palette = [[1, 2, 3, 0], [4, 5, 6, 0]];
        assert_eq!(left_out(&file(40, 8, &[], &palette, &[0, 1, 1, 0])), NONE);
        assert!(audit(&file(40, 8, &[], &palette, &[0, 1, 2, 0])).is_err());
        assert!(audit(&file(40, 4, &[], &palette, &[0x11, 0x20, 0, 0])).is_err());
        assert_eq!(left_out(&file(40, 1, &[], &[[0, 0, 0, 7]; 2], &[0; 4])), ["the fourth bytes of its colours"]);
    }

    #[test]
    fn colours_and_gaps_are_looked_at() {
        let with_space = |space: &[u8; 4]| {
            let mut file = file(124, 24, &[], &[], &[0; 12]);
            file[70..74].copy_from_slice(space);
            file[122] = 4;
            file
        };
        let srgb = audit(&with_space(b"BGRs")).unwrap();
        assert_eq!((srgb.audit.metadata.srgb_intent, srgb.audit.left_out.len()), (Some(0), 0));
        assert_eq!(left_out(&with_space(b"KNIL")), ["the name of its colour profile"]);
        let mut profile = with_space(b"DEBM");
        profile[126..134].copy_from_slice(&[136, 0, 0, 0, 3, 0, 0, 0]);
        profile.extend(b"ICC");
        assert_eq!(audit(&profile).unwrap().audit.metadata.icc.as_deref(), Some(&b"ICC"[..]));
        assert_eq!(left_out(&profile), NONE);
        let mut calibrated = with_space(&[0; 4]);
        assert_eq!(left_out(&calibrated), NONE);
        calibrated[80] = 1;
        assert_eq!(left_out(&calibrated), ["its chromaticities and gamma"]);
        let trailing = [&file(40, 24, &[], &[], &[0; 12])[..], b"\0\0more"].concat();
        assert_eq!(left_out(&trailing), ["bytes that are no part of its picture"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let mut rle = file(40, 8, &[], &[[0; 4]; 2], &[0; 4]);
        rle[30] = 1;
        assert!(audit(&rle).is_err());
        let whole = file(40, 24, &[], &[], &[0; 12]);
        assert!((0..whole.len()).all(|len| audit(&whole[..len]).is_err()));
        assert!(audit(&file(64, 24, &[], &[], &[0; 12])).is_err());
    }
}
