//! The layers of the network for one modality. A few rows at a time go through all of them, so that what lies between
//! the products stays in the first cache.

use super::memory::{Memory, Shape};
use super::recurrence::Recurrence;
use super::router::{Mix, Router};
use super::shift::{Place, Shift};
use crate::lanes::{Chunk, LANES, load, store};
use crate::numerics::{integers, rms_factors};
use crate::product::{Packed, Products};
use crate::weights::{ChannelMix, Modality, Streams, TimeMix, Weights};

#[derive(Debug)]
struct Layer {
    /// Absent in the later layers of the shallow network.
    time: Option<Time>,
    shift: Shift<1>,
    own: Mix,
    routed: Option<Router>,
}

/// A time mix.
#[derive(Debug)]
struct Time {
    shift: Shift<3>,
    products: [Packed; 3],
    recurrence: Recurrence,
    output: Packed,
}

impl Layer {
    fn new(time: &TimeMix, channel: &ChannelMix, modality: Modality) -> Self {
        Self {
            time: time.streams[modality as usize].as_ref().map(|streams| Time::new(time, streams)),
            shift: Shift::new([&channel.left], [&channel.far], [channel.in_inverse]),
            own: Mix::new(&channel.own),
            routed: channel.routed.as_ref().map(Router::new),
        }
    }
}

impl Time {
    fn new(time: &TimeMix, streams: &Streams) -> Self {
        Self {
            shift: Shift::new(streams.left.each_ref(), streams.far.each_ref(), time.in_inverse),
            products: streams.products.each_ref().map(Packed::new),
            recurrence: Recurrence::new(time, streams),
            output: Packed::new(&time.output),
        }
    }
}

/// All layers and the final normalisation.
#[derive(Debug)]
pub(crate) struct Trunk {
    layers: Vec<Layer>,
    final_inverse: f32,
    pub(crate) shape: Shape,
}

impl Trunk {
    pub(crate) fn new(weights: &Weights, modality: Modality) -> Self {
        let layers = weights.time.iter().zip(&weights.channel);
        let layers = layers.filter_map(|(time, channel)| Some((time, channel[modality as usize].as_ref()?)));
        let layers: Vec<_> = layers.map(|(time, channel)| Layer::new(time, channel, modality)).collect();
        let shape = Shape {
            width: weights.config.channels / LANES,
            hidden: weights.config.hidden(modality) / LANES,
            time_mixes: layers.iter().map(|layer| layer.time.is_some()).collect(),
        };
        Self { layers, final_inverse: weights.final_inverse[modality as usize], shape }
    }

    /// Takes the rows at `places`, at most [`BLOCK`](super::memory::BLOCK), in `memory.rows.x` through all layers.
    #[inline(always)]
    pub(crate) fn run<S: Products>(&self, s: S, memory: &mut Memory, places: &[Place]) {
        let Memory { layers, rows } = memory;
        let chunks = places.len() * self.shape.width;
        let x = &mut rows.x[..chunks];
        let [receptance, key, value] = &mut rows.streams;
        let inputs = chunks * LANES;
        let (receptance, key, value) = (&mut receptance[..inputs], &mut key[..inputs], &mut value[..inputs]);
        let hidden = &mut rows.hidden[..places.len() * self.shape.hidden];
        let squares = &mut rows.squares[..hidden.len() * LANES];
        let (vectors, factors) = (&mut rows.vectors, &mut rows.factors);
        for (i, kept) in layers.iter_mut().enumerate() {
            let layer = &self.layers[i];
            if let Some(time) = &layer.time {
                rms_factors(s, x, self.shape.width, factors);
                let streams = [receptance.as_chunks_mut().0, key.as_chunks_mut().0, value.as_chunks_mut().0];
                time.shift.step(s, &mut kept.time, places, (x, factors), streams, &mut vectors.gate);
                time.products[0].multiply(s, receptance, &mut vectors.receptance[..chunks]);
                time.products[1].multiply(s, key, &mut vectors.key[..chunks]);
                time.products[2].multiply(s, value, &mut vectors.value[..chunks]);
                time.recurrence.step(s, &mut kept.states, places, vectors, receptance);
                time.output.multiply_add(s, receptance, x);
            }

            rms_factors(s, x, self.shape.width, factors);
            layer.shift.step(s, &mut kept.channel, places, (x, factors), [key.as_chunks_mut().0], &mut []);
            match &layer.routed {
                None => {
                    layer.own.hide(s, key, hidden, squares);
                    layer.own.value.multiply_add(s, squares, x);
                }
                Some(router) => {
                    let (product, width) = (&mut vectors.value[..self.shape.width], self.shape.width);
                    for (input, x) in key.chunks_exact(width * LANES).zip(x.chunks_exact_mut(width)) {
                        let (expert, weight) = router.choose(s, input, &layer.own);
                        let hidden = &mut hidden[..self.shape.hidden];
                        let squares = &mut squares[..self.shape.hidden * LANES];
                        expert.hide(s, input, hidden, squares);
                        expert.value.multiply(s, squares, product);
                        for i in 0..width {
                            store(load(s, &x[i]) + load(s, &product[i]) * weight, &mut x[i]);
                        }
                    }
                }
            }
        }
    }

    /// The int8 vectors of the rows that [`Self::run`] left, plus `bias` (docs/spec/numerics.md section 8).
    #[inline(always)]
    pub(crate) fn finish<S: Products>(&self, s: S, x: &[Chunk], factors: &mut [f32], bias: u8, out: &mut [i8]) {
        rms_factors(s, x, self.shape.width, factors);
        let (width, out) = (self.shape.width, out.as_chunks_mut().0);
        for row in 0..x.len() / width {
            let (x, out, factor) = (&x[row * width..][..width], &mut out[row * width..][..width], factors[row]);
            for i in 0..width {
                integers(s, load(s, &x[i]) * factor * self.final_inverse, bias, &mut out[i]);
            }
        }
    }
}
