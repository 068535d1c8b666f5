//! Whole pixels: whether a pixel is one that came after the same neighbours, or one of its neighbours
//! (docs/spec/drawn.md, section 3).

use dualcomp_entropy::{BitCoder, Counter, Number, Prior, hash, save_counters};
use fearless_simd::Simd;
use prefetch_index::prefetch_index;

use super::history::{History, LONGEST, State, TEMPLATES};
use super::mixing::{Asked, INPUTS, Mixing};
use super::surroundings::{Pixels, Rows};

/// Candidates of a pixel at most.
const CANDIDATES: usize = 3;
/// Neighbours that are candidates, then those whose likeness counts too.
const NEAR: [(usize, isize); 6] = [(0, -1), (1, 0), (1, 1), (1, -1), (0, -2), (2, 0)];
const SOURCES: usize = 4;
/// What became of a pixel: it was of rank 0, another candidate, none.
const OUTCOMES: usize = 3;
const STATES: usize = (LONGEST as usize + 1) * 4 * 3;
/// Groups of times.
const GROUP: [u8; LONGEST as usize + 1] = [0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3];
const GROUPS: usize = 4;

/// Counters of a decision: of templates, of likeness, of outcomes, hashed ones.
const HASHED: usize = 4;
const COUNTERS: usize = TEMPLATES + 2;
const _: () = assert!(COUNTERS + HASHED < INPUTS);
/// Where the counters of each begin.
const ALIKE: usize = TEMPLATES * CANDIDATES * STATES;
const AROUND: usize = ALIKE + CANDIDATES * 64 * GROUPS;
const DIRECT: usize = AROUND + CANDIDATES * OUTCOMES.pow(4) * 2;

/// The weight that counters begin with, and the rate (experiments/0065).
const START: f32 = 0.25;
const RATE: f32 = 0.01;

/// A pixel that is asked about.
#[derive(Clone, Copy)]
pub(super) struct Here {
    pub(super) place: usize,
    pub(super) column: usize,
    pub(super) hashes: [u32; TEMPLATES],
    /// What the pixel is not.
    pub(super) excluded: Option<u32>,
}

/// Codes whole pixels.
pub(super) struct Candidates {
    history: History,
    counters: Vec<Counter>,
    hashed: Vec<Counter>,
    mixing: Mixing,
    outcomes: Rows<u8>,
    log2: u32,
}

impl Candidates {
    pub(super) fn new(width: usize, log2: u32) -> Self {
        Self {
            history: History::new(log2),
            counters: vec![Counter::default(); DIRECT],
            hashed: vec![Counter::default(); HASHED << log2],
            mixing: Mixing::new([CANDIDATES * GROUPS * GROUPS, CANDIDATES * 64], COUNTERS + HASHED, START, RATE),
            outcomes: Rows::new(width, 0),
            log2,
        }
    }

    /// Bytes of the tables of 2^`log2` entries.
    pub(super) fn memory(log2: u32) -> u64 {
        ((TEMPLATES * History::STATE + HASHED * size_of::<Counter>()) as u64) << log2
    }

    pub(super) fn load(&mut self, prior: &mut Prior<'_>) {
        prior.counters(&mut self.counters);
        self.mixing.load(prior);
    }

    pub(super) fn save(&mut self, out: &mut Vec<Number>) {
        save_counters(&self.counters, out);
        self.mixing.save(out);
    }

    pub(super) fn next_row(&mut self) {
        self.outcomes.next_row();
    }

    /// Notes a pixel that was not asked about here.
    #[inline(always)]
    pub(super) fn pass(&mut self, column: usize) {
        self.outcomes.set(column, 0);
    }

    /// Notes a pixel in the history.
    #[inline(always)]
    pub(super) fn see(&mut self, hashes: [u32; TEMPLATES], pixel: u32) {
        self.history.see(hashes, pixel);
    }

