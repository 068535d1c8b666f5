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
    /// Without the network: adaptive mixing of contexts, or for photos, in which hardly anything is repeated, least
    /// squares of sixteen rows at a time, which take as long as it takes JPEG XL to open them.
    Fast,
    /// The network, mixed with contexts, or for photos with linear predictions. Drawn images, such as screenshots, are
    /// coded as by [`Level::Fast`]: there the network would add little but time; and so are streams whose first coded
    /// block has 256 KiB or more, if the network does not make a sample of it shorter by one part in 64. From 512 KiB
    /// on, streams have no more of the network than leaves them half the speed of [`Level::Fast`]: a third of each
    /// block, or none of it but twice as many contexts, if these make the sample shorter.
    #[default]
    Default,
    /// As [`Level::Default`], but every tile of an image in which pixels are repeated is coded with the network and
    /// without, and the smaller result kept, and of large ones that are not drawn the upper rows decide. All photos have
    /// the network of nearly twice the work, which at [`Level::Default`] only tiles of up to 2^17 pixels have. Bytes are
    /// coded one after the other, without work side by side, and with as many contexts again, or with those of
    /// [`Level::Default`], or by these alone, whichever makes their start shortest.
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
    /// Whether files among bytes are found that can be coded better, also in archives and in each other: JPEG files, whose
    /// coefficients are coded apart, which makes them a quarter shorter; deflate streams (gzip, zlib, zip, PNG), in whose place
    /// their text is coded, or the pixels of a PNG. A file of up to 64 MiB waits in memory until it has come as a
    /// whole, or for a flush, which keeps it from being found; while one is coded, its coefficients take up to 256 MiB, or
    /// its text up to 128 MiB. Default: true.
    pub find_files: bool,
    /// Bytes behind which long strings are found that come again, in streams of 4 MiB or more, at most 2^28; less if
    /// `size_hint` says so, and 16 MiB where nothing is known to come. Strings of 1 KiB or more cost some ten bytes and no time
    /// then. Takes as much memory in the decoder, and an eighth more in the encoder, as the stream comes. Streams of 64 KiB to
    /// 4 MiB have one as long as they are if they begin with files (`find_files`), shorter ones none. Default: 64 MiB.
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
