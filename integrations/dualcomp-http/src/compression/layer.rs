//! What the layer can be told.

use std::sync::Arc;

use dualcomp::predictor::Predictor;
use dualcomp::{Dictionary, EncoderOptions, Level};
use dualcomp_async::{EncoderConfig, FlushPolicy, Offload};
use tower_layer::Layer;

use super::service::Compression;
use crate::accept::{AcceptEncoding, OTHERS};
use crate::budget::Budget;
#[cfg(feature = "cache")]
use crate::cache::BodyCache;
use crate::coding::{Coding, Model};
use crate::counters::Counters;
use crate::predicate::{DefaultPredicate, Predicate};

/// Gives the content of responses DualComp's coding where the request asks for it.
///
/// ```
/// use axum::{Router, routing::get};
/// use dualcomp_http::{CompressionLayer, Level};
///
/// let app: Router = Router::new()
///     .route("/", get(|| async { "<p>a page</p>".repeat(100) }))
///     .layer(CompressionLayer::new().with_level(Level::Fast));
/// ```
///
/// A response is left as it is if
///
/// - its status is 1xx, 204, 205, 206 or 304, or it answers CONNECT,
/// - it has `Content-Encoding` or `Content-Range`,
/// - request or response say `Cache-Control: no-transform`, or
/// - the [`Predicate`] does not accept it.
///
/// Every other response says `Vary: Accept-Encoding`. It is coded if the request names one of our codings and prefers
/// no other, and if the [`Budget`] has room; an empty one has nothing to code. The answer to HEAD gets the fields that
/// the answer to GET would have if there were room, also where the handler has left the content out itself: its size is
/// then what `Content-Length` says, or taken to be an ordinary one.
///
/// What is coded loses `Content-Length`, `Accept-Ranges` and digests of the content, also in trailers, and its `ETag`
/// becomes weak. A request that comes back with that weak tag in `If-None-Match` is answered with 304, even where the
/// service below compares it as strong. Where the service answers so itself, that 304 gets the weak tag too, and also
/// if the request names our coding and comes with a date or `*`. A 304 says `Vary` like the 200, and so does a 206. A
/// weak tag in `If-Range` is never equal, so the service below sees neither it nor the range; nor a date there, from
/// who names our coding. Trailers and errors of the body pass through. A body of another size than it says is an error.
///
/// A body of a known size up to 1 MiB is waited for before its head is sent. If a part of it comes after more than a
/// quarter of a second and not all of it is there then, the response goes on as it is, without a coding.
///
/// Layers of other codings go around this one; with the feature `fallback`, `with_fallback` takes one in.
#[derive(Clone, Debug)]
pub struct CompressionLayer<P = DefaultPredicate> {
    pub(crate) predicate: P,
    settings: Settings,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    level: Level,
    /// The model if it is not that of the library.
    model: Option<Model>,
    flush: FlushPolicy,
    pub(crate) offload: Offload,
    pub(crate) budget: Budget,
    pub(crate) others: Vec<String>,
    pub(crate) counters: Counters,
    #[cfg(feature = "cache")]
    pub(super) cache: Option<BodyCache>,
}

impl CompressionLayer {
    /// The default: the network, [`DefaultPredicate`], and a [`Budget`] of two bodies for each core.
    pub fn new() -> Self {
        Self {
            predicate: DefaultPredicate::new(),
            settings: Settings {
                level: Level::Default,
                model: None,
                flush: FlushPolicy::OnPending,
                offload: Offload::default(),
                budget: Budget::default(),
                others: OTHERS.map(String::from).to_vec(),
                counters: Counters::new(),
                #[cfg(feature = "cache")]
                cache: None,
            },
        }
    }
}