    /// Codes whether a pixel is a candidate, and gives it if so.
    #[inline(always)]
    pub(super) fn code<S: Simd>(
        &mut self,
        simd: S,
        pixels: &Pixels,
        here: Here,
        coder: &mut impl BitCoder,
        pixel: u32,
    ) -> Option<u32> {
        let Here { place, column, hashes, excluded } = here;
        let states = self.history.states(hashes);
        // Index loops: closures stay calls in functions as large as the callers.
        let mut near = [0; NEAR.len()];
        for i in 0..NEAR.len() {
            near[i] = pixels.near(place, NEAR[i]);
        }
        let [w, n, nw, ne] = self.outcomes.near(column);
        let outcomes = usize::from(27 * w + 9 * n + 3 * nw + ne);
        let (wide, narrow) = (group(&states[0]), group(&states[2]));
        let shared = [0, hash(near[0], near[1]), hashes[2], hashes[0]];
        let list = list(&states, &near, excluded);
        let mut shared_places = [[0; HASHED]; CANDIDATES];
        for rank in 0..list.count {
            for i in 0..HASHED {
                let hash = hash(list.pixels[rank], if i == 0 { rank as u32 } else { shared[i] });
                let place = (i << self.log2) + (hash >> (32 - self.log2)) as usize;
                prefetch_index(&self.hashed, place);
                shared_places[rank][i] = place;
            }
        }
        for rank in 0..list.count {
            let candidate = list.pixels[rank];
            let mut alike = 0;
            for i in 0..NEAR.len() {
                alike |= usize::from(near[i] == candidate) << i;
            }
            let mut places = [0; COUNTERS];
            for i in 0..TEMPLATES {
                let state = &states[i];
                let which = match (state.times > 0 && state.first == candidate, state.others > 0) {
                    (true, _) => 0,
                    (false, true) if state.second == candidate => 1,
                    _ => 2,
                };
                let (times, others) = (usize::from(state.times), usize::from(state.others.min(3)));
                places[i] = (i * CANDIDATES + rank) * STATES + (times * 4 + others) * 3 + which;
            }
            places[TEMPLATES] = ALIKE + (rank * 64 + alike) * GROUPS + narrow;
            places[TEMPLATES + 1] = AROUND + (rank * OUTCOMES.pow(4) + outcomes) * 2 + (alike & 1);
            let mut others = [Counter::default(); HASHED];
            for i in 0..HASHED {
                others[i] = self.hashed[shared_places[rank][i]];
            }
            let selectors = [(rank * GROUPS + wide) * GROUPS + narrow, rank * 64 + alike];
            let asked = Asked { places: &places, others: &mut others, selectors };
            let hit = self.mixing.code(simd, &mut self.counters, asked, coder, pixel == candidate);
            for i in 0..HASHED {
                self.hashed[shared_places[rank][i]] = others[i];
            }
            if hit {
                self.outcomes.set(column, u8::from(rank > 0));
                return Some(candidate);
            }
        }
        self.outcomes.set(column, 2);
        None
    }
}

/// The group of how often a state's first pixel came.
#[inline(always)]
fn group(state: &State) -> usize {
    usize::from(GROUP[usize::from(state.times & LONGEST)])
}

/// Distinct pixels, the likeliest first.
struct List {
    pixels: [u32; CANDIDATES],
    count: usize,
}

impl List {
    #[inline(always)]
    fn add(&mut self, pixel: u32, excluded: Option<u32>) {
        let mut new = self.count < CANDIDATES && excluded != Some(pixel);
        for i in 0..CANDIDATES {
            new &= i >= self.count || self.pixels[i] != pixel;
        }
        if new {
            self.pixels[self.count] = pixel;
            self.count += 1;
        }
    }
}

/// First pixels of the templates, second ones, neighbours.
#[inline(always)]
fn list(states: &[State; TEMPLATES], near: &[u32; NEAR.len()], excluded: Option<u32>) -> List {
    let mut list = List { pixels: [0; CANDIDATES], count: 0 };
    for i in 0..TEMPLATES {
        if states[i].times > 0 {
            list.add(states[i].first, excluded);
        }
    }
    for i in 0..TEMPLATES {
        if states[i].others > 0 {
            list.add(states[i].second, excluded);
        }
    }
    for i in 0..SOURCES {
        list.add(near[i], excluded);
    }
    list
}
