//! Chooses the samples of a dictionary (experiments/0030).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use dualcomp_entropy::hash;

use crate::api::dictionary::{Dictionary, Gain};
use crate::api::oneshot::compress_with;
use crate::error::{Error, Result};
use crate::format::dictionary_file::{MAX_SAMPLES, MAX_SAMPLES_LEN};
use crate::options::{EncoderOptions, Level};

/// One sample in this many is held out, for as long as they have at most so many bytes together.
const HELD_OUT: usize = 5;
const HELD_OUT_LEN: usize = 128 << 10;
/// Bytes of samples that are looked at, at most: of more, some at equal distances.
const LOOKED_AT: usize = 256 << 20;
/// Samples longer than one part in this many of the dictionary are cut, but never into parts shorter than so many bytes.
const SHARE: usize = 8;
const MIN_PART: usize = 4 << 10;
/// Bytes of the strings that are counted.
const STRING: usize = 8;
/// Logarithm of the counters of strings.
const COUNTERS: u32 = 22;
/// Samples with a string count up to this: more of them say no more.
const OFTEN: u16 = 255;

/// Makes a dictionary of at most `max` bytes of these samples, none of which is empty.
pub(crate) fn train(samples: &[&[u8]], max: usize, mut progress: impl FnMut(u64, u64)) -> Result<(Dictionary, Gain)> {
    let max = max.min(MAX_SAMPLES_LEN);
    if samples.is_empty() || max == 0 {
        return Err(Error::parameter("a dictionary needs a sample, and room for it"));
    }
    let len: usize = samples.iter().map(|sample| sample.len()).sum();
    let samples: Vec<&[u8]> = samples.iter().copied().step_by(len.div_ceil(LOOKED_AT).max(1)).collect();
    let (known, held_out) = split(&samples);
    // Two choices, and each held-out sample three times.
    let steps = 2 + 3 * held_out.len() as u64;
    let mut done = 0;
    let mut step = || {
        done += 1;
        progress(done, steps);
    };
    let mut gain = Gain { held_out: held_out.len(), ..Gain::default() };
    let mut better = true;
    if !held_out.is_empty() {
        let dictionaries = [None, Some(as_they_come(&known, max)), Some(choose(&known, max))];
        step();
        let mut sizes = [0; 3];
        for (size, dictionary) in sizes.iter_mut().zip(&dictionaries) {
            let dictionary = dictionary.as_ref().map(|samples| Dictionary::from_samples(samples)).transpose()?;
            let options = EncoderOptions::default().with_level(Level::Fast).with_find_files(false);
            let options = options.with_dictionary(dictionary);
            for sample in &held_out {
                *size += compress_with(sample, &options, None)?.len() as u64;
                step();
            }
        }
        gain.raw = held_out.iter().map(|sample| sample.len() as u64).sum();
        [gain.without, gain.plain, gain.chosen] = sizes;
        better = gain.chosen <= gain.plain;
    }
    let chosen = if better { choose(&samples, max) } else { as_they_come(&samples, max) };
    step();
    Ok((Dictionary::from_samples(&chosen)?, gain))
}

/// Samples to choose from, and samples that judge.
fn split<'a>(samples: &[&'a [u8]]) -> (Vec<&'a [u8]>, Vec<&'a [u8]>) {
    let (mut known, mut held_out, mut len) = (Vec::new(), Vec::new(), 0);
    for (i, &sample) in samples.iter().enumerate() {
        if i % HELD_OUT == HELD_OUT - 1 && len + sample.len() <= HELD_OUT_LEN {
            len += sample.len();
            held_out.push(sample);
        } else {
            known.push(sample);
        }
    }
    (known, held_out)
}

/// The first samples that fit, the very first one as far as it fits.
fn as_they_come<'a>(samples: &[&'a [u8]], max: usize) -> Vec<&'a [u8]> {
    let mut left = max;
    let mut taken = Vec::new();
    for &sample in samples.iter().take(MAX_SAMPLES) {
        if taken.is_empty() || sample.len() <= left {
            let sample = &sample[..sample.len().min(left)];
            left -= sample.len();
            taken.push(sample);
        }
    }
    taken
}

/// A part of a sample, and what its strings that are in no chosen part are worth for each of its bytes.
struct Part<'a> {
    bytes: &'a [u8],
    worth: u64,
    /// Its place, so that equal parts have an order.
    at: usize,
}

