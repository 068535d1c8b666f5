//! The weights file (docs/spec/numerics.md section 15): safetensors, every tensor checked before use.

mod error;
mod file;

pub use error::WeightsError;

use dualcomp_tokens::{FEATURES, Vocabulary, difference};

use crate::mixtures::{CONDITIONS, EARLIER};
use crate::numerics::LANES;
use dualcomp_entropy::predictor::{COMPONENTS, Depth};
use file::File;

/// What the network is run on; indexes whatever there is one of for each. The last one does not go through every time mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modality {
    Image,
    Text,
    /// Pixels, with about half as much work.
    Shallow,
}

impl From<Depth> for Modality {
    fn from(depth: Depth) -> Self {
        match depth {
            Depth::Deep => Self::Image,
            Depth::Shallow => Self::Shallow,
        }
    }
}

impl Modality {
    pub(crate) const ALL: [Self; 3] = [Self::Image, Self::Text, Self::Shallow];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Text => "text",
            Self::Shallow => "shallow",
        }
    }
}

/// The dimensions of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) channels: usize,
    pub(crate) layers: usize,
    pub(crate) hidden: usize,
    /// Inner width of a shallow channel mix, and the layers that have a shallow time mix, the first ones.
    pub(crate) shallow_hidden: usize,
    pub(crate) shallow_times: usize,
    /// Tokens; one more is the start mark.
    pub(crate) vocabulary: usize,
    pub(crate) pixel_hidden: usize,
}

impl Config {
    /// Inner width of a channel mix.
    pub(crate) fn hidden(&self, modality: Modality) -> usize {
        match modality {
            Modality::Image | Modality::Text => self.hidden,
            Modality::Shallow => self.shallow_hidden,
        }
    }
}

/// An int8 matrix [rows, columns] and what a row's integer products are multiplied by.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    pub(crate) columns: usize,
    pub(crate) weights: Vec<i8>,
    pub(crate) scale: Vec<f32>,
}

/// The parts of a layer's time mix that depend on the modality.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    /// Shift weights of receptance, key and value.
    pub(crate) left: [Vec<f32>; 3],
    pub(crate) far: [Vec<f32>; 3],
    pub(crate) products: [Matrix; 3],
    pub(crate) decay: Vec<f32>,
    pub(crate) rate: Vec<f32>,
    pub(crate) key_scale: Vec<f32>,
    pub(crate) bonus: Vec<f32>,
    /// Absent in the first layer.
    pub(crate) first_value: Option<Vec<f32>>,
}

#[derive(Clone, Debug)]
pub(crate) struct TimeMix {
    /// By modality; those of the shallow one may be absent.
    pub(crate) streams: Vec<Streams>,
    pub(crate) norm_weight: Vec<f32>,
    pub(crate) norm_bias: Vec<f32>,
    pub(crate) output: Matrix,
    pub(crate) in_inverse: [f32; 3],
    pub(crate) out_inverse: f32,
}

/// The channel mix of one modality.
#[derive(Clone, Debug)]
pub(crate) struct Expert {
    pub(crate) left: Vec<f32>,
    pub(crate) far: Vec<f32>,
    pub(crate) key: Matrix,
    pub(crate) value: Matrix,
    pub(crate) in_inverse: f32,
    pub(crate) hidden_inverse: f32,
}

/// The head of one pixel channel.
#[derive(Clone, Debug)]
pub(crate) struct PixelHead {
    /// Of its rows of the matrix of all heads, which are applied together.
    pub(crate) bias: Vec<f32>,
    /// Absent in the first channel.
    pub(crate) condition: Option<Matrix>,
    pub(crate) mixture: Matrix,
    pub(crate) mixture_bias: Vec<f32>,
    pub(crate) mixture_inverse: f32,
}

/// Where pixels enter the network and where they leave it.
#[derive(Clone, Debug)]
pub(crate) struct Pixels {
    pub(crate) input: Matrix,
    pub(crate) input_bias: Vec<f32>,
    /// The matrix of all three heads.
    pub(crate) head: Matrix,
    pub(crate) heads: [PixelHead; 3],
}

