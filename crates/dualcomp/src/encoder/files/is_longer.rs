//! Whether contexts make more of a text than deflate did.
//!
//! Of strings that come again deflate knows the place, and contexts have to tell it by the bytes before
//! (experiments/0091); of some hundred bytes they have learnt little yet (experiments/0102).

use crate::api::oneshot::compress_with;
use crate::format::HEADER_LEN;
use crate::options::{EncoderOptions, Level};

/// Times that deflate makes a text shorter from which on contexts may not, and values of bytes among which contexts
/// tell places apart no more.
const SHORTER: usize = 6;
const VALUES: usize = 20;
/// Bytes of a text by which that is told.
const TOLD: usize = 1 << 20;

/// Texts of no more bytes are always coded to see (experiments/0102).
const SMALL: usize = 1 << 18;
/// One part in this many of them tells if it is shorter, being dearer than the rest: contexts have learnt nothing.
const PART: usize = 4;
/// Bytes of a part that are too few to tell.
const MIN_PART: usize = 1 << 12;
/// What levels gain on the fastest is at most one part in this many (experiments/0102).
const GAIN: usize = 6;

/// What a byte of a text that is coded to see takes, in those of coefficients (experiments/0103).
const TRIED_FAST: u64 = 4;
const TRIED: u64 = 32;

/// Whether contexts make more than so many bytes of a text. Adds what it took to see that, in bytes of coefficients.
pub(super) fn is_longer(text: &[u8], most: usize, level: Level, spent: &mut u64) -> bool {
    let mut coded = |text: &[u8], level: Level| {
        *spent += text.len() as u64 * if level == Level::Fast { TRIED_FAST } else { TRIED };
        coded(text, level)
    };
    let sample = &text[..text.len().min(TOLD)];
    let doubtful = text.len() / SHORTER >= most || values(sample) <= VALUES;
    let small = text.len() <= SMALL;
    if !small && !doubtful {
        return false;
    }
    // Whether they take so much of what they may.
    let takes = |sample: &[u8], coded: usize| coded as u128 * text.len() as u128 > most as u128 * sample.len() as u128;
    let part = &text[..text.len() / PART];
    if !doubtful && part.len() >= MIN_PART && !takes(part, coded(part, Level::Fast)) {
        return false;
    }
    let fast = coded(sample, Level::Fast);
    if !takes(sample, fast) {
        return false;
    }
    // Where it is close, the level that was asked for tells.
    let close = small && level != Level::Fast && !takes(sample, fast - fast / GAIN);
    !close || takes(sample, coded(sample, level))
}

/// Values of bytes that there are.
fn values(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    bytes.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|&&seen| seen).count()
}

/// Bytes of a text alone, without a header.
fn coded(text: &[u8], level: Level) -> usize {
    let options = EncoderOptions::default().with_level(level).with_find_files(false).with_threads(1);
    compress_with(text, &options, None).map_or(usize::MAX, |coded| coded.len() - HEADER_LEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longer(text: &[u8], most: usize, level: Level) -> bool {
        is_longer(text, most, level, &mut 0)
    }

    /// Numbers below others, always the same.
    fn numbers() -> impl FnMut(u32) -> usize {
        let mut state = 1u32;
        move |below| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((u64::from(state) * u64::from(below)) >> 32) as usize
        }
    }

    /// Strings of bytes below a number, in no order.
    fn strings(values: u32, length: usize, count: usize) -> Vec<u8> {
        let mut next = numbers();
        let strings: Vec<Vec<u8>> = (0..20).map(|_| (0..length).map(|_| b'0' + next(values) as u8).collect()).collect();
        (0..count).flat_map(|_| strings[next(20)].clone()).collect()
    }

    #[test]
    fn contexts_cannot_tell_strings_of_two_values_apart() {
        let text = strings(2, 500, 400);
        // A match of 258 bytes and the rest take deflate some three bytes each.
        assert!(longer(&text, 2 * 3 * 400, Level::Fast));
        assert!(!longer(&text, text.len() / 2, Level::Fast));
        // Nor is that asked of long texts that have many values and little that comes again.
        let mut next = numbers();
        let varied: Vec<u8> = (0..2 * SMALL).map(|_| next(200) as u8).collect();
        assert!(!longer(&varied, varied.len() / 5, Level::Fast));
        assert!(longer(&varied[..SMALL], SMALL / 5, Level::Fast));
        // What is coded counts: a part, then all.
        let mut spent = [0; 2];
        is_longer(&varied, varied.len() / 5, Level::Fast, &mut spent[0]);
        is_longer(&varied[..SMALL], SMALL / 5, Level::Fast, &mut spent[1]);
        assert_eq!(spent, [0, TRIED_FAST * (SMALL + SMALL / PART) as u64]);
    }

    #[test]
    fn where_it_is_close_the_level_tells() {
        let text: Vec<u8> = include_bytes!("is_longer.rs").to_vec();
        let [fast, default] = [Level::Fast, Level::Default].map(|level| coded(&text, level));
        assert!(default < fast);
        assert!(longer(&text, fast - 1, Level::Fast) && !longer(&text, fast, Level::Fast));
        assert!(longer(&text, default - 1, Level::Default) && !longer(&text, default, Level::Default));
    }
}
