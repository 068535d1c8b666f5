//! The operators of the two modalities, from what a session is given to what its heads read (docs/spec/numerics.md section
//! 8).

use dualcomp_tokens::FEATURES;
use fearless_simd::{Level, SimdBase as _, SimdInt as _, f32x16, i32x16};
use tract_core::internal::*;

use super::layers::Trunk;
use super::memory::{BLOCK, Memory, Shape};
use super::shift::{Place, RING};
use crate::lanes::{Chunk, LANES, chunked, load, store};
use crate::numerics::rms;
use crate::operator::{Kernel, values};
use crate::product::{Packed, Products, at_level};
use crate::weights::{self, Modality, Weights};

/// Features [B, 64] i8 and places [B, 3] i32 to the hidden vectors of all pixel heads, [B, 3H] f32.
#[derive(Debug)]
pub(crate) struct Pixels {
    trunk: Trunk,
    input: Packed,
    input_bias: Vec<Chunk>,
    head: Packed,
    head_bias: Vec<Chunk>,
}

impl Pixels {
    pub(crate) fn new(weights: &Weights, modality: Modality, pixels: &weights::Pixels) -> Self {
        let head_bias: Vec<f32> = pixels.heads.iter().flat_map(|head| head.bias.iter().copied()).collect();
        Self {
            trunk: Trunk::new(weights, modality),
            input: Packed::new(&pixels.input),
            input_bias: chunked(&pixels.input_bias),
            head: Packed::new(&pixels.head),
            head_bias: chunked(&head_bias),
        }
    }

    #[inline(always)]
    fn block<S: Products>(&self, s: S, memory: &mut Memory, places: &[Place], features: &[i8], out: &mut [f32]) {
        let width = self.trunk.shape.width;
        let chunks = places.len() * width;
        let rows = &mut memory.rows;
        let input = &mut rows.features[..features.len()];
        for i in 0..input.len() {
            input[i] = features[i].wrapping_add(S::BIAS as i8);
        }
        let x = &mut rows.x[..chunks];
        self.input.multiply(s, input, x);
        for row in 0..places.len() {
            let x = &mut x[row * width..][..width];
            for i in 0..width {
                store(load(s, &x[i]) + load(s, &self.input_bias[i]), &mut x[i]);
            }
        }
        rms(s, x, width, &mut rows.factors);
        self.trunk.run(s, memory, places);
        let rows = &mut memory.rows;
        let input = &mut rows.streams[0][..chunks * LANES];
        self.trunk.finish(s, &rows.x[..chunks], &mut rows.factors, S::BIAS, input);
        let hidden = &mut rows.head[..places.len() * self.head.width()];
        self.head.multiply(s, input, hidden);
        let (width, out) = (self.head.width(), out.as_chunks_mut().0);
        for row in 0..places.len() {
            let (hidden, out) = (&hidden[row * width..][..width], &mut out[row * width..][..width]);
            for i in 0..width {
                (load(s, &hidden[i]) + load(s, &self.head_bias[i])).store_array(&mut out[i]);
            }
        }
    }
}

impl Kernel for Pixels {
    type State = Memory;
    type Out = f32;
    const NAME: &'static str = "Pixels";

    fn width(&self) -> usize {
        self.head.width() * LANES
    }

    fn run(&self, level: Level, memory: &mut Memory, inputs: &[TValue], out: &mut [f32]) -> TractResult<()> {
        let places = places(&self.trunk.shape, self.head.width(), memory, &inputs[1])?;
        let features = values::<i8>(&inputs[0])?;
        ensure!(features.len() == places.len() * FEATURES, "no features for {} places", places.len());
        let out = out.chunks_mut(BLOCK * self.width());
        let blocks = places.chunks(BLOCK).zip(features.chunks(BLOCK * FEATURES)).zip(out);
        at_level!(level, s => for ((places, features), out) in blocks {
            self.block(s, memory, places, features, out);
        });
        Ok(())
    }
}

/// Tokens [B, 1] i32 and places [B, 3] i32 to the vectors that the token head is applied to, [B, D] i8.
#[derive(Debug)]
pub(crate) struct Tokens {
    trunk: Trunk,
    /// [tokens + 1, D]
    table: Vec<i8>,
    scale: f32,
}

impl Tokens {
    pub(crate) fn new(weights: &Weights, tokens: &weights::Tokens) -> Self {
        let (table, scale) = (tokens.embedding.clone(), tokens.embedding_scale);
        Self { trunk: Trunk::new(weights, Modality::Text), table, scale }
    }

    #[inline(always)]
    fn block<S: Products>(&self, s: S, memory: &mut Memory, places: &[Place], tokens: &[i32], out: &mut [i8]) {
        let width = self.trunk.shape.width;
        let chunks = places.len() * width;
        let Memory { rows, .. } = &mut *memory;
        for (row, &token) in tokens.iter().enumerate() {
            let vector = &self.table.as_chunks::<LANES>().0[token as usize * width..][..width];
            for i in 0..width {
                let mut wide = [0; LANES];
                for j in 0..LANES {
                    wide[j] = i32::from(vector[i][j]);
                }
                let x = i32x16::load_array(s, wide).to_float::<f32x16<S>>();
                store(x * self.scale, &mut rows.x[row * width + i]);
            }
        }
        rms(s, &mut rows.x[..chunks], width, &mut rows.factors);
        self.trunk.run(s, memory, places);
        let rows = &mut memory.rows;
        self.trunk.finish(s, &rows.x[..chunks], &mut rows.factors, 0, out);
    }
}

impl Kernel for Tokens {
    type State = Memory;
    type Out = i8;
    const NAME: &'static str = "Tokens";

    fn width(&self) -> usize {
        self.trunk.shape.width * LANES
    }

    fn run(&self, level: Level, memory: &mut Memory, inputs: &[TValue], out: &mut [i8]) -> TractResult<()> {
        let places = places(&self.trunk.shape, 0, memory, &inputs[1])?;
        let tokens = values::<i32>(&inputs[0])?;
        let known = self.table.len() / (self.trunk.shape.width * LANES);
        ensure!(tokens.iter().all(|&t| usize::try_from(t).is_ok_and(|t| t < known)), "token out of range");
        ensure!(tokens.len() == places.len(), "{} tokens for {} places", tokens.len(), places.len());
        let out = out.chunks_mut(BLOCK * self.width());
        let blocks = places.chunks(BLOCK).zip(tokens.chunks(BLOCK)).zip(out);
        at_level!(level, s => for ((places, tokens), out) in blocks {
            self.block(s, memory, places, tokens, out);
        });
        Ok(())
    }
}

/// The places of a batch, with memory for all of them.
fn places<'a>(shape: &Shape, head: usize, memory: &mut Memory, tensor: &'a Tensor) -> TractResult<&'a [Place]> {
    let places = values::<i32>(tensor)?.as_chunks().0;
    ensure!(places.iter().all(|place: &Place| place[0] >= 0), "a row without a place");
    let last = places.as_flattened().iter().copied().max().unwrap_or(0);
    memory.reserve(shape, head, last as usize / RING as usize + 1);
    Ok(places)
}
