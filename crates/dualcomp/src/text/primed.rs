//! What usually follows a context: counts of half bytes under many contexts, learned beforehand from other texts. A
//! context that a stream sees for the first time begins with them (docs/coding.md, section 5.1).

use dualcomp_entropy::{Counter, Known, Line};

/// Slots of two bytes in buckets of sixteen. A context's hash picks a bucket and ten bits that mark its slots; a slot
/// says of one half byte how often it came, or of the end of a token how likely it is.
#[derive(Clone, Copy)]
pub(crate) struct Primed {
    buckets: &'static [[u8; BUCKET]],
}

/// Slots of a bucket.
pub(crate) const SLOTS: usize = 16;
/// Bytes of a bucket.
const BUCKET: usize = 2 * SLOTS;
/// Low bits of a slot: a half byte above a weight.
const CODE: u32 = 6;
const CHECK_MASK: u32 = (1 << (16 - CODE)) - 1;
/// What the ends of tokens have for half bytes.
const END_MARK: u32 = 0x2AA;
/// Counts that weights stand for.
pub(crate) const WEIGHTS: [u32; 4] = [2, 6, 20, 64];
/// Decisions that a primed counter is worth, by the logarithm of its counts: few, so that it soon learns otherwise.
const WORTH: [u32; 8] = [1, 1, 2, 2, 2, 2, 3, 3];
/// Decisions that the end of a token is worth.
const END_WORTH: u32 = 2;

/// The bucket, among so many, of a context with this hash.
#[inline(always)]
pub(crate) fn bucket(hash: u32, buckets: usize) -> usize {
    ((u64::from(hash) * buckets as u64) >> 32) as usize
}

/// The mark of slots that tell of half bytes, or of the end of a token.
#[inline(always)]
pub(crate) fn mark(hash: u32, end: bool) -> u16 {
    let check = hash & CHECK_MASK ^ if end { END_MARK } else { 0 };
    (check << CODE) as u16
}

impl Primed {
    /// The counts inside this library.
    pub(crate) fn embedded() -> Self {
        Self { buckets: include_bytes!("../../priors/primed.bin").as_chunks().0 }
    }
}

impl Known for Primed {
    #[inline(always)]
    fn touch(&self, hash: u32) {
        std::hint::black_box(self.buckets.get(bucket(hash, self.buckets.len())).map(|b| b[0]));
    }

    fn fill(&self, hash: u32, line: &mut Line) {
        let Some(slots) = self.buckets.get(bucket(hash, self.buckets.len())) else { return };
        let (half, end) = (mark(hash, false), mark(hash, true));
        let mut marked = [0; SLOTS];
        for (marked, slot) in marked.iter_mut().zip(slots.as_chunks().0) {
            *marked = u16::from_le_bytes(*slot);
        }
        let (mut halves, mut ends) = (0u32, 0u32);
        for i in 0..SLOTS {
            let check = marked[i] & !((1 << CODE) - 1);
            halves |= u32::from(check == half) << i;
            ends |= u32::from(check == end) << i;
        }
        while ends != 0 {
            let slot = marked[ends.trailing_zeros() as usize];
            line.before().start((u32::from(slot >> 2 & 15) * 2 + 1) << 11, END_WORTH);
            ends &= ends - 1;
        }
        let found = halves != 0;
        let mut counts = [0; 2 * SLOTS];
        while halves != 0 {
            let slot = marked[halves.trailing_zeros() as usize];
            counts[SLOTS + usize::from(slot >> 2 & 15)] = WEIGHTS[usize::from(slot & 3)];
            halves &= halves - 1;
        }
        if !found {
            return;
        }
        for node in (1..SLOTS).rev() {
            let (zeros, ones) = (counts[2 * node], counts[2 * node + 1]);
            counts[node] = zeros + ones;
            if counts[node] > 0 {
                let p = ((ones * 10 + 4) << 16) / (counts[node] * 10 + 8);
                *line.counter(node) = Counter::primed(p as u16, WORTH[(counts[node].ilog2() as usize).min(7)]);
            }
        }
    }
}
