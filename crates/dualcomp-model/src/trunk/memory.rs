//! What a session keeps: of each slot the vectors and states that later rows read, and room for the rows at work.

use dualcomp_tokens::FEATURES;

use super::shift::RING;
use crate::lanes::{Chunk, LANES};

/// Rows that go through the layers together. More of them share each load of the weights; fewer leave more room in
/// the caches.
pub(crate) const BLOCK: usize = 16;

/// What decides how much memory a trunk needs.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// Chunks of a row, and of a hidden one.
    pub(crate) width: usize,
    pub(crate) hidden: usize,
    /// For each layer, whether it has a time mix.
    pub(crate) time_mixes: Vec<bool>,
}

/// The state of one head: `state[j]` ties key channel j to the value channels.
pub(crate) type State = [Chunk; LANES];

/// Of one layer, by slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    /// The last [`RING`] normalised vectors of the time mix and of the channel mix.
    pub(crate) time: Vec<Chunk>,
    pub(crate) channel: Vec<Chunk>,
    pub(crate) states: Vec<State>,
}

/// Vectors of a block of rows on their way through the layers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// The residual stream, and for each row what normalises it.
    pub(crate) x: Vec<Chunk>,
    pub(crate) factors: Vec<f32>,
    /// Inputs of products.
    pub(crate) streams: [Vec<i8>; 3],
    pub(crate) squares: Vec<i8>,
    pub(crate) features: Vec<i8>,
    pub(crate) hidden: Vec<Chunk>,
    pub(crate) head: Vec<Chunk>,
    pub(crate) vectors: Vectors,
}

/// What the recurrence reads and works on, one chunk for each head of each row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vectors {
    pub(crate) receptance: Vec<Chunk>,
    pub(crate) key: Vec<Chunk>,
    pub(crate) value: Vec<Chunk>,
    /// What the gate is computed from, then the gate.
    pub(crate) gate: Vec<Chunk>,
    /// The value of the first layer.
    pub(crate) first: Vec<Chunk>,
    /// The key of length one, and the same times the rate.
    pub(crate) direction: Vec<Chunk>,
    pub(crate) removal: Vec<Chunk>,
    /// One number for each head of each row.
    pub(crate) lengths: Vec<f32>,
    pub(crate) bonus: Vec<f32>,
}

/// The memory of one operator in one session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) layers: Vec<Kept>,
    pub(crate) rows: Rows,
}

impl Memory {
    /// Makes room for `slots` slots. Does nothing in a session that has seen as many.
    pub(crate) fn reserve(&mut self, shape: &Shape, head: usize, slots: usize) {
        if self.layers.is_empty() {
            self.layers.resize(shape.time_mixes.len(), Kept::default());
            self.rows = Rows::new(shape, head);
        }
        let heads = slots * shape.width;
        for (kept, &has_time_mix) in self.layers.iter_mut().zip(&shape.time_mixes) {
            let vectors = heads * RING as usize;
            if kept.channel.len() < vectors {
                kept.channel.resize(vectors, Chunk::ZERO);
                if has_time_mix {
                    kept.time.resize(vectors, Chunk::ZERO);
                    kept.states.resize(heads, [Chunk::ZERO; LANES]);
                }
            }
        }
    }
}

impl Rows {
    fn new(shape: &Shape, head: usize) -> Self {
        let chunks = BLOCK * shape.width;
        let reals = || vec![Chunk::ZERO; chunks];
        let bytes = |chunks: usize| vec![0; chunks * LANES];
        let numbers = || vec![0.0; chunks.next_multiple_of(LANES)];
        Self {
            x: reals(),
            factors: vec![0.0; BLOCK.next_multiple_of(LANES)],
            streams: [bytes(chunks), bytes(chunks), bytes(chunks)],
            squares: bytes(BLOCK * shape.hidden),
            features: vec![0; BLOCK * FEATURES],
            hidden: vec![Chunk::ZERO; BLOCK * shape.hidden],
            head: vec![Chunk::ZERO; BLOCK * head],
            vectors: Vectors {
                receptance: reals(),
                key: reals(),
                value: reals(),
                gate: reals(),
                first: reals(),
                direction: reals(),
                removal: reals(),
                lengths: numbers(),
                bonus: numbers(),
            },
        }
    }
}
