//! The network on tract against a plain evaluator, and weights files that must be refused.

mod file;
mod naive;
mod network;
mod operators;
mod products;

use std::collections::BTreeMap;

use dualcomp_tokens::difference;
use fearless_simd::Level;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// All instruction sets that this machine has, the widest first.
pub(super) fn levels() -> Vec<Level> {
    let mut levels = vec![Level::new()];
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        levels.extend(levels[0].as_avx2().map(Level::Avx2));
        levels.extend(levels[0].as_sse4_2().map(Level::Sse4_2));
    }
    levels.push(Level::baseline());
    levels
}

/// A small generator (Marsaglia, *Xorshift RNGs*, 2003).
#[derive(Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.next() as usize % n
    }

    /// Anything from -127 to 127, often an end.
    pub(super) fn int8(&mut self) -> i8 {
        match self.below(8) {
            0 => 127,
            1 => -127,
            _ => (self.below(255) as i16 - 127) as i8,
        }
    }

    pub(super) fn int8s(&mut self, n: usize) -> Vec<i8> {
        (0..n).map(|_| self.int8()).collect()
    }

    /// Evenly from `low` to `high`.
    pub(super) fn real(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.next() as f32 / (1u64 << 53) as f32)
    }

    pub(super) fn reals(&mut self, n: usize, low: f32, high: f32) -> Vec<f32> {
        (0..n).map(|_| self.real(low, high)).collect()
    }
}

/// A weights file under construction.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
}

/// Dimensions of a draft.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) channels: usize,
    pub(super) layers: usize,
    pub(super) hidden: usize,
    pub(super) shallow_hidden: usize,
    pub(super) shallow_times: usize,
    pub(super) pixel_hidden: usize,
}

pub(super) const SMALL: Size =
    Size { channels: 32, layers: 3, hidden: 48, shallow_hidden: 32, shallow_times: 2, pixel_hidden: 16 };
const TOKENS: usize = 260;

/// Which modalities a draft has, which of them have a router, and its common experts.
#[derive(Clone, Copy)]
pub(super) struct Modalities {
    pub(super) present: &'static [&'static str],
    pub(super) routed: &'static [&'static str],
    pub(super) common: usize,
}

const ALL: Modalities = Modalities { present: &["image", "text", "shallow"], routed: &[], common: 0 };

impl Draft {
    /// Random weights. With `gain` 1 activations are about as large as in a trained model; more saturates.
    pub(super) fn random(size: Size, seed: u64, gain: f32) -> Self {
        Self::with(size, ALL, seed, gain)
    }

