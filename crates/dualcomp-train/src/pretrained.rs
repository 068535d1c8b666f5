//! Counts of what follows the contexts of texts, for `priors/pretrained.bin`.

#![allow(clippy::disallowed_methods, reason = "what is worth keeping is estimated, and no bit decided")]

use std::collections::HashMap;

use dualcomp::__unstable::pretrained::{SLOTS, WEIGHTS, bucket, mark};
use dualcomp_tokens::Vocabulary;

use crate::context_list::{ContextList, Symbol};

/// Pretrained contexts, each with the one whose prediction it improves on: orders 1, 2, 3, 4 and 6, a word, two
/// words.
const CONTEXTS: [(usize, Option<usize>); 7] =
    [(0, None), (1, Some(0)), (2, Some(1)), (3, Some(2)), (4, Some(3)), (5, Some(1)), (7, Some(5))];
/// Documents in which a context must occur.
const MIN_DOCUMENTS: u32 = 3;
/// Symbols at a node group: exits, then the end of a token, and that it goes on.
const SYMBOLS: usize = 18;

/// In how many documents a symbol followed a context.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    slot: u32,
    symbol: u8,
    parent: u32,
}

/// What followed a context at a node group.
#[derive(Clone)]
struct Counts {
    of: [u32; SYMBOLS],
}

/// A context and node group that may be kept, with what it saves for each slot.
struct Candidate {
    worth: f64,
    slots: Vec<(u32, u16)>,
}

/// The most useful counts of these documents, in so many buckets.
pub fn pretrained(documents: &[&[u8]], vocabulary: &Vocabulary, buckets: usize) -> Vec<u8> {
    let mut list = ContextList::new(vocabulary);
    let mut known: HashMap<usize, HashMap<u32, Counts>> = HashMap::new();
    let mut candidates = Vec::new();
    for (context, parent) in CONTEXTS {
        let seen = count(documents, &mut list, context, parent);
        let mut known_here = HashMap::new();
        for group in seen.chunk_by(|a, b| a.slot == b.slot) {
            let mut counts = Counts { of: [0; SYMBOLS] };
            for seen in group {
                counts.of[usize::from(seen.symbol)] += 1;
            }
            if counts.of.iter().sum::<u32>() < MIN_DOCUMENTS {
                continue;
            }
            let parent = parent.and_then(|parent| known.get(&parent)?.get(&group[0].parent));
            candidates.extend(candidate(group[0].slot, &counts, parent));
            known_here.insert(group[0].slot, counts);
        }
        known.insert(context, known_here);
    }
    candidates.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    fill(&candidates, buckets)
}

/// Each slot and symbol once for each document, sorted.
fn count(documents: &[&[u8]], list: &mut ContextList<'_>, context: usize, parent: Option<usize>) -> Vec<Seen> {
    let mut all = Vec::new();
    let mut one = Vec::new();
    for document in documents {
        one.clear();
        list.document(document, |slots, symbol| {
            let symbol = match symbol {
                Symbol::Exit(exit) => exit,
                Symbol::End(end) => 17 - u8::from(end),
            };
            one.push(Seen { slot: slots[context], symbol, parent: parent.map_or(0, |parent| slots[parent]) });
        });
        one.sort_unstable();
        one.dedup_by_key(|seen| (seen.slot, seen.symbol));
        all.extend_from_slice(&one);
    }
    all.sort_unstable();
    all
}

/// The entries of the exits of a node group, and of its end.
fn candidate(slot: u32, counts: &Counts, parent: Option<&Counts>) -> impl Iterator<Item = Candidate> + use<> {
    let most = counts.of[..16].iter().copied().max().unwrap_or(0);
    let top = WEIGHTS[WEIGHTS.len() - 1];
    let scaled = |count: u32| if most > top { (count * 2 * top / most).div_ceil(2) } else { count };
    let mut slots: Vec<(u32, u16)> = Vec::new();
    for (exit, &count) in counts.of[..16].iter().enumerate() {
        // A symbol of few documents beside others of many is no news.
        if count >= 2 && scaled(count) >= 1 && count * 40 >= most {
            slots.push((slot, mark(slot, false) | (exit as u16) << 2 | weight(scaled(count))));
        }
    }
    let mut found = Vec::new();
    if !slots.is_empty() {
        let saved = saved(&counts.of[..16], parent.map(|p| &p.of[..16]));
        found.push(Candidate { worth: saved / slots.len() as f64, slots });
    }
    let (ends, all) = (counts.of[16], counts.of[16] + counts.of[17]);
    if all >= MIN_DOCUMENTS {
        let level = (ends * 32 + all) / (2 * all + 2).max(1);
        let entry = mark(slot, true) | (level.min(15) as u16) << 2 | weight(all.min(top));
        found.push(Candidate { worth: saved_end(counts, parent), slots: vec![(slot, entry)] });
    }
    found.into_iter()
}

fn saved_end(counts: &Counts, parent: Option<&Counts>) -> f64 {
    saved(&counts.of[16..], parent.map(|p| &p.of[16..]))
}

/// The weight that stands for the count nearest to this.
fn weight(count: u32) -> u16 {
    let nearest = |&i: &usize| (f64::from(count.max(1)) / f64::from(WEIGHTS[i])).ln().abs();
    (0..WEIGHTS.len()).min_by(|a, b| nearest(a).total_cmp(&nearest(b))).unwrap_or(0) as u16
}

/// Bits that these counts save against those of the parent, over all documents.
fn saved(counts: &[u32], parent: Option<&[u32]>) -> f64 {
    let flat = vec![0; counts.len()];
    let parent = parent.unwrap_or(&flat);
    let share = |counts: &[u32], i: usize, doubt: f64| {
        let all: u32 = counts.iter().sum();
        (f64::from(counts[i]) + doubt) / (f64::from(all) + doubt * counts.len() as f64)
    };
    (0..counts.len()).map(|i| f64::from(counts[i]) * (share(counts, i, 0.1) / share(parent, i, 0.1)).log2()).sum()
}

/// Fills buckets with the best candidates; what finds no room is left out.
fn fill(candidates: &[Candidate], buckets: usize) -> Vec<u8> {
    let mut used = vec![0usize; buckets];
    let mut slots = vec![0u16; buckets * SLOTS];
    for candidate in candidates {
        let at = bucket(candidate.slots[0].0, buckets);
        if candidate.worth <= 0.0 || used[at] + candidate.slots.len() > SLOTS {
            continue;
        }
        for &(_, slot) in &candidate.slots {
            slots[at * SLOTS + used[at]] = slot;
            used[at] += 1;
        }
    }
    // Ascending marks, of which distances are stored where size counts; the order of entries with one mark stays.
    slots.chunks_exact_mut(SLOTS).for_each(|bucket| bucket.sort_by_key(|slot| slot & mark(u32::MAX, false)));
    slots.into_iter().flat_map(u16::to_le_bytes).collect()
}
