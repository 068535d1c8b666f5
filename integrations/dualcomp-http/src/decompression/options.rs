//! What decompression may take.

use std::sync::{Arc, OnceLock};

use dualcomp::Limits;
use dualcomp::predictor::Predictor;
use dualcomp_async::{DecoderConfig, Offload, Pool};

use super::engine::Engine;
use crate::budget::Budget;
use crate::coding::Model;

/// Units of work that a body may take by default: what [`Level::Max`](crate::Level::Max) makes of the longest body that
/// [`DefaultPredicate`](crate::predicate::DefaultPredicate) takes is 8 units for each of 256 KiB, and tables. Twice
/// that and more, so that a dictionary can be prepared for it first.
const WORK: u64 = 5 << 20;
/// Units of work for each byte received after the first 64 KiB.
const WORK_PER_BYTE: u64 = 64;

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
    /// Where, if it is said.
    offload: Option<Offload>,
    /// The model if it is not that of the library.
    model: Option<Model>,
}

impl DecompressionOptions {
    /// 64 MiB of content, 1000 bytes of content for each byte received, about five seconds of a core for 64 KiB
    /// received and 64 microseconds more for each byte after them, 128 MiB of memory for a body, and two bodies at once
    /// for each core.
    ///
    /// That is enough for all that a [`CompressionLayer`](crate::CompressionLayer) makes by default at any level, which
    /// takes up to 2.2 million units of work, and for other bodies of up to 1 MiB, at [`Level::Max`](crate::Level::Max)
    /// of up to 512 KiB.
    pub fn new() -> Self {
        Self {
            limits: Limits::default()
                .with_max_output_bytes(64 << 20)
                .with_max_ratio(1000)
                .with_max_work(WORK, WORK_PER_BYTE)
                .with_max_memory_bytes(128 << 20),
            budget: Budget::default(),
            offload: None,
            model: None,
        }
    }

    /// The same for requests, which anybody may send, without the work for a dictionary: about two and a half seconds
    /// of a core at worst for 64 KiB received.
    pub(super) fn for_requests() -> Self {
        Self::new().with_max_work(WORK / 2, WORK_PER_BYTE)
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

    /// Where blocks are decoded. Default: [`Pool::shared`]; for requests a pool of their own with as many threads,
    /// which all layers of the process share. So responses take turns with each other, and what strangers send holds up
    /// none of them.
    #[must_use]
    pub fn with_offload(mut self, offload: Offload) -> Self {
        self.offload = Some(offload);
        self
    }

    /// The model to use instead of the embedded one, or none to do without: then only
    /// [`Coding::without_model`](crate::Coding::without_model) is accepted.
    #[must_use]
    pub fn with_predictor(mut self, predictor: Option<Arc<dyn Predictor>>) -> Self {
        self.model = Some(Model::Given(predictor));
        self
    }

    /// For responses.
    pub(crate) fn engine(&self) -> Arc<Engine> {
        self.engine_on(Pool::shared)
    }

    pub(super) fn engine_for_requests(&self) -> Arc<Engine> {
        static REQUESTS: OnceLock<Pool> = OnceLock::new();
        self.engine_on(|| REQUESTS.get_or_init(|| Pool::new(Pool::shared().threads())).clone())
    }

    fn engine_on(&self, pool: impl Fn() -> Pool) -> Arc<Engine> {
        let offload = self.offload.clone().unwrap_or_else(|| Offload::Pool(pool()));
        let mut config = DecoderConfig::default().with_limits(self.limits.clone()).with_offload(offload);
        let model = self.model.clone().unwrap_or_else(Model::embedded);
        if let Model::Given(predictor) = &model {
            config = config.with_predictor(predictor.clone());
        }
        Arc::new(Engine { codings: model.codings(), config, limits: self.limits.clone(), budget: self.budget.clone() })
    }
}

impl Default for DecompressionOptions {
    fn default() -> Self {
        Self::new()
    }
}
