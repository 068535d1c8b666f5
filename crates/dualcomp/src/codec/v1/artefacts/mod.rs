//! What coders know of images and text before they see any (docs/spec/entropy.md, section 8): learned on other data.

use dualcomp_entropy::Prior;

/// Which coder a prior is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PriorKind {
    /// Tiles coded with the network.
    NetworkTile,
    /// Photographs coded with the shallow network.
    PhotoTile,
    /// Photographs coded with the deep network.
    DeepTile,
    /// Tiles coded without it.
    MixedTile,
    /// Photographs coded without it.
    LinearTile,
    /// Streams of bytes that begin with a block coded with the network.
    NetworkBytes,
    /// Other streams of bytes.
    MixedBytes,
    /// Streams of bytes with contexts of the second group that begin with a block coded with the network.
    WideBytes,
    /// Others of these, and where blocks without the network follow.
    WideMixedBytes,
    /// All streams of bytes: the APM by bytes.
    AllBytes,
}

impl PriorKind {
    pub(crate) fn prior(self) -> Prior<'static> {
        Prior::new(match self {
            Self::NetworkTile => include_bytes!("../../../../priors/network-tile.bin"),
            Self::PhotoTile => include_bytes!("../../../../priors/photo-tile.bin"),
            Self::DeepTile => include_bytes!("../../../../priors/deep-tile.bin"),
            Self::MixedTile => include_bytes!("../../../../priors/mixed-tile.bin"),
            Self::LinearTile => include_bytes!("../../../../priors/linear-tile.bin"),
            Self::NetworkBytes => include_bytes!("../../../../priors/network-bytes.bin"),
            Self::MixedBytes => include_bytes!("../../../../priors/mixed-bytes.bin"),
            Self::WideBytes => include_bytes!("../../../../priors/wide-bytes.bin"),
            Self::WideMixedBytes => include_bytes!("../../../../priors/wide-mixed-bytes.bin"),
            Self::AllBytes => include_bytes!("../../../../priors/all-bytes.bin"),
        })
    }
}
