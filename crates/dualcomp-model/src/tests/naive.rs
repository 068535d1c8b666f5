//! docs/spec/numerics.md once more in the plainest form: one value at a time, one pixel or token at a time, in reading
//! order, with every vector of every earlier place kept.

use dualcomp_entropy::predictor::Mixture;

use crate::weights::{ChannelMix, Matrix, Modality, Pixels, TimeMix, Weights};

pub(super) fn product(m: &Matrix, x: &[i8]) -> Vec<i32> {
    let row = |r: usize| (0..m.columns).map(|c| i32::from(m.weights[r * m.columns + c]) * i32::from(x[c])).sum();
    (0..m.scale.len()).map(row).collect()
}

pub(super) fn fold(mut a: [f32; 16]) -> f32 {
    for step in [8, 4, 2, 1] {
        for j in 0..step {
            a[j] += a[j + step];
        }
    }
    a[0]
}

pub(super) fn rms(x: &[f32]) -> Vec<f32> {
    let mut a = [0.0f32; 16];
    for (i, v) in x.iter().enumerate() {
        a[i % 16] += v * v;
    }
    let mean = fold(a) * (1.0 / x.len() as f32);
    let factor = 1.0 / (mean + 1e-5).sqrt();
    x.iter().map(|v| v * factor).collect()
}

pub(super) fn gate(x: f32) -> f32 {
    0.5 + (0.5 * x) / (1.0 + x * x).sqrt()
}

pub(super) fn quantise(x: f32, inverse: f32) -> i8 {
    let t = x * inverse;
    if t.is_nan() || t <= -127.0 {
        -127
    } else if t >= 127.0 {
        127
    } else {
        t.round_ties_even() as i8
    }
}

fn integer(x: f32, low: f32, high: f32) -> i16 {
    if x.is_nan() { low as i16 } else { x.clamp(low, high).round_ties_even() as i16 }
}

pub(super) fn add(x: &[f32], delta: &[i32], scale: &[f32]) -> Vec<f32> {
    (0..x.len()).map(|i| x[i] + delta[i] as f32 * scale[i]).collect()
}

pub(super) fn shift(z: &[f32], left: &[f32], far: &[f32], mix: (&[f32], &[f32])) -> Vec<f32> {
    (0..z.len()).map(|i| (z[i] + (left[i] - z[i]) * mix.0[i]) + (far[i] - z[i]) * mix.1[i]).collect()
}

/// One layer's memory of one slot.
#[derive(Clone, Default)]
struct Memory {
    /// Normalised vectors of all places, of the time mix and of the channel mix.
    time: Vec<Vec<f32>>,
    channel: Vec<Vec<f32>>,
    /// [head][key][value]
    state: Vec<[[f32; 16]; 16]>,
}

/// Products of receptance, key and value, the gate and the first layer's value (empty in the first layer).
pub(super) struct Read<'a> {
    pub(super) products: [&'a [i32]; 3],
    pub(super) gate: &'a [f32],
    pub(super) first: &'a mut Vec<f32>,
}

/// The state update of all heads; returns the int8 read-out.
pub(super) fn recurrence(t: &TimeMix, modality: Modality, state: &mut [[[f32; 16]; 16]], read: Read<'_>) -> Vec<i8> {
    let w = t.streams[modality as usize].as_ref().unwrap();
    let real = |i: usize| -> Vec<f32> {
        read.products[i].iter().zip(&w.products[i].scale).map(|(&x, s)| x as f32 * s).collect()
    };
    let [r, k, mut v] = [real(0), real(1), real(2)];
    match &w.first_value {
        None => *read.first = v.clone(),
        Some(share) => (0..v.len()).for_each(|i| v[i] += (read.first[i] - v[i]) * share[i]),
    }
    let mut y = vec![];
    for (head, s) in state.iter_mut().enumerate() {
        let at = head * 16;
        let part = |x: &[f32]| -> [f32; 16] { x[at..at + 16].try_into().unwrap() };
        let [r, raw, v] = [part(&r), part(&k), part(&v)];
        let length = 1.0 / (fold(raw.map(|k| k * k)) + 1e-6).sqrt();
        let kk = raw.map(|k| k * length);
        let k: [f32; 16] = std::array::from_fn(|j| raw[j] * w.key_scale[at + j]);
        let mut out = [0.0f32; 16];
        for i in 0..16 {
            let mut removal = 0.0f32;
            for j in 0..16 {
                removal += s[j][i] * kk[j];
            }
            for j in 0..16 {
                let b = kk[j] * w.rate[at + j];
                s[j][i] = (s[j][i] * w.decay[at + j] - removal * b) + v[i] * k[j];
                out[i] += s[j][i] * r[j];
            }
        }
        let mean = fold(out) * 0.0625;
        let c = out.map(|y| y - mean);
        let variance = fold(c.map(|c| c * c)) * 0.0625;
        let norm = 1.0 / (variance + 1e-3).sqrt();
        let bonus = fold(std::array::from_fn(|j| (r[j] * k[j]) * w.bonus[at + j]));
        for i in 0..16 {
            let normed = ((c[i] * norm) * t.norm_weight[at + i]) + t.norm_bias[at + i];
            y.push(quantise((normed + bonus * v[i]) * read.gate[at + i], t.out_inverse));
        }
    }
    y
}

