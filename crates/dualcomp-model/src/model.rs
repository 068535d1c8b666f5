//! The network with its weights.

use std::fmt;
use std::sync::{Arc, OnceLock};

use dualcomp_entropy::predictor::{Depth, ImageSession, Predictor, PredictorError, TextSession};
use dualcomp_tokens::Vocabulary;
use fearless_simd::Level;
use sha2::{Digest, Sha256};
use tract_core::internal::TractResult;

use crate::embedded::{EMBEDDED, Embedded};
use crate::error::ModelError;
use crate::heads::token::TokenHead;
use crate::session::graph::{self, Plan};
use crate::session::{Image, Text};
use crate::weights::{Modality, Weights, WeightsError};

/// A plan, built by the first session that needs it.
type Lazy<T> = OnceLock<Result<T, ModelError>>;

/// A network with its weights. Cheap to share; sessions hold all that changes.
pub struct Model {
    id: [u8; 4],
    pub(crate) weights: Arc<Weights>,
    /// The instruction set to use; tests take others as well.
    pub(crate) level: Level,
    /// Shallow, deep.
    image: [Lazy<(Plan, [Plan; 3])>; 2],
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

    /// The newest of the models inside this library ([`EMBEDDED`]), which encoders take. Read once in a process.
    pub fn embedded() -> &'static Arc<Self> {
        let [.., newest] = &EMBEDDED;
        newest.model()
    }

    /// The model inside this library with this id, if there is one. Read once in a process.
    pub fn embedded_with_id(id: [u8; 4]) -> Option<&'static Arc<Self>> {
        EMBEDDED.iter().find(|embedded| embedded.id() == id).map(Embedded::model)
    }

    /// The same model on no more than the instructions that every processor of the architecture has. It predicts the
    /// same: this is for tests that show it.
    #[cfg(feature = "__test")]
    #[doc(hidden)]
    #[must_use]
    pub fn without_extensions(mut self) -> Self {
        self.level = Level::baseline();
        self.image = Default::default();
        self.text = Lazy::default();
        self
    }

    fn image_plans(&self, depth: Depth) -> Result<&(Plan, [Plan; 3]), ModelError> {
        let modality = Modality::of_pixels(depth).ok_or(ModelError::Depth)?;
        let pixels = self.weights.pixels(modality).ok_or(ModelError::Modality { name: "pixels" })?;
        let build = || -> TractResult<_> {
            let head = |channel| graph::mixture(pixels, channel, self.level);
            Ok((graph::image(&self.weights, modality, pixels, self.level)?, [head(0)?, head(1)?, head(2)?]))
        };
        self.image[usize::from(modality == Modality::Image)]
            .get_or_init(|| build().map_err(ModelError::graph))
            .as_ref()
            .map_err(Clone::clone)
    }

    fn text_plan(&self) -> Result<&(Plan, Arc<TokenHead>), ModelError> {
        let tokens = self.weights.tokens.as_ref().ok_or(ModelError::Modality { name: "text" })?;
        let build = || -> TractResult<_> {
            let head = TokenHead::new(tokens, self.level);
            Ok((graph::text(&self.weights, tokens, self.level)?, Arc::new(head)))
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

    fn reads_text(&self) -> bool {
        self.weights.tokens.is_some()
    }

    fn reads_pixels(&self) -> bool {
        self.weights.image.is_some() && self.weights.shallow.is_some()
    }

    fn text(&self, lanes: usize) -> Result<Box<dyn TextSession + Send>, PredictorError> {
        let (trunk, head) = self.text_plan()?;
        Ok(Box::new(Text::new(trunk, head, lanes).map_err(ModelError::graph)?))
    }

    fn image(&self, depth: Depth, slots: usize) -> Result<Box<dyn ImageSession + Send>, PredictorError> {
        let (trunk, heads) = self.image_plans(depth)?;
        Ok(Box::new(Image::new(trunk, heads, slots).map_err(ModelError::graph)?))
    }
}
