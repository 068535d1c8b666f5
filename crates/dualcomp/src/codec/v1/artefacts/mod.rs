//! What coders know of images and text before they see any (docs/spec/entropy.md, section 8): learned on other data.

use dualcomp_entropy::Prior;

/// A file whose length is a part of the format: a missing or truncated one does not compile. What is in it is checked
/// against `priors/MANIFEST.toml` by a test.
macro_rules! prior_file {
    ($name:literal, $length:literal) => {{
        const FILE: &[u8; $length] = include_bytes!(concat!("../../../../priors/", $name));
        FILE
    }};
}
pub(crate) use prior_file;

/// Which coder a prior is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PriorKind {
    /// Tiles coded with the network.
    NetworkTile,
    /// Photographs coded with the shallow network.
    PhotoTile,
    /// Photographs coded with the deep network.
    DeepTile,
    /// Triples of a lattice, coded as such photographs.
    PhotoLattice,
    /// The same with the deep network.
    DeepLattice,
    /// The same without a network.
    LinearLattice,
    /// Tiles coded without it.
    ContextsTile,
    /// Drawn tiles.
    DrawnTile,
    /// Photographs coded without it.
    LinearTile,
    /// Streams of bytes that begin with a block coded with the network.
    NetworkBytes,
    /// Other streams of bytes.
    ContextsBytes,
    /// Streams of bytes with contexts of the second group that begin with a block coded with the network.
    NetworkTwoGroups,
    /// Others of these, and where blocks without the network follow.
    ContextsTwoGroups,
    /// Streams of bytes in the light form.
    LightBytes,
    /// All others of bytes: the APM by bytes.
    AllBytes,
}

impl PriorKind {
    pub(crate) fn prior(self) -> Prior<'static> {
        Prior::new(self.file())
    }

    /// The file of the prior: a byte for each number.
    pub(crate) fn file(self) -> &'static [u8] {
        match self {
            Self::NetworkTile => prior_file!("network-tile.bin", 96_351),
            Self::PhotoTile => prior_file!("photo-tile.bin", 32_098),
            Self::PhotoLattice => prior_file!("photo-lattice.bin", 32_098),
            Self::DeepTile => prior_file!("deep-tile.bin", 32_098),
            Self::DeepLattice => prior_file!("deep-lattice.bin", 32_098),
            Self::ContextsTile => prior_file!("mixed-tile.bin", 96_351),
            Self::DrawnTile => prior_file!("drawn-tile.bin", 52_646),
            Self::LinearTile => prior_file!("linear-tile.bin", 32_098),
            Self::LinearLattice => prior_file!("linear-lattice.bin", 32_098),
            Self::NetworkBytes => prior_file!("network-bytes.bin", 198_504),
            Self::ContextsBytes => prior_file!("mixed-bytes.bin", 198_504),
            Self::NetworkTwoGroups => prior_file!("wide-bytes.bin", 327_912),
            Self::ContextsTwoGroups => prior_file!("wide-mixed-bytes.bin", 327_912),
            Self::LightBytes => prior_file!("light-bytes.bin", 31_142),
            Self::AllBytes => prior_file!("all-bytes.bin", 135_168),
        }
    }
}
