//! The DualComp network: one RWKV-7 for pixels and text tokens, run by [tract](https://crates.io/crates/tract-core).
//!
//! [`Model`] is a [`Predictor`]: it answers with integers, and with the same ones on every machine. Matrix products
//! are int8 and exact; what lies between them is f32 addition, multiplication, division and square root in the order
//! that docs/numerics.md states. This is the only crate of the workspace with a float in it.
//!
//! ```
//! use dualcomp_entropy::predictor::Predictor;
//!
//! let model = dualcomp_model::Model::embedded()?;
//! let mut lanes = model.text(1)?;
//! lanes.advance(&[0], &[model.vocabulary().len() as u32])?;
//! assert!(lanes.logit(0, 0).abs() <= 2815);
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```

// Hot loops count, see `numerics`.
#![allow(clippy::needless_range_loop)]

mod error;
mod graph;
mod logits;
mod mixtures;
mod numerics;
mod ops;
mod product;
mod session;
mod sites;
#[cfg(test)]
mod tests;
mod trunk;
mod weights;

pub use error::ModelError;
pub use weights::WeightsError;

use std::fmt;
use std::sync::{Arc, OnceLock};

use dualcomp_entropy::predictor::{ImageSession, Predictor, PredictorError, TextSession};
use dualcomp_tokens::Vocabulary;
use fearless_simd::Level;
use sha2::{Digest, Sha256};
use tract_core::internal::TractResult;

use graph::Plan;
use logits::TokenHead;
use weights::Weights;

/// The released weights.
static EMBEDDED: &[u8] = include_bytes!("../weights/dualcomp-1.safetensors");

/// A plan, built by the first session that needs it.
type Lazy<T> = OnceLock<Result<T, ModelError>>;

/// A network with its weights. Cheap to share; sessions hold all that changes.
pub struct Model {
    id: [u8; 4],
    weights: Arc<Weights>,
    /// The instruction set to use; tests take others as well.
    level: Level,
    image: Lazy<(Plan, [Plan; 3])>,
    text: Lazy<(Plan, Arc<TokenHead>)>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("id", &self.id).field("config", &self.weights.config).finish_non_exhaustive()
    }
}

impl Model {
    /// A model with the weights of a safetensors file, as `training/export.py` writes it. Takes about twice the
    /// size of the file in memory; the graphs follow when a session needs them.
    ///
    /// # Errors
    /// If the file is damaged, or a tensor is missing, superfluous, of another shape or out of range.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let weights = Arc::new(Weights::from_bytes(bytes)?);
        let digest = Sha256::digest(bytes);
        let id = [digest[0], digest[1], digest[2], digest[3]];
        Ok(Self { id, weights, level: Level::new(), image: Default::default(), text: Default::default() })
    }

    /// The model with the released weights, which are part of the program. Read once in a process.
    ///
    /// # Errors
    /// If the program's copy of the weights is damaged.
    pub fn embedded() -> Result<&'static Arc<Self>, WeightsError> {
        static MODEL: OnceLock<Result<Arc<Model>, WeightsError>> = OnceLock::new();
        MODEL.get_or_init(|| Model::from_bytes(EMBEDDED).map(Arc::new)).as_ref().map_err(Clone::clone)
    }

    /// The same model on no more than the instructions that every processor of the architecture has. It predicts the
    /// same: this is for tests that show it.
    #[must_use]
    pub fn without_extensions(mut self) -> Self {
        self.level = Level::baseline();
        self.image = Lazy::default();
        self.text = Lazy::default();
        self
    }

    fn image_plans(&self) -> Result<&(Plan, [Plan; 3]), ModelError> {
        let build = || -> TractResult<_> {
            let head = |channel| graph::mixture(&self.weights, channel, self.level);
            Ok((graph::image(&self.weights, self.level)?, [head(0)?, head(1)?, head(2)?]))
        };
        self.image.get_or_init(|| build().map_err(ModelError::graph)).as_ref().map_err(Clone::clone)
    }

    fn text_plan(&self) -> Result<&(Plan, Arc<TokenHead>), ModelError> {
        let build = || -> TractResult<_> {
            let head = TokenHead::new(self.weights.clone(), self.level);
            Ok((graph::text(&self.weights, self.level)?, Arc::new(head)))
        };
        self.text.get_or_init(|| build().map_err(ModelError::graph)).as_ref().map_err(Clone::clone)
    }
}

impl Predictor for Model {
    fn id(&self) -> [u8; 4] {
        self.id
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.weights.vocabulary
    }

    fn text(&self, lanes: usize) -> Result<Box<dyn TextSession + Send>, PredictorError> {
        let (trunk, head) = self.text_plan()?;
        Ok(Box::new(session::Text::new(trunk, head, lanes).map_err(ModelError::graph)?))
    }

    fn image(&self, slots: usize) -> Result<Box<dyn ImageSession + Send>, PredictorError> {
        let (trunk, heads) = self.image_plans()?;
        Ok(Box::new(session::Image::new(trunk, heads, slots).map_err(ModelError::graph)?))
    }
}
