//! What a model offers the coder: logits of text decisions and distributions of pixel values, as integers.
//!
//! Encoder and decoder ask for the same predictions in the same order. A predictor must give the same integers
//! on every machine.
//!
//! **Unstable.** The traits and types of this module follow the network: a version with another one may change them
//! within a minor release, in this crate and where `dualcomp` re-exports it. To pass a `Model` of `dualcomp` on needs
//! nothing of it and stays as it is.

use alloc::boxed::Box;
use alloc::vec::Vec;

use dualcomp_tokens::Vocabulary;

/// Why a predictor could not answer.
pub type PredictorError = Box<dyn core::error::Error + Send + Sync>;

/// Logistics in a [`Mixture`].
pub const COMPONENTS: usize = 5;

/// The distribution of one sub-pixel: a mixture of logistics in fixed point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mixture {
    /// Logit of each component's share, in 1/256 nat, -2815..=2815.
    pub weights: [i16; COMPONENTS],
    /// Mean of each component in 1/16 level from the base prediction, -8192..=8192.
    pub means: [i16; COMPONENTS],
    /// Logarithm of each component's scale in levels, in 1/32 nat, -96..=160.
    pub scales: [i16; COMPONENTS],
}

/// Where a pixel of a wavefront stands. Rows are coded three columns apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// State of the pixel's row.
    pub slot: u32,
    /// Column; 0 starts a row, with nothing to the left and a state of zero.
    pub column: u32,
    /// State of the row above, if that row has a pixel one column further right.
    pub above: Option<u32>,
}

/// How much of a model reads the pixels of a tile. All depths take and give the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Depth {
    /// Part of its layers, about half as much work.
    Shallow,
    /// All of them.
    Deep,
}

/// A model of text and images.
pub trait Predictor: Send + Sync {
    /// Names the weights: the first bytes of the SHA-256 of their file.
    fn id(&self) -> [u8; 4];

    /// The tokens that text is cut into.
    fn vocabulary(&self) -> &Vocabulary;

    /// Whether it has a network for text. Encoders do without where there is none.
    fn reads_text(&self) -> bool {
        true
    }

    /// Whether it has networks of all depths for pixels.
    fn reads_pixels(&self) -> bool {
        true
    }

    /// A session that predicts tokens in up to `lanes` independent lanes.
    ///
    /// # Errors
    /// If the model cannot be set up.
    fn text(&self, lanes: usize) -> Result<Box<dyn TextSession + Send>, PredictorError>;

    /// A session that predicts the pixels of one tile with up to `slots` rows at once.
    ///
    /// # Errors
    /// If the model cannot be set up.
    fn image(&self, depth: Depth, slots: usize) -> Result<Box<dyn ImageSession + Send>, PredictorError>;
}

/// Predicts the next token of each lane. A new lane has seen nothing.
pub trait TextSession {
    /// Feeds one token to each of these distinct lanes. The vocabulary's start mark is a token here.
    ///
    /// # Errors
    /// If a lane or token is out of range or the model fails.
    fn advance(&mut self, lanes: &[u32], tokens: &[u32]) -> Result<(), PredictorError>;

    /// The logit of decision `node` having bit 1 in the next token of `lane`, in 1/256 nat, -2815..=2815.
    ///
    /// # Panics
    /// May panic if the lane has never been fed or the node does not exist.
    fn logit(&self, lane: u32, node: u32) -> i32;
}

/// Predicts the pixels of a wavefront.
pub trait ImageSession {
    /// Moves to the next wavefront: the pixels at `sites`, with [`dualcomp_tokens::FEATURES`] features each.
    ///
    /// # Errors
    /// If a slot is out of range or the model fails.
    fn advance(&mut self, sites: &[Site], features: &[i8]) -> Result<(), PredictorError>;

    /// Replaces `out` by the distributions of one channel (0..3), one for each site of the last
    /// [`Self::advance`]. `residuals` holds value minus MED prediction of channels 0 and 1 of each
    /// site, as far as they are coded, else 0.
    ///
    /// # Errors
    /// If the model fails.
    fn mixtures(
        &mut self,
        channel: usize,
        residuals: &[[i16; 2]],
        out: &mut Vec<Mixture>,
    ) -> Result<(), PredictorError>;
}
