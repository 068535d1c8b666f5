//! Where the predictor comes from.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

/// The source of the predictor, asked only when a block needs it.
#[derive(Clone)]
pub(crate) enum ModelSource {
    /// The model inside this library, if it was built with one.
    Embedded,
    /// The caller's choice; none means to do without.
    Given(Option<Arc<dyn Predictor>>),
}

impl ModelSource {
    /// The predictor that encoders of bytes take, loaded if need be: with a dictionary the one that this names, if there is a
    /// choice.
    pub(crate) fn of_text(&self, named: Option<[u8; 4]>) -> Option<Arc<dyn Predictor>> {
        let predictor = match (self, named) {
            (Self::Embedded, Some(id)) => embedded_with_id(id).or_else(newest),
            _ => self.predictor(),
        };
        predictor.filter(|predictor| predictor.reads_text())
    }

    /// The predictor that encoders of images take, loaded if need be.
    pub(crate) fn of_pixels(&self) -> Option<Arc<dyn Predictor>> {
        self.predictor().filter(|predictor| predictor.reads_pixels())
    }

    fn predictor(&self) -> Option<Arc<dyn Predictor>> {
        match self {
            Self::Embedded => newest(),
            Self::Given(predictor) => predictor.clone(),
        }
    }

    /// The predictor with this id.
    pub(crate) fn predictor_with(&self, id: [u8; 4]) -> Option<Arc<dyn Predictor>> {
        match self {
            Self::Embedded => embedded_with_id(id),
            // Zeros name no model.
            Self::Given(predictor) => predictor.clone().filter(|predictor| id != [0; 4] && predictor.id() == id),
        }
    }
}

/// The id of the newest model inside this library, as streams that need it name it; none without the feature `rwkv`.
/// Does not load the model. Streams that name an older one inside are decoded too.
#[cfg(feature = "rwkv")]
pub fn embedded_model() -> Option<[u8; 4]> {
    dualcomp_model::EMBEDDED.last().map(dualcomp_model::Embedded::id)
}

/// None: this library was built without the feature `rwkv`, and so without a model.
#[cfg(not(feature = "rwkv"))]
pub fn embedded_model() -> Option<[u8; 4]> {
    None
}

#[cfg(feature = "rwkv")]
fn newest() -> Option<Arc<dyn Predictor>> {
    Some(dualcomp_model::Model::embedded().clone())
}

#[cfg(feature = "rwkv")]
fn embedded_with_id(id: [u8; 4]) -> Option<Arc<dyn Predictor>> {
    Some(dualcomp_model::Model::embedded_with_id(id)?.clone())
}

#[cfg(not(feature = "rwkv"))]
fn newest() -> Option<Arc<dyn Predictor>> {
    None
}

#[cfg(not(feature = "rwkv"))]
fn embedded_with_id(_: [u8; 4]) -> Option<Arc<dyn Predictor>> {
    None
}
