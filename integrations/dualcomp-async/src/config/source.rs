//! Where the model comes from.

use std::fmt;
use std::sync::Arc;

use dualcomp::predictor::Predictor;

/// The model of a codec.
#[derive(Clone, Default)]
pub(super) enum Source {
    #[default]
    Embedded,
    Given(Option<Arc<dyn Predictor>>),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("Embedded"),
            Self::Given(predictor) => f.debug_tuple("Given").field(&predictor.as_ref().map(|p| p.id())).finish(),
        }
    }
}
