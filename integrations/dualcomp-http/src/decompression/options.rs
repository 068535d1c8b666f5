//! What decompression may take.

use std::sync::Arc;

use dualcomp::Limits;
use dualcomp::predictor::Predictor;
use dualcomp_async::{DecoderConfig, Offload};

use super::engine::Engine;
use crate::budget::Budget;
use crate::coding::Model;

/// How to decompress, and what it may take: content comes from others, and a few bytes can stand for very many.
///
/// ```
/// use dualcomp_http::{Budget, DecompressionLayer, DecompressionOptions};
///
/// let options = DecompressionOptions::new().with_max_output_bytes(1 << 20).with_budget(Budget::new(4));
/// let layer = DecompressionLayer::with_options(options);
/// ```
#[derive(Clone, Debug)]
pub struct DecompressionOptions {
    limits: Limits,
    budget: Budget,
    offload: Offload,
    /// The model if it is not that of the library.
    model: Option<Model>,
}

impl DecompressionOptions {
    /// 64 MiB of content, 1000 bytes of content for each byte received, about two seconds of a core for 64 KiB received and 64
    /// microseconds more for each byte after them, 128 MiB of memory for a body, and two bodies at once for each core.
    pub fn new() -> Self {
        Self {
            limits: Limits::default()
                .with_max_output_bytes(64 << 20)
                .with_max_ratio(1000)
                .with_max_work(1 << 20, 64)
                .with_max_memory_bytes(128 << 20),
            budget: Budget::default(),
            offload: Offload::default(),
            model: None,
        }
    }

    /// The same for requests, which anybody may send: about a second of a core at worst for 64 KiB received.
    pub(super) fn for_requests() -> Self {
        Self::new().with_max_work(1 << 19, 64)
    }

    /// Bytes that the content of one message may decode to.
    #[must_use]
    pub fn with_max_output_bytes(mut self, bytes: u64) -> Self {
        self.limits.max_output_bytes = bytes;
        self
    }

    /// Bytes of content for each byte received. The first mebibyte is free: text that repeats itself compresses very
    /// well. Of what must be computed, only 256 KiB are free, and a block that claims more is refused before it is
    /// decoded ([`Limits::max_ratio`]).
    #[must_use]
    pub fn with_max_ratio(mut self, ratio: u64) -> Self {
        self.limits.max_ratio = ratio;
        self
    }

    /// Units of work for one body of up to 64 KiB, and for each byte more; a unit is about a microsecond of a core
    /// ([`Limits::max_work`]). What would take more is refused before it is done.
    #[must_use]
    pub fn with_max_work(mut self, units: u64, per_byte: u64) -> Self {
        self.limits = self.limits.with_max_work(units, per_byte);
        self
    }

    /// Bytes of memory for one body, checked before they are taken.
    #[must_use]
    pub fn with_max_memory_bytes(mut self, bytes: u64) -> Self {
        self.limits.max_memory_bytes = bytes;
        self
    }

    /// How many bodies are decoded at once.
    #[must_use]
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Where blocks are decoded. Default: [`Pool::shared`](crate::Pool::shared).
    #[must_use]
    pub fn with_offload(mut self, offload: Offload) -> Self {
        self.offload = offload;
        self
    }

    /// The model to use instead of the embedded one, or none to do without: then only
    /// [`Coding::without_model`](crate::Coding::without_model) is accepted.
    #[must_use]
    pub fn with_predictor(mut self, predictor: Option<Arc<dyn Predictor>>) -> Self {
        self.model = Some(Model::Given(predictor));
        self
    }

    pub(crate) fn engine(&self) -> Arc<Engine> {
        let mut config = DecoderConfig::default().with_limits(self.limits.clone()).with_offload(self.offload.clone());
        let model = self.model.clone().unwrap_or_else(Model::embedded);
        if let Model::Given(predictor) = &model {
            config = config.with_predictor(predictor.clone());
        }
        Arc::new(Engine { codings: model.codings(), config, ratio: self.limits.max_ratio, budget: self.budget.clone() })
    }
}

impl Default for DecompressionOptions {
    fn default() -> Self {
        Self::new()
    }
}
