//! Reads a weights file, every tensor checked before use.

use dualcomp_entropy::predictor::COMPONENTS;
use dualcomp_tokens::{FEATURES, difference};

use super::error::WeightsError;
use super::file::File;
use super::parts::{
    CONDITIONS, ChannelMix, Config, EARLIER, Expert, Modality, PixelHead, Pixels, Present, Routed, Streams, TimeMix,
    Tokens, Weights,
};
use crate::lanes::LANES;

impl Weights {
    /// Reads and checks a weights file.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let mut file = File::open(bytes)?;
        let config = config(&file)?;
        let present = Present::new(file.modalities("modalities")?.unwrap_or(Modality::ALL.to_vec()));
        let routed = Present::new(file.modalities("routed")?.unwrap_or_default());
        if present.iter().count() == 0 || (config.common_experts > 0) != (routed.iter().count() > 0) {
            return Err(WeightsError::Metadata { key: "modalities" });
        }
        // The common experts are as wide as those of deep networks.
        if routed.iter().any(|modality| modality == Modality::Shallow || !present.has(modality)) {
            return Err(WeightsError::Metadata { key: "routed" });
        }
        let vocabulary = file.vocabulary(config.vocabulary)?;
        let expected: Vec<i8> = (-255..=255).map(difference).collect();
        if file.integers("difference", &[expected.len()])? != expected {
            return Err(WeightsError::Difference);
        }
        let inverses = file.reals("final_inverse", &[present.iter().count()])?;
        let mut final_inverse = [0.0; 3];
        for (modality, inverse) in present.iter().zip(inverses) {
            final_inverse[modality as usize] = inverse;
        }
        let mut pixels = |m| if present.has(m) { pixels(&mut file, m, config).map(Some) } else { Ok(None) };
        let (image, shallow) = (pixels(Modality::Image)?, pixels(Modality::Shallow)?);
        let tokens = if present.has(Modality::Text) { Some(tokens(&mut file, config)?) } else { None };
        let layers = 0..config.layers;
        let weights = Self {
            config,
            vocabulary,
            time: layers.clone().map(|i| time(&mut file, i, config, &present)).collect::<Result<_, _>>()?,
            channel: layers.map(|i| channel(&mut file, i, config, &present, &routed)).collect::<Result<_, _>>()?,
            final_inverse,
            tokens,
            image,
            shallow,
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
        // The logits of a router are one vector.
        common_experts: if file.has("common_experts") { file.number("common_experts", 1, LANES - 1)? } else { 0 },
    })
}

fn tokens(file: &mut File<'_>, config: Config) -> Result<Tokens, WeightsError> {
    let Config { channels: d, vocabulary: v, .. } = config;
    Ok(Tokens {
        embedding: file.integers("embedding", &[v + 1, d])?,
        embedding_scale: file.array::<1>("embedding.scale")?[0],
        head: file.matrix("token_head", v - 1, d)?,
        bias: file.reals("token_head.bias", &[v - 1])?,
    })
}

fn time(file: &mut File<'_>, layer: usize, config: Config, present: &Present) -> Result<TimeMix, WeightsError> {
    let (at, d) = (format!("time.{layer}."), config.channels);
    let modalities = present.iter().filter(|&m| m != Modality::Shallow || layer < config.shallow_times);
    let count = modalities.clone().count();
    let shift = file.reals(&format!("{at}shift"), &[count, 2, 3, d])?;
    let mut each = |name: &str| file.reals(&format!("{at}{name}"), &[count, d]);
    let [decay, rate, key_scale, bonus] = [each("decay")?, each("rate")?, each("key_scale")?, each("bonus")?];
    let first_value = if layer == 0 { None } else { Some(each("first_value")?) };
    let mut streams = [const { None }; 3];
    for (index, m) in modalities.enumerate() {
        let vector = |x: &[f32]| x[index * d..][..d].to_vec();
        let shift = |way: usize| std::array::from_fn(|i| shift[((index * 2 + way) * 3 + i) * d..][..d].to_vec());
        let mut matrix = |name| file.matrix(&format!("{at}{name}.{}", m.name()), d, d);
        streams[m as usize] = Some(Streams {
            left: shift(0),
            far: shift(1),
            products: [matrix("receptance")?, matrix("key")?, matrix("value")?],
            decay: vector(&decay),
            rate: vector(&rate),
            key_scale: vector(&key_scale),
            bonus: vector(&bonus),
            first_value: first_value.as_deref().map(vector),
        });
    }
    Ok(TimeMix {
        streams,
        norm_weight: file.reals(&format!("{at}norm_weight"), &[d])?,
        norm_bias: file.reals(&format!("{at}norm_bias"), &[d])?,
        output: file.matrix(&format!("{at}output"), d, d)?,
        in_inverse: file.array(&format!("{at}in_inverse"))?,
        out_inverse: file.array::<1>(&format!("{at}out_inverse"))?[0],
    })
}

fn channel(
    file: &mut File<'_>,
    layer: usize,
    config: Config,
    present: &Present,
    routed: &Present,
) -> Result<[Option<ChannelMix>; 3], WeightsError> {
    let (at, d, count) = (format!("channel.{layer}."), config.channels, present.iter().count());
    let shift = file.reals(&format!("{at}shift"), &[count, 2, d])?;
    let in_inverse = file.reals(&format!("{at}in_inverse"), &[count])?;
    let hidden_inverse = file.reals(&format!("{at}hidden_inverse"), &[count])?;
    let mut expert = |name: &str, hidden, hidden_inverse| -> Result<Expert, WeightsError> {
        Ok(Expert {
            key: file.matrix(&format!("{at}key.{name}"), hidden, d)?,
            value: file.matrix(&format!("{at}value.{name}"), d, hidden)?,
            hidden_inverse,
        })
    };
    let common = (0..config.common_experts).map(|i| expert(&format!("common.{i}"), config.hidden, 0.0));
    let common = common.collect::<Result<Vec<_>, _>>()?;
    let mut mixes = [const { None }; 3];
    for (index, m) in present.iter().enumerate() {
        let way = |way: usize| shift[(index * 2 + way) * d..][..d].to_vec();
        let own = expert(m.name(), config.hidden(m), hidden_inverse[index])?;
        mixes[m as usize] =
            Some(ChannelMix { left: way(0), far: way(1), in_inverse: in_inverse[index], own, routed: None });
    }
    if config.common_experts > 0 {
        let shape = [routed.iter().count(), config.common_experts];
        let inverses = file.reals(&format!("{at}hidden_inverse.common"), &shape)?;
        for (m, inverses) in routed.iter().zip(inverses.chunks_exact(config.common_experts)) {
            let router = file.matrix(&format!("{at}router.{}", m.name()), 1 + config.common_experts, d)?;
            let common = common.iter().zip(inverses);
            let common = common.map(|(expert, &hidden_inverse)| Expert { hidden_inverse, ..expert.clone() }).collect();
            if let Some(mix) = &mut mixes[m as usize] {
                mix.routed = Some(Routed { router, common });
            }
        }
    }
    Ok(mixes)
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
