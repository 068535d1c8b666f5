//! How to compress.

use std::sync::Arc;

use dualcomp::predictor::Predictor;
use dualcomp::{Dictionary, Encoder, EncoderOptions, Level};

use super::flush::FlushPolicy;
use super::guard::Guard;
use super::source::Source;
use crate::worker::Offload;

/// How to compress a stream.
///
/// ```
/// use dualcomp::Level;
/// use dualcomp_async::{EncoderConfig, FlushPolicy};
///
/// let config = EncoderConfig::default().with_level(Level::Fast).with_flush(FlushPolicy::After(16 << 10));
/// ```
#[derive(Clone, Debug)]
pub struct EncoderConfig {
    options: EncoderOptions,
    source: Source,
    pub(crate) flush: Option<FlushPolicy>,
    pub(crate) offload: Offload,
    pub(crate) guard: Option<Guard>,
}

impl Default for EncoderConfig {
    fn default() -> Self {
        Self {
            // The pool says how many threads there are; a block takes one of them.
            options: EncoderOptions::default().with_threads(1).with_find_files(false).with_window(0),
            source: Source::default(),
            flush: None,
            offload: Offload::default(),
            guard: None,
        }
    }
}

impl EncoderConfig {
    /// How much work to spend. Default: [`Level::Default`].
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.options.level = level;
        self
    }

    /// Bytes that will come, if known: sizes the context tables. A wrong value costs memory or compression, never
    /// correctness. Default: unknown.
    #[must_use]
    pub fn with_size_hint(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.options.size_hint = bytes.into();
        self
    }

    /// What each stream begins with ([`EncoderOptions::dictionary`]): short messages are a fraction of their size from
    /// the first one on. Default: none.
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: impl Into<Option<Dictionary>>) -> Self {
        self.options.dictionary = dictionary.into();
        self
    }

    /// Whether files among the bytes are found and coded apart ([`EncoderOptions::find_files`]): a file then waits
    /// until it has come as a whole. Default: false.
    #[must_use]
    pub fn with_find_files(mut self, find: bool) -> Self {
        self.options.find_files = find;
        self
    }

    /// How far back long strings are found that come again ([`EncoderOptions::window`]): as much memory for each long
    /// stream, on both sides. Default: 0, which means that they are not looked for.
    #[must_use]
    pub fn with_window(mut self, bytes: u64) -> Self {
        self.options.window = bytes;
        self
    }

    /// The model to use instead of the embedded one, or none to do without.
    #[must_use]
    pub fn with_predictor(mut self, predictor: Option<Arc<dyn Predictor>>) -> Self {
        self.source = Source::Given(predictor);
        self
    }

    /// What a pause of the input means. For types in `bufread` a pause is a source that is pending, and the default
    /// is [`FlushPolicy::Never`]. For types in `write` it is a call of flush, which code that copies makes
    /// when its own source is pending, and the default is [`FlushPolicy::OnPending`].
    #[must_use]
    pub fn with_flush(mut self, policy: FlushPolicy) -> Self {
        self.flush = Some(policy);
        self
    }

    /// Where blocks are coded. Default: [`Pool::shared`](crate::Pool::shared).
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

    pub(crate) fn encoder(&self) -> Encoder {
        let options = self.options.clone();
        match &self.source {
            Source::Embedded => Encoder::new(options),
            Source::Given(predictor) => Encoder::with_predictor(options, predictor.clone()),
        }
    }
}
