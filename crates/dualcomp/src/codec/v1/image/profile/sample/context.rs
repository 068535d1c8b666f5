//! What is known about a sample before it is coded.

use dualcomp_entropy::{Distribution, Logistics};

use crate::codec::v1::image::context::activity::ACTIVITIES;
use crate::codec::v1::image::context::classes::DISAGREEMENTS;
use crate::codec::v1::image::context::value_cache::CACHES;

/// Contexts that are hashed.
pub(crate) const HASHED: usize = 4;
/// Numbers of the first two contexts.
pub(crate) const ACTIVITY_CONTEXTS: usize = CHANNELS * DISAGREEMENTS * ACTIVITIES * ACTIVITIES;
pub(crate) const RESIDUAL_CONTEXTS: usize = 4096;
/// Channels: colours, and others as the fourth.
pub(crate) const CHANNELS: usize = 4;
/// Those of them that are colours.
pub(crate) const COLORS: usize = 3;

/// What is known about a sample.
#[derive(Clone, Copy)]
pub(crate) struct SampleContext {
    /// 0..4; 3 for planes without a network.
    pub(crate) channel: usize,
    /// The activity of the least squares' errors, below [`ACTIVITIES`].
    pub(crate) activity: usize,
    pub(crate) distribution: Distribution,
    /// The sub-predictors, if there are any.
    pub(crate) linear: Option<Logistics>,
    /// Numbers of contexts, below [`ACTIVITY_CONTEXTS`] and [`RESIDUAL_CONTEXTS`].
    pub(crate) activity_context: usize,
    pub(crate) residual_context: usize,
    /// Context hashes, including the binarization key.
    pub(crate) hashes: [u32; HASHED],
    /// Hashes of the value caches, if there are any.
    pub(crate) cache_hashes: Option<[u32; CACHES]>,
}

/// The first step away from the center: the spread rounded down to a power of two, so that few decisions are needed.
#[inline(always)]
pub(crate) fn first_step(distribution: &Distribution) -> i32 {
    1 << (distribution.spread() / 16).max(1).ilog2()
}

/// The binarization key: what the thresholds follow from.
#[inline(always)]
pub(crate) fn binarization_key(distribution: &Distribution) -> u32 {
    (distribution.center() << 16 | first_step(distribution)) as u32
}
