//! What a weights file holds.

use dualcomp_entropy::predictor::Depth;
use dualcomp_tokens::Vocabulary;

/// Features of the residual of one earlier channel.
pub(crate) const CONDITIONS: usize = 4;
/// Earlier channels that the head of a channel may see.
pub(crate) const EARLIER: usize = 2;

/// What the network is run on; indexes whatever there is one of for each. The last one does not go through every time mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modality {
    Image,
    Text,
    /// Pixels, with about half as much work.
    Shallow,
}

impl Modality {
    pub(crate) const ALL: [Self; 3] = [Self::Image, Self::Text, Self::Shallow];

    /// The one of pixels at this depth, if the network has that depth.
    pub(crate) fn of_pixels(depth: Depth) -> Option<Self> {
        match depth {
            Depth::Deep => Some(Self::Image),
            Depth::Shallow => Some(Self::Shallow),
            _ => None,
        }
    }

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
    /// Channel mixes of each layer beside those of the modalities.
    pub(crate) common_experts: usize,
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

/// What is read, and which of it the weights have: one without text or without pixels is of a single modality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Present(Vec<Modality>);

impl Present {
    pub(crate) fn new(mut modalities: Vec<Modality>) -> Self {
        modalities.sort_by_key(|&modality| modality as usize);
        modalities.dedup();
        Self(modalities)
    }

    /// In their order, which is that of rows in tensors.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Modality> + Clone {
        self.0.iter().copied()
    }

    pub(crate) fn has(&self, modality: Modality) -> bool {
        self.0.contains(&modality)
    }
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
    pub(crate) streams: [Option<Streams>; 3],
    pub(crate) norm_weight: Vec<f32>,
    pub(crate) norm_bias: Vec<f32>,
    pub(crate) output: Matrix,
    pub(crate) in_inverse: [f32; 3],
    pub(crate) out_inverse: f32,
}

/// What a modality has of a channel mix.
#[derive(Clone, Debug)]
pub(crate) struct ChannelMix {
    pub(crate) left: Vec<f32>,
    pub(crate) far: Vec<f32>,
    pub(crate) in_inverse: f32,
    pub(crate) own: Expert,
    pub(crate) routed: Option<Routed>,
}

/// Two matrices with a squared rectifier between them.
#[derive(Clone, Debug)]
pub(crate) struct Expert {
    pub(crate) key: Matrix,
    pub(crate) value: Matrix,
    pub(crate) hidden_inverse: f32,
}

/// A choice among a modality's own expert and the common ones.
#[derive(Clone, Debug)]
pub(crate) struct Routed {
    /// A row for each of them.
    pub(crate) router: Matrix,
    pub(crate) common: Vec<Expert>,
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

/// Where tokens enter the network and where they leave it.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    /// [tokens + 1, channels]
    pub(crate) embedding: Vec<i8>,
    pub(crate) embedding_scale: f32,
    pub(crate) head: Matrix,
    pub(crate) bias: Vec<f32>,
}

/// Everything in a weights file. What a modality has that is not in it is absent.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    pub(crate) config: Config,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) time: Vec<TimeMix>,
    /// By layer and modality.
    pub(crate) channel: Vec<[Option<ChannelMix>; 3]>,
    /// By modality; 0 where it is absent.
    pub(crate) final_inverse: [f32; 3],
    pub(crate) tokens: Option<Tokens>,
    pub(crate) image: Option<Pixels>,
    pub(crate) shallow: Option<Pixels>,
}

impl Weights {
    /// The ends of the network for pixels of this modality.
    pub(crate) fn pixels(&self, modality: Modality) -> Option<&Pixels> {
        match modality {
            Modality::Image => self.image.as_ref(),
            Modality::Shallow => self.shallow.as_ref(),
            Modality::Text => None,
        }
    }
}
