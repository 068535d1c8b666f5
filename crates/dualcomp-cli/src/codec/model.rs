//! The model, where the user names another one than that inside the library.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use dualcomp::Model;
use dualcomp::predictor::Predictor;

use crate::files;
use crate::terminal::{Failure, context, shown};

static NAMED: OnceLock<Arc<Model>> = OnceLock::new();

/// Where the id of the model stands in a stream's header (docs/spec/format.md, section 2).
const ID: std::ops::Range<usize> = 5..9;

/// Takes the weights of this file for all that follows in this process.
pub(crate) fn use_model(path: &Path) -> Result<(), Failure> {
    let bytes = std::fs::read(path).map_err(context(format!("cannot read {}", shown(path))))?;
    let model = Model::from_bytes(&bytes).map_err(|error| format!("{} holds no model: {error}", shown(path)))?;
    files::need("model", path);
    NAMED.get_or_init(|| Arc::new(model));
    Ok(())
}

/// The model that the user has named.
pub(super) fn named() -> Option<Arc<dyn Predictor>> {
    NAMED.get().map(|model| model.clone() as Arc<dyn Predictor>)
}

/// The same, if a stream that begins so names it.
pub(super) fn named_by(stream: &[u8]) -> Option<Arc<dyn Predictor>> {
    named().filter(|model| stream.get(ID).is_some_and(|id| id == model.id()))
}
