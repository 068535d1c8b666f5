//! Which pixels came after the same neighbours (docs/spec/drawn.md, section 3.1): the history of docs/spec/image.md,
//! section 8, for pixels of up to four samples.

use dualcomp_entropy::hash;

use super::surroundings::Pixels;

/// Templates, the widest first, and how many of the neighbours each has (experiments/0005).
pub(super) const TEMPLATES: usize = 4;
const LENGTHS: [usize; TEMPLATES] = [12, 8, 4, 2];
const NEIGHBOURS: [(usize, isize); LENGTHS[0]] =
    [(0, -1), (1, 0), (1, -1), (1, 1), (0, -2), (2, 0), (1, 2), (1, -2), (2, -1), (2, 1), (0, -3), (2, 2)];
/// Times are counted up to this.
pub(super) const LONGEST: u8 = 15;

/// Factors of the neighbours in the sum that is hashed.
static FACTORS: [u64; LENGTHS[0]] = {
    let mut factors = [0x9E37_79B9_7F4A_7C15u64; LENGTHS[0]];
    let mut i = 1;
    while i < factors.len() {
        factors[i] = factors[i - 1].wrapping_mul(0x5851_F42D_4C95_7F2D);
        i += 1;
    }
    factors
};

/// Two pixels that came after the same neighbours, and the times that they came lately, 0 if unknown.
#[derive(Clone, Copy, Default)]
pub(super) struct State {
    pub(super) first: u32,
    pub(super) second: u32,
    check: u16,
    pub(super) times: u8,
    pub(super) others: u8,
}

impl State {
    /// After this pixel came, too.
    #[inline(always)]
    fn see(&mut self, pixel: u32) {
        if self.times == 0 {
            (self.first, self.times) = (pixel, 1);
        } else if self.first == pixel {
            self.times = (self.times + 1).min(LONGEST);
        } else {
            let again = self.others > 0 && self.second == pixel;
            self.others = if again { (self.others + 1).min(LONGEST) } else { 1 };
            self.times = self.times.div_ceil(2);
            self.second = pixel;
            if self.others >= self.times {
                (self.first, self.second) = (self.second, self.first);
                (self.times, self.others) = (self.others, self.times);
            }
        }
    }
}

/// A table of states for each template.
pub(super) struct History {
    states: [Vec<State>; TEMPLATES],
    shift: u32,
}

impl History {
    /// Bytes of a state.
    pub(super) const STATE: usize = size_of::<State>();

    /// With 2^`log2` states a template.
    pub(super) fn new(log2: u32) -> Self {
        Self { states: std::array::from_fn(|_| vec![State::default(); 1 << log2]), shift: 32 - log2 }
    }

    /// The hashes of the templates around a place.
    #[inline(always)]
    pub(super) fn hashes(pixels: &Pixels, place: usize) -> [u32; TEMPLATES] {
        let mut sum = 0u64;
        let mut hashes = [0; TEMPLATES];
        let mut at = 0;
        for template in (0..TEMPLATES).rev() {
            while at < LENGTHS[template] {
                let word = u64::from(pixels.near(place, NEIGHBOURS[at]));
                sum = sum.wrapping_add((word + 1).wrapping_mul(FACTORS[at]));
                at += 1;
            }
            hashes[template] = hash((sum >> 32) as u32 ^ sum as u32, 0);
        }
        hashes
    }

    /// The states of these hashes; those of others become fresh.
    #[inline(always)]
    pub(super) fn states(&mut self, hashes: [u32; TEMPLATES]) -> [State; TEMPLATES] {
        let mut found = [State::default(); TEMPLATES];
        for i in 0..TEMPLATES {
            let state = &mut self.states[i][(hashes[i] >> self.shift) as usize];
            let check = hashes[i] as u16 | 1;
            if state.check != check {
                *state = State { check, ..State::default() };
            }
            found[i] = *state;
        }
        found
    }

    /// Notes a pixel in the states of these hashes, which were found last.
    #[inline(always)]
    pub(super) fn see(&mut self, hashes: [u32; TEMPLATES], pixel: u32) {
        for i in 0..TEMPLATES {
            self.states[i][(hashes[i] >> self.shift) as usize].see(pixel);
        }
    }
}