pub(super) fn relu(m: &Matrix, hidden: &[i32], inverse: f32) -> Vec<i8> {
    let square = |(&x, s): (&i32, &f32)| {
        let h = x as f32 * s;
        let h = if h > 0.0 { h } else { 0.0 };
        quantise(h * h, inverse)
    };
    hidden.iter().zip(&m.scale).map(square).collect()
}

/// The network with slots of unbounded memory.
pub(super) struct Naive<'a> {
    weights: &'a Weights,
    modality: Modality,
    /// [slot][layer]
    slots: Vec<Vec<Memory>>,
}

impl<'a> Naive<'a> {
    pub(super) fn new(weights: &'a Weights, modality: Modality, slots: usize) -> Self {
        let state = vec![[[0.0; 16]; 16]; weights.config.channels / 16];
        let memory = Memory { state, ..Memory::default() };
        Self { weights, modality, slots: vec![vec![memory; weights.config.layers]; slots] }
    }

    /// The next token of a lane; returns what the token head is applied to.
    pub(super) fn token(&mut self, lane: usize, token: u32) -> Vec<i8> {
        let d = self.weights.config.channels;
        let tokens = self.weights.tokens.as_ref().unwrap();
        let e = &tokens.embedding[token as usize * d..][..d];
        let x: Vec<f32> = e.iter().map(|&e| f32::from(e) * tokens.embedding_scale).collect();
        let far = self.slots[lane][0].time.len().checked_sub(2).map(|place| (lane, place));
        self.trunk(rms(&x), lane, far)
    }

    /// The next pixel of a row; `far` is its upper right neighbour. Returns the products of the pixel head.
    pub(super) fn pixel(&mut self, slot: usize, features: &[i8], far: Option<(usize, usize)>) -> Vec<i32> {
        let w = self.weights;
        let pixels = w.pixels(self.modality).unwrap();
        let input = product(&pixels.input, features);
        let x: Vec<f32> =
            (0..input.len()).map(|i| input[i] as f32 * pixels.input.scale[i] + pixels.input_bias[i]).collect();
        product(&pixels.head, &self.trunk(rms(&x), slot, far))
    }

    fn trunk(&mut self, mut x: Vec<f32>, slot: usize, far: Option<(usize, usize)>) -> Vec<i8> {
        let m = self.modality as usize;
        let mut first = vec![];
        for (layer, (t, c)) in self.weights.time.iter().zip(&self.weights.channel).enumerate() {
            if t.streams[m].is_some() {
                let y = self.time(t, layer, &x, slot, far, &mut first);
                x = add(&x, &product(&t.output, &y), &t.output.scale);
            }
            x = self.channel(c[m].as_ref().unwrap(), layer, &x, slot, far);
        }
        rms(&x).into_iter().map(|z| quantise(z, self.weights.final_inverse[m])).collect()
    }

    fn time(
        &mut self,
        t: &TimeMix,
        layer: usize,
        x: &[f32],
        slot: usize,
        far: Option<(usize, usize)>,
        first: &mut Vec<f32>,
    ) -> Vec<i8> {
        let zero = vec![0.0; x.len()];
        let z = rms(x);
        let w = t.streams[self.modality as usize].as_ref().unwrap();
        let left = self.slots[slot][layer].time.last().cloned().unwrap_or(zero.clone());
        let far = far.map_or(zero, |(slot, place)| self.slots[slot][layer].time[place].clone());
        let streams: [Vec<f32>; 3] = std::array::from_fn(|i| shift(&z, &left, &far, (&w.left[i], &w.far[i])));
        let gate: Vec<f32> = streams[0].iter().map(|&x| gate(x)).collect();
        let products: [Vec<i32>; 3] = std::array::from_fn(|i| {
            let q: Vec<i8> = streams[i].iter().map(|&x| quantise(x, t.in_inverse[i])).collect();
            product(&w.products[i], &q)
        });
        let memory = &mut self.slots[slot][layer];
        memory.time.push(z);
        let products = products.each_ref().map(Vec::as_slice);
        recurrence(t, self.modality, &mut memory.state, Read { products, gate: &gate, first })
    }