impl Ord for Part<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.worth, other.at).cmp(&(other.worth, self.at))
    }
}

impl PartialOrd for Part<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Part<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Part<'_> {}

/// Takes the part that is worth most until all are taken or nothing fits: a string counts as often as other samples have
/// it, once (as the COVER algorithm of Zstandard counts). The best one comes last.
fn choose<'a>(samples: &[&'a [u8]], max: usize) -> Vec<&'a [u8]> {
    // How many samples have a string, and which one had it last.
    let mut counts = vec![(0u16, u32::MAX); 1 << COUNTERS];
    for (i, sample) in samples.iter().enumerate() {
        for slot in strings(sample) {
            let (count, last) = &mut counts[slot];
            if *last != i as u32 {
                (*count, *last) = ((*count + 1).min(OFTEN), i as u32);
            }
        }
    }
    // A string is covered for a part that is looked at once it was met there, and for all once its part is taken.
    const TAKEN: u32 = u32::MAX;
    let mut met = vec![0u32; 1 << COUNTERS];
    let mut looks = 0;
    let mut worth = |bytes: &[u8], met: &mut [u32]| {
        looks += 1;
        let mut sum = 0;
        for slot in strings(bytes) {
            if met[slot] != TAKEN && met[slot] != looks {
                met[slot] = looks;
                sum += u64::from(counts[slot].0 - 1);
            }
        }
        // A sample costs some bytes beside its own.
        (sum << 16) / (bytes.len() as u64 + 16)
    };
    let part = (max / SHARE).max(MIN_PART).min(max);
    let parts = samples.iter().flat_map(|sample| sample.chunks(part)).enumerate();
    let mut heap: BinaryHeap<Part<'a>> =
        parts.map(|(at, bytes)| Part { bytes, worth: worth(bytes, &mut met), at }).collect();
    let (mut chosen, mut left) = (Vec::new(), max);
    while let Some(mut best) = heap.pop() {
        if best.bytes.len() > left {
            continue;
        }
        // What was taken since has made it worth no more than it was.
        let now = worth(best.bytes, &mut met);
        if now < best.worth && heap.peek().is_some_and(|next| next.worth > now) {
            best.worth = now;
            heap.push(best);
            continue;
        }
        strings(best.bytes).for_each(|slot| met[slot] = TAKEN);
        left -= best.bytes.len();
        chosen.push(best.bytes);
        if chosen.len() == MAX_SAMPLES {
            break;
        }
    }
    chosen.reverse();
    chosen
}

/// The counters of all strings.
fn strings(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.windows(STRING).map(|window| {
        let (low, high) = window.split_at(STRING / 2);
        let word = |half: &[u8]| half.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
        (hash(word(low), word(high)) >> (32 - COUNTERS)) as usize
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_have_is_chosen_first_and_comes_last() {
        let common = b"what all of them have in common, more or less".repeat(2);
        let samples: Vec<Vec<u8>> = (0..10u8).map(|i| if i == 3 { vec![i; 90] } else { common.clone() }).collect();
        let samples: Vec<&[u8]> = samples.iter().map(Vec::as_slice).collect();
        assert_eq!(choose(&samples, 100), [&common[..]]);
        let all = choose(&samples, 10_000);
        assert_eq!((all.len(), all[9]), (10, &common[..]));
        assert_eq!(choose(&samples, 50), [&common[..50]]);
        assert_eq!(as_they_come(&samples, 200).len(), 2);
        assert_eq!(as_they_come(&samples, 7), [&common[..7]]);
    }

    #[test]
    fn held_out_samples_judge() {
        let samples: Vec<String> = (0..40).map(|i| format!("sample {i} of {} in all of its kind", i * i)).collect();
        let samples: Vec<&[u8]> = samples.iter().map(|sample| sample.as_bytes()).collect();
        let mut last = (0, 0);
        let (dictionary, gain) = train(&samples, 400, |done, of| last = (done, of)).unwrap();
        assert_eq!((gain.held_out, last.0), (8, last.1));
        assert!(gain.chosen < gain.without && gain.plain < gain.without, "{gain:?}");
        assert!(dictionary.samples().map(<[u8]>::len).sum::<usize>() <= 400);
        assert!(train(&[], 400, |_, _| {}).is_err() && train(&samples, 0, |_, _| {}).is_err());
        assert_eq!(train(&samples[..1], 1 << 30, |_, _| {}).unwrap().0.samples().count(), 1);
    }
}