impl Default for CompressionLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> CompressionLayer<P> {
    /// How much work to spend. With [`Level::Fast`] only [`Coding::without_model`] is offered, and the model is not
    /// loaded. Default: [`Level::Default`].
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.settings.level = level;
        self
    }

    /// The model to use instead of the embedded one, or none to do without.
    #[must_use]
    pub fn with_predictor(mut self, predictor: Option<Arc<dyn Predictor>>) -> Self {
        self.settings.model = Some(Model::Given(predictor));
        self
    }

    /// What a pause of a body means whose size is not known. Default: [`FlushPolicy::OnPending`], so that what the
    /// handler sends arrives at once; [`FlushPolicy::After`] gives smaller streams. A body of known size is never
    /// flushed before its end.
    #[must_use]
    pub fn with_flush(mut self, policy: FlushPolicy) -> Self {
        self.settings.flush = policy;
        self
    }

    /// Where blocks are coded. Default: [`Pool::shared`](crate::Pool::shared).
    #[must_use]
    pub fn with_offload(mut self, offload: Offload) -> Self {
        self.settings.offload = offload;
        self
    }

    /// How many responses are coded at once. The others go without our coding, to another layer if there is one.
    /// Default: [`Budget::default`] of this layer's own.
    #[must_use]
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.settings.budget = budget;
        self
    }

    /// Keeps coded bodies, so that what is served often is coded once. Default: none is kept.
    #[cfg(feature = "cache")]
    #[must_use]
    pub fn with_cache(mut self, cache: BodyCache) -> Self {
        self.settings.cache = Some(cache);
        self
    }

    /// Counts in these numbers, which other layers may have too. Default: numbers of its own.
    #[must_use]
    pub fn with_counters(mut self, counters: Counters) -> Self {
        self.settings.counters = counters;
        self
    }

    /// What this layer and its services count.
    pub fn counters(&self) -> Counters {
        self.settings.counters.clone()
    }

    /// The codings that other layers offer. If the request prefers one of them, it is left to them. Default: `br`,
    /// `deflate`, `gzip` and `zstd`. Without other layers, none is right.
    #[must_use]
    pub fn with_other_codings(mut self, tokens: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.settings.others = tokens.into_iter().map(|token| token.as_ref().to_ascii_lowercase()).collect();
        self
    }

    /// Which responses to compress.
    #[must_use]
    pub fn with_predicate<Other: Predicate>(self, predicate: Other) -> CompressionLayer<Other> {
        CompressionLayer { predicate, settings: self.settings }
    }

    pub(super) fn engine(&self) -> Arc<Engine> {
        let settings = self.settings.clone();
        let codings = match &settings.model {
            _ if settings.level == Level::Fast => vec![Coding::without_model()],
            model => model.clone().unwrap_or_else(Model::embedded).codings(),
        };
        Arc::new(Engine { codings, dictionary: None, settings })
    }

    /// One that codes with this dictionary.
    pub(crate) fn engine_with(&self, dictionary: Dictionary) -> Arc<Engine> {
        let codings = vec![Coding::with_dictionary()];
        Arc::new(Engine { codings, dictionary: Some(dictionary), settings: self.settings.clone() })
    }
}

impl<S, P: Predicate> Layer<S> for CompressionLayer<P> {
    type Service = Compression<S, P>;

    /// Loads the model, unless the level does without: some milliseconds, once in a process.
    fn layer(&self, inner: S) -> Compression<S, P> {
        Compression::new(inner, self.predicate.clone(), self.engine())
    }
}

/// What coding a response needs.
#[derive(Debug)]
pub(crate) struct Engine {
    /// The better one first.
    pub(super) codings: Vec<Coding>,
    dictionary: Option<Dictionary>,
    pub(crate) settings: Settings,
}

impl Engine {
    /// The coding that the request asks for.
    pub(super) fn choose(&self, accept: &AcceptEncoding) -> Option<Coding> {
        accept.choose(&self.codings, &self.settings.others)
    }

    /// The level at which content gets a coding.
    pub(super) fn level_of(&self, coding: Coding) -> Level {
        if coding == Coding::without_model() { Level::Fast } else { self.settings.level }
    }

    /// How a stream is coded.
    pub(super) fn config(&self, coding: Coding, size: Option<u64>) -> EncoderConfig {
        let flush = if size.is_some() { FlushPolicy::Never } else { self.settings.flush };
        let config = EncoderConfig::default()
            .with_level(self.level_of(coding))
            .with_dictionary(self.dictionary.clone())
            .with_offload(self.settings.offload.clone())
            .with_size_hint(size)
            .with_flush(flush);
        match &self.settings.model {
            Some(Model::Given(predictor)) => config.with_predictor(predictor.clone()),
            _ => config,
        }
    }

    /// Codes content as a whole, on this thread.
    pub(super) fn code(&self, coding: Coding, content: &[u8]) -> dualcomp::Result<Vec<u8>> {
        let options = EncoderOptions::default()
            .with_level(self.level_of(coding))
            .with_dictionary(self.dictionary.clone())
            .with_size_hint(content.len() as u64)
            .with_threads(1)
            .with_find_files(false);
        match &self.settings.model {
            Some(Model::Given(predictor)) => dualcomp::compress_with(content, &options, predictor.clone()),
            _ => dualcomp::compress(content, &options),
        }
    }
}
