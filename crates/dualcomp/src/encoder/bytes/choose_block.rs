//! How the encoder chooses the kind of a block.

use crate::codec::v1::bytes::BytesCoder;
use crate::encoder::files::find_files::has_files;
use crate::error::Result;
use crate::format::block::{BlockPlan, Substreams, frame_block, is_no_shorter};
use crate::format::bytes_params::BytesParams;
use crate::format::copies::WINDOW_LOGS;
use crate::options::Level;

/// Bytes the encoder puts in a block.
pub(crate) const BLOCK: usize = 1 << 20;
/// Bytes of files that may wait for the block in whose text they begin: a decoder has them all in memory.
pub(crate) const MAX_SPANS: usize = 16 << 20;
/// Bytes from which on two substreams pay.
const TWO_SUBSTREAMS: usize = 512 << 10;
/// Bytes from which on large tables pay at the highest level.
const LONG: u64 = 4 << 20;
/// The window of streams of which nothing is known takes less memory.
const WINDOW: u64 = 16 << 20;
/// Length of the strings that show a block to repeat itself.
const WORD: usize = 8;
/// Distance of the strings that are remembered.
const STRIDE: usize = 64;

/// How many substreams a block of `len` bytes is worth. One is smaller and slower.
pub(crate) fn substreams_for(len: usize, level: Level) -> Substreams {
    if level != Level::Max && len >= TWO_SUBSTREAMS { Substreams::Two } else { Substreams::One }
}

/// The parameters for a stream of `len` bytes in the light form, whose contexts take less room.
pub(crate) fn light_params_for(len: Option<u64>) -> BytesParams {
    let log2 = match len {
        // Twice as many counters make texts 0.07 % smaller, and one of 20 KB takes a tenth more time (experiments/0097).
        Some(len) if len < TWO_SUBSTREAMS as u64 => (len.max(1).next_power_of_two().ilog2() as u8 + 4).clamp(16, 21),
        // Two tables of half the size take a twentieth less time and 0.2 % more bytes (experiments/0071).
        Some(len) if len <= BLOCK as u64 => 20,
        _ => 21,
    };
    BytesParams::new(log2).in_light_form()
}

/// The parameters for a stream of `len` bytes in the full form.
pub(crate) fn params_for(len: Option<u64>, level: Level) -> BytesParams {
    match len {
        Some(len) if len < TWO_SUBSTREAMS as u64 => {
            BytesParams::new((len.max(1).next_power_of_two().ilog2() as u8 + 6).clamp(18, 22))
        }
        Some(LONG..) if level == Level::Max => BytesParams::new(24).and_half(),
        _ if level == Level::Max => BytesParams::new(22).and_half(),
        // Two substreams have a table each.
        _ => BytesParams::new(21),
    }
}

/// The logarithm of the window that a stream of `len` bytes is worth, of `most` bytes at most. Short streams have none, and none
/// is shorter than the history of the coder, which is four blocks.
pub(crate) fn window_for(len: Option<u64>, most: u64) -> Option<u8> {
    let len = len.unwrap_or(WINDOW).min(u64::MAX >> 1);
    let log2 = len.next_power_of_two().ilog2().min(most.checked_ilog2()?) as u8;
    (len >= LONG && 1 << log2 >= LONG).then_some(log2.min(*WINDOW_LOGS.end()))
}

/// The same for a stream of which nothing is worth one but files, if one is in what it begins with: a file that comes twice is a
/// copy then.
pub(crate) fn window_for_files(begin: &[u8], len: Option<u64>, most: u64) -> Option<u8> {
    let least = 1u64 << WINDOW_LOGS.start();
    let log2 = len?.next_power_of_two().min(LONG).min(most).checked_ilog2()? as u8;
    (len? >= least && WINDOW_LOGS.contains(&log2) && has_files(begin)).then_some(log2)
}

/// The byte that all of `raw` consists of.
pub(crate) fn single_byte(raw: &[u8]) -> Option<u8> {
    let (&first, rest) = raw.split_first()?;
    // Every byte equals the one before it: a comparison of memory, much faster than a loop.
    (*rest == raw[..rest.len()]).then_some(first)
}

