//! Where the predictor comes from.

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;

use crate::error::Result;

/// The source of the predictor, asked only when a block needs it.
#[derive(Clone)]
pub(crate) enum ModelSource {
    /// The model inside this library, if it was built with one.
    Embedded,
    /// The caller's choice; none means to do without.
    Given(Option<Arc<dyn Predictor>>),
}

impl ModelSource {
    /// The predictor, loaded if need be.
    pub(crate) fn predictor(&mut self) -> Result<Option<Arc<dyn Predictor>>> {
        if matches!(self, Self::Embedded) {
            *self = Self::Given(embedded()?);
        }
        match self {
            Self::Given(predictor) => Ok(predictor.clone()),
            Self::Embedded => Ok(None),
        }
    }

    /// The predictor if it has this id.
    pub(crate) fn predictor_with(&mut self, id: [u8; 4]) -> Result<Option<Arc<dyn Predictor>>> {
        // Zeros name no model, so there is no need to load one to compare.
        if id == [0; 4] {
            return Ok(None);
        }
        Ok(self.predictor()?.filter(|predictor| predictor.id() == id))
    }
}

/// The id of the model inside this library, as streams that need it name it; none without the feature `rwkv`.
/// Loads the model.
///
/// # Errors
/// [`Error::Model`](crate::Error::Model) if the library's copy of the weights is damaged.
pub fn embedded_model() -> Result<Option<[u8; 4]>> {
    Ok(embedded()?.map(|predictor| predictor.id()))
}

#[cfg(feature = "rwkv")]
fn embedded() -> Result<Option<Arc<dyn Predictor>>> {
    Ok(Some(dualcomp_model::Model::embedded().clone()))
}

#[cfg(not(feature = "rwkv"))]
fn embedded() -> Result<Option<Arc<dyn Predictor>>> {
    Ok(None)
}