    /// The same of some modalities, and with experts to choose from.
    pub(super) fn with(size: Size, Modalities { present, routed, common }: Modalities, seed: u64, gain: f32) -> Self {
        let Size { channels: d, layers, hidden, shallow_hidden, shallow_times, pixel_hidden: h } = size;
        let mut draft = Self { metadata: BTreeMap::new(), tensors: BTreeMap::new() };
        let numbers = [
            ("channels", d),
            ("layers", layers),
            ("hidden", hidden),
            ("shallow_hidden", shallow_hidden),
            ("shallow_times", shallow_times),
            ("vocabulary", TOKENS),
            ("pixel_hidden", h),
        ];
        let fixed = [("format", "dualcomp-model"), ("version", "1"), ("head_size", "16"), ("mixtures", "5")];
        draft.metadata.extend(numbers.map(|(k, v)| (k.to_owned(), v.to_string())));
        draft.metadata.extend(fixed.map(|(k, v)| (k.to_owned(), v.to_owned())));
        if present.len() < 3 {
            draft.metadata.insert("modalities".into(), present.join(","));
        }
        if common > 0 {
            draft.metadata.insert("routed".into(), routed.join(","));
            draft.metadata.insert("common_experts".into(), common.to_string());
        }
        let mut tokens: Vec<Vec<u8>> = (0..=255u8).map(|b| vec![b]).collect();
        tokens.extend([&b"ab"[..], b"abc", b"the ", b"xy"].map(<[u8]>::to_vec));
        tokens.sort();
        let bytes: Vec<u8> =
            tokens.iter().flat_map(|t| std::iter::once(t.len() as u8).chain(t.iter().copied())).collect();
        draft.tensors.insert("vocabulary".into(), (Dtype::U8, vec![bytes.len()], bytes));
        let table: Vec<u8> = (-255..=255).map(|i| difference(i) as u8).collect();
        draft.tensors.insert("difference".into(), (Dtype::I8, vec![511], table));

        let r = &mut Random::new(seed);
        if present.contains(&"text") {
            draft.matrix(r, "embedding", [TOKENS + 1, d], gain);
            draft.reals(r, "embedding.scale", &[1], [0.01, 0.02]);
            draft.matrix(r, "token_head", [TOKENS - 1, d], gain);
            draft.reals(r, "token_head.bias", &[TOKENS - 1], [-1.0, 1.0]);
        }
        for i in 0..layers {
            let at = format!("time.{i}.");
            let modalities = present.iter().filter(|&&modality| modality != "shallow" || i < shallow_times);
            let count = modalities.clone().count();
            for modality in modalities {
                for name in ["receptance", "key", "value"] {
                    draft.matrix(r, &format!("{at}{name}.{modality}"), [d, d], gain);
                }
            }
            draft.matrix(r, &format!("{at}output"), [d, d], gain);
            draft.reals(r, &format!("{at}shift"), &[count, 2, 3, d], [-0.2, 0.8]);
            draft.reals(r, &format!("{at}decay"), &[count, d], [0.55, 1.0]);
            for name in ["rate", "key_scale"] {
                draft.reals(r, &format!("{at}{name}"), &[count, d], [0.0, 1.0]);
            }
            if i > 0 {
                draft.reals(r, &format!("{at}first_value"), &[count, d], [0.0, 1.0]);
            }
            draft.reals(r, &format!("{at}bonus"), &[count, d], [-0.5, 0.5]);
            draft.reals(r, &format!("{at}norm_weight"), &[d], [0.2, 1.5]);
            draft.reals(r, &format!("{at}norm_bias"), &[d], [-0.3, 0.3]);
            draft.reals(r, &format!("{at}in_inverse"), &[3], [20.0, 40.0]);
            draft.reals(r, &format!("{at}out_inverse"), &[1], [20.0, 40.0]);
            let at = format!("channel.{i}.");
            let count = present.len();
            draft.reals(r, &format!("{at}shift"), &[count, 2, d], [-0.2, 0.8]);
            let own = present.iter().map(|&m| (m.to_owned(), if m == "shallow" { shallow_hidden } else { hidden }));
            for (name, hidden) in own.chain((0..common).map(|i| (format!("common.{i}"), hidden))) {
                draft.matrix(r, &format!("{at}key.{name}"), [hidden, d], gain);
                draft.matrix(r, &format!("{at}value.{name}"), [d, hidden], gain);
            }
            draft.reals(r, &format!("{at}in_inverse"), &[count], [20.0, 40.0]);
            draft.reals(r, &format!("{at}hidden_inverse"), &[count], [20.0, 40.0]);
            if common > 0 {
                draft.reals(r, &format!("{at}hidden_inverse.common"), &[routed.len(), common], [20.0, 40.0]);
            }
            for modality in routed {
                draft.matrix(r, &format!("{at}router.{modality}"), [1 + common, d], gain);
            }
        }
        draft.reals(r, "final_inverse", &[present.len()], [20.0, 40.0]);
        for m in present.iter().filter(|&&modality| modality != "text") {
            draft.matrix(r, &format!("pixel_input.{m}"), [d, 64], gain);
            draft.reals(r, &format!("pixel_input.{m}.bias"), &[d], [-0.5, 0.5]);
            draft.matrix(r, &format!("pixel_head.{m}"), [3 * h, d], gain);
            draft.reals(r, &format!("pixel_head.{m}.bias"), &[3 * h], [-1.0, 1.0]);
            for i in 0..3 {
                if i > 0 {
                    draft.matrix(r, &format!("condition.{i}.{m}"), [h, 4 * i], gain);
                }
                draft.matrix(r, &format!("mixture.{i}.{m}"), [15, h], gain);
            }
            draft.reals(r, &format!("mixture.{m}.bias"), &[3, 15], [-1.0, 3.0]);
            draft.reals(r, &format!("mixture.{m}.inverse"), &[3], [20.0, 40.0]);
        }
        draft
    }

    fn matrix(&mut self, r: &mut Random, name: &str, shape: [usize; 2], gain: f32) {
        let data = (0..shape[0] * shape[1]).map(|_| r.int8() as u8).collect();
        self.tensors.insert(name.into(), (Dtype::I8, shape.into(), data));
        let scale = gain * 2e-4 / (shape[1] as f32).sqrt();
        if name != "embedding" {
            self.reals(r, &format!("{name}.scale"), &shape[..1], [scale * 0.5, scale * 1.5]);
        }
    }

    pub(super) fn reals(&mut self, r: &mut Random, name: &str, shape: &[usize], range: [f32; 2]) {
        let data = r.reals(shape.iter().product(), range[0], range[1]).iter().flat_map(|x| x.to_le_bytes()).collect();
        self.tensors.insert(name.into(), (Dtype::F32, shape.into(), data));
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(name, (dtype, shape, data))| {
            (name, TensorView::new(*dtype, shape.clone(), data).expect("data fills the shape"))
        });
        let metadata = self.metadata.clone().into_iter().collect();
        safetensors::serialize(views, Some(metadata)).expect("a valid file")
    }
}
