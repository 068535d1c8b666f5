//! Reads a weights file, every tensor checked before use.

use dualcomp_entropy::predictor::COMPONENTS;
use dualcomp_tokens::{FEATURES, difference};

use super::error::WeightsError;
use super::file::File;
use super::parts::{CONDITIONS, Config, EARLIER, Expert, Modality, PixelHead, Pixels, Streams, TimeMix, Weights};
use crate::lanes::LANES;

impl Weights {
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
