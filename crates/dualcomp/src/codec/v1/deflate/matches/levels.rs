//! How long zlib searches at each of its levels.

/// How a search goes, which a payload names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    /// 1 to 9, as of zlib.
    pub(crate) level: u8,
    /// Matches of at most five bytes are left out (`Z_FILTERED`, which PNG writers choose).
    pub(crate) filtered: bool,
    /// Matches reach as far as they can; zlib's do not.
    pub(crate) far: bool,
    /// Bits of the hash, 8 to 16.
    pub(crate) hash_bits: u8,
}

/// Numbers of a level.
#[derive(Clone, Copy)]
pub(crate) struct Level {
    /// A match of this length makes the next search four times shorter.
    pub(crate) good: usize,
    /// A match of this length is not compared with the next one. Of levels that never do, the longest match all of whose
    /// bytes are entered.
    pub(crate) lazy: usize,
    /// A match of this length ends a search.
    pub(crate) nice: usize,
    /// Places that are looked at.
    pub(crate) chain: u32,
}

/// Numbers of zlib's levels 1 to 9 (`configuration_table` of its deflate.c, which GNU gzip and pigz share).
const LEVELS: [(usize, usize, usize, u32); 9] = [
    (4, 4, 8, 4),
    (4, 5, 16, 8),
    (4, 6, 32, 32),
    (4, 4, 16, 16),
    (8, 16, 32, 32),
    (8, 16, 128, 128),
    (8, 32, 128, 256),
    (32, 128, 258, 1024),
    (32, 258, 258, 4096),
];

impl Level {
    pub(crate) fn of(search: Search) -> Self {
        let (good, lazy, nice, chain) = LEVELS[usize::from(search.level) - 1];
        Self { good, lazy, nice, chain }
    }
}