    fn channel(
        &mut self,
        c: &ChannelMix,
        layer: usize,
        x: &[f32],
        slot: usize,
        far: Option<(usize, usize)>,
    ) -> Vec<f32> {
        let zero = vec![0.0; x.len()];
        let z = rms(x);
        let left = self.slots[slot][layer].channel.last().cloned().unwrap_or(zero.clone());
        let far = far.map_or(zero, |(slot, place)| self.slots[slot][layer].channel[place].clone());
        let shifted = shift(&z, &left, &far, (&c.left, &c.far));
        self.slots[slot][layer].channel.push(z);
        let q: Vec<i8> = shifted.iter().map(|&x| quantise(x, c.in_inverse)).collect();
        let Some(routed) = &c.routed else {
            let h = relu(&c.own.key, &product(&c.own.key, &q), c.own.hidden_inverse);
            return add(x, &product(&c.own.value, &h), &c.own.value.scale);
        };
        let sums = product(&routed.router, &q);
        let mut logits: Vec<(f32, usize)> =
            (0..sums.len()).map(|i| (sums[i] as f32 * routed.router.scale[i], i)).collect();
        logits.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap().then(a.1.cmp(&b.1)));
        let (place, weight) = (logits[0].1, 2.0 * gate(logits[0].0 - logits[1].0));
        let expert = if place == 0 { &c.own } else { &routed.common[place - 1] };
        let h = relu(&expert.key, &product(&expert.key, &q), expert.hidden_inverse);
        let y = product(&expert.value, &h);
        (0..x.len()).map(|i| x[i] + y[i] as f32 * expert.value.scale[i] * weight).collect()
    }
}

/// The logit of a decision after the token head's input `h`.
pub(super) fn logit(w: &Weights, h: &[i8], node: usize) -> i32 {
    let tokens = w.tokens.as_ref().unwrap();
    let d = h.len();
    let dot: i32 = (0..d).map(|i| i32::from(h[i]) * i32::from(tokens.head.weights[node * d + i])).sum();
    integer((dot as f32 * tokens.head.scale[node] + tokens.bias[node]) * 256.0, -2815.0, 2815.0).into()
}

/// The int8 activations of one channel's head.
pub(super) fn activate(w: &Pixels, channel: usize, hidden: &[i32], residuals: [i32; 2]) -> Vec<i8> {
    let p = &w.heads[channel];
    let h = p.bias.len();
    let mut features = vec![];
    for d in &residuals[..channel] {
        let d = (*d).clamp(-255, 255);
        features.push((8 * d).clamp(-127, 127) as i8);
        features.push(dualcomp_tokens::difference(d as i16));
        features.push((2 * d).clamp(-127, 127) as i8);
        features.push((4 * d.abs()).min(127) as i8);
    }
    let condition = p.condition.as_ref().map(|m| (product(m, &features), &m.scale));
    let one = |i: usize| {
        let mut y = hidden[channel * h + i] as f32 * w.head.scale[channel * h + i] + p.bias[i];
        if let Some((sum, scale)) = &condition {
            y += sum[i] as f32 * scale[i];
        }
        quantise(y * gate(y), p.mixture_inverse)
    };
    (0..h).map(one).collect()
}

pub(super) fn mixture(w: &Pixels, channel: usize, hidden: &[i32], residuals: [i32; 2]) -> Mixture {
    let p = &w.heads[channel];
    let o = product(&p.mixture, &activate(w, channel, hidden, residuals));
    let real = |i: usize| o[i] as f32 * p.mixture.scale[i] + p.mixture_bias[i];
    Mixture {
        weights: std::array::from_fn(|i| integer(real(i) * 256.0, -2815.0, 2815.0)),
        means: std::array::from_fn(|i| integer(real(5 + i) * 256.0, -8192.0, 8192.0)),
        scales: std::array::from_fn(|i| integer(real(10 + i) * 32.0, -96.0, 160.0)),
    }
}
