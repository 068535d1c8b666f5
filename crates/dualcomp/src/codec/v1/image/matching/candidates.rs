//! Candidates of a pixel: those of the pixel history, then its neighbours (docs/spec/image.md, section 5.1).

use dualcomp_tokens::Neighbourhood;

use crate::codec::v1::image::context::pixel_history::HistoryStates;

/// Candidates of a pixel at most (experiments/0022).
pub(crate) const CANDIDATES: usize = 3;
/// Sources of a candidate: first pixels of the templates, second ones, neighbours.
pub(crate) const SOURCES: usize = 12;
/// Neighbours that are candidates, and those whose likeness counts.
const NEAR: [(usize, isize); 4] = [(0, -1), (1, 0), (1, 1), (1, -1)];
const ALIKE: [(usize, isize); 6] = [(0, -1), (1, 0), (1, 1), (1, -1), (0, -2), (2, 0)];

/// Distinct pixels, the likeliest first.
#[derive(Clone, Copy, Default)]
pub(crate) struct Candidates {
    pixels: [[u8; 3]; CANDIDATES],
    sources: [u8; CANDIDATES],
    count: usize,
}

impl Candidates {
    #[inline(always)]
    pub(crate) fn new(states: &HistoryStates, around: &Neighbourhood) -> Self {
        let mut new = Self::default();
        for (source, pixel) in states.pixels().into_iter().enumerate() {
            if let Some(pixel) = pixel {
                new.add(pixel, source);
            }
        }
        for i in 0..NEAR.len() {
            let [r, g, b, _] = around.0[Neighbourhood::index(NEAR[i].0, NEAR[i].1)];
            new.add([r, g, b], SOURCES - NEAR.len() + i);
        }
        new
    }

    #[inline(always)]
    fn add(&mut self, pixel: [u8; 3], source: usize) {
        if self.count == CANDIDATES {
            return;
        }
        for i in 0..self.count {
            if self.pixels[i] == pixel {
                return;
            }
        }
        self.pixels[self.count] = pixel;
        self.sources[self.count] = source as u8;
        self.count += 1;
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    #[inline(always)]
    pub(crate) fn pixel(&self, slot: usize) -> [u8; 3] {
        self.pixels[slot]
    }

    #[inline(always)]
    pub(crate) fn source(&self, slot: usize) -> usize {
        usize::from(self.sources[slot])
    }
}

/// Which of six neighbours a pixel equals, a bit each.
#[inline(always)]
pub(crate) fn alike(around: &Neighbourhood, pixel: [u8; 3]) -> usize {
    let mut bits = 0;
    for i in 0..ALIKE.len() {
        let [r, g, b, _] = around.0[Neighbourhood::index(ALIKE[i].0, ALIKE[i].1)];
        bits |= usize::from([r, g, b] == pixel) << i;
    }
    bits
}

/// Which neighbours equal each other, a number below 8.
#[inline(always)]
pub(crate) fn pattern(around: &Neighbourhood) -> usize {
    let near = |up, right| around.0[Neighbourhood::index(up, right)];
    let (west, north) = (near(0, -1), near(1, 0));
    usize::from(west == north) | usize::from(north == near(1, -1)) << 1 | usize::from(north == near(1, 1)) << 2
}
