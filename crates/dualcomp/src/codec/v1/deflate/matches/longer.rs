//! Places by more bytes than three, so that most of a long walk through the lists of zlib can be left out.
//!
//! Texts of few values have thousands of places in a list, nearly all of which agree in few bytes. Those that agree in fewer
//! than [`LONG`] matter only where no place agrees in more, and count as one step each: how many they are is enough.

use crate::codec::v1::deflate::symbols::WINDOW;

/// Bytes that places of a list have in common. Eight that are compared are a step, so at most that many (experiments/0094).
pub(crate) const LONG: usize = 6;
/// Bits of their hash.
const BITS: u32 = 15;

/// Places of the same hash by chance that a walk goes on behind: more would take longer than its steps say.
const CHANCE: usize = 64;

/// Lists by long hashes, and how many places the lists by short ones have.
pub(crate) struct Longer {
    heads: Vec<u32>,
    before: Box<[u32; WINDOW]>,
    /// Of each list by a short hash how many places were entered, mod 2^16, and how many of them are in reach.
    entered: Vec<u16>,
    reached: Vec<u16>,
    /// How many places of its list by a short hash came before a place, mod 2^16.
    order: Box<[u16; WINDOW]>,
}

/// A walk through the list of a short hash.
pub(crate) struct Walk {
    /// From here, whether this place is entered, and its short hash.
    pub(crate) at: usize,
    pub(crate) is_entered: bool,
    pub(crate) hash: usize,
    /// Places that it sees at most, and how far they may be.
    pub(crate) places: usize,
    pub(crate) reach: usize,
}

impl Longer {
    /// Bytes of a text from which on its tables cost less than they save: to make them takes longer than 300 bytes of text to
    /// decode, and shorter texts have short walks.
    pub(crate) const MIN_TEXT: usize = 1 << 12;
    /// Bytes of the tables at most.
    pub(crate) const BYTES: u64 = (4 << 16) + (4 << BITS) + 6 * WINDOW as u64;

    pub(crate) fn new(hash_bits: u8) -> Self {
        Self {
            heads: vec![0; 1 << BITS],
            before: Box::new([0; WINDOW]),
            entered: vec![0; 1 << hash_bits],
            reached: vec![0; 1 << hash_bits],
            order: Box::new([0; WINDOW]),
        }
    }

    /// Enters a place with this short hash.
    #[inline]
    pub(crate) fn enter(&mut self, text: &[u8], at: usize, hash: usize) {
        // Place 0 is in no list.
        if at == 0 {
            return;
        }
        self.order[at % WINDOW] = self.entered[hash];
        self.entered[hash] = self.entered[hash].wrapping_add(1);
        self.reached[hash] += 1;
        if let Some(bytes) = eight(text, at) {
            let head = &mut self.heads[long_hash(bytes)];
            self.before[at % WINDOW] = *head;
            *head = at as u32;
        }
    }

    /// A place with this short hash is out of reach from now on.
    #[inline]
    pub(crate) fn leave(&mut self, hash: usize) {
        self.reached[hash] -= 1;
    }

    /// Places of a list in reach.
    pub(crate) fn places(&self, hash: usize) -> usize {
        self.reached[hash].into()
    }

    /// Places of a list that were entered before a walk begins, mod 2^16.
    fn all(&self, walk: &Walk) -> u16 {
        if walk.is_entered { self.order[walk.at % WINDOW] } else { self.entered[walk.hash] }
    }

    /// How many places a walk sees before the one at this distance, which is in the list.
    pub(crate) fn places_before(&self, walk: &Walk, distance: usize) -> usize {
        self.all(walk).wrapping_sub(1).wrapping_sub(self.order[(walk.at - distance) % WINDOW]).into()
    }

    /// Shows those places of a walk that agree in [`LONG`] bytes, and how many it sees before each, until one ends it. None if
    /// the walk itself is needed to tell.
    #[inline(always)]
    pub(crate) fn walk(&self, text: &[u8], walk: &Walk, mut see: impl FnMut(usize, usize) -> bool) -> Option<()> {
        let bytes = eight(text, walk.at)?;
        let all = self.all(walk).wrapping_sub(1);
        let head = if walk.is_entered { self.before[walk.at % WINDOW] } else { self.heads[long_hash(bytes)] };
        let (mut place, mut others) = (head as usize, CHANCE);
        while place > 0 && place < walk.at && walk.at - place <= walk.reach {
            if agreeing(bytes, eight(text, place)?) >= LONG {
                let before = usize::from(all.wrapping_sub(self.order[place % WINDOW]));
                if before >= walk.places || see(place, before) {
                    break;
                }
            } else {
                others = others.checked_sub(1)?;
            }
            let next = self.before[place % WINDOW] as usize;
            if next >= place {
                break;
            }
            place = next;
        }
        Some(())
    }
}

/// Bytes from a place on, if there are eight.
#[inline(always)]
pub(crate) fn eight(text: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*text.get(at..at + 8)?.first_chunk()?))
}

/// Of eight bytes, how many agree from the first on.
#[inline(always)]
pub(crate) fn agreeing(one: u64, other: u64) -> usize {
    (one ^ other).trailing_zeros() as usize / 8
}

/// The hash of the first of eight bytes.
#[inline(always)]
fn long_hash(bytes: u64) -> usize {
    // An odd number near 2^64 over the golden ratio spreads what differs in few bits.
    ((bytes << (64 - 8 * LONG)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize
}

/// Bytes that agree from the first ones on, of two strings of one length: eight at once.
pub(crate) fn common(one: &[u8], other: &[u8]) -> usize {
    let mut len = 0;
    for (a, b) in one.as_chunks::<8>().0.iter().zip(other.as_chunks::<8>().0) {
        let differ = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differ != 0 {
            return len + differ.trailing_zeros() as usize / 8;
        }
        len += 8;
    }
    while len < one.len() && one[len] == other[len] {
        len += 1;
    }
    len
}
