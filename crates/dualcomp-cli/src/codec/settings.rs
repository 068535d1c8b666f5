//! What the library is told, in the user's terms.

use std::fmt;

use clap::ValueEnum;
use dualcomp::{DecoderOptions, Dictionary, EncoderOptions};

/// Effort of the encoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Quickest
    Fast,
    /// Good sizes at a useful speed
    #[default]
    Default,
    /// Smallest
    Max,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fast => "fast",
            Self::Default => "default",
            Self::Max => "max",
        })
    }
}

/// What the encoder is told, in the user's terms.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) level: Level,
    /// 0: as many as there are processors.
    pub(crate) threads: usize,
    /// What bytes begin with.
    pub(crate) dictionary: Option<Dictionary>,
}

pub(super) fn encoder_options(settings: &Settings) -> EncoderOptions {
    let level = match settings.level {
        Level::Fast => dualcomp::Level::Fast,
        Level::Default => dualcomp::Level::Default,
        Level::Max => dualcomp::Level::Max,
    };
    let options = EncoderOptions::default().with_level(level).with_threads(settings.threads);
    options.with_dictionary(settings.dictionary.clone())
}

pub(super) fn decoder_options(threads: usize) -> DecoderOptions {
    DecoderOptions::default().with_threads(threads)
}
