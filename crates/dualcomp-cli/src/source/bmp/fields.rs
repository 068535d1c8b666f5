//! Fields of a BMP file that say nothing new, or hide something.

use super::Layout;
use super::layout::FILE_HEADER;
use crate::source::Audit;
use crate::source::bits::Words;

/// The ends of red, green and blue in space, three numbers each, where they say nothing beside the name of the space: zeros;
/// what ImageMagick writes where it knows none; those of sRGB (IEC 61966-2-1), in units of 2^-30.
const ENDS: [[u32; 9]; 3] = [
    [0; 9],
    [0, 0, 1 << 30, 0, 0, 1 << 30, 0, 0, 1 << 30],
    [687_194_767, 354_334_802, 32_212_254, 322_122_547, 644_245_094, 107_374_182, 161_061_273, 64_424_509, 848_256_041],
];

/// Floats are rounded in more ways than one.
const ROUNDING: u32 = 1 << 8;

/// The usual masks, with and without opacity: those of 8 and of 5 bits. Some programs write them where pixels have none.
const MASKS: [[u32; 4]; 5] = [
    [0; 4],
    [0xFF_0000, 0xFF00, 0xFF, 0],
    [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000],
    [0x7C00, 0x3E0, 0x1F, 0],
    [0x7C00, 0x3E0, 0x1F, 0x8000],
];

/// Looks at lengths, which the rest of the file gives, and at what readers pass over.
pub(super) fn check(words: Words<'_>, layout: &Layout, audit: &mut Audit) -> Result<(), String> {
    let all = words.file.len() as u64;
    let length = u64::from(words.u32(2)?);
    if length != 0 && length != all && length != layout.end() {
        audit.leave_out("a length that is not its own");
    }
    if layout.header < 40 {
        return Ok(());
    }
    // Some programs count what completes the file, too.
    let bytes = u64::from(words.u32(34)?);
    if ![0, layout.end() - layout.pixels, all - layout.pixels].contains(&bytes) {
        audit.leave_out("a length of its pixels that is not theirs");
    }
    if layout.header >= 52 && words.u32(30)? == 0 {
        let masks = numbers::<4>(words, 54)?;
        // Shorter headers have no mask for opacity.
        let masks = if layout.header >= 56 { masks } else { [masks[0], masks[1], masks[2], 0] };
        if !MASKS.contains(&masks) {
            audit.leave_out("masks that its pixels do not have");
        }
    }
    if layout.header >= 108 {
        colors(words, layout, audit)?;
    }
    Ok(())
}

/// What is of no use where the space has a name or comes in a profile.
fn colors(words: Words<'_>, layout: &Layout, audit: &mut Audit) -> Result<(), String> {
    let (space, ends) = (words.u32(70)?, numbers::<9>(words, 74)?);
    let usual = ENDS.iter().any(|known| known.iter().zip(ends).all(|(&known, end)| known.abs_diff(end) <= ROUNDING));
    // Without a name they are the space itself.
    if space != 0 && (!usual || numbers::<3>(words, 110)? != [0; 3]) {
        audit.leave_out("its chromaticities and gamma");
    }
    if layout.header < 124 {
        return Ok(());
    }
    let has_profile = matches!(words.bytes(70, 4)?, b"DEBM" | b"KNIL");
    let [at, len, reserved] = numbers(words, FILE_HEADER + 112)?;
    if reserved != 0 || !has_profile && [at, len] != [0, 0] {
        audit.leave_out("what stands in its reserved fields");
    }
    Ok(())
}

fn numbers<const N: usize>(words: Words<'_>, at: u64) -> Result<[u32; N], String> {
    let mut numbers = [0; N];
    for (number, at) in numbers.iter_mut().zip((at..).step_by(4)) {
        *number = words.u32(at)?;
    }
    Ok(numbers)
}
