//! What a stream can be told.

use std::fmt;
use std::sync::Arc;

use dualcomp::predictor::Predictor;
use dualcomp::{Decoder, DecoderOptions, Dictionary, Encoder, EncoderOptions, Level, Limits};

use crate::worker::Offload;

/// When an encoder makes a block of less than 1 MiB because the input pauses.
///
/// Each flush ends a block. What is learned stays, but a block has up to 20 bytes of its own, and one below 512 KiB is
/// coded by one thread. Measured on 1 MiB of JSON lines (`examples/figures.rs`):
///
/// | a flush every | bytes at [`Level::Fast`] | bytes at [`Level::Default`] |
/// |---|---|---|
/// | 1 MiB | 50,265 | 48,738 |
/// | 64 KiB | 49,720 | 49,947 |
/// | 16 KiB | 50,324 | 50,631 |
/// | 4 KiB | 52,444 | 53,045 |
/// | 1 KiB | 59,993 | 61,182 |
///
/// Without the network that is nothing at 16 KiB, 4 % at 4 KiB and 19 % at 1 KiB. With it, it is 4, 9 and 26 %: a first
/// block of 512 KiB or more has another coding, which suits such lines better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlushPolicy {
    /// Not before the end. For files.
    Never,
    /// When at least so many bytes wait. Bounds what a flush costs and how much a slow source holds back.
    After(u64),
    /// Whenever anything waits. For conversations.
    OnPending,
}

impl FlushPolicy {
    /// Whether to flush when the input pauses and this many bytes wait.
    pub(crate) fn is_due(self, waiting: u64) -> bool {
        match self {
            Self::Never => false,
            Self::After(bytes) => waiting >= bytes.max(1),
            Self::OnPending => waiting > 0,
        }
    }
}

#[derive(Clone, Default)]
enum Source {
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

/// What goes with a codec and is dropped after it.
#[derive(Clone)]
pub(crate) struct Guard {
    _kept: Arc<dyn Send + Sync>,
}

impl Guard {
    fn new(kept: impl Send + Sync + 'static) -> Option<Self> {
        Some(Self { _kept: Arc::new(kept) })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

/// What is called between blocks.
#[derive(Clone)]
pub(crate) struct Hook(Arc<dyn Fn() + Send + Sync>);

impl Hook {
    pub(crate) fn call(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// How to compress a stream.
///
/// ```
/// use dualcomp::Level;
/// use dualcomp_async::{EncoderConfig, FlushPolicy};
///
/// let config = EncoderConfig::default().with_level(Level::Fast).with_flush(FlushPolicy::After(16 << 10));
/// ```
#[derive(Clone, Debug, Default)]
pub struct EncoderConfig {
    options: EncoderOptions,
    find_files: bool,
    window: u64,
    source: Source,
    pub(crate) flush: Option<FlushPolicy>,
    pub(crate) offload: Offload,
    pub(crate) guard: Option<Guard>,
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

    /// What each stream begins with ([`EncoderOptions::dictionary`]): short messages are a fraction of their size from the
    /// first one on. Default: none.
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: impl Into<Option<Dictionary>>) -> Self {
        self.options.dictionary = dictionary.into();
        self
    }

    /// Whether files among the bytes are found and coded apart ([`EncoderOptions::find_files`]): a file then waits until
    /// it has come as a whole. Default: false.
    #[must_use]
    pub fn with_find_files(mut self, find: bool) -> Self {
        self.find_files = find;
        self
    }

    /// How far back long strings are found that come again ([`EncoderOptions::window`]): as much memory for each long
    /// stream, on both sides. Default: 0, which means that they are not looked for.
    #[must_use]
    pub fn with_window(mut self, bytes: u64) -> Self {
        self.window = bytes;
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

    /// Keeps `guard`, the permit of a semaphore for instance, until the codec of the stream is gone. That can be later than
    /// the stream: work that waits for a thread of the pool when the stream is dropped holds its memory until it is its
    /// turn. Clones of the configuration share the guard. Default: none.
    #[must_use]
    pub fn with_guard(mut self, guard: impl Send + Sync + 'static) -> Self {
        self.guard = Guard::new(guard);
        self
    }

    pub(crate) fn encoder(&self) -> Encoder {
        // The pool says how many threads there are; a block takes one of them.
        let options = self.options.clone().with_threads(1).with_find_files(self.find_files).with_window(self.window);
        match &self.source {
            Source::Embedded => Encoder::new(options),
            Source::Given(predictor) => Encoder::with_predictor(options, predictor.clone()),
        }
    }
}

/// How to decompress a stream.
///
/// ```
/// use dualcomp::Limits;
/// use dualcomp_async::DecoderConfig;
///
/// let config = DecoderConfig::default().with_limits(Limits::default().with_max_output_bytes(64 << 20));
/// ```
#[derive(Clone, Debug, Default)]
pub struct DecoderConfig {
    limits: Limits,
    dictionaries: Vec<Dictionary>,
    source: Source,
    pub(crate) multiple_members: bool,
    pub(crate) offload: Offload,
    pub(crate) guard: Option<Guard>,
    pub(crate) after_block: Option<Hook>,
}

impl DecoderConfig {
    /// What decoding may use. Default: [`Limits::default`], which does not bound the output.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
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
        self.dictionaries.push(dictionary);
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

    /// Keeps `guard`, the permit of a semaphore for instance, until the codec of the stream is gone. That can be later than
    /// the stream: work that waits for a thread of the pool when the stream is dropped holds its memory until it is its
    /// turn. Clones of the configuration share the guard. Default: none.
    #[must_use]
    pub fn with_guard(mut self, guard: impl Send + Sync + 'static) -> Self {
        self.guard = Guard::new(guard);
        self
    }

    /// Calls `hook` after each block, on the thread that has decoded it: also where nobody asks for what came of it yet. For
    /// programs that count who is at work. Default: nothing.
    #[must_use]
    pub fn with_after_block(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.after_block = Some(Hook(Arc::new(hook)));
        self
    }

    /// A decoder that stops at the end of each stream.
    pub(crate) fn decoder(&self) -> Decoder {
        let mut options =
            DecoderOptions::default().with_limits(self.limits.clone()).with_concatenated(false).with_threads(1);
        options.dictionaries.clone_from(&self.dictionaries);
        match &self.source {
            Source::Embedded => Decoder::new(options),
            Source::Given(predictor) => Decoder::with_predictor(options, predictor.clone()),
        }
    }

    #[cfg(feature = "codec")]
    pub(crate) fn with_frames_of(mut self, bytes: u64) -> Self {
        self.limits.max_output_bytes = self.limits.max_output_bytes.min(bytes);
        self
    }
}
