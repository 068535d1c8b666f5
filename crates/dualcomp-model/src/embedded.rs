//! The models inside this library.

use std::sync::{Arc, OnceLock};

use crate::model::Model;

/// The released models inside this library, the newest last. One that was released stays: files name it.
pub static EMBEDDED: [Embedded; 1] =
    [Embedded::new([0x7d, 0x1b, 0x23, 0x06], "dualcomp-1", include_bytes!("../weights/dualcomp-1.safetensors"))];

/// A model inside this library.
#[derive(Debug)]
pub struct Embedded {
    id: [u8; 4],
    name: &'static str,
    bytes: &'static [u8],
    model: OnceLock<Arc<Model>>,
}

impl Embedded {
    const fn new(id: [u8; 4], name: &'static str, bytes: &'static [u8]) -> Self {
        Self { id, name, bytes, model: OnceLock::new() }
    }

    /// Names the weights: the first bytes of the SHA-256 of their file.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The name of the weights file, without its ending.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The weights file.
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The model, read from its bytes once in a process.
    pub fn model(&self) -> &Arc<Model> {
        let read = || Model::from_bytes(self.bytes).map(Arc::new).expect("a test reads every embedded file");
        self.model.get_or_init(read)
    }
}

#[cfg(test)]
mod tests {
    use dualcomp_entropy::predictor::Predictor as _;

    use super::*;

    #[test]
    fn embedded_files_are_valid_and_have_their_ids() {
        for embedded in &EMBEDDED {
            assert_eq!(embedded.model().id(), embedded.id, "{}", embedded.name);
            assert_eq!(Model::embedded_with_id(embedded.id).map(|model| model.id()), Some(embedded.id));
        }
        assert!(Model::embedded_with_id([0; 4]).is_none());
    }
}