/// Everything in a weights file.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    pub(crate) config: Config,
    pub(crate) vocabulary: Vocabulary,
    /// [tokens + 1, channels]
    pub(crate) embedding: Vec<i8>,
    pub(crate) embedding_scale: f32,
    pub(crate) time: Vec<TimeMix>,
    /// By layer and modality.
    pub(crate) channel: Vec<[Expert; 3]>,
    pub(crate) final_inverse: [f32; 3],
    pub(crate) token_head: Matrix,
    pub(crate) token_bias: Vec<f32>,
    pub(crate) image: Pixels,
    pub(crate) shallow: Pixels,
}

impl Weights {
    /// The ends of the network for pixels.
    pub(crate) fn pixels(&self, depth: Depth) -> &Pixels {
        match depth {
            Depth::Deep => &self.image,
            Depth::Shallow => &self.shallow,
        }
    }

    /// Reads and checks a weights file.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let mut file = File::open(bytes)?;
        let config = config(&file)?;
        let Config { channels: d, vocabulary: v, .. } = config;
        let vocabulary = file.vocabulary(v)?;
        let expected: Vec<i8> = (-255..=255).map(difference).collect();
        if file.integers("difference", &[expected.len()])? != expected {
            return Err(WeightsError::Difference);
        }
        let weights = Self {
            config,
            vocabulary,
            embedding: file.integers("embedding", &[v + 1, d])?,
            embedding_scale: file.array::<1>("embedding.scale")?[0],
            time: (0..config.layers).map(|i| time(&mut file, i, config)).collect::<Result<_, _>>()?,
            channel: (0..config.layers).map(|i| channel(&mut file, i, config)).collect::<Result<_, _>>()?,
            final_inverse: file.array("final_inverse")?,
            token_head: file.matrix("token_head", v - 1, d)?,
            token_bias: file.reals("token_head.bias", &[v - 1])?,
            image: pixels(&mut file, Modality::Image, config)?,
            shallow: pixels(&mut file, Modality::Shallow, config)?,
        };
        file.finish()?;
        Ok(weights)
    }
}

fn config(file: &File<'_>) -> Result<Config, WeightsError> {
    file.expect("format", "dualcomp-model")?;
    file.expect("version", "1")?;
    file.expect("head_size", &LANES.to_string())?;
    file.expect("mixtures", &COMPONENTS.to_string())?;
    let chunks = |key, max| match file.number(key, LANES, max)? {
        n if n % LANES == 0 => Ok(n),
        _ => Err(WeightsError::Metadata { key }),
    };
    let layers = file.number("layers", 1, 32)?;
    Ok(Config {
        channels: chunks("channels", 1024)?,
        layers,
        hidden: chunks("hidden", 4096)?,
        shallow_hidden: chunks("shallow_hidden", 4096)?,
        shallow_times: file.number("shallow_times", 0, layers)?,
        vocabulary: file.number("vocabulary", 256, 65_535)?,
        pixel_hidden: chunks("pixel_hidden", 1024)?,
    })
}

