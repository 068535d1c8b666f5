//! How to decompress.

use std::sync::Arc;

use dualcomp::predictor::Predictor;
use dualcomp::{Decoder, DecoderOptions, Dictionary, Limits};

use super::guard::{Guard, Hook};
use super::source::Source;
use crate::worker::Offload;

/// How to decompress a stream.
///
/// ```
/// use dualcomp::Limits;
/// use dualcomp_async::DecoderConfig;
///
/// let config = DecoderConfig::default().with_limits(Limits::default().with_max_output_bytes(64 << 20));
/// ```
#[derive(Clone, Debug)]
pub struct DecoderConfig {
    /// Those of one stream on one thread.
    options: DecoderOptions,
    source: Source,
    pub(crate) multiple_members: bool,
    pub(crate) offload: Offload,
    pub(crate) guard: Option<Guard>,
    pub(crate) after_block: Option<Hook>,
}

impl Default for DecoderConfig {
    fn default() -> Self {
        Self {
            options: DecoderOptions::default().with_concatenated(false).with_threads(1),
            source: Source::default(),
            multiple_members: false,
            offload: Offload::default(),
            guard: None,
            after_block: None,
        }
    }
}

impl DecoderConfig {
    /// What decoding may use. Default: [`Limits::default`], which does not bound the output.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// The model to use instead of the embedded one, or none to do without.
    #[must_use]
    pub fn with_predictor(mut self, predictor: Option<Arc<dyn Predictor>>) -> Self {
        self.source = Source::Given(predictor);
        self
    }

    /// Adds a dictionary that streams may need ([`DecoderOptions::dictionaries`]). Default: none.
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: Dictionary) -> Self {
        self.options.dictionaries.push(dictionary);
        self
    }

    /// Whether streams that follow each other decode as one. Default: false, as in `async-compression`; this differs
    /// from [`DecoderOptions::concatenated`].
    #[must_use]
    pub fn with_multiple_members(mut self, enabled: bool) -> Self {
        self.multiple_members = enabled;
        self
    }

    /// Where blocks are decoded. Default: [`Pool::shared`](crate::Pool::shared).
    #[must_use]
    pub fn with_offload(mut self, offload: Offload) -> Self {
        self.offload = offload;
        self
    }

    /// Keeps `guard`, the permit of a semaphore for instance, until the codec of the stream is gone. That can be later
    /// than the stream: work that waits for a thread of the pool when the stream is dropped holds its memory until it
    /// is its turn. Clones of the configuration share the guard. Default: none.
    #[must_use]
    pub fn with_guard(mut self, guard: impl Send + Sync + 'static) -> Self {
        self.guard = Guard::new(guard);
        self
    }

    /// Calls `hook` after each block, on the thread that has decoded it: also where nobody asks for what came of it
    /// yet. For programs that count who is at work. Default: nothing.
    #[must_use]
    pub fn with_after_block(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.after_block = Some(Hook::new(hook));
        self
    }

    /// A decoder that stops at the end of each stream.
    pub(crate) fn decoder(&self) -> Decoder {
        let options = self.options.clone();
        match &self.source {
            Source::Embedded => Decoder::new(options),
            Source::Given(predictor) => Decoder::with_predictor(options, predictor.clone()),
        }
    }

    #[cfg(feature = "codec")]
    pub(crate) fn with_frames_of(mut self, bytes: u64) -> Self {
        let limits = &mut self.options.limits;
        limits.max_output_bytes = limits.max_output_bytes.min(bytes);
        self
    }
}
