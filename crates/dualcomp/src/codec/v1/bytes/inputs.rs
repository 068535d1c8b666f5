//! What is known of a decision before it is coded: what counters of its contexts say, and the match
//! (docs/spec/bytes.md, section 3).

use dualcomp_entropy::{CounterSlot, SimdStateMap, logistic, probabilities};
use dualcomp_tokens::ByteNode;
use fearless_simd::prelude::*;
use fearless_simd::{Simd, i32x8};

use crate::codec::v1::bytes::contexts::{CONTEXTS, Cursor};
use crate::codec::v1::bytes::history::History;

/// For a set of contexts, the sum of 3^i over those that select weights: orders 3, 4 and 6, one word, two words.
static WEIGHTS: [u8; 256] = {
    const CONTEXTS: [usize; 5] = [2, 3, 4, 5, 7];
    let mut sums = [0; 256];
    let mut set = 0;
    while set < sums.len() {
        let (mut i, mut power) = (0, 1);
        while i < CONTEXTS.len() {
            sums[set] += power * (set >> CONTEXTS[i] & 1) as u8;
            (i, power) = (i + 1, power * 3);
        }
        set += 1;
    }
    sums
};

/// The words of a group's counters at an index, or of those for ends; what follows such counters, and where that is.
#[inline(always)]
pub(super) fn read<S: Simd>(
    simd: S,
    slots: &mut [CounterSlot; CONTEXTS],
    map: &SimdStateMap<2>,
    (ends, index): (bool, usize),
) -> (i32x8<S>, [u32; CONTEXTS], i32x8<S>) {
    let mut words = [0; CONTEXTS];
    if ends {
        for i in 0..CONTEXTS {
            words[i] = slots[i].before().widen().word() as i32;
        }
    } else {
        for i in 0..CONTEXTS {
            words[i] = slots[i].counter(index).word() as i32;
        }
    }
    let words = i32x8::load_array(simd, words);
    let states = SimdStateMap::<2>::states(words);
    let known_to_follow = map.read(usize::from(ends), &states);
    let mut follows = [0; CONTEXTS];
    for i in 0..CONTEXTS {
        follows[i] = known_to_follow[i].word() as i32;
    }
    (words, states, i32x8::load_array(simd, follows))
}

/// Logits of the probabilities of counters.
#[inline(always)]
pub(super) fn logits<S: Simd>(words: i32x8<S>) -> i32x8<S> {
    logistic::stretch_all(probabilities(words))
}

/// How often each of five contexts was seen (docs/spec/bytes.md, section 3.3).
#[inline(always)]
pub(super) fn seen<S: Simd>(words: i32x8<S>) -> usize {
    let counts = words & 511;
    let (once, more) = (counts.simd_gt(0).to_bitmask() as usize & 255, counts.simd_gt(2).to_bitmask() as usize & 255);
    usize::from(WEIGHTS[once]) + usize::from(WEIGHTS[more])
}

/// The outcome of a node or an end that the match expects, and the length of the match as counters tell it apart.
#[inline(always)]
pub(super) fn expected<const GROUPS: usize>(
    byte_node: Option<&ByteNode>,
    cursor: &Cursor<GROUPS>,
    history: &History,
) -> Option<(bool, usize)> {
    let found = cursor.found?;
    let (at, length) = (found.place as usize, found.length(cursor.refuted) as usize);
    let byte = history.byte(at)?;
    match byte_node {
        None => Some((history.starts(at), length)),
        Some(node) => (node.first <= byte && byte <= node.last).then_some((byte >= node.split, length)),
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::Level;

    use super::*;
    use crate::runtime::at_level::at_level;

    #[test]
    fn contexts_are_told_apart_by_how_often_they_were_seen() {
        let seen = |counts: [i32; 8]| at_level!(Level::new(), simd => seen(i32x8::from_slice(simd, &counts)));
        // Orders 1 to 4 and 6, then a word, the line above, two words.
        assert_eq!(seen([0; 8]), 0);
        assert_eq!(seen([1; 8]), 1 + 3 + 9 + 27 + 81);
        assert_eq!(seen([9; 8]), 2 * (1 + 3 + 9 + 27 + 81));
        assert_eq!(seen([1, 0, 3, 0, 0, 0, 0, 0]), 2);
    }
}