fn time(file: &mut File<'_>, layer: usize, config: Config) -> Result<TimeMix, WeightsError> {
    let (at, d) = (format!("time.{layer}."), config.channels);
    let modalities = &Modality::ALL[..if layer < config.shallow_times { 3 } else { 2 }];
    let count = modalities.len();
    let shift = file.reals(&format!("{at}shift"), &[count, 2, 3, d])?;
    let mut each = |name: &str| file.reals(&format!("{at}{name}"), &[count, d]);
    let [decay, rate, key_scale, bonus] = [each("decay")?, each("rate")?, each("key_scale")?, each("bonus")?];
    let first_value = if layer == 0 { None } else { Some(each("first_value")?) };
    let mut streams = |m: Modality| -> Result<Streams, WeightsError> {
        let index = m as usize;
        let vector = |x: &[f32]| x[index * d..][..d].to_vec();
        let shift = |way: usize| std::array::from_fn(|i| shift[((index * 2 + way) * 3 + i) * d..][..d].to_vec());
        let mut matrix = |name| file.matrix(&format!("{at}{name}.{}", m.name()), d, d);
        Ok(Streams {
            left: shift(0),
            far: shift(1),
            products: [matrix("receptance")?, matrix("key")?, matrix("value")?],
            decay: vector(&decay),
            rate: vector(&rate),
            key_scale: vector(&key_scale),
            bonus: vector(&bonus),
            first_value: first_value.as_deref().map(vector),
        })
    };
    Ok(TimeMix {
        streams: modalities.iter().map(|&m| streams(m)).collect::<Result<_, _>>()?,
        norm_weight: file.reals(&format!("{at}norm_weight"), &[d])?,
        norm_bias: file.reals(&format!("{at}norm_bias"), &[d])?,
        output: file.matrix(&format!("{at}output"), d, d)?,
        in_inverse: file.array(&format!("{at}in_inverse"))?,
        out_inverse: file.array::<1>(&format!("{at}out_inverse"))?[0],
    })
}

fn channel(file: &mut File<'_>, layer: usize, config: Config) -> Result<[Expert; 3], WeightsError> {
    let (at, d) = (format!("channel.{layer}."), config.channels);
    let shift = file.reals(&format!("{at}shift"), &[3, 2, d])?;
    let in_inverse: [f32; 3] = file.array(&format!("{at}in_inverse"))?;
    let hidden_inverse: [f32; 3] = file.array(&format!("{at}hidden_inverse"))?;
    let mut expert = |m: Modality| {
        let (index, hidden) = (m as usize, config.hidden(m));
        let way = |way: usize| shift[(index * 2 + way) * d..][..d].to_vec();
        Ok(Expert {
            left: way(0),
            far: way(1),
            key: file.matrix(&format!("{at}key.{}", m.name()), hidden, d)?,
            value: file.matrix(&format!("{at}value.{}", m.name()), d, hidden)?,
            in_inverse: in_inverse[index],
            hidden_inverse: hidden_inverse[index],
        })
    };
    Ok([expert(Modality::Image)?, expert(Modality::Text)?, expert(Modality::Shallow)?])
}

fn pixels(file: &mut File<'_>, modality: Modality, config: Config) -> Result<Pixels, WeightsError> {
    let (m, d, h) = (modality.name(), config.channels, config.pixel_hidden);
    let head_bias = file.reals(&format!("pixel_head.{m}.bias"), &[3 * h])?;
    let mixture_bias = file.reals(&format!("mixture.{m}.bias"), &[3, 3 * COMPONENTS])?;
    let mixture_inverse: [f32; 3] = file.array(&format!("mixture.{m}.inverse"))?;
    let mut head = |c: usize| -> Result<PixelHead, WeightsError> {
        let condition = match c {
            0 => None,
            _ => Some(file.matrix(&format!("condition.{c}.{m}"), h, CONDITIONS * c.min(EARLIER))?),
        };
        Ok(PixelHead {
            bias: head_bias[c * h..][..h].to_vec(),
            condition,
            mixture: file.matrix(&format!("mixture.{c}.{m}"), 3 * COMPONENTS, h)?,
            mixture_bias: mixture_bias[c * 3 * COMPONENTS..][..3 * COMPONENTS].to_vec(),
            mixture_inverse: mixture_inverse[c],
        })
    };
    Ok(Pixels {
        heads: [head(0)?, head(1)?, head(2)?],
        input: file.matrix(&format!("pixel_input.{m}"), d, FEATURES)?,
        input_bias: file.reals(&format!("pixel_input.{m}.bias"), &[d])?,
        head: file.matrix(&format!("pixel_head.{m}"), 3 * h, d)?,
    })
}