/// Whether coding would be in vain: the bytes are equally frequent and no string repeats. Never true of a small
/// block, where chance makes frequencies differ.
pub(crate) fn incompressible(raw: &[u8]) -> bool {
    let mut counts = [0u64; 256];
    for &byte in raw {
        counts[usize::from(byte)] += 1;
    }
    // The collision entropy -log2(sum of squared probabilities), which the order-0 entropy is never below, is
    // above 7.99 bits: 2^-7.99 = 1.007 / 256. In integers, because the choice shows in the stream.
    let squares: u64 = counts.iter().map(|count| count * count).sum();
    let len = raw.len() as u64;
    len > 0 && 256_000 * squares <= 1007 * len * len && !has_repeats(raw)
}

/// Whether a string is seen again that was remembered; a repeat of `STRIDE + WORD` bytes contains one.
fn has_repeats(raw: &[u8]) -> bool {
    const SLOTS: usize = 1 << 14;
    let mut table = vec![None; SLOTS];
    for (at, window) in raw.windows(WORD).enumerate() {
        let mut bytes = [0; WORD];
        bytes.copy_from_slice(window);
        let word = u64::from_le_bytes(bytes);
        let slot = (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 50) as usize % SLOTS;
        if table[slot] == Some(word) {
            return true;
        }
        if at % STRIDE == 0 {
            table[slot] = Some(word);
        }
    }
    false
}

/// The body of a coded block, and whether storing the bytes would be no worse.
pub(crate) fn code(coder: &mut BytesCoder, raw: &[u8], plan: BlockPlan) -> Result<(Vec<u8>, bool)> {
    let payload = coder.encode(raw, plan)?;
    let stored = is_no_shorter(payload.len(), raw.len());
    Ok((frame_block(payload, raw, plan), stored))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 56) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn only_large_noise_without_repeats_is_stored_at_once() {
        let mut raw = noise(1 << 20);
        assert!(incompressible(&raw));
        assert!(!incompressible(&raw[..1 << 14]));
        assert!(!incompressible(&[]));
        let (early, late) = raw.split_at_mut(1 << 19);
        late[1001..1001 + STRIDE + WORD].copy_from_slice(&early[2..2 + STRIDE + WORD]);
        assert!(!incompressible(&raw));
        assert!(!incompressible(&vec![b'a'; 1 << 20]));
    }

    #[test]
    fn long_streams_have_windows() {
        let mib = 1 << 20;
        let lens = [Some(4 * mib - 1), Some(4 * mib), Some(4 * mib + 1), Some(100 * mib), Some(u64::MAX), None];
        let windows = |most| lens.map(|len| window_for(len, most).unwrap_or(0));
        assert_eq!(windows(64 * mib), [0, 22, 23, 26, 26, 24]);
        assert_eq!(windows(u64::MAX), [0, 22, 23, 27, 28, 24]);
        assert_eq!((windows(9 * mib), windows(4 * mib - 1), windows(0)), ([0, 22, 23, 23, 23, 23], [0; 6], [0; 6]));
    }

    #[test]
    fn sizes_choose_substreams_and_tables() {
        use Substreams::{One, Two};
        let lens = [0, 524_287, 524_288, 1 << 22];
        assert_eq!(lens.map(|len| substreams_for(len, Level::Default)), [One, One, Two, Two]);
        assert_eq!(substreams_for(1 << 22, Level::Max), One);
        let sizes = [Some(0), Some(4096), Some(4097), Some(1 << 18), Some(1 << 20), Some(u64::MAX), None];
        assert_eq!(sizes.map(|len| params_for(len, Level::Max).to_byte()), [18, 18, 19, 22, 150, 152, 150]);
        assert_eq!(sizes.map(|len| params_for(len, Level::Default).to_byte()), [18, 18, 19, 22, 21, 21, 21]);
        assert_eq!(sizes.map(|len| params_for(len, Level::Fast)), sizes.map(|len| params_for(len, Level::Default)));
        let light = sizes.map(light_params_for);
        assert_eq!(light.map(|size| size.counters().ilog2()), [16, 16, 17, 21, 20, 21, 21]);
        assert!(light.iter().all(|size| size.is_light()));
    }
}
