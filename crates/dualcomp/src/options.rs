//! What a caller can choose.

use std::fmt;
use std::num::NonZero;
use std::str::FromStr;
use std::sync::LazyLock;
use std::thread;

use crate::api::dictionary::Dictionary;
use crate::error::Error;
use crate::limits::Limits;

/// How much work to spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Without the network.
    ///
    /// - Bytes and drawn images: adaptive mixing of contexts.
    /// - Photos, in which hardly anything is repeated: least squares of sixteen rows at a time. They open about as quickly
    ///   as with JPEG XL.
    Fast,
    /// With the network where it pays.
    ///
    /// - Photos: the network, mixed with linear predictions.
    /// - Drawn images, such as screenshots: as [`Level::Fast`], as the network would add little but time.
    /// - Bytes: the network, mixed with contexts. If the first coded block has 256 KiB or more, a sample of it must become
    ///   shorter by one part in 64, else the stream is coded as by [`Level::Fast`]. From 512 KiB on, streams keep at least
    ///   half the speed of [`Level::Fast`]: a third of each block has the network, or none of it but twice as many contexts
    ///   if these make the sample shorter.
    #[default]
    Default,
    /// As [`Level::Default`], but several ways are tried, and the smallest result is kept.
    ///
    /// - Photos: a network of nearly twice the work, which at [`Level::Default`] only tiles of up to 2^17 pixels have.
    /// - Images in which pixels are repeated: each tile with the network and without. Of large tiles that are not drawn
    ///   the upper rows decide.
    /// - Bytes: one substream, which one thread codes. The start of the stream decides between the network with twice as
    ///   many contexts, the network with those of [`Level::Default`], and contexts alone.
    Max,
}

impl Level {
    pub(crate) fn uses_network(self) -> bool {
        self != Self::Fast
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fast => "fast",
            Self::Default => "default",
            Self::Max => "max",
        })
    }
}

impl FromStr for Level {
    type Err = Error;

    /// Reads what [`Display`](fmt::Display) writes.
    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "fast" => Ok(Self::Fast),
            "default" => Ok(Self::Default),
            "max" => Ok(Self::Max),
            _ => Err(Error::parameter("the level is none of fast, default, max")),
        }
    }
}

/// How to compress.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncoderOptions {
    /// How much work to spend. Default: [`Level::Default`].
    pub level: Level,
    /// Threads for the tiles of an image, and up to two for the substreams of long blocks of bytes. 0, the default,
    /// means one a core. The result does not depend on it.
    pub threads: usize,
    /// Bytes that will come, if known: sizes the context tables. A wrong value costs memory or compression,
    /// never correctness. Default: unknown.
    pub size_hint: Option<u64>,
    /// Whether files among bytes are found that can be coded better, also in archives and in each other. Default: true.
    ///
    /// - JPEG files become a quarter shorter, as their coefficients are coded. That takes up to 256 MiB of memory.
    /// - Of deflate streams (gzip, zlib, zip, PNG) the text is coded in their place, or the pixels of a PNG. That takes up
    ///   to 128 MiB.
    ///
    /// A file of up to 64 MiB waits in memory until all of it has come. A flush before that keeps it from being found.
    pub find_files: bool,
    /// How far back, in bytes, long strings are found that come again: 2^28 at most. Default: 64 MiB.
    ///
    /// A string of 1 KiB or more then costs some ten bytes and no time. The window takes as much memory in the decoder, and
    /// an eighth more in the encoder, as the stream comes.
    ///
    /// - Streams of 4 MiB or more have a window: as long as `size_hint` at most, and 16 MiB where nothing is known to come.
    /// - Streams of 64 KiB to 4 MiB that begin with files (`find_files`) have one as long as they are.
    /// - Shorter streams have none.
    pub window: u64,
    /// What streams of bytes begin with: they are shorter the more they are like its samples, and decode only with it.
    /// Image files that are kept to the last byte, and images, do without. Default: none.
    pub dictionary: Option<Dictionary>,
}

impl Default for EncoderOptions {
    fn default() -> Self {
        Self {
            level: Level::default(),
            threads: 0,
            size_hint: None,
            find_files: true,
            window: 64 << 20,
            dictionary: None,
        }
    }
}

impl EncoderOptions {
    /// Sets [`Self::level`].
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Sets [`Self::threads`].
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets [`Self::find_files`].
    #[must_use]
    pub fn with_find_files(mut self, find: bool) -> Self {
        self.find_files = find;
        self
    }

    /// Sets [`Self::window`].
    #[must_use]
    pub fn with_window(mut self, bytes: u64) -> Self {
        self.window = bytes;
        self
    }

    /// Sets [`Self::dictionary`].
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: impl Into<Option<Dictionary>>) -> Self {
        self.dictionary = dictionary.into();
        self
    }

    /// Sets [`Self::size_hint`].
    #[must_use]
    pub fn with_size_hint(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.size_hint = bytes.into();
        self
    }
}

/// How to decompress.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecoderOptions {
    /// What decoding may use. Default: [`Limits::default`].
    pub limits: Limits,
    /// Threads for the tiles of an image, and up to two for the substreams of long blocks of bytes. 0, the default,
    /// means one a core.
    pub threads: usize,
    /// Whether streams of bytes that follow each other decode as one. If not, decoding ends with the first
    /// stream and what follows stays unread. Default: true.
    pub concatenated: bool,
    /// Dictionaries that streams may need; each stream names its own. Default: none.
    pub dictionaries: Vec<Dictionary>,
}

impl Default for DecoderOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), threads: 0, concatenated: true, dictionaries: Vec::new() }
    }
}

impl DecoderOptions {
    /// Sets [`Self::limits`].
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets [`Self::threads`].
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Adds one to [`Self::dictionaries`].
    #[must_use]
    pub fn with_dictionary(mut self, dictionary: Dictionary) -> Self {
        self.dictionaries.push(dictionary);
        self
    }

    /// Sets [`Self::concatenated`].
    #[must_use]
    pub fn with_concatenated(mut self, concatenated: bool) -> Self {
        self.concatenated = concatenated;
        self
    }
}

/// Threads to use for `jobs` pieces of work.
pub(crate) fn thread_count(threads: usize, jobs: usize) -> usize {
    // Asked for once: it reads files of the system, which takes longer than many a stream.
    static AVAILABLE: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));
    match threads {
        _ if jobs <= 1 => 1,
        0 => jobs.min(*AVAILABLE),
        threads => jobs.min(threads),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_names() {
        for level in [Level::Fast, Level::Default, Level::Max] {
            assert_eq!(level.to_string().parse::<Level>().unwrap(), level);
        }
        assert!("best".parse::<Level>().is_err());
    }

    #[test]
    fn there_are_never_more_threads_than_jobs() {
        assert_eq!(thread_count(8, 3), 3);
        assert_eq!(thread_count(2, 3), 2);
        assert_eq!(thread_count(1, 0), 1);
        assert!(thread_count(0, 1000) >= 1);
    }
}
