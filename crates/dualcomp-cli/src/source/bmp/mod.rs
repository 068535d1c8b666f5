//! The headers of a BMP file, its palette, and the bits of its pixels that are no samples.

mod fields;
mod layout;
#[cfg(test)]
mod tests;

use dualcomp::{Resolution, ResolutionUnit};

use super::Audit;
use super::bits::{Order, Words};
use layout::{FILE_HEADER, Layout, layout};

/// The code points (ITU-T H.273) of sRGB: primaries, transfer, no matrix, full range.
pub(crate) const SRGB: [u8; 4] = [1, 13, 0, 1];

/// Rendering intents in a BMP file and in PNG: saturation, relative colorimetric, perceptual, absolute colorimetric.
pub(crate) const INTENTS: [(u32, u8); 4] = [(1, 2), (2, 1), (4, 0), (8, 3)];

/// What the headers say.
pub(super) struct Bmp {
    pub(super) audit: Audit,
    /// Whether one of the masks is for opacity.
    pub(super) opacity: bool,
}

/// Looks at everything in front of, between and behind the pixels.
pub(super) fn audit(file: &[u8]) -> Result<Bmp, String> {
    let words = Words::new(file, Order::Little);
    let layout = layout(words)?;
    let mut audit = Audit::default();
    let mut used = vec![(0, layout.palette.0), (layout.palette.0, layout.palette.1 * layout.palette.2)];
    used.push((layout.pixels, layout.row() * layout.height));
    fields::check(words, &layout, &mut audit)?;
    if layout.header >= 40 {
        resolution(words, &mut audit)?;
    }
    if layout.header >= 108 {
        used.extend(colors(words, &layout, &mut audit)?);
    }
    check_gaps(words, used, &mut audit)?;
    check_palette(words, &layout, &mut audit)?;
    check_pixels(words, &layout, &mut audit)?;
    check_fill(words, &layout, &mut audit)?;
    significant(&layout, &mut audit);
    Ok(Bmp { audit, opacity: layout.masks[3] != 0 })
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
    // Headers of 108 bytes have no intent, and many programs leave it at zero.
    let stored = if whole { words.u32(122)? } else { 0 };
    let intent = INTENTS.iter().find(|&&(known, _)| known == stored).map(|&(_, intent)| intent);
    let (mut place, mut is_intent_kept) = (None, false);
    match words.bytes(70, 4)? {
        // As integers; the letters are in the order of their names from the upper byte on.
        b"BGRs" => {
            audit.metadata.srgb_intent = intent;
            is_intent_kept = intent.is_some();
            if !is_intent_kept {
                audit.metadata.cicp = Some(SRGB);
            }
        }
        b" niW" => {}
        b"DEBM" if whole => {
            let (at, len) = (FILE_HEADER + u64::from(words.u32(126)?), u64::from(words.u32(130)?));
            let profile = words.bytes(at, len)?;
            // The header of a profile names an intent, too (ICC.1, 7.2.15).
            is_intent_kept = intent.is_some_and(|intent| profile.get(64..68) == Some(&[0, 0, 0, intent]));
            audit.metadata.icc = Some(profile.to_vec());
            place = Some((at, len));
        }
        b"KNIL" => audit.leave_out("the name of its colour profile"),
        // Primaries and gamma, which many programs leave at zero.
        [0, 0, 0, 0] if words.bytes(74, 48)?.iter().all(|&byte| byte == 0) => {}
        [0, 0, 0, 0] => audit.leave_out("its chromaticities and gamma"),
        _ => audit.leave_out("its colour space"),
    }
    if stored != 0 && !is_intent_kept {
        audit.leave_out("its rendering intent");
    }
    Ok(place)
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
    // None means all, and so do all.
    let important = if layout.header >= 40 { u64::from(words.u32(50)?) } else { 0 };
    if important != 0 && important != colors {
        audit.leave_out("which of its colours are important");
    }
    if layout.bits > 8 {
        if colors > 0 {
            audit.leave_out("the palette it suggests");
        }
        return Ok(());
    }
    if colors > 1 << layout.bits {
        audit.leave_out("colours that no pixel can have");
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

/// Whether anything but zeros fills the rows up to whole words.
fn check_fill(words: Words<'_>, layout: &Layout, audit: &mut Audit) -> Result<(), String> {
    let used = layout.width * layout.bits;
    for row in 0..layout.height {
        let fill = words.bytes(layout.pixels + row * layout.row() + used / 8, layout.row() - used / 8)?;
        let Some((first, rest)) = fill.split_first() else { break };
        if first & (0xFF >> (used % 8)) != 0 || rest.iter().any(|&byte| byte != 0) {
            audit.leave_out("what fills its rows up");
            break;
        }
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
