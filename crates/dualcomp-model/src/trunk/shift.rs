//! Token shift: each stream mixes the normalised vector of this site with that of its left neighbour and of a far
//! one, and becomes int8 for its matrix product (docs/spec/numerics.md sections 9 and 10).

use crate::lanes::{Chunk, LANES, chunked, load, store};
use crate::numerics::quantise;
use crate::product::Products;

/// Vectors kept per slot: rows of an image run three columns apart.
pub(crate) const RING: u32 = 4;
/// Where a vector is kept, where the left one is and where the far one is, as slot * [`RING`] + place; -1 if there is
/// none. What is read was kept by an earlier batch.
pub(crate) type Place = [i32; PLACE];
pub(crate) const PLACE: usize = 3;

/// The weights of one stream for sixteen channels.
#[derive(Debug, Clone, Copy)]
struct Mix {
    left: Chunk,
    far: Chunk,
}

/// Shift with `N` streams: three in the time mix, whose first also goes to the gate, one in the channel mix.
#[derive(Debug)]
pub(crate) struct Shift<const N: usize> {
    /// One for each sixteen channels.
    mix: Vec<[Mix; N]>,
    inverse: [f32; N],
    /// Stands for a neighbour that does not exist.
    zeros: Vec<Chunk>,
}

impl<const N: usize> Shift<N> {
    const GATED: bool = N == 3;

    pub(crate) fn new(left: [&Vec<f32>; N], far: [&Vec<f32>; N], inverse: [f32; N]) -> Self {
        let (left, far) = (left.map(|x| chunked(x)), far.map(|x| chunked(x)));
        let mix = |at: usize, i: usize| Mix { left: left[i][at], far: far[i][at] };
        let width = left[0].len();
        let mix = (0..width).map(|at| std::array::from_fn(|i| mix(at, i))).collect();
        Self { mix, inverse, zeros: vec![Chunk::ZERO; width] }
    }

    /// The vector kept at `place`, or zeros.
    #[inline(always)]
    fn kept<'a>(&'a self, ring: &'a [Chunk], place: i32) -> &'a [Chunk] {
        let width = self.zeros.len();
        usize::try_from(place).map_or(&self.zeros, |at| &ring[at * width..][..width])
    }

    /// Keeps the rows of x times their factors and mixes them into the streams. `gates` is not used if there is no
    /// gate.
    #[inline(always)]
    pub(crate) fn step<S: Products>(
        &self,
        s: S,
        ring: &mut [Chunk],
        places: &[Place],
        (x, factors): (&[Chunk], &[f32]),
        streams: [&mut [[i8; LANES]]; N],
        gates: &mut [Chunk],
    ) {
        let width = self.mix.len();
        for (row, &[here, left, far]) in places.iter().enumerate() {
            let (x, factor) = (&x[row * width..][..width], factors[row]);
            let here = &mut ring[here as usize * width..][..width];
            for i in 0..width {
                store(load(s, &x[i]) * factor, &mut here[i]);
            }
            let (left, far) = (self.kept(ring, left), self.kept(ring, far));
            for i in 0..width {
                let here = load(s, &x[i]) * factor;
                let (left, far) = (load(s, &left[i]) - here, load(s, &far[i]) - here);
                for n in 0..N {
                    let mix = &self.mix[i][n];
                    let x = here + left * load(s, &mix.left) + far * load(s, &mix.far);
                    quantise(s, x, self.inverse[n], &mut streams[n][row * width + i]);
                    if Self::GATED && n == 0 {
                        store(x, &mut gates[row * width + i]);
                    }
                }
            }
        }
    }
}
